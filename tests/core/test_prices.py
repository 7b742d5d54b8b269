"""Slots of prices: what is believed, and which slot an instant lies in (CHG-82)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from math import inf, nan
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.core.prices import fault, gap, slot_at
from hems.model.prices import Slot
from tests.core.verdicts import words as words_of

BERLIN = ZoneInfo("Europe/Berlin")
MIDNIGHT = datetime(2026, 11, 21, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECOND = Slot(MIDNIGHT + HOUR, MIDNIGHT + 2 * HOUR, 0.1)


def slots(count: int, step: timedelta = HOUR) -> list[Slot]:
    return [Slot(MIDNIGHT + i * step, MIDNIGHT + (i + 1) * step, 0.1) for i in range(count)]


def test_a_day_of_any_length_and_any_slot_is_believed() -> None:
    """CHG-80: 23 and 25 hours, quarters of an hour, a week of quarters."""
    for count in (1, 23, 25):
        assert fault(slots(count), ()) is gap(slots(count)) is None
    assert fault(slots(672, timedelta(minutes=15)), ()) is None


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (
            replace(SECOND, eur_kwh=nan),
            "slot 2 (2026-11-21T01:00+00:00) costs nan EUR/kWh; believable is -5 to 5",
        ),
        (
            replace(SECOND, eur_kwh=inf),
            "slot 2 (2026-11-21T01:00+00:00) costs inf EUR/kWh; believable is -5 to 5",
        ),
        (
            replace(SECOND, eur_kwh=-5.01),
            "slot 2 (2026-11-21T01:00+00:00) costs -5.01 EUR/kWh; believable is -5 to 5",
        ),
        (replace(SECOND, eur_kwh=None), "slot 2 (2026-11-21T01:00+00:00) has neither price nor period"),
        (
            replace(SECOND, period="red"),
            "slot 2 (2026-11-21T01:00+00:00) names the period 'red'; known are blue",
        ),
        (
            replace(SECOND, end=MIDNIGHT + HOUR),
            "slot 2 begins at 2026-11-21T01:00+00:00 and does not end after that",
        ),
        (
            replace(SECOND, start=MIDNIGHT.replace(tzinfo=None)),
            "slot 2 has a time without its offset from UTC",
        ),
        (replace(SECOND, end=MIDNIGHT.replace(tzinfo=None)), "slot 2 has a time without its offset from UTC"),
        (
            replace(SECOND, start=datetime(1, 1, 1, tzinfo=timezone(14 * HOUR))),
            "slot 2 is about the years 1 to 2026",
        ),
        (replace(SECOND, end=datetime(9999, 12, 31, tzinfo=UTC)), "slot 2 is about the years 2026 to 9999"),
        (
            replace(SECOND, start=MIDNIGHT),
            "slot 2 begins at 2026-11-21T00:00+00:00, before the one before it has ended",
        ),
    ],
)
def test_one_bad_slot_spoils_all(bad: Slot, words: str) -> None:
    """CHG-82: finite, ordered, no overlap; the place is named."""
    first, _, third = slots(3)
    assert words_of(fault([first, bad, third], ("blue",))) == words


def test_too_few_too_many_too_long() -> None:
    assert words_of(fault([], ())) == "0 slots; there must be 1 to 700"
    assert words_of(fault(slots(701, timedelta(minutes=1)), ())) == "701 slots; there must be 1 to 700"
    assert fault(slots(7 * 24), ()) is None
    assert words_of(fault(slots(7 * 24 + 1), ())) == "the slots span more than 7 days"
    assert words_of(fault([replace(slots(1)[0], period="red")], ())).endswith("'red'; known are none")


def test_order_is_order_in_time_whatever_the_offsets() -> None:
    """The repeated hour of an autumn night, told in local time."""
    both = (datetime(2026, 10, 25, 2, tzinfo=BERLIN), datetime(2026, 10, 25, 2, tzinfo=BERLIN, fold=1))
    ends = datetime(2026, 10, 25, 3, tzinfo=BERLIN)
    told = [Slot(both[0], both[1], 0.1), Slot(both[1], ends, 0.2)]
    assert fault(told, ()) is gap(told) is None
    assert words_of(fault(told[::-1], ())).startswith("slot 2 begins at 2026-10-25T02:00+02:00, before")
    late, early = both[1].replace(minute=30), both[0].replace(minute=45)
    overlapping = [Slot(both[0], late, 0.1), Slot(early, ends, 0.2)]
    assert words_of(fault(overlapping, ())).startswith("slot 2 begins at 2026-10-25T02:45+02:00, before")


def test_a_gap_is_named() -> None:
    one, _, three = slots(3)
    assert fault([one, three], ()) is None
    assert words_of(gap([one, three])) == (
        "slot 2 begins at 2026-11-21T02:00+00:00, and nothing is told about the time before it"
    )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 90), st.integers(1, 90)), min_size=1, max_size=30),
    st.integers(-60, 6000),
    st.sampled_from([UTC, BERLIN]),
)
def test_a_slot_is_found_as_by_looking_at_each(
    spans: list[tuple[int, int]], minute: int, zone: timezone | ZoneInfo
) -> None:
    found, end = [], datetime(2026, 10, 24, 22, tzinfo=UTC)
    for pause, length in spans:
        start = end + timedelta(minutes=pause)
        end = start + timedelta(minutes=length)
        found.append(Slot(start, end, 0.1))
    moment = datetime(2026, 10, 24, 22, tzinfo=UTC) + timedelta(minutes=minute)
    expected = [slot for slot in found if slot.start <= moment < slot.end]
    assert slot_at(found, moment.astimezone(zone)) == (expected[0] if expected else None)
