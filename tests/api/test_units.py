"""Our units in nymea's."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.api import units

CONVERSIONS = (units.watts, units.amperes, units.volts, units.kilowatt_hours, units.whole_percent)


def test_values_are_rounded_so_that_noise_is_no_news() -> None:
    """API-7, API-62."""
    assert units.watts(1200.4) == 1200.0
    assert units.amperes(13.006) == 13.01
    assert units.volts(230.06) == 230.1
    assert units.kilowatt_hours(1_234_567.4) == 1234.567
    assert units.whole_percent(54.6) == 55
    assert units.negative(3000.0) == -3000.0
    assert units.negative(None) is None


def test_levels_stay_within_a_hundred_percent() -> None:
    """API-72."""
    assert (units.whole_percent(-3.0), units.whole_percent(104.0)) == (0, 100)


def test_nothing_is_a_negative_zero() -> None:
    """API-7: -0.0 would be printed so."""
    assert math.copysign(1.0, units.watts(-0.2) or 0.0) == 1.0


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf])
def test_what_is_no_number_never_leaves_the_house(value: float | None) -> None:
    """API-7."""
    assert [convert(value) for convert in CONVERSIONS] == [None] * len(CONVERSIONS)


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_every_figure_is_finite_or_unknown(value: float) -> None:
    """API-7."""
    for convert in CONVERSIONS:
        found = convert(value)
        assert found is None or math.isfinite(found)
