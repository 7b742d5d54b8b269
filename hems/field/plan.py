"""Points into few reads: the cheapest partition, exactly; what is refused is split again. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from hems.field.profile import TYPICAL_ANSWER_S, Limits, Point, Profile
from hems.field.wire import Wire, exchange_s

ADDRESSES: Final = 0x10000


@dataclass(frozen=True, slots=True)
class Block:
    """A run of registers read at once, and the points that lie in it; a `whole` one cannot be split."""

    function: Literal[1, 2, 3, 4]
    address: int
    count: int
    points: tuple[Point, ...]
    period_s: float
    whole: bool = False


def relocated(points: Sequence[Point], by: int) -> tuple[Point, ...]:
    """The same points, `by` registers further on."""
    return tuple(
        replace(
            point,
            addresses=tuple(address + by for address in point.addresses),
            scale_at=None if point.scale_at is None else point.scale_at + by,
        )
        for point in points
    )


def blocks(
    points: Sequence[Point],
    limits: Limits,
    wire: Wire,
    answer_s: float = TYPICAL_ANSWER_S,
    *,
    alone: bool = True,
) -> tuple[Block, ...]:
    """All reads of a device: for each function and period the cheapest partition, each of its own shape.

    A slower point that lies inside a faster block rides free. Fastest first, then by address. One read more
    costs the device's gap only where it is `alone` on its line, which would stand idle meanwhile; elsewhere
    others are asked in that time, and it costs the turn back to this unit.
    """
    pause_s = limits.gap_s if alone else limits.turn_s
    found = list(_whole(points, limits))
    within = {id(point) for block in found for point in block.points}
    parts = [point for point in points if id(point) not in within]
    for period_s in sorted({point.period_s for point in parts}):
        for function in sorted({point.function for point in parts}):
            rest = []
            for point in (p for p in parts if p.period_s == period_s and p.function == function):
                host = next((i for i, block in enumerate(found) if _covers(block, point)), None)
                if host is None:
                    rest.append(point)
                else:
                    found[host] = replace(found[host], points=(*found[host].points, point))
            found.extend(merge(rest, limits, wire, answer_s, pause_s))
    return distinct(sorted(found, key=lambda block: block.period_s), limits)


def merge(
    points: Sequence[Point], limits: Limits, wire: Wire, answer_s: float, pause_s: float = 0.0
) -> tuple[Block, ...]:
    """The partition of points of one function and period with the least time on the wire.

    A dynamic programme over the points in the order of their addresses: the best cut before each point is
    the cheapest of all last blocks that end there. A single point is always allowed; `pause_s` is what one
    read more costs beyond its bytes.
    """
    ordered = sorted(points, key=lambda point: (point.start, point.end))
    best: list[tuple[float, tuple[Block, ...]]] = [(0.0, ())]
    for last in range(1, len(ordered) + 1):
        choices = []
        for first in range(last):
            block = _block(ordered[first:last], limits.even)
            if last - first == 1 or not breaks(block, limits):
                cost_s, before = best[first]
                cost_s += exchange_s(wire, block.function, block.count, answer_s) + pause_s
                choices.append((cost_s, (*before, block)))
        best.append(min(choices, key=lambda choice: choice[0]))
    return best[-1][1]


def breaks(block: Block, limits: Limits) -> bool:
    """Whether the device would not bear this read: too long, a hole, or a range it does not give so.

    What lies between the addresses of one row is no hole: who wrote the row knows it.
    """
    first, last = block.address, block.address + block.count - 1
    if block.count > limits.max_read or _touches(first, last, limits.forbidden):
        return True
    if _touches(first, last, limits.whole) and (first, last) not in limits.whole:
        return True
    alone = {(one.address, one.count) for one in (_block([point], limits.even) for point in block.points)}
    if _touches(first, last, limits.single) and (block.address, block.count) not in alone:
        return True
    if block.whole:
        return False
    wanted = {register for point in block.points for register in range(point.start, point.end)}
    return not limits.holes and max(wanted) - min(wanted) + 1 > len(wanted)


def distinct(found: Sequence[Block], limits: Limits) -> tuple[Block, ...]:
    """The same blocks, each with a (function, count) of its own as far as the limits leave room.

    A late answer to one block then cannot pass for the answer to another. Blocks are lengthened by as few
    registers as it takes, later and slower ones first, and only where the device lets registers be read that
    nobody asked for.
    """
    room = [tuple(_lengthened(block, len(found), limits)) for block in found]
    shapes: dict[int, Block] = {}
    for i in sorted(range(len(found)), key=lambda i: bool(room[i])):
        taken = {(block.function, block.count) for block in shapes.values()}
        free = (other for other in (found[i], *room[i]) if (other.function, other.count) not in taken)
        shapes[i] = next(free, found[i])
    return tuple(shapes[i] for i in range(len(found)))


def shapes_clash(found: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks whose (function, count) another one has too: their late answers are told apart by time."""
    shapes = Counter((block.function, block.count) for block in found)
    return tuple(block for block in found if shapes[block.function, block.count] > 1)


