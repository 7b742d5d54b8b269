"""PNL-45: bars of prices in pixels."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.panel.chart import AXIS, BOTTOM, TOP, WIDTH, Bar, fitting, step_px, strokes, ticks
from tests.panel.views import START

HOUR = START.replace(minute=0)


def bars(*prices: float, minutes: int = 60, chosen: tuple[int, ...] = ()) -> tuple[Bar, ...]:
    each = timedelta(minutes=minutes)
    return tuple(
        Bar(HOUR + i * each, HOUR + (i + 1) * each, price, i in chosen) for i, price in enumerate(prices)
    )


def lit(shown: tuple[Bar, ...], cursor: int | None = None) -> set[tuple[int, int]]:
    """All pixels above the axis."""
    return {
        (x, y)
        for x, first, last in strokes(shown, cursor).lines
        for y in range(first, last + 1)
        if y <= BOTTOM
    }


def column(shown: tuple[Bar, ...], x: int) -> list[int]:
    return sorted(y for at, y in lit(shown) if at == x)


def test_a_broad_bar_is_hollow_and_a_chosen_one_solid() -> None:
    hollow, solid = bars(*[0.1] * 40), bars(*[0.1] * 40, chosen=(1,))
    assert step_px(hollow) == 3
    assert [len(column(hollow, x)) for x in (3, 4, 5)] == [33, 1, 1]
    assert [len(column(solid, x)) for x in (2, 3, 4, 5, 6)] == [1, 33, 33, 33, 33]


def test_a_narrow_one_is_its_top_pixel_and_a_chosen_one_full() -> None:
    shown = bars(*[0.1, 0.2] * 40, chosen=(3,))
    assert step_px(shown) == 1
    assert [column(shown, x) for x in (0, 1)] == [[32], [TOP]]
    assert column(shown, 3) == list(range(TOP, BOTTOM + 1))


def test_heights_are_in_proportion_and_a_negative_price_hangs_under_the_base() -> None:
    shown = bars(0.3, 0.1, 0.0, -0.1)
    assert [column(shown, i * 12) for i in range(2)] == [list(range(16, 41)), list(range(32, 41))]
    assert column(shown, 24) == [40], "nothing but the base line"
    assert column(shown, 36) == list(range(40, 49))
    assert column(shown, 37) == [48], "its lid is below"


def test_quarter_hours_of_two_days_become_hours() -> None:
    shown = fitting(bars(*[0.1, 0.2, 0.3, 0.4] * 48, minutes=15, chosen=(6,)))
    assert len(shown) == 48
    assert [round(bar.eur_kwh, 3) for bar in shown[:2]] == [0.25, 0.25]
    assert [bar.chosen for bar in shown[:3]] == [False, True, False]
    assert shown[1].end - shown[1].start == timedelta(hours=1)
    assert fitting(bars(*[0.1] * 126, minutes=15)) == bars(*[0.1] * 126, minutes=15)


def test_a_tick_stands_at_every_sixth_hour() -> None:
    assert ticks(bars(*[0.1] * 24)) == [(20, 18), (50, 0), (80, 6), (110, 12)]


def test_the_cursor_is_a_dotted_line_above_its_bar() -> None:
    shown = bars(0.4, 0.1)
    assert lit(shown, 1) - lit(shown) == {(17, y) for y in range(13, 39, 2)}
    assert lit(shown, 0) - lit(shown) == {(5, 13)}


@pytest.mark.parametrize("prices", [(), (0.0,), (-0.1,), (0.0, 0.0)])
def test_odd_prices_are_drawn_as_well(prices: tuple[float, ...]) -> None:
    assert all(y <= BOTTOM for _, y in lit(bars(*prices)))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(-1, 10), max_size=200), st.none() | st.integers(0, 199), st.sampled_from([15, 60]))
def test_everything_stays_in_its_field(prices: list[float], cursor: int | None, minutes: int) -> None:
    """PNL-31, 50."""
    for x, first, last in strokes(fitting(bars(*prices, minutes=minutes)), cursor).lines:
        assert 0 <= x < WIDTH
        assert 13 <= first <= last <= AXIS + 2
