"""The record of each limitation by the grid operator: from, to, how much, and what it did (CHG-51).

A record is open from the cycle in which a limitation is known until it has been away for a minute; it then
ends at the moment at which it was lifted, with the readings of that moment. One that comes back before that
belongs to the same record, which says how often it was in force. Another limit or another source is another
record at once. What a former run left open is ended when the next run first knows how things stand: it then
has an end without readings, because nobody saw it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from hems.core.rules import DimRules
from hems.core.sources import event
from hems.model.instant import Instant
from hems.model.ledger import Event
from hems.model.runs import Figure

KEY: Final = "operator"


@dataclass(frozen=True, slots=True)
class Record:
    """What one record is about."""

    device_w: float
    source: str


@dataclass(frozen=True, slots=True)
class Lift:
    """When a limitation was lifted, and how things stood then."""

    now: Instant
    mono_s: float
    figures: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class State:
    """The record that is open, whether this run has known how things stand; a former one `left` one open.

    `times` is how often it has been in force, `lift` its last end while it may still come back.
    """

    record: Record | None = None
    begun: bool = False
    left: bool = False
    times: int = 0
    lift: Lift | None = None


def step(
    rules: DimRules,
    state: State,
    record: Record | None,
    known: bool,
    figures: Mapping[str, Figure],
    now: Instant,
    now_s: float,
) -> tuple[State, tuple[Event, ...]]:
    """One cycle: `record` is what is in force, `figures` the readings and set-points of this cycle."""
    if not known or (state.begun and record == state.record and state.lift is None):
        return state, ()
    if state.record is not None and record is None:
        if state.lift is None:
            return replace(state, lift=Lift(now, now_s, figures)), ()
        if now_s - state.lift.mono_s < rules.away_s:
            return state, ()
    if state.record is not None and record == state.record:
        return replace(state, times=state.times + 1, lift=None), ()
    events: list[Event] = []
    if state.left:
        events.append(event("evidence_ended", KEY, now))
    elif state.record is not None:
        events.append(_ended(state.times, state.lift or Lift(now, now_s, figures)))
    if record is not None:
        about: dict[str, Figure] = {"limit_w": record.device_w, "source": record.source}
        events.append(event("evidence_began", KEY, now, **about, **_named("began", figures)))
    return State(record, True, times=1), tuple(events)


def _ended(times: int, lift: Lift) -> Event:
    return event("evidence_ended", KEY, lift.now, times=times, **_named("ended", lift.figures))


def _named(when: str, figures: Mapping[str, Figure]) -> dict[str, Figure]:
    return {f"{when}.{name}": value for name, value in figures.items()}