def split(block: Block, even: bool) -> tuple[Block, ...]:
    """A block the device refused: cut at its holes, else into its points; a single point stays whole.

    Registers it was lengthened by are given up.
    """
    if block.whole:
        return (block,)
    parts: list[list[Point]] = []
    for point in sorted(block.points, key=lambda point: (point.start, point.end)):
        if parts and point.start <= max(other.end for other in parts[-1]):
            parts[-1].append(point)
        else:
            parts.append([point])
    if len(parts) == 1:
        parts = [[point] for point in parts[0]]
    return tuple(replace(_block(part, even), period_s=block.period_s) for part in parts)


def placed(
    profile: Profile, role: str = "", module: int = 1, models: Mapping[int, int] | None = None
) -> tuple[Point, ...]:
    """The points of a profile where they lie in one device: its role's, in its module's block.

    For a published map `models` says where the identity register of each model lies; a row of a model the
    device does not have is left out.
    """
    points = profile.points_for(role)
    if profile.chain is None:
        return relocated(points, (module - 1) * profile.module_stride)
    found: list[Point] = []
    for point in points:
        header = next(
            (at for model in point.models for at in [(models or {}).get(model)] if at is not None), None
        )
        if header is not None:
            found.extend(relocated((point,), header))
    return tuple(found)


def _whole(points: Sequence[Point], limits: Limits) -> Iterator[Block]:
    """The ranges that are read as they are, each as often as its fastest point wants."""
    for first, last in limits.whole:
        for function in sorted({point.function for point in points}):
            inside = [p for p in points if p.function == function and first <= p.start and p.end <= last + 1]
            if inside:
                period_s = min(point.period_s for point in inside)
                yield Block(function, first, last + 1 - first, tuple(inside), period_s, whole=True)


def _covers(block: Block, point: Point) -> bool:
    inside = block.address <= point.start and point.end <= block.address + block.count
    return inside and block.function == point.function


def _block(points: Sequence[Point], even: bool) -> Block:
    start = min(point.start for point in points)
    end = max(point.end for point in points)
    if even:
        start, end = start - start % 2, end + end % 2
    return Block(points[0].function, start, end - start, tuple(points), points[0].period_s)


def _lengthened(block: Block, steps: int, limits: Limits) -> Iterator[Block]:
    """The block with one to `steps` more registers (pairs where they must be even) at its end or start."""
    size = 2 if limits.even else 1
    for more in range(size, size * (steps + 1), size) if limits.holes else ():
        for address in (block.address, block.address - more):
            longer = replace(block, address=address, count=block.count + more)
            if address >= 0 and address + longer.count <= ADDRESSES and not breaks(longer, limits):
                yield longer


def _touches(first: int, last: int, ranges: Sequence[tuple[int, int]]) -> bool:
    return any(first <= high and low <= last for low, high in ranges)
