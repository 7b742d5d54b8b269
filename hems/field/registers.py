"""Registers ⇄ values. Bytes in a register are always big-endian; the order of registers is the maker's."""

import math
import struct
from collections.abc import Collection, Sequence
from typing import Final, Literal

WireType = Literal["u16", "s16", "u32", "s32", "f32", "acc32", "sf"]
"""Types on the wire. `acc32` is SunSpec's accumulator (0 = not there), `sf` its power-of-ten exponent."""

WordOrder = Literal["H", "L"]
"""Which register of a pair comes first: the most (H) or the least (L) significant."""

CODES: Final[dict[WireType, str]] = {
    "u16": ">H",
    "s16": ">h",
    "u32": ">I",
    "s32": ">i",
    "f32": ">f",
    "acc32": ">I",
    "sf": ">h",
}
NEVER_THERE: Final[dict[WireType, frozenset[int]]] = {"acc32": frozenset({0}), "sf": frozenset({0x8000})}
"""Bit patterns by which a type itself says "not implemented", whatever the device."""


def width(wire: WireType) -> int:
    """How many registers a value takes."""
    return struct.calcsize(CODES[wire]) // 2


def decode(
    registers: Sequence[int], wire: WireType, order: WordOrder = "H", absent: Collection[int] = ()
) -> float | None:
    """The value of exactly `width(wire)` registers; ``None`` for NaN, infinity and every absence mark.

    `absent` holds unsigned bit patterns as they are on the wire, most significant register first.
    """
    words = registers if order == "H" else list(reversed(registers))
    raw = b"".join(word.to_bytes(2, "big") for word in words)
    pattern = int.from_bytes(raw, "big")
    if pattern in absent or pattern in NEVER_THERE.get(wire, ()):
        return None
    value: float = struct.unpack(CODES[wire], raw)[0]
    return value if math.isfinite(value) else None


def encode(value: float, wire: WireType, order: WordOrder = "H") -> tuple[int, ...]:
    """The registers of a value; raises ``struct.error`` when the type cannot hold it."""
    raw = struct.pack(CODES[wire], value if wire == "f32" else round(value))
    words = struct.unpack(f">{len(raw) // 2}H", raw)
    return words if order == "H" else words[::-1]
