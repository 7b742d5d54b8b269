"""How cheap each slot of a day is (CHG-83)."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from math import ceil, inf, nan
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.core.scores import ScoreEntry, cheapest_of_day, scores
from hems.model.prices import Slot

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
SHORT, LONG, PLAIN = date(2027, 3, 28), date(2026, 10, 25), date(2026, 11, 21)


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=BERLIN).astimezone(UTC)


def slots(first: datetime, *prices: float | None, length: timedelta = HOUR) -> tuple[Slot, ...]:
    return tuple(Slot(first + i * length, first + (i + 1) * length, price) for i, price in enumerate(prices))


def weightings(*prices: float | None) -> list[float]:
    return [entry.weighting for entry in scores(slots(midnight(PLAIN), *prices), BERLIN)]


def test_the_cheapest_slot_of_a_day_weighs_1_and_the_dearest_0() -> None:
    """CHG-83: (max - value) / (max - min)."""
    assert weightings(0.1, 0.3, 0.2) == pytest.approx([1, 0, 0.5])
    assert weightings(-0.05, 0.15, -0.1) == pytest.approx([0.8, 0, 1])
    first, *_ = scores(slots(midnight(PLAIN), 0.1, 0.3), BERLIN)
    assert first == ScoreEntry(midnight(PLAIN), midnight(PLAIN) + HOUR, 0.1, 1.0)


def test_where_all_prices_are_equal_they_weigh_a_half() -> None:
    assert weightings(0.2, 0.2, 0.2) == [0.5] * 3
    assert weightings(0.2) == [0.5]


def test_slots_without_a_price_have_no_score() -> None:
    assert weightings(0.1, None, 0.3) == [1, 0]
    assert weightings(None) == weightings() == []


@pytest.mark.parametrize(("day", "hours"), [(SHORT, 23), (PLAIN, 24), (LONG, 25)])
def test_a_day_is_a_local_one(day: date, hours: int) -> None:
    """CHG-83: 23, 24 and 25 hours, and each day is weighed by itself."""
    told = slots(midnight(day) - HOUR, 9.0, *[0.1 + i / 100 for i in range(hours)], -9.0)
    entries = scores(told, BERLIN)
    assert [entry.weighting for entry in entries] == pytest.approx(
        [0.5, *(1 - i / (hours - 1) for i in range(hours)), 0.5]
    )
    (whole,) = cheapest_of_day(told, 100, midnight(day).astimezone(BERLIN))
    assert (whole.start, whole.end) == (midnight(day), midnight(day) + hours * HOUR)


@pytest.mark.parametrize(
    ("pct", "hours"),
    [
        *((0, 0), (0.1, 1), (4, 1), (100 / 24, 1), (5, 2), (12.5, 3), (50, 12), (99.9, 24), (100, 24)),
        *((250, 24), (inf, 24), (nan, 0), (-5, 0)),
    ],
)
def test_so_many_percent_are_so_many_slots(pct: float, hours: int) -> None:
    """CHG-83: `ceil(p/100 × slots)`; 0 is none and 100 all."""
    prices = [((7 * i) % 24) / 100 for i in range(24)]
    told = slots(midnight(PLAIN), *prices)
    cheap = cheapest_of_day(told, pct, midnight(PLAIN).astimezone(BERLIN))
    assert sum((slot.end - slot.start for slot in cheap), timedelta()) == hours * HOUR
    chosen = [slot.eur_kwh for slot in told if any(one.start <= slot.start < one.end for one in cheap)]
    assert sorted(price for price in chosen if price is not None) == sorted(prices)[:hours]


def test_seven_percent_of_a_hundred_slots_are_seven() -> None:
    """CHG-83: 7 / 100 × 100 is a little more than 7 in binary."""
    told = slots(midnight(PLAIN), *[i / 1000 for i in range(100)], length=timedelta(minutes=12))
    (cheap,) = cheapest_of_day(told, 7, midnight(PLAIN).astimezone(BERLIN))
    assert cheap.end - cheap.start == 7 * timedelta(minutes=12)


def test_of_equal_prices_the_earlier_and_neighbours_are_one() -> None:
    """CHG-83: one schedule entry for slots that touch, at the mean of what they cost."""
    told = slots(midnight(PLAIN), 0.2, 0.1, 0.2, 0.3, 0.2, 0.2)
    start = midnight(PLAIN)
    first, second = cheapest_of_day(told, 66, start.astimezone(BERLIN))
    assert (first.start, first.end) == (start, start + 3 * HOUR)
    assert first.eur_kwh == pytest.approx((0.2 + 0.1 + 0.2) / 3)
    assert second == told[4]


def test_the_mean_of_a_merged_slot_is_one_over_time() -> None:
    start = midnight(PLAIN)
    told = (Slot(start, start + HOUR, 0.1), Slot(start + HOUR, start + 4 * HOUR, 0.3))
    (merged,) = cheapest_of_day(told, 100, start.astimezone(BERLIN))
    assert (merged.start, merged.end) == (start, start + 4 * HOUR)
    assert merged.eur_kwh == pytest.approx(0.25)


def test_a_slot_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    """CHG-83."""
    start = midnight(PLAIN)
    told = (
        Slot(start - 4 * HOUR, start - HOUR / 2, 0.5),
        Slot(start - HOUR / 2, start + HOUR / 2, 0.1),
        Slot(start + HOUR / 2, start + 2 * HOUR, 0.2),
        Slot(start + 2 * HOUR, start + 4 * HOUR, 0.3),
    )
    assert [entry.weighting for entry in scores(told, BERLIN)] == [0, 1, 1, 0]
    after_midnight = (start + HOUR / 4).astimezone(BERLIN)
    before_midnight = (start - HOUR / 4).astimezone(BERLIN)
    assert cheapest_of_day(told, 50, before_midnight) == (told[1],), "the cheapest of yesterday's two"
    assert cheapest_of_day(told, 50, after_midnight) == (told[2],)


def test_time_without_a_price_is_not_cheap() -> None:
    told = slots(midnight(PLAIN), 0.1, None, 0.1)
    today = midnight(PLAIN).astimezone(BERLIN)
    assert cheapest_of_day(told, 100, today) == (told[0], told[2])
    assert cheapest_of_day((), 100, today) == ()


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([SHORT, PLAIN, LONG]),
    st.lists(st.integers(-3, 3), min_size=1, max_size=250),
    st.floats(0, 100),
)
def test_the_cheapest_of_a_day_of_quarter_hours(day: date, prices: list[int], pct: float) -> None:
    """CHG-83: as by ranking every slot against every other of its day."""
    told = slots(midnight(day) - 2 * HOUR, *[price / 10 for price in prices], length=timedelta(minutes=15))
    today = [slot for slot in told if slot.start.astimezone(BERLIN).date() == day]
    count = ceil(pct * len(today) / 100 - 1e-9)
    cheap = cheapest_of_day(told, pct, datetime(day.year, day.month, day.day, 15, tzinfo=BERLIN))
    assert all(one.end < two.start for one, two in pairwise(cheap))
    for slot in today:
        before = [one for one in today if (one.eur_kwh, one.start) < (slot.eur_kwh, slot.start)]
        chosen = any(one.start <= slot.start and slot.end <= one.end for one in cheap)
        assert chosen == (len(before) < count)
