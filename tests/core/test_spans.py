"""The time to plan in, as a row of spans (CHG-91)."""

from datetime import UTC, datetime, timedelta
from math import inf, nan
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.core.spans import UNPRICED, cut, microseconds, moment, row_of, since_epoch, slots_of, spans_of
from hems.model.prices import Slot

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def us(minutes: float) -> int:
    return since_epoch(at(minutes))


def row(rates: list[Slot], begins: float, ends: float) -> list[tuple[float, float, float | None]]:
    """The row between two minutes after noon."""
    minute_us = 60_000_000
    return [
        ((span.begins_us - us(0)) / minute_us, (span.ends_us - us(0)) / minute_us, span.eur_kwh)
        for span in row_of(spans_of(rates), us(begins), us(ends))
    ]


def test_a_row_is_seamless_and_ends_where_it_is_told_to() -> None:
    rates = [Slot(at(0), at(60), 0.1), Slot(at(90), at(120), 0.2)]
    assert row(rates, -10, 130) == [
        (-10, 0, None),
        (0, 60, 0.1),
        (60, 90, None),
        (90, 120, 0.2),
        (120, 130, None),
    ]
    assert row(rates, 10, 100) == [(10, 60, 0.1), (60, 90, None), (90, 100, 0.2)]
    assert row(rates, 200, 260) == [(200, 260, None)]
    assert row([], 0, 1) == [(0, 1, None)]
    assert row(rates, 10, 10) == row(rates, 10, 0) == []


def test_where_rates_overlap_the_one_that_begins_earlier_counts() -> None:
    rates = [Slot(at(30), at(120), 0.2), Slot(at(40), at(50), 0.3), Slot(at(0), at(60), 0.1)]
    assert row(rates, 0, 120) == [(0, 60, 0.1), (60, 120, 0.2)]


def test_a_rate_that_ends_before_it_begins_is_none() -> None:
    assert row([Slot(at(40), at(20), 0.1), Slot(at(50), at(50), 0.1)], 0, 60) == [(0, 60, None)]


def test_instants_compare_in_utc_whatever_zone_they_come_in() -> None:
    """The repeated hour of an autumn night is two hours long."""
    berlin = ZoneInfo("Europe/Berlin")
    first, last = datetime(2026, 10, 25, 1, 30, tzinfo=berlin), datetime(2026, 10, 25, 3, 30, tzinfo=berlin)
    (span,) = spans_of([Slot(first, last, 0.1)])
    assert span.ends_us - span.begins_us == 3 * 3600 * 1_000_000
    assert slots_of([span]) == (Slot(first.astimezone(UTC), last.astimezone(UTC), 0.1),)


@pytest.mark.parametrize("eur_kwh", [None, nan, inf, -inf, 1e300, -1e300])
def test_what_is_no_price_ranks_last(eur_kwh: float | None) -> None:
    (span,) = spans_of([Slot(at(0), at(1), eur_kwh)])
    assert span.rank == UNPRICED


def test_negative_prices_are_prices_and_equal_ones_are_equal() -> None:
    spans = spans_of([Slot(at(0), at(1), price) for price in (-0.1, 0.1 + 0.2, 0.3, 0.3 + 2e-9)])
    negative, sum_, plain, more = (span.rank for span in spans)
    assert negative < sum_ == plain < more


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(1.5, 1_500_000), (0, 0), (-1, 0), (-inf, 0), (nan, 0), (inf, 10**18), (1e300, 10**18)],
)
def test_seconds_are_whole_microseconds(seconds: float, expected: int) -> None:
    assert microseconds(seconds) == expected


def test_instants_stay_inside_the_calendar() -> None:
    early = datetime.min.replace(tzinfo=ZoneInfo("Asia/Tokyo"))
    late = datetime.max.replace(tzinfo=ZoneInfo("America/New_York"))
    assert moment(since_epoch(early)) == datetime.min.replace(tzinfo=UTC)
    assert moment(since_epoch(late)) == datetime.max.replace(tzinfo=UTC)
    exact = NOON.replace(second=59, microsecond=999_999)
    assert moment(since_epoch(exact)) == exact


RATE = st.builds(
    lambda start, length, price: Slot(at(start), at(start + length), price),
    st.integers(-20, 80),
    st.integers(-5, 30),
    st.none() | st.sampled_from([-0.1, 0.1, 0.2]),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(RATE, max_size=8), st.integers(-30, 60), st.integers(0, 60), st.data())
def test_every_minute_is_held_once_at_a_price_that_was_told_for_it(
    rates: list[Slot], begins: int, length: int, data: st.DataObject
) -> None:
    whole = row_of(spans_of(rates), us(begins), us(begins + length))
    first, last = sorted(data.draw(st.tuples(*[st.integers(begins - 5, begins + length + 5)] * 2)))
    for piece, since, until in (
        (whole, begins, begins + length),
        (cut(whole, us(first), us(last)), max(begins, first), min(begins + length, last)),
    ):
        for minute in range(begins - 5, begins + length + 5):
            holding = [span for span in piece if span.begins_us <= us(minute + 0.5) < span.ends_us]
            assert len(holding) == (since <= minute < until)
            told = [rate for rate in rates if rate.start <= at(minute + 0.5) < rate.end]
            for span in holding:
                earliest = min((rate.start for rate in told), default=None)
                assert span.eur_kwh in [rate.eur_kwh for rate in told if rate.start == earliest] or not told
                assert told or span.rank == UNPRICED
