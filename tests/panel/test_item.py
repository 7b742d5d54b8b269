"""PNL-61: how a key moves a value."""

from typing import Literal

import pytest

from hems.panel.item import Kind, Value, nearest, next_value, orders
from tests.panel.views import HOUSE, ordered

DAY: tuple[Value, ...] = tuple(float(minute) for minute in range(0, 1440, 5))
LEVELS: tuple[Value, ...] = tuple(float(pct) for pct in range(101))


@pytest.mark.parametrize(
    ("kind", "values", "value", "direction", "repeats", "expected"),
    [
        ("time", DAY, 0.0, -1, 0, 1435.0),
        ("time", DAY, 1435.0, 1, 0, 0.0),
        ("time", DAY, 425.0, 1, 16, 450.0),
        ("time", DAY, 430.0, 1, 32, 480.0),
        ("time", DAY, 430.0, -1, 32, 420.0),
        ("time", DAY, 1430.0, 1, 40, 0.0),
        ("time", DAY, 0.0, -1, 40, 1380.0),
        ("number", LEVELS, 41.0, 1, 15, 42.0),
        ("number", LEVELS, 41.0, 1, 16, 45.0),
        ("number", LEVELS, 41.0, 1, 32, 50.0),
        ("number", LEVELS, 99.0, 1, 32, 100.0),
        ("number", LEVELS, 3.0, -1, 32, 0.0),
        ("number", LEVELS, 0.0, -1, 0, 0.0),
        ("choice", ("a", "b", "c"), "a", 1, 40, "c"),
        ("choice", ("a", "b", "c"), "c", -1, 40, "a"),
    ],
)
def test_a_key_moves_a_value(
    kind: Kind,
    values: tuple[Value, ...],
    value: Value,
    direction: Literal[-1, 1],
    repeats: int,
    expected: Value,
) -> None:
    """PNL-61: numbers clamp, times and choices wrap; a held key goes through a day by whole hours."""
    assert next_value(kind, values, value, direction, repeats) == expected


def test_the_nearest_of_two_is_the_smaller() -> None:
    assert nearest((10.0, 15.0, 20.0), 12.5) == 10.0
    assert nearest((10.0, 15.0, 20.0), 12.6) == 15.0
    assert nearest((10.0, 15.0, 20.0), 99.0) == 20.0


@pytest.mark.parametrize(("set_a", "ordered_a"), [(2.0, 6.0), (10.0, 10.0), (80.0, 32.0)])
def test_orders_are_told_with_a_current_that_the_charger_can_do(set_a: float, ordered_a: float) -> None:
    """PNL-62: another item is not refused for a limit that was set for a larger charger."""
    assert orders(ordered(HOUSE, user_max_a=set_a), "garage").user_max_a == ordered_a
