"""The energy log in every sample rate."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from hems.api.energy_logs import (
    CLOSING,
    DAYS_BACK,
    ROUND_CYCLES,
    ROWS_MAX,
    Log,
    finest,
    followed,
    minutes,
    rows,
)
from hems.api.energy_rows import ENDS, columns
from hems.api.energy_slots import Rate
from hems.journal.rows import Row
from hems.model.instant import Instant
from hems.model.view import View
from tests.api.thing_house import INSTALLED, VIEW, ZONE, WrittenHistory

NOON = datetime(2026, 7, 1, 12, 0, 30, tzinfo=ZONE)


def at(wall: datetime, trusted: bool = True) -> View:
    now = Instant(wall.timestamp(), wall, trusted)
    return replace(VIEW, now=now)


def quarters(begin: datetime, end: datetime, power_w: int = 100) -> list[Row]:
    """A row for each quarter of an hour between two moments; the total counts them."""
    first = int(begin.timestamp())
    return [
        Row(end_s, {"site.grid": power_w}, {"site.grid_import": (end_s - first) // 900})
        for end_s in range(first + 900, int(end.timestamp()) + 1, 900)
    ]


def days_ago(days: int, hour: int = 0) -> datetime:
    day = (NOON - timedelta(days=days)).date()
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZONE)


def read(history: WrittenHistory, wall: datetime = NOON, cycles: int = DAYS_BACK) -> Log:
    """The log after so many cycles at one moment: as many days are known."""
    log = None
    for _ in range(cycles):
        log = followed(log, at(wall), history)
    assert log is not None
    return log


def ends(log: Log, rate: Rate, begin_s: int = 0, wall: datetime = NOON) -> list[datetime]:
    now_s = int(wall.timestamp())
    return [datetime.fromtimestamp(row[ENDS] * 60, ZONE) for row in rows(log, rate, begin_s, now_s, now_s)]


def test_every_rate_has_the_slots_that_have_ended() -> None:
    """API-91: stamped with their end."""
    log = read(WrittenHistory(quarter_rows=quarters(days_ago(60), NOON)), cycles=70)
    last = {rate: ends(log, rate)[-1] for rate in CLOSING if ends(log, rate)}
    assert last == {
        "SampleRate15Mins": datetime(2026, 7, 1, 12, 0, tzinfo=ZONE),
        "SampleRate1Hour": datetime(2026, 7, 1, 12, 0, tzinfo=ZONE),
        "SampleRate3Hours": datetime(2026, 7, 1, 12, 0, tzinfo=ZONE),
        "SampleRate1Day": datetime(2026, 7, 1, tzinfo=ZONE),
        "SampleRate1Week": datetime(2026, 6, 29, tzinfo=ZONE),
        "SampleRate1Month": datetime(2026, 7, 1, tzinfo=ZONE),
    }
    assert len(ends(log, "SampleRate1Day")) == 60


def test_a_year_ends_with_its_last_day() -> None:
    """API-91."""
    wall = datetime(2026, 1, 1, 0, 0, 30, tzinfo=ZONE)
    log = read(WrittenHistory(quarter_rows=quarters(wall - timedelta(days=400), wall)), wall, 402)
    assert ends(log, "SampleRate1Year", wall=wall) == [
        datetime(2025, 1, 1, tzinfo=ZONE),
        datetime(2026, 1, 1, tzinfo=ZONE),
    ]


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25)])
def test_days_on_which_the_clock_is_changed(day: tuple[int, int, int], hours: int) -> None:
    """API-91: 23 and 25 hours, eight times three."""
    begin = datetime(*day, tzinfo=ZONE)
    end = begin + timedelta(days=1)
    wall = end + timedelta(seconds=30)
    log = read(WrittenHistory(quarter_rows=quarters(begin, end)), wall, 1)
    begin_s = int(begin.timestamp())
    assert len(ends(log, "SampleRate15Mins", begin_s, wall)) == 4 * hours
    assert len(ends(log, "SampleRate1Hour", begin_s, wall)) == hours
    assert len(ends(log, "SampleRate3Hours", begin_s, wall)) == 8
    (whole,) = rows(log, "SampleRate1Day", begin_s, 2**40, int(wall.timestamp()))
    shape = columns(INSTALLED)
    assert whole[shape.total("site.grid_import")] == 4 * hours
    assert whole[shape.mean("site.grid")] == 100


def test_what_is_missing_is_missing() -> None:
    """API-91: no row, never 0 W."""
    gap = quarters(days_ago(1), days_ago(1, 6)) + quarters(days_ago(1, 9), days_ago(0))
    log = read(WrittenHistory(quarter_rows=gap), cycles=3)
    found = ends(log, "SampleRate3Hours")
    assert [one.hour for one in found] == [3, 6, 12, 15, 18, 21, 0]
    assert len(ends(log, "SampleRate1Hour")) == 21


def test_both_ends_of_a_range_are_inside() -> None:
    """API-91."""
    log = read(WrittenHistory(quarter_rows=quarters(days_ago(2), NOON)), cycles=4)
    begin_s, end_s = int(days_ago(1, 3).timestamp()), int(days_ago(1, 5).timestamp())
    now_s = int(NOON.timestamp())
    found = [row[ENDS] * 60 for row in rows(log, "SampleRate1Hour", begin_s, end_s, now_s)]
    assert found == [begin_s, begin_s + 3600, end_s]
    assert rows(log, "SampleRate1Hour", end_s, begin_s, now_s) == ()
    assert rows(log, "SampleRate1Day", 2**62, 2**63 - 1, now_s) == ()


def test_the_newest_of_many_rows_are_given() -> None:
    """API-91: at most 3,000."""
    log = read(WrittenHistory(quarter_rows=quarters(days_ago(50), NOON)), cycles=60)
    found = ends(log, "SampleRate15Mins")
    assert (len(found), found[-1]) == (ROWS_MAX, NOON.replace(second=0))
    assert {later - former for former, later in pairwise(found)} == {timedelta(minutes=15)}


def test_slots_that_end_are_new_in_that_cycle_alone() -> None:
    """API-92."""
    midnight = datetime(2026, 6, 1, tzinfo=ZONE)
    history = WrittenHistory(
        [Row(int(midnight.timestamp()), {"site.grid": 7}, {})],
        quarters(midnight - timedelta(days=2), midnight),
    )
    log = followed(None, at(midnight - timedelta(seconds=1)), history)
    assert log.added == ()
    log = followed(log, at(midnight), history)
    assert [rate for rate, _ in log.added] == ["SampleRate1Min", *CLOSING[:-1]]
    assert all(row[ENDS] * 60 == midnight.timestamp() for _, row in log.added)
    assert followed(log, at(midnight + timedelta(seconds=1)), history).added == ()


def test_minutes_are_those_of_the_log() -> None:
    """API-91."""
    log = read(WrittenHistory(), cycles=1)
    history = WrittenHistory([Row(60 * one, {"site.grid": one}, {}) for one in range(10)])
    assert [row[ENDS] for row in minutes(log, history, 120, 240)] == [2, 3, 4]


def test_nothing_is_logged_by_a_clock_that_nobody_trusts() -> None:
    """API-91."""
    log = read(WrittenHistory(quarter_rows=quarters(days_ago(1), NOON)), cycles=1)
    doubtful = followed(log, at(NOON + timedelta(days=300), trusted=False), WrittenHistory())
    assert doubtful == replace(log, added=())


def test_another_installation_begins_anew() -> None:
    """API-91: its rows have other columns."""
    history = WrittenHistory(quarter_rows=quarters(days_ago(3), NOON))
    log = read(history, cycles=5)
    fewer = replace(at(NOON), installed=replace(INSTALLED, chargers={}))
    assert ends(followed(log, fewer, history), "SampleRate1Day") == []


def test_days_that_could_not_be_read_at_first_are_read_later() -> None:
    """The ring of the energy log is read while the service runs already."""
    log = read(WrittenHistory(), cycles=10)
    history = WrittenHistory(quarter_rows=quarters(days_ago(5), NOON))
    for _ in range(ROUND_CYCLES):
        log = followed(log, at(NOON), history)
    assert len(ends(log, "SampleRate1Day")) == 5


def test_days_that_are_too_old_go() -> None:
    """API-140: a service that runs for years needs no more room."""
    log = read(WrittenHistory(quarter_rows=quarters(days_ago(2), NOON)), cycles=3)
    much_later = NOON + timedelta(days=DAYS_BACK)
    history = WrittenHistory(quarter_rows=quarters(much_later - timedelta(hours=1), much_later))
    log = followed(log, at(much_later), history)
    assert {len(table) for table in log.days.values()} == {1}


@pytest.mark.parametrize(
    ("days", "rate"),
    [
        (1, "SampleRate1Min"),
        (2, "SampleRate15Mins"),
        (31, "SampleRate15Mins"),
        (32, "SampleRate1Hour"),
        (126, "SampleRate3Hours"),
        (376, "SampleRate1Day"),
        (9_999, "SampleRate1Day"),
    ],
)
def test_any_rate_is_the_finest_that_covers_the_range(days: int, rate: Rate) -> None:
    """API-91."""
    now_s = int(NOON.timestamp())
    assert finest(now_s - days * 86_400, now_s, now_s) == rate
