"""What a source said last, how long ago that was, and whether the next reading may be compared with it."""

import math
from datetime import UTC, datetime, timedelta
from typing import Final

from hems.core.periods import book
from hems.model.instant import Instant
from hems.model.ledger import Event, Last, Ledger, State
from hems.model.runs import Figure

GAP_S: Final = 900.0
"""Longest time between two readings of a source that still shows what happened in between."""


def stamp(now: Instant) -> datetime | None:
    """The wall time to store, ``None`` while untrusted; UTC compares and subtracts alike in any zone."""
    return now.wall.astimezone(UTC) if now.trusted else None


def elapsed_s(state: State, source: str, now: Instant) -> float:
    """Seconds since the last accepted reading of a source; infinite when nobody can know.

    Within one run the monotonic clock tells; after a restart only two trusted wall times do.
    """
    seen_mono_s = state.tally.seen_mono_s.get(source)
    if seen_mono_s is not None:
        return now.mono_s - seen_mono_s
    last = state.ledger.last.get(source)
    if last is None or last.at is None or not now.trusted:
        return math.inf
    by_wall_s = (now.wall.astimezone(UTC) - last.at).total_seconds()
    return by_wall_s if by_wall_s >= 0 else math.inf


def remember(state: State, source: str, last: Last, now: Instant) -> State:
    """Make a reading the last one of its source."""
    return State(state.tally.seeing(source, now.mono_s), state.ledger.remembering(source, last))


def moment(state: State, source: str, now: Instant) -> datetime | None:
    """When a source was remembered: as stored, else worked back from now; ``None`` if nobody can know."""
    last = state.ledger.last.get(source)
    if last is not None and last.at is not None:
        return last.at
    at, since_s = stamp(now), elapsed_s(state, source, now)
    return None if at is None or math.isinf(since_s) else at - timedelta(seconds=since_s)


def observe(
    state: State, source: str, value: int, gap_s: float, now: Instant
) -> tuple[State, int | None, tuple[Event, ...]]:
    """Take a reading; also gives the one before it, if that is recent enough to compare with.

    After a gap the reading is a baseline, which is told as an event; the very first one is a silent baseline.
    """
    before = state.ledger.last.get(source)
    too_old = elapsed_s(state, source, now) > gap_s
    state = remember(state, source, Last(value, stamp(now)), now)
    if before is None:
        return state, None, ()
    if too_old:
        return state, None, (event("baseline", source, now, before=before.value, after=value),)
    return state, before.value, ()


def count_one(state: State, name: str, now: Instant) -> tuple[State, Event]:
    """Raise a counter by one."""
    ledger = book(state.ledger, name, 1, now)
    return State(state.tally, ledger), event("counted", name, now, total=ledger.counters[name].total)


def risen(before: Ledger, after: Ledger, name: str) -> int:
    """How much was booked to a counter between two ledgers."""
    if before.counters is after.counters or name not in after.counters:
        return 0
    former = before.counters.get(name)
    return after.counters[name].total - (former.total if former else 0)


def event(kind: str, key: str, now: Instant, **figures: Figure) -> Event:
    """An event of this moment."""
    return Event(kind, key, now.wall if now.trusted else None, figures)
