"""The vocabulary's own arithmetic."""

from hems.field.profile import Point
from hems.field.profiles import PROFILES


def test_a_points_extent_covers_its_registers_and_its_scale() -> None:
    triple = Point(quantity="line_a", function=4, addresses=(6, 8, 10), wire="f32", unit="A")
    assert (triple.start, triple.end) == (6, 12)
    scaled = Point(quantity="export_wh", function=3, addresses=(24,), wire="acc32", unit="Wh", scale_at=26)
    assert (scaled.start, scaled.end) == (24, 27)
    before = Point(quantity="power_w", function=3, addresses=(14,), wire="s16", unit="W", scale_at=10)
    assert (before.start, before.end) == (10, 15)


def test_points_are_found_by_quantity() -> None:
    found = PROFILES["evse-wb"].point("status")
    assert found is not None
    assert found.addresses == (1002,)
    assert PROFILES["evse-wb"].point("power_w") is None
