"""Registers ⇄ values. Bytes in a register are always big-endian; the order of registers is the maker's."""

import math
import struct
from collections.abc import Collection, Sequence
from typing import Final, Literal

WireType = Literal["bool", "u16", "s16", "u32", "s32", "u64", "s64", "f32", "f64", "acc32", "sf"]
"""Types on the wire. `bool` is one bit, `acc32` SunSpec's accumulator (0 = absent), `sf` its power of ten."""

WordOrder = Literal["H", "L"]
"""Which register of a value comes first: the most (H) or the least (L) significant."""

CODES: Final[dict[WireType, str]] = {
    "bool": ">H",
    "u16": ">H",
    "s16": ">h",
    "u32": ">I",
    "s32": ">i",
    "u64": ">Q",
    "s64": ">q",
    "f32": ">f",
    "f64": ">d",
    "acc32": ">I",
    "sf": ">h",
}
FLOATS: Final[frozenset[WireType]] = frozenset({"f32", "f64"})
NEVER_THERE: Final[dict[WireType, frozenset[int]]] = {"acc32": frozenset({0}), "sf": frozenset({0x8000})}
"""Bit patterns by which a type itself says "not implemented", whatever the device."""


def width(wire: WireType) -> int:
    """How many registers (or bits) a value takes."""
    return struct.calcsize(CODES[wire]) // 2


def decode(
    registers: Sequence[int],
    wire: WireType,
    order: WordOrder = "H",
    *,
    mask: int = 0,
    zeros: Collection[int] = (),
    absent: Collection[int] = (),
) -> float | None:
    """The value of exactly `width(wire)` registers; ``None`` for NaN, infinity and every absence mark.

    `mask` picks bits, shifted down to the lowest of them, as an unsigned number. `zeros` and `absent` hold
    unsigned bit patterns as they are on the wire, most significant register first, after the mask.
    """
    words = registers if order == "H" else list(reversed(registers))
    raw = b"".join(word.to_bytes(2, "big") for word in words)
    pattern = int.from_bytes(raw, "big")
    if mask:
        pattern = (pattern & mask) // (mask & -mask)
    if pattern in absent or pattern in NEVER_THERE.get(wire, ()):
        return None
    if pattern in zeros:
        return 0.0
    value: float = pattern if mask else struct.unpack(CODES[wire], raw)[0]
    return value if math.isfinite(value) else None


def encode(value: float, wire: WireType, order: WordOrder = "H") -> tuple[int, ...]:
    """The registers of a value; raises ``struct.error`` when the type cannot hold it."""
    raw = struct.pack(CODES[wire], value if wire in FLOATS else round(value))
    words = struct.unpack(f">{len(raw) // 2}H", raw)
    return words if order == "H" else words[::-1]
