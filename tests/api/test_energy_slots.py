"""Slots of the energy log in the site's own time."""

from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.api.energy_slots import day_of, ends_within, last_day, midnight_s

VIENNA = ZoneInfo("Europe/Vienna")
ZONES = st.sampled_from(["Europe/Vienna", "UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"])
DAYS = st.integers(date(2020, 1, 1).toordinal(), date(2037, 1, 1).toordinal())
SPRING, AUTUMN, USUAL = date(2026, 3, 29), date(2026, 10, 25), date(2026, 7, 1)


def seconds(*clock: int) -> int:
    return int(datetime(*clock, tzinfo=VIENNA).timestamp())  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (USUAL, 24)])
def test_days_have_as_many_hours_as_their_clock(day: date, hours: int) -> None:
    """API-91."""
    ends = ends_within(day.toordinal(), 1, VIENNA)
    assert len(ends) == hours
    assert ends[-1] - ends[0] == (hours - 1) * 3600
    assert ends[-1] == midnight_s(day.toordinal() + 1, VIENNA)


def test_three_hours_are_those_of_the_clock() -> None:
    """API-91: the first of spring's has two, of autumn's four."""
    for day, first_s in ((SPRING, 7200), (AUTUMN, 14_400), (USUAL, 10_800)):
        begin = midnight_s(day.toordinal(), VIENNA)
        ends = ends_within(day.toordinal(), 3, VIENNA)
        assert len(ends) == 8
        assert ends[0] - begin == first_s
        assert {later - former for former, later in pairwise(ends)} == {10_800}


def test_a_slot_that_ends_at_midnight_belongs_to_the_day_before() -> None:
    """API-91: rows are stamped with their end."""
    assert day_of(seconds(2026, 7, 2), VIENNA) == USUAL.toordinal()
    assert day_of(seconds(2026, 7, 2, 0, 15), VIENNA) == USUAL.toordinal() + 1


@pytest.mark.parametrize(
    ("rate", "day", "last"),
    [
        ("SampleRate1Week", date(2026, 7, 1), date(2026, 7, 5)),
        ("SampleRate1Week", date(2026, 7, 5), date(2026, 7, 5)),
        ("SampleRate1Week", date(2026, 7, 6), date(2026, 7, 12)),
        ("SampleRate1Month", date(2026, 2, 1), date(2026, 2, 28)),
        ("SampleRate1Month", date(2028, 2, 29), date(2028, 2, 29)),
        ("SampleRate1Month", date(2026, 12, 31), date(2026, 12, 31)),
        ("SampleRate1Year", date(2026, 1, 1), date(2026, 12, 31)),
        ("SampleRate1Day", date(2026, 1, 1), date(2026, 1, 1)),
    ],
)
def test_weeks_begin_on_monday_and_months_have_their_real_length(rate: str, day: date, last: date) -> None:
    """API-91."""
    assert last_day(day.toordinal(), rate) == last.toordinal()  # type: ignore[arg-type]


@given(DAYS, ZONES, st.sampled_from([1, 3]))
def test_slots_of_a_day_fill_it(day: int, name: str, hours: int) -> None:
    """API-91."""
    zone = ZoneInfo(name)
    ends = ends_within(day, hours, zone)
    assert list(ends) == sorted(set(ends))
    assert ends[-1] == midnight_s(day + 1, zone)
    assert all(day_of(end_s, zone) == day for end_s in ends)
