"""Points out of blocks: BUS-35, 59, 61, 63."""

import pytest

from hems.field.decoding import alike, plausible, values
from hems.field.plan import Block
from hems.field.profile import Point


def block(*points: Point) -> Block:
    return Block(3, 100, 10, points, 0.0)


TOTAL = Point(quantity="import_wh", function=3, addresses=(102,), wire="u32", unit="kWh", scale=0.1)
SCALED = Point(quantity="power_w", function=3, addresses=(100,), wire="s16", unit="kW", scale_at=101)


def test_units_become_base_units() -> None:
    assert values(TOTAL, block(TOTAL), (0, 0, 1, 2)) == pytest.approx((0x10002 * 0.1 * 1000,))


@pytest.mark.parametrize(
    ("exponent", "found"),
    [(0xFFFE, (-120.0,)), (1, (-120_000.0,)), (0x8000, None), (11, None), (0, (-12_000.0,))],
)
def test_a_scale_factor_scales_or_takes_the_value_away(exponent: int, found: tuple[float] | None) -> None:
    result = values(SCALED, block(SCALED), (0xFFF4, exponent))
    assert result is None if found is None else result == pytest.approx(found)


def test_the_parts_of_a_sum_are_added_and_an_absent_part_adds_nothing() -> None:
    """BUS-61, 63: a string nobody connected leaves the power of the others."""
    strings = Point(
        quantity="power_w",
        function=3,
        addresses=(100, 101, 102, 103),
        wire="u16",
        unit="W",
        summed=True,
        absent=frozenset({0xFFFF}),
    )
    assert values(strings, block(strings), (1000, 200, 0xFFFF, 0)) == (1200,)
    assert values(strings, block(strings), (0xFFFF,) * 4) is None


def test_one_absent_line_makes_the_triple_absent() -> None:
    triple = Point(
        quantity="line_a",
        function=3,
        addresses=(100, 101, 102),
        wire="u16",
        unit="A",
        absent=frozenset({0xFFFF}),
    )
    assert values(triple, block(triple), (1, 2, 3)) == (1, 2, 3)
    assert values(triple, block(triple), (1, 0xFFFF, 3)) is None


def test_plausible_is_a_closed_range_or_none() -> None:
    bounded = Point(quantity="line_a", function=3, addresses=(0,), wire="u16", unit="A", low=0, high=10)
    assert plausible(bounded, (0, 10))
    assert not plausible(bounded, (0, 10.1))
    assert not plausible(bounded, (-0.1,))
    assert plausible(TOTAL, (1e12,))


def test_alike_within_a_few_per_cent() -> None:
    assert alike((500, 0.2), (510, 0.9))
    assert not alike((500,), (560,))


def test_codes_are_alike_only_if_they_are_the_same() -> None:
    assert alike((2,), (2,), exact=True)
    assert not alike((2,), (3,), exact=True)
    assert not alike((2, 2), (2,))
