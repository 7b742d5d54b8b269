"""The energy log in every sample rate, so that any range is answered at once (API-91, API-92, API-140).

Minutes are looked up where they are. Quarters of an hour are read into memory a day at a time, and each day
is made into hours, three hours and itself as it is read; weeks, months and years are made of days when
somebody asks. The day that is running is read again with every quarter of an hour. All others are read once
an hour, one in each cycle, the newest first: the energy log may still be reading its ring when a run begins.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from typing import TYPE_CHECKING, Final

from hems.api.energy_rows import ENDS, Columns, Row, columns, flat, gathered, packed, rows_of, together
from hems.api.energy_slots import (
    HOUR_S,
    HOURS_OF,
    MINUTE_S,
    QUARTER_S,
    Rate,
    day_of,
    ends_within,
    last_day,
    midnight_s,
)
from hems.api.rows import History
from hems.model.view import View

if TYPE_CHECKING:
    from array import array

ROWS_MAX: Final = 3_000
DAYS_BACK: Final = 800
"""How many days the energy log keeps."""

ROUND_CYCLES: Final = 3_600
"""After so many cycles all days are read once more."""

MINUTES_S: Final = 26 * 3600
"""For so long there are minutes."""

DAY_S: Final = 86_400
BY_SLOT: Final[tuple[tuple[Rate, int], ...]] = (
    ("SampleRate15Mins", QUARTER_S),
    ("SampleRate1Hour", HOUR_S),
    ("SampleRate3Hours", 3 * HOUR_S),
)
DAILY: Final = ("SampleRate15Mins", "SampleRate1Hour", "SampleRate3Hours", "SampleRate1Day")
OF_DAYS: Final = ("SampleRate1Week", "SampleRate1Month", "SampleRate1Year")
CLOSING: Final[tuple[Rate, ...]] = (*DAILY, *OF_DAYS)
"""Rates whose slots end with a quarter of an hour."""


@dataclass(frozen=True, slots=True)
class Log:
    """What was read of the energy log: rows of each rate by the ordinal of their day.

    `added` are rows that came with this cycle. `minute` and `quarter` are those that ended last, `cycle` the
    cycle of this round.
    """

    shape: Columns
    zone: tzinfo
    days: Mapping[Rate, "Mapping[int, array[int]]"] = field(
        default_factory=lambda: {rate: {} for rate in DAILY}
    )
    added: tuple[tuple[Rate, Row], ...] = ()
    minute_s: int = 0
    quarter_s: int = 0
    cycle: int = 0


def followed(before: Log | None, view: View, history: History) -> Log:
    """The log with what has come in this cycle, and one of its older days; a clock nobody trusts stops it."""
    zone, shape = view.now.wall.tzinfo, columns(view.installed)
    assert zone is not None
    log = before if before is not None and before.shape == shape else Log(shape, zone)
    if not view.now.trusted:
        return replace(log, added=())
    now_s = int(view.now.wall.timestamp())
    minute_s, quarter_s = now_s // MINUTE_S * MINUTE_S, now_s // QUARTER_S * QUARTER_S
    added: list[tuple[Rate, Row]] = []
    if minute_s != log.minute_s and log.minute_s:
        added += [("SampleRate1Min", packed(shape, row)) for row in history.minutes(minute_s, minute_s)]
    if quarter_s != log.quarter_s:
        fresh = _read(log, day_of(quarter_s, zone), history)
        if log.quarter_s:
            added += [
                (rate, row) for rate in CLOSING for row in rows(fresh, rate, quarter_s, quarter_s, now_s)
            ]
        log = fresh
    elif 0 < log.cycle < DAYS_BACK:
        log = _read(log, day_of(quarter_s, zone) - log.cycle, history)
    cycle = (log.cycle + 1) % ROUND_CYCLES
    return replace(log, added=tuple(added), minute_s=minute_s, quarter_s=quarter_s, cycle=cycle)


def rows(log: Log, rate: Rate, begin_s: int, end_s: int, now_s: int) -> Sequence[Row]:
    """Rows whose slots have ended and end in the range, both ends included; ascending, the newest of many."""
    last_s = min(end_s, now_s)
    if begin_s > last_s:
        return ()
    if rate in OF_DAYS:
        return list(_of_days(log, rate, begin_s, last_s))
    kept = log.days[rate]
    first_day = max(day_of(begin_s, log.zone), min(kept, default=0))
    newest_day = day_of(last_s, log.zone)
    found: list[Row] = []
    for day in range(newest_day, first_day - 1, -1):
        if len(found) >= ROWS_MAX:
            break
        table = list(rows_of(log.shape, kept[day])) if day in kept else []
        if day in (first_day, newest_day):
            table = [row for row in table if begin_s <= row[ENDS] * MINUTE_S <= last_s]
        found += reversed(table)
    return found[ROWS_MAX - 1 :: -1]


def minutes(log: Log, history: History, begin_s: int, end_s: int) -> Sequence[Row]:
    """Minute rows that end in the range; ascending."""
    return [packed(log.shape, row) for row in history.minutes(begin_s, end_s)][-ROWS_MAX:]


def finest(begin_s: int, end_s: int, now_s: int) -> Rate:
    """The finest rate whose rows cover a range."""
    if begin_s >= now_s - MINUTES_S:
        return "SampleRate1Min"
    span_s = min(end_s, now_s) - max(begin_s, now_s - DAYS_BACK * DAY_S)
    return next((rate for rate, slot_s in BY_SLOT if span_s <= ROWS_MAX * slot_s), "SampleRate1Day")


def _read(log: Log, day: int, history: History) -> Log:
    """The log with a day as the energy log has it now; what there was of it stays if it has nothing.

    Days that the energy log keeps no longer go.
    """
    begin_s, end_s = midnight_s(day, log.zone), midnight_s(day + 1, log.zone)
    whole = (end_s - begin_s) // QUARTER_S
    quarters = [packed(log.shape, row) for row in history.quarters(begin_s + 1, end_s, whole)]
    if not quarters:
        return log
    made: dict[Rate, list[Row]] = {"SampleRate15Mins": quarters}
    finer = quarters
    for rate, hours in HOURS_OF.items():
        finer = made[rate] = gathered(log.shape, finer, ends_within(day, hours, log.zone))
    kept = {
        rate: {one: table for one, table in log.days[rate].items() if one + DAYS_BACK > day} for rate in DAILY
    }
    return replace(log, days={rate: {**kept[rate], day: flat(table)} for rate, table in made.items()})


def _of_days(log: Log, rate: Rate, begin_s: int, end_s: int) -> Iterator[Row]:
    """Weeks, months or years that end in a range, as far as their days are known."""
    kept = log.days["SampleRate1Day"]
    whole: dict[int, list[int]] = {}
    for day in sorted(kept):
        whole.setdefault(last_day(day, rate), []).append(day)
    for last, days in whole.items():
        over_s = midnight_s(last + 1, log.zone)
        if begin_s <= over_s <= end_s:
            yield together(log.shape, [row for day in days for row in rows_of(log.shape, kept[day])], over_s)
