"""Calendar keys, roll-over, and what it means to book an amount.

A window is the open time span of a period; its key names it, e.g. ``2026-11-24T08`` for the two hours from
08:00 local. Keys sort in time order and only ever go forward, so a clock that is set back, a missed midnight
and a repeated hour need no rule of their own. While the wall clock is not trusted nothing rolls: totals rise,
what belongs to windows waits in `Counter.limbo` and joins the windows of the first trusted moment.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, assert_never

from hems.model.instant import Instant
from hems.model.ledger import Counter, Ledger

FUTURE: Final = timedelta(hours=26)
"""A stored key this far ahead of a trusted clock is no change of zone or of summer time."""


@dataclass(frozen=True, slots=True)
class Period:
    """A kind of window: `step` units long; a closed window hands its value over under the name `previous`."""

    name: str
    unit: Literal["hour", "day", "month", "year"]
    step: int = 1
    previous: str = ""


PERIODS: Final[tuple[Period, ...]] = (
    Period("2h", "hour", 2),
    Period("4h", "hour", 4),
    Period("daily", "day", previous="yesterday"),
    Period("monthly", "month"),
    Period("yearly", "year"),
)


def key(period: Period, wall: datetime) -> str:
    """The name of the window that holds `wall`, by the face of the local clock."""
    match period.unit:
        case "hour":
            return f"{wall.date().isoformat()}T{wall.hour - wall.hour % period.step:02d}"
        case "day":
            return wall.date().isoformat()
        case "month":
            return f"{wall.year:04d}-{wall.month:02d}"
        case "year":
            return f"{wall.year:04d}"
        case _ as unreachable:
            assert_never(unreachable)


def begins(period: Period, wall: datetime) -> datetime:
    """The instant at which the window that holds `wall` began; aware, in the zone of `wall`.

    A window whose first hour the clock skips begins when the clock has jumped.
    """
    return _face(period, wall).replace(tzinfo=wall.tzinfo).astimezone(UTC).astimezone(wall.tzinfo)


def keys(periods: Sequence[Period], wall: datetime) -> dict[str, str]:
    """The keys of all open windows."""
    return {period.name: key(period, wall) for period in periods}


def roll(periods: Sequence[Period], ledger: Ledger, now: Instant) -> Ledger:
    """Close every window whose key has passed; the same ledger when there is nothing to do."""
    if not now.trusted:
        return ledger
    current = keys(periods, now.wall)
    closed = [period for period in periods if current[period.name] > ledger.keys.get(period.name, "")]
    if not closed and not any(_waits(counter) for counter in ledger.counters.values()):
        return ledger
    stored = {**ledger.keys, **{period.name: current[period.name] for period in closed}}
    passed_on = {
        period.name for period in closed if ledger.keys.get(period.name) == _key_before(period, now.wall)
    }
    counters = {
        name: _rolled(counter, stored, closed, passed_on, now) for name, counter in ledger.counters.items()
    }
    return replace(ledger, keys=stored, counters=counters)


def in_future(periods: Sequence[Period], ledger: Ledger, now: Instant) -> bool:
    """Whether the open windows lie further ahead of a trusted clock than a change of zone explains."""
    if not now.trusted:
        return False
    latest = keys(periods, (now.wall.astimezone(UTC) + FUTURE).astimezone(now.wall.tzinfo))
    return any(ledger.keys.get(name, "") > latest[name] for name in latest)


def book(ledger: Ledger, name: str, amount: int, now: Instant) -> Ledger:
    """Add `amount` to a counter's total, and to its open windows or to limbo."""
    former = ledger.counters.get(name, Counter())
    windows, limbo = former.windows, former.limbo
    if now.trusted:
        windows = {period: windows.get(period, 0) + amount for period in ledger.keys}
    else:
        limbo += amount
    raised = Counter(former.total + amount, windows, former.previous, limbo, former.since)
    return ledger.counting(name, raised)


def _waits(counter: Counter) -> bool:
    return counter.since is None or counter.limbo != 0


def _face(period: Period, wall: datetime) -> datetime:
    """What the clock shows when the window that holds `wall` begins; naive."""
    start = wall.replace(tzinfo=None, minute=0, second=0, microsecond=0, fold=0)
    match period.unit:
        case "hour":
            return start.replace(hour=wall.hour - wall.hour % period.step)
        case "day":
            return start.replace(hour=0)
        case "month":
            return start.replace(day=1, hour=0)
        case "year":
            return start.replace(month=1, day=1, hour=0)
        case _ as unreachable:
            assert_never(unreachable)


def _key_before(period: Period, wall: datetime) -> str:
    return key(period, _face(period, wall) - timedelta(microseconds=1))


def _rolled(
    counter: Counter, keys: Mapping[str, str], closed: Sequence[Period], passed_on: Set[str], now: Instant
) -> Counter:
    ended = {period.name for period in closed}
    windows = {name: counter.limbo + (0 if name in ended else counter.windows.get(name, 0)) for name in keys}
    previous = {
        period.previous: counter.windows.get(period.name, 0) if period.name in passed_on else 0
        for period in closed
        if period.previous
    }
    return replace(
        counter,
        windows=windows,
        previous={**counter.previous, **previous},
        limbo=0,
        since=counter.since or now.wall.astimezone(UTC),
    )
