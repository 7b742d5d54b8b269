"""Seconds that were seen: how long something lasted, and how much of a window was watched at all.

Time is booked between two readings that lie close together, as the first of them says. Fractions of a second
are carried.
"""

from collections.abc import Sequence
from datetime import UTC, timedelta
from typing import Final

from hems.core.periods import Period, begins, book
from hems.core.sources import elapsed_s, remember, stamp
from hems.model.instant import Instant
from hems.model.ledger import Counter, Last, State

OBSERVED_GAP_S: Final = 60.0
"""Longest time between two readings that counts as watched."""

MS_PER_S: Final = 1000


def step(name: str, state: State, on: bool, longest_s: float, now: Instant) -> State:
    """Take one reading of whether something lasts; the source is also the counter's name."""
    last = state.ledger.last.get(name)
    carry_ms = last.carry_mwh if last else 0
    since_s = elapsed_s(state, name, now)
    if last is not None and last.value and since_s <= longest_s:
        seconds, carry_ms = divmod(carry_ms + round(since_s * MS_PER_S), MS_PER_S)
        if seconds:
            state = State(state.tally, book(state.ledger, name, seconds, now))
    return remember(state, name, Last(int(on), stamp(now), "", carry_ms), now)


def coverage_pct(periods: Sequence[Period], counter: Counter, now: Instant) -> dict[str, int | None]:
    """The watched share of every open window, and of the days that were handed over.

    A window that is older than its counter begins with it. ``None`` while the clock is not trusted, and where
    no time has passed.
    """
    shares: dict[str, int | None] = {}
    for period in periods:
        begin = begins(period, now.wall).astimezone(UTC)
        if period.previous:
            former = begins(period, (begin - timedelta(seconds=1)).astimezone(now.wall.tzinfo))
            length_s = (begin - former.astimezone(UTC)).total_seconds()
            shares[period.previous] = _pct(counter.previous.get(period.previous, 0), length_s, now)
        if counter.since is not None:
            begin = max(begin, counter.since)
        length_s = (now.wall.astimezone(UTC) - begin).total_seconds()
        shares[period.name] = _pct(counter.windows.get(period.name, 0) + counter.limbo, length_s, now)
    return shares


def _pct(observed_s: int, length_s: float, now: Instant) -> int | None:
    if not now.trusted or length_s <= 0:
        return None
    return min(100, int(100 * observed_s / length_s))
