"""Registers of a block → values of its points, in base units and the maker's sign. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from hems.field.plan import Block
from hems.field.profile import TO_BASE, Point
from hems.field.registers import decode, width

EXPONENT_MAX = 10
"""No scale factor is beyond ±10."""
ALIKE_SHARE = 0.05
ALIKE_LEAST = 1.0


@dataclass(frozen=True, slots=True)
class Sample:
    """The value of a point, or its values per line of the device, and the time of their last byte."""

    values: tuple[float, ...]
    at_mono_s: float

    @property
    def value(self) -> float:
        """The first value."""
        return self.values[0]


def values(point: Point, block: Block, registers: Sequence[int]) -> tuple[float, ...] | None:
    """A point's values out of its block; ``None`` as soon as one of them is absent, or all parts of a sum.

    Of a value whose word order is not known these are its two registers as they are.
    """
    exponent = _exponent(point, block, registers)
    if exponent is None:
        return None
    found: list[float] = []
    for address in point.addresses:
        at = address - block.address
        words = registers[at : at + width(point.wire)]
        if point.order == "?":
            return tuple(map(float, words))
        raw = decode(words, point.wire, point.order, mask=point.mask, zeros=point.zeros, absent=point.absent)
        if raw is not None:
            found.append(raw * point.scale * 10.0**exponent * TO_BASE[point.unit])
        elif not point.summed:
            return None
    if point.summed:
        return (sum(found),) if found else None
    return tuple(found)


def plausible(point: Point, found: Sequence[float]) -> bool:
    """Whether all values lie in the point's range."""
    low = float("-inf") if point.low is None else point.low
    high = float("inf") if point.high is None else point.high
    return all(low <= value <= high for value in found)


def alike(one: Sequence[float], other: Sequence[float], *, exact: bool = False) -> bool:
    """Whether two readings say the same, within a few per cent; codes are the same or not."""
    if exact or len(one) != len(other):
        return tuple(one) == tuple(other)
    return all(abs(a - b) <= max(ALIKE_LEAST, ALIKE_SHARE * abs(b)) for a, b in zip(one, other, strict=True))


def _exponent(point: Point, block: Block, registers: Sequence[int]) -> int | None:
    if point.scale_at is None:
        return 0
    exponent = decode((registers[point.scale_at - block.address],), "sf")
    return int(exponent) if exponent is not None and abs(exponent) <= EXPONENT_MAX else None
