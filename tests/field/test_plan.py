"""Merging points into reads: BUS-32, 55, 56, 59, against exhaustive search."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.field.plan import (
    Block,
    blocks,
    breaks,
    distinct,
    merge,
    placed,
    shapes_clash,
    split,
)
from hems.field.profile import ONCE, Limits, Point
from hems.field.profiles import PROFILES
from hems.field.registers import width
from hems.field.wire import Wire, exchange_s, wire
from hems.model.site import Bus

WIRE = wire(Bus(name="a", port="p"))
ASCII = wire(Bus(name="a", port="p", framing="ascii"))


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


def _extent(part: Sequence[Point], even: bool) -> tuple[int, int]:
    """First register and one past the last, by the words of the requirement."""
    first = min(p.addresses[0] for p in part)
    end = max(p.addresses[-1] + width(p.wire) for p in part)
    return (first - first % 2, end + end % 2) if even else (first, end)


def _borne(part: Sequence[Point], limits: Limits) -> bool:
    """Whether several points may be read at once, register by register."""
    first, end = _extent(part, limits.even)
    known = {r for p in part for a in p.addresses for r in range(a, a + width(p.wire))}
    low, high = min(known), max(known)
    whole = limits.holes or all(r in known for r in range(low, high + 1))
    banned = any(low <= r <= high for low, high in limits.forbidden for r in range(first, end))
    lone = any(low <= r <= high for low, high in limits.single for r in range(first, end))
    apart = (first, end) not in {_extent([p], limits.even) for p in part}
    return end - first <= limits.max_read and whole and not banned and not (lone and apart)


def _cost_s(parts: Sequence[Sequence[Point]], limits: Limits, line: Wire, pause_s: float) -> float:
    total_s = 0.0
    for part in parts:
        if len(part) > 1 and not _borne(part, limits):
            return float("inf")
        first, end = _extent(part, limits.even)
        total_s += exchange_s(line, part[0].function, end - first, 0.02) + pause_s
    return total_s


@st.composite
def layouts(draw: st.DrawFn) -> tuple[list[Point], Limits]:
    """Up to ten points of one function, in the order of their addresses, and what the device bears."""
    bits = draw(st.booleans())
    points, at = [], 0
    for _ in range(draw(st.integers(1, 10))):
        wide = not bits and draw(st.booleans())
        at += draw(st.integers(0, 30))
        period_s = draw(st.sampled_from([0.0, 10.0, ONCE]))
        if bits:
            found = replace(point(at, period_s=period_s), function=2, wire="bool")
        else:
            found = point(at, wide=wide, period_s=period_s)
        points.append(found)
        at = found.end
    free = sorted(set(range(at + 1)) - {r for p in points for r in range(p.start, p.end)})
    low = draw(st.sampled_from(free))
    single = draw(st.integers(0, at))
    even = draw(st.booleans())
    odd = {r for p in points for r in (p.start - p.start % 2, p.end - 1 + p.end % 2)}
    forbidden = () if even and low in odd else draw(st.sampled_from([(), ((low, low),)]))
    limits = Limits(
        max_read=draw(st.integers(4, 60)),
        holes=draw(st.booleans()),
        even=even,
        forbidden=forbidden,
        single=draw(st.sampled_from([(), ((single, single + 3),)])),
    )
    return points, limits


@given(layouts(), st.sampled_from([WIRE, ASCII]), st.sampled_from([0.0, 0.1]))
@settings(max_examples=150, deadline=None)
def test_the_partition_is_the_cheapest(
    layout: tuple[list[Point], Limits], line: Wire, pause_s: float
) -> None:
    """Exhaustive search over all partitions of neighbours finds nothing cheaper; nothing is lost."""
    points, limits = layout
    plan = merge(points, limits, line, 0.02, pause_s)
    assert [p for block in plan for p in block.points] == points
    found = _cost_s([block.points for block in plan], limits, line, pause_s)
    best = min(_cost_s(parts, limits, line, pause_s) for parts in _partitions(points))
    assert found == pytest.approx(best)


@given(layouts(), st.booleans())
@settings(max_examples=300, deadline=None)
def test_every_plan_covers_every_point_breaks_no_limit_and_has_unique_shapes_or_says_so(
    layout: tuple[list[Point], Limits], alone: bool
) -> None:
    """BUS-32, 55, 125"""
    points, limits = layout
    plan = blocks(points, limits, WIRE, alone=alone)
    assert sorted(p.start for block in plan for p in block.points) == [p.start for p in points]
    for block in plan:
        assert all(block.address <= p.start and p.end <= block.address + block.count for p in block.points)
        assert all(block.period_s <= p.period_s and block.function == p.function for p in block.points)
        assert len(block.points) == 1 or not breaks(block, limits)
        read = range(block.address, block.address + block.count)
        assert not any(low <= register <= high for low, high in limits.forbidden for register in read)
        assert block.count <= limits.max_read
        if limits.even:
            assert block.address % 2 == block.count % 2 == 0
        if not limits.holes:
            spare = {r for p in block.points for r in (p.start - 1, p.end)} if limits.even else set()
            known = {r for p in block.points for r in range(p.start, p.end)}
            assert set(read) <= known | spare
    shapes = [(block.function, block.count) for block in plan]
    twice = [block for block in plan if shapes.count((block.function, block.count)) > 1]
    assert list(shapes_clash(plan)) == twice
    if limits.holes and limits.max_read >= 40 and not limits.single and not limits.forbidden:
        assert twice == []


def test_equal_shapes_are_told_apart_by_one_register_more() -> None:
    """BUS-32: only where the device lets registers be read that nobody asked for."""
    apart = [point(0), point(100, period_s=10), point(200, period_s=10)]
    assert [(b.address, b.count) for b in blocks(apart, Limits(holes=True), WIRE)] == [
        (0, 1),
        (100, 2),
        (200, 3),
    ]
    assert [(b.address, b.count) for b in blocks(apart, Limits(holes=True, even=True), WIRE)] == [
        (0, 2),
        (100, 4),
        (200, 6),
    ]
    whole = blocks(apart, Limits(), WIRE)
    assert [block.count for block in whole] == [1, 1, 1]
    assert shapes_clash(whole) == whole
    fenced = Limits(holes=True, forbidden=((101, 101), (201, 300)), max_read=2)
    assert [(b.address, b.count) for b in blocks(apart, fenced, WIRE)] == [(0, 1), (99, 2), (200, 1)]
    top = [point(0), point(0xFFFF, period_s=10)]
    assert [(b.address, b.count) for b in blocks(top, Limits(holes=True), WIRE)] == [(0, 1), (0xFFFE, 2)]


def test_one_by_one_where_the_device_wants_it() -> None:
    """BUS-55: each register of the range alone; several bits of one register are one read."""
    limits = Limits(holes=True, single=((200, 290),))
    points = [point(199), point(200), point(201), replace(point(201), mask=2), point(291)]
    plan = blocks(points, limits, WIRE)
    assert sorted((block.address, block.count) for block in plan) == [(198, 2), (200, 1), (201, 1), (291, 3)]


def test_a_range_that_is_only_read_whole() -> None:
    """Its block has exactly its bounds and stays in one piece; nothing else reaches into it."""
    limits = Limits(whole=((10, 29),), holes=True)
    points = [point(9, period_s=10), point(12, period_s=2), point(20, period_s=10), point(30, period_s=10)]
    plan = blocks(points, limits, WIRE)
    assert [(b.address, b.count, b.period_s, len(b.points)) for b in plan] == [
        (10, 20, 2, 2),
        (9, 1, 10, 1),
        (30, 2, 10, 1),
    ]
    assert split(plan[0], even=False) == (plan[0],)
    assert not breaks(plan[0], replace(limits, holes=False))
    (across,) = merge([point(9, wide=True)], limits, WIRE, 0.02)
    assert breaks(across, limits)


def test_a_point_the_device_cannot_bear_is_named() -> None:
    """Too long, or in a forbidden range: a mistake in a profile. Between its own lines lies no hole."""
    apart = replace(point(0), addresses=(0, 2, 4))
    (block,) = merge([apart], Limits(), WIRE, 0.02)
    assert not breaks(block, Limits())
    assert breaks(block, Limits(max_read=4))
    assert breaks(block, Limits(forbidden=((3, 3),)))
    assert not breaks(block, Limits(forbidden=((5, 9),)))


def test_a_gap_is_time_only_where_the_line_would_stand_idle() -> None:
    """BUS-55: with others on the line a read more costs the turn, alone it costs the gap."""
    points = [point(0), point(31)]
    limits = Limits(holes=True, gap_s=0.1)
    assert len(blocks(points, limits, WIRE, alone=True)) == 1
    assert len(blocks(points, limits, WIRE, alone=False)) == 2
    assert len(blocks(points, replace(limits, turn_s=0.1), WIRE, alone=False)) == 1


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
    _, longer = distinct((second, second), Limits(holes=True))
    assert (longer.address, longer.count) == (4, 2)
    assert split(longer, even=False) == (second,)


def test_the_plan_of_a_grid_meter() -> None:
    """Currents and powers, twelve registers, every tick; all else of its own and later."""
    profile = PROFILES["eastron-sdm630"]
    fast, *slow = blocks(placed(profile, "grid"), profile.limits, WIRE)
    assert (fast.function, fast.address, fast.count, fast.period_s) == (4, 6, 12, 0.0)
    assert min(block.period_s for block in slow) == 10


def test_a_value_and_its_scale_come_from_one_block() -> None:
    """BUS-59; and addresses move with the module and the published map."""
    profile = PROFILES["sunspec"]
    plan = blocks(placed(profile, "pv", models={103: 40_070}), profile.limits, WIRE)
    assert {p.quantity for block in plan for p in block.points} >= {"line_a", "power_w", "export_wh"}
    for block in plan:
        for at in (p.scale_at for p in block.points if p.scale_at is not None):
            assert block.address <= at < block.address + block.count
    moved: tuple[Block, ...] = blocks(placed(PROFILES["lambda-eul"], module=3), Limits(holes=True), WIRE)
    assert [(block.address, block.count) for block in moved] == [(1202, 11), (1220, 4)]
