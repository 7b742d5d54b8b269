"""When a target is due next (CHG-94): by the clock on the wall, also where it jumps."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hems.core.recurrence import occurrence
from hems.model.settings import Target

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = timedelta(minutes=1)
WORKDAYS = (1, 2, 3, 4, 5)
CHANGES = {
    "Europe/Berlin": (date(2026, 10, 25), date(2027, 3, 28)),
    "America/New_York": (date(2026, 11, 1), date(2027, 3, 14)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "America/Sao_Paulo": (date(2018, 2, 18), date(2018, 11, 4)),
    "America/Havana": (date(2026, 11, 1), date(2027, 3, 14)),
}
"""Days on which clocks change: by an hour, by half of one, at midnight forward, back to midnight."""


def due(first: str, days: tuple[int, ...], now: str, zone: ZoneInfo = BERLIN) -> str:
    """The next deadline on the wall; instants are given in local time."""
    found = occurrence(
        Target(datetime.fromisoformat(first).replace(tzinfo=zone), repeat_days=days),
        datetime.fromisoformat(now).replace(tzinfo=zone),
    )
    assert found is None or found.tzinfo is UTC
    return found.astimezone(zone).isoformat(timespec="minutes") if found else "none"


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-22T12:00", "2026-11-23T07:00+01:00"),
        ("2026-11-23T06:59", "2026-11-23T07:00+01:00"),
        ("2026-11-23T07:00", "2026-11-24T07:00+01:00"),
        ("2026-11-26T08:00", "2026-11-27T07:00+01:00"),
        ("2026-11-27T07:01", "2026-11-30T07:00+01:00"),
        ("2026-11-28T12:00", "2026-11-30T07:00+01:00"),
        ("2026-12-31T12:00", "2027-01-01T07:00+01:00"),
        ("2026-10-23T12:00", "2026-10-26T07:00+01:00"),
        ("2027-03-26T12:00", "2027-03-29T07:00+02:00"),
    ],
)
def test_a_week_of_working_days(now: str, expected: str) -> None:
    """CHG-94: seven in the morning stays seven when clocks have changed over the weekend."""
    assert due("2026-11-23T07:00", WORKDAYS, now) == expected


def test_the_horizon_is_a_week_and_no_day() -> None:
    """CHG-94: a single day of the week comes again a week later, with the day it has just passed."""
    assert due("2026-11-18T07:00", (3,), "2026-11-18T07:00") == "2026-11-25T07:00+01:00"
    assert due("2026-11-18T07:00", (3,), "2026-11-18T06:59") == "2026-11-18T07:00+01:00"
    assert due("2026-11-18T07:00", (3,), "2026-11-19T00:00") == "2026-11-25T07:00+01:00"
    assert due("2026-12-30T07:00", (1,), "2026-11-20T12:00") == "2026-11-23T07:00+01:00", "not from a date on"


@pytest.mark.parametrize(
    ("first", "days", "now", "expected"),
    [
        ("2026-11-23T02:30", (7,), "2027-03-27T12:00", "2027-03-28T03:30+02:00"),
        ("2026-11-23T02:30", (7,), "2027-03-28T03:00", "2027-03-28T03:30+02:00"),
        ("2026-11-23T02:30", (7,), "2027-03-28T03:30", "2027-04-04T02:30+02:00"),
        ("2026-11-23T02:30", (7,), "2026-10-24T12:00", "2026-10-25T02:30+02:00"),
        ("2026-11-23T02:30", (7,), "2026-10-25T02:29", "2026-10-25T02:30+02:00"),
        ("2026-11-23T02:30", (7,), "2026-10-25T02:31", "2026-11-01T02:30+01:00"),
    ],
)
def test_a_skipped_time_moves_forward_and_a_doubled_one_is_the_first(
    first: str, days: tuple[int, ...], now: str, expected: str
) -> None:
    """CHG-94: both clock-change nights."""
    assert due(first, days, now) == expected


def test_between_both_readings_of_a_doubled_time_the_first_has_passed() -> None:
    """CHG-94: it does not come twice in one night."""
    target = Target(datetime(2026, 11, 23, 2, 30, tzinfo=BERLIN), repeat_days=(7,))
    second = datetime(2026, 10, 25, 2, 10, tzinfo=BERLIN, fold=1)
    assert occurrence(target, second) == datetime(2026, 11, 1, 1, 30, tzinfo=UTC)


def test_without_days_it_is_due_once() -> None:
    """CHG-94: whatever the date, until it has passed."""
    assert due("2027-08-01T07:00", (), "2026-11-21T12:00") == "2027-08-01T07:00+02:00"
    assert due("2026-11-21T12:00", (), "2026-11-21T11:59") == "2026-11-21T12:00+01:00"
    assert due("2026-11-21T12:00", (), "2026-11-21T12:00") == "none"
    doubled = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
    assert occurrence(Target(doubled), doubled.replace(minute=40)) is None
    assert occurrence(Target(doubled.replace(fold=1)), doubled.replace(minute=40)) is not None


def test_the_time_of_day_is_the_one_of_the_house() -> None:
    """CHG-94: a deadline told in UTC means what the wall showed on its date."""
    told = Target(datetime(2026, 11, 23, 6, 0, tzinfo=UTC), repeat_days=WORKDAYS)
    assert occurrence(told, datetime(2026, 7, 1, 12, tzinfo=BERLIN)) == datetime(2026, 7, 2, 5, tzinfo=UTC)


@pytest.mark.parametrize("days", [(0,), (8, 9), (-1,)])
def test_days_that_no_week_has_never_come(days: tuple[int, ...]) -> None:
    assert due("2026-11-23T07:00", days, "2026-11-21T12:00") == "none"


@pytest.mark.parametrize("absurd", [datetime.min, datetime.max, datetime(1999, 12, 31), datetime(2200, 1, 1)])
def test_absurd_times_are_never_due(absurd: datetime) -> None:
    """A Pi without a clock starts in any year."""
    sane = datetime(2026, 11, 21, 12, tzinfo=BERLIN)
    for days in ((), WORKDAYS):
        for zone in (UTC, BERLIN, timezone(timedelta(hours=-23))):
            assert occurrence(Target(absurd.replace(tzinfo=zone), repeat_days=days), sane) is None
            assert occurrence(Target(sane, repeat_days=days), absurd.replace(tzinfo=zone)) is None


def by_walking(clock: time, days: Sequence[int], now: datetime, zone: ZoneInfo) -> datetime | None:
    """The first minute after `now` in which the wall shows the time on one of the days."""
    noon = datetime(now.year, now.month, now.day, 12, tzinfo=zone).astimezone(UTC)
    begins = noon - timedelta(hours=36)
    walls = [(begins + i * MINUTE).astimezone(zone).replace(tzinfo=None) for i in range(11 * 1440)]
    for ahead in range(-1, 9):
        wanted = datetime.combine(now.date() + timedelta(days=ahead), clock)
        first = next(i for i, wall in enumerate(walls) if wall >= wanted and wall.date() >= wanted.date())
        before = walls[first] - MINUTE if walls[first] == wanted else walls[first - 1]
        found = begins + (first - 1) * MINUTE + (wanted - before)
        if wanted.isoweekday() in days and found > now.astimezone(UTC):
            return found
    return None


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(CHANGES)),
    st.integers(0, 1),
    st.integers(-9 * 1440, 2 * 1440),
    st.integers(0, 24 * 60 - 1) | st.integers(0, 4 * 60),
    st.lists(st.integers(1, 7), min_size=1, max_size=7),
)
@example("America/Sao_Paulo", 1, -1440, 30, [7])
@example("America/Havana", 0, 0, 30, [7])
@example("Australia/Lord_Howe", 1, -60, 2 * 60 + 10, [7])
def test_it_is_what_walking_minute_by_minute_finds(
    name: str, which: int, start: int, minute: int, days: list[int]
) -> None:
    """CHG-94: around the nights on which clocks change, in several zones."""
    zone, day = ZoneInfo(name), CHANGES[name][which]
    now = (datetime(day.year, day.month, day.day, 12, tzinfo=UTC) + start * MINUTE).astimezone(zone)
    clock = time(minute // 60, minute % 60)
    quiet = datetime.combine(date(2026, 7, 1), clock, zone)
    found = occurrence(Target(quiet, repeat_days=tuple(days)), now)
    assert found == by_walking(clock, days, now, zone)
    assert found is not None
    assert now.astimezone(UTC) < found <= now.astimezone(UTC) + timedelta(days=7, hours=1)
