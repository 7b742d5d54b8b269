"""What all rows of measuring devices share: BUS-61, 63."""

from hems.field.profile import FAST
from hems.field.profiles.rows import CT_A, by_function, row


def test_a_row_has_the_usual_unit_period_range_and_absence_of_its_quantity() -> None:
    total = row("import_wh", 3, (62,), "s32", 0.1, order="L")
    assert (total.unit, total.period_s, total.low, total.high) == ("kWh", 30, 0, None)
    assert (total.order, total.scale, total.positive) == ("L", 0.1, "")
    assert total.absent == frozenset({0x7FFF_FFFF, 0x8000_0000})
    assert row("frequency_hz", 4, (70,), "f32").absent == frozenset()
    assert row("power_w", 3, (1,), "s16").positive == "import"
    assert row("line_a", 3, (1,), "u16").period_s == FAST


def test_a_wider_range_reaches_as_far_below_zero_only_where_the_usual_one_does() -> None:
    current = row("line_a", 3, (12,), "f32", high=CT_A)
    assert (current.low, current.high) == (-CT_A, CT_A)
    voltage = row("line_v", 3, (0,), "f32", high=400)
    assert (voltage.low, voltage.high) == (0, 400)


def test_another_function_changes_nothing_but_the_function() -> None:
    point = row("line_v", 4, (8, 10, 12), "u32", 0.1)
    variant = by_function((point,), 3)
    assert variant.what == "read with function 3"
    assert variant.points == (row("line_v", 3, (8, 10, 12), "u32", 0.1),)
