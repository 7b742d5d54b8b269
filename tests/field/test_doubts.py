"""What is believed of a value: BUS-21, BUS-35."""

from dataclasses import replace

import pytest

from hems.field.doubts import Doubt, judge, may_raise, odd
from hems.field.profile import Point, Profile, Quantity, Serial, Unit

METER = Profile(key="m", kind="meter", maker="m", models=("m",), points=())
CHARGER = replace(METER, kind="charger")
ASCII = replace(CHARGER, serial=Serial(framing="ascii"))


def point(quantity: Quantity, unit: Unit = "A", high: float | None = 80) -> Point:
    return Point(quantity=quantity, function=3, addresses=(0,), wire="u16", unit=unit, low=0, high=high)


def sequence(profile: Profile, row: Point, *values: float) -> list[float | None]:
    """What is known after each value."""
    known: tuple[float, ...] | None = None
    doubt: Doubt | None = None
    seen: list[float | None] = []
    for value in values:
        believed, doubt = judge(profile, row, (value,), known, doubt)
        known = (value,) if believed else known
        seen.append(None if known is None else known[0])
    return seen


def test_three_alike_in_a_row_are_believed() -> None:
    assert sequence(METER, point("line_a"), 10, 300, 301, 302, 303) == [10, 10, 10, 302, 303]
    assert sequence(METER, point("line_a"), 10, 300, 400, 300, 400, 300) == [10] * 6
    assert sequence(METER, point("line_a"), 10, 300, 301, 11, 300, 301) == [10, 10, 10, 11, 11, 11]


def test_what_is_believed_outside_its_range_is_named() -> None:
    doubt = None
    for times in (1, 2, 3):
        assert odd({} if doubt is None else {"line_a": doubt}) == []
        believed, doubt = judge(METER, point("line_a"), (300.0,), None, doubt)
        assert believed == (times == 3)
    assert doubt is not None
    assert odd({"line_a": doubt}) == ["line_a"]


def test_totals_pass_unfiltered() -> None:
    """They are judged once, where they are counted."""
    for quantity in ("import_wh", "export_wh", "total_wh", "electric_wh", "thermal_wh"):
        assert judge(ASCII, point(quantity), (1e12,), None, None) == (True, None)


def test_where_eight_bits_guard_a_value_that_raises_is_read_twice() -> None:
    """BUS-21: the first value too, since nothing is known before it."""
    assert sequence(ASCII, point("line_a"), 10, 10.5, 16, 16, 6, 16) == [None, 10.5, 10.5, 16, 6, 6]
    assert sequence(CHARGER, point("line_a"), 10, 16, 6) == [10, 16, 6]
    assert sequence(ASCII, point("confirmed_a"), 16, 16, 6, 6, 16) == [None, 16, 16, 6, 16]


def test_a_code_is_alike_only_if_it_is_the_same() -> None:
    row = point("status", "raw", high=None)
    assert sequence(ASCII, row, 0xB1, 0xB1, 0xB2, 0xB2) == [None, 0xB1, 0xB1, 0xB2]


@pytest.mark.parametrize(
    ("profile", "quantity", "found", "raises"),
    [
        (CHARGER, "line_a", 20, True),
        (CHARGER, "line_a", 5, False),
        (CHARGER, "power_w", 5, False),
        (CHARGER, "cable_max_a", 32, True),
        (CHARGER, "cable_max_a", 6, False),
        (CHARGER, "confirmed_a", 5, True),
        (CHARGER, "confirmed_a", 20, False),
        (CHARGER, "line_v", 5, True),
        (METER, "line_a", 20, True),
        (METER, "line_a", 5, True),
        (METER, "line_a", 10.4, False),
    ],
)
def test_which_way_a_current_could_rise(
    profile: Profile, quantity: Quantity, found: float, raises: bool
) -> None:
    """A charger that draws more leaves its line more for itself; a meter's value may raise either way."""
    assert may_raise(profile, point(quantity), (found,), (10.0,)) == raises
    assert may_raise(profile, point(quantity), (found,), None)
    assert may_raise(profile, point(quantity), (found, found), (10.0,))
