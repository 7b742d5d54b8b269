"""The record of each limitation by the grid operator: from, to, how much, and what it did (CHG-51).

A record is open from the cycle in which a limitation is known until it has gone; another limit or another
source is another record. One that a former run left open is ended when the next run first knows how things
stand: it then has an end without readings, because nobody saw it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

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
class State:
    """The record that is open, whether this run has known how things stand; a former one `left` one open."""

    record: Record | None = None
    begun: bool = False
    left: bool = False


def step(
    state: State, record: Record | None, known: bool, figures: Mapping[str, Figure], now: Instant
) -> tuple[State, tuple[Event, ...]]:
    """One cycle: `record` is what is in force, `figures` the readings and set-points of this cycle."""
    if not known or (state.begun and record == state.record):
        return state, ()
    events: list[Event] = []
    if state.left:
        events.append(event("evidence_ended", KEY, now))
    elif state.record is not None:
        events.append(event("evidence_ended", KEY, now, **_named("ended", figures)))
    if record is not None:
        about: dict[str, Figure] = {"limit_w": record.device_w, "source": record.source}
        events.append(event("evidence_began", KEY, now, **about, **_named("began", figures)))
    return State(record, True), tuple(events)


def _named(when: str, figures: Mapping[str, Figure]) -> dict[str, Figure]:
    return {f"{when}.{name}": value for name, value in figures.items()}
