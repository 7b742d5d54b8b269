"""Points into few reads: the cheapest partition, exactly; what is refused is split again. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from hems.field.profile import TYPICAL_ANSWER_S, Limits, Point, Profile
from hems.field.wire import Wire, exchange_s


@dataclass(frozen=True, slots=True)
class Block:
    """A run of registers read at once, and the points that lie in it."""

    function: Literal[1, 2, 3, 4]
    address: int
    count: int
    points: tuple[Point, ...]
    period_s: float


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
    points: Sequence[Point], limits: Limits, wire: Wire, answer_s: float = TYPICAL_ANSWER_S
) -> tuple[Block, ...]:
    """All reads of a device: for each function and period the cheapest partition.

    A slower point that lies inside a faster block rides free. Fastest first, then by address.
    """
    found: list[Block] = []
    for period_s in sorted({point.period_s for point in points}):
        for function in sorted({point.function for point in points}):
            rest = []
            for point in (p for p in points if p.period_s == period_s and p.function == function):
                host = next((i for i, block in enumerate(found) if _covers(block, point)), None)
                if host is None:
                    rest.append(point)
                else:
                    found[host] = replace(found[host], points=(*found[host].points, point))
            found.extend(merge(rest, limits, wire, answer_s))
    return tuple(found)


def merge(points: Sequence[Point], limits: Limits, wire: Wire, answer_s: float) -> tuple[Block, ...]:
    """The partition of points of one function and period with the least time on the wire.

    A dynamic programme over the points in the order of their addresses: the best cut before each point is
    the cheapest of all last blocks that end there. A single point is always allowed.
    """
    ordered = sorted(points, key=lambda point: (point.start, point.end))
    overhead_s = max(limits.gap_s, limits.turn_s)
    best: list[tuple[float, tuple[Block, ...]]] = [(0.0, ())]
    for last in range(1, len(ordered) + 1):
        choices = []
        for first in range(last):
            block = _block(ordered[first:last], limits.even)
            if last - first == 1 or _allowed(block, limits):
                cost_s, before = best[first]
                cost_s += exchange_s(wire, block.function, block.count, answer_s) + overhead_s
                choices.append((cost_s, (*before, block)))
        best.append(min(choices, key=lambda choice: choice[0]))
    return best[-1][1]


def split(block: Block, even: bool) -> tuple[Block, ...]:
    """A block the device refused: cut at its holes, else into its points; a single point stays whole."""
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


def _covers(block: Block, point: Point) -> bool:
    inside = block.address <= point.start and point.end <= block.address + block.count
    return inside and block.function == point.function


def _block(points: Sequence[Point], even: bool) -> Block:
    start = min(point.start for point in points)
    end = max(point.end for point in points)
    if even:
        start, end = start - start % 2, end + end % 2
    return Block(points[0].function, start, end - start, tuple(points), points[0].period_s)


def _allowed(block: Block, limits: Limits) -> bool:
    wanted = {register for point in block.points for register in range(point.start, point.end)}
    hole = max(wanted) - min(wanted) + 1 > len(wanted)
    return block.count <= limits.max_read and (limits.holes or not hole)
