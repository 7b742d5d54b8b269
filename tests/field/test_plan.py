"""Merging points into reads: BUS-55, 56, 59, against exhaustive search."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.field.plan import Block, blocks, merge, placed, split
from hems.field.profile import Limits, Point
from hems.field.profiles import PROFILES
from hems.field.registers import width
from hems.field.wire import exchange_s, wire
from hems.model.site import Bus

WIRE = wire(Bus(name="a", port="p"))


def point(address: int, *, wide: bool = False, period_s: float = 0.0, lines: bool = False) -> Point:
    step = 2 if wide else 1
    return Point(
        quantity="line_v" if lines else "power_w",
        function=3,
        addresses=tuple(address + i * step for i in range(3 if lines else 1)),
        wire="f32" if wide else "u16",
        unit="V",
        period_s=period_s,
    )


def _partitions(points: Sequence[Point]) -> Iterator[list[Sequence[Point]]]:
    if not points:
        yield []
    for cut in range(1, len(points) + 1):
        for rest in _partitions(points[cut:]):
            yield [points[:cut], *rest]


def _cost_s(parts: Sequence[Sequence[Point]], limits: Limits) -> float:
    total_s = 0.0
    for part in parts:
        registers = {r for p in part for a in p.addresses for r in range(a, a + width(p.wire))}
        count = max(registers) - min(registers) + 1
        if len(part) > 1 and (count > limits.max_read or (not limits.holes and len(registers) < count)):
            return float("inf")
        total_s += exchange_s(WIRE, 3, count, 0.02) + max(limits.gap_s, limits.turn_s)
    return total_s


@given(
    st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=8),
    st.integers(2, 60),
    st.booleans(),
    st.sampled_from([0.0, 0.1]),
)
@settings(max_examples=60, deadline=None)
def test_the_partition_is_the_cheapest(
    gaps: list[tuple[int, bool]], max_read: int, holes: bool, gap_s: float
) -> None:
    """Exhaustive search over all partitions of neighbours finds nothing cheaper; nothing is lost."""
    points, at = [], 0
    for hole, wide in gaps:
        points.append(point(at + hole, wide=wide))
        at += hole + 1 + wide
    limits = Limits(max_read=max_read, holes=holes, gap_s=gap_s)
    plan = merge(points, limits, WIRE, 0.02)
    covered = [p for block in plan for p in block.points]
    assert covered == points
    for block in plan:
        assert all(block.address <= p.start and p.end <= block.address + block.count for p in block.points)
    found = _cost_s([block.points for block in plan], limits)
    assert found == pytest.approx(min(_cost_s(parts, limits) for parts in _partitions(points)))


@pytest.mark.parametrize(("answer_s", "hole"), [(0.005, 12), (0.02, 19), (0.06, 38)])
def test_the_hole_that_is_still_worth_reading(answer_s: float, hole: int) -> None:
    """At 9,600 8N1 the bounds are 12.4 registers for a device of 5 ms, 19.6 for 20 ms, 38.8 for 60 ms."""
    limits = Limits(holes=True)
    assert len(merge([point(0), point(1 + hole)], limits, WIRE, answer_s)) == 1
    assert len(merge([point(0), point(2 + hole)], limits, WIRE, answer_s)) == 2


def test_a_slow_point_inside_a_fast_block_rides_free() -> None:
    fast = [point(0), point(4)]
    plan = blocks([*fast, point(2, period_s=10), point(9, period_s=10)], Limits(holes=True), WIRE)
    assert [(block.address, block.count, block.period_s, len(block.points)) for block in plan] == [
        (0, 5, 0.0, 3),
        (9, 1, 10, 1),
    ]


def test_even_addresses_and_counts() -> None:
    (block,) = merge([point(3)], Limits(even=True), WIRE, 0.02)
    assert (block.address, block.count) == (2, 2)


def test_a_refused_block_falls_apart_at_holes_then_into_points() -> None:
    """BUS-26; the last piece stays whole and is refused for good by its reader."""
    (block,) = merge([point(0), point(1), point(4)], Limits(holes=True), WIRE, 0.02)
    first, second = split(block, even=False)
    assert [(first.address, first.count), (second.address, second.count)] == [(0, 2), (4, 1)]
    assert [part.address for part in split(first, even=False)] == [0, 1]
    assert split(second, even=False) == (second,)


def test_the_plan_of_a_grid_meter() -> None:
    """Twelve registers every tick; voltages and totals of their own."""
    profile = PROFILES["eastron-sdm630"]
    plan = blocks(placed(profile), profile.limits, WIRE)
    assert [(b.function, b.address, b.count, b.period_s) for b in plan] == [
        (4, 6, 12, 0.0),
        (4, 0, 6, 10),
        (4, 72, 4, 30),
    ]


def test_a_value_and_its_scale_come_from_one_block() -> None:
    """BUS-59; and addresses move with the module and the published map."""
    profile = PROFILES["sunspec"]
    for block in blocks(placed(profile, models={103: 40_070}), profile.limits, WIRE):
        for p in block.points:
            assert p.scale_at is not None
            assert block.address <= p.scale_at < block.address + block.count
    moved: tuple[Block, ...] = blocks(placed(PROFILES["lambda-eul"], module=3), Limits(holes=True), WIRE)
    assert [(block.address, block.count) for block in moved] == [(1202, 11)]
