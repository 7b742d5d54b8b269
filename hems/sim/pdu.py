"""Modbus without wires and frames: what a unit's registers and coils answer to a request."""

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

ACCEPTED: Final = 0
ILLEGAL_FUNCTION: Final = 1
ILLEGAL_ADDRESS: Final = 2
ILLEGAL_VALUE: Final = 3
DEVICE_FAILURE: Final = 4

READ_COILS: Final = 1
READ_DISCRETE: Final = 2
READ_HOLDING: Final = 3
READ_INPUT: Final = 4
WRITE_COIL: Final = 5
WRITE_ONE: Final = 6
WRITE_COILS: Final = 15
WRITE_MANY: Final = 16
REFUSED: Final = 0x80

BIT_READS: Final = frozenset({READ_COILS, READ_DISCRETE})
READS: Final = frozenset({READ_COILS, READ_DISCRETE, READ_HOLDING, READ_INPUT})
WRITES: Final = frozenset({WRITE_COIL, WRITE_ONE, WRITE_COILS, WRITE_MANY})
MOST_BITS: Final = 2000
COIL_ON: Final = 0xFF00
BROADCAST: Final = 0


@dataclass(frozen=True, slots=True)
class Block:
    """A run of `count` registers or bits from `address`, read by `function`.

    `image` yields them: two bytes a register, one byte (0 or 1) a bit. A `whole` block can only be read as it
    is, not in parts.
    """

    function: int
    address: int
    count: int
    image: Callable[[], bytes]
    whole: bool = False

    def holds(self, function: int, address: int, count: int) -> bool:
        """Whether the whole request lies inside."""
        if self.whole:
            return (function, address, count) == (self.function, self.address, self.count)
        inside = self.address <= address and address + count <= self.address + self.count
        return self.function == function and inside


def refuse_write(address: int, values: tuple[int, ...]) -> int:
    """The write of a unit which has nothing to write."""
    return ILLEGAL_ADDRESS


def ignore() -> None:
    """What a unit does on an access which concerns nothing but its registers."""


def ignore_read(address: int, count: int) -> None:
    """What a unit does after an answered read which concerns nobody else."""


def always() -> bool:
    """Whether a unit that never sleeps answers."""
    return True


@dataclass(frozen=True, slots=True)
class Unit:
    """A device as its registers and coils.

    It begins an answer between the two seconds of `answer_s` after it has understood a request. `write` takes
    (address, values) of registers, `write_bits` of coils; both return 0 or an exception code. `even` marks
    maps in which start and count must be even. `on_access` is called before every valid request is served,
    `on_read` with (address, count) when a read was answered so that it may be accepted, `on_restart` when its
    supply fails.

    It answers while `awake` is true. With `wake_after_s` it sleeps after so long a silence on the line: the
    first request then only wakes it. `start` begins its ASCII answers. One that is `curt` meets refused
    requests with silence, but for writes of a wrong value; one with `low_address` repeats the low byte of the
    address in place of a read's first data byte; one that is `found` answers a broadcast read.
    """

    name: str
    blocks: tuple[Block, ...]
    answer_s: tuple[float, float] = (0.005, 0.005)
    writes_by: frozenset[int] = frozenset()
    write: Callable[[int, tuple[int, ...]], int] = refuse_write
    write_bits: Callable[[int, tuple[int, ...]], int] = refuse_write
    max_read: int = 125
    even: bool = False
    on_access: Callable[[], None] = ignore
    on_read: Callable[[int, int], None] = ignore_read
    on_restart: Callable[[], None] = ignore
    awake: Callable[[], bool] = always
    wake_after_s: float = math.inf
    start: str = ":"
    curt: bool = False
    low_address: bool = False
    found: bool = False


def reply(unit: Unit, request: bytes) -> bytes:
    """The answer's function code and data to the request's, b"" for none; a write has happened then."""
    unit.on_access()
    function = request[0]
    answer = refusal(function, ILLEGAL_FUNCTION)
    if function in unit.writes_by:
        answer = _written(unit, request)
    elif any(block.function == function for block in unit.blocks):
        answer = _read(unit, request)
    if unit.curt and answer[0] & REFUSED and answer[1] != DEVICE_FAILURE:
        return b""
    if unit.low_address and function in READS and not answer[0] & REFUSED:
        return answer[:2] + request[2:3] + answer[3:]
    return answer


def refusal(function: int, code: int) -> bytes:
    """An exception answer."""
    return bytes((function | REFUSED, code))


def _read(unit: Unit, request: bytes) -> bytes:
    function = request[0]
    if len(request) != 5:
        return refusal(function, ILLEGAL_VALUE)
    address, count = struct.unpack_from(">HH", request, 1)
    if not 1 <= count <= (MOST_BITS if function in BIT_READS else unit.max_read):
        return refusal(function, ILLEGAL_VALUE)
    block = next((block for block in unit.blocks if block.holds(function, address, count)), None)
    if block is None or (unit.even and (address % 2 or count % 2)):
        return refusal(function, ILLEGAL_ADDRESS)
    first, image = address - block.address, block.image()
    if function in BIT_READS:
        data = _packed(image[first : first + count])
    else:
        data = image[2 * first : 2 * (first + count)]
    return bytes((function, len(data))) + data


def _written(unit: Unit, request: bytes) -> bytes:
    function = request[0]
    values = _one(request) if function in {WRITE_COIL, WRITE_ONE} else _many(request)
    if values is None:
        return refusal(function, ILLEGAL_VALUE)
    write = unit.write_bits if function in {WRITE_COIL, WRITE_COILS} else unit.write
    code = write(int.from_bytes(request[1:3], "big"), values)
    return refusal(function, code) if code else request[:5]


def _one(request: bytes) -> tuple[int, ...] | None:
    """The value of a write of one register or coil; ``None`` if the request is malformed."""
    if len(request) != 5:
        return None
    word = int.from_bytes(request[3:5], "big")
    if request[0] == WRITE_ONE:
        return (word,)
    return (int(word == COIL_ON),) if word in {0, COIL_ON} else None


def _many(request: bytes) -> tuple[int, ...] | None:
    """The values of a write of several; ``None`` if the request is malformed."""
    if len(request) < 7 or len(request) != 6 + request[5]:
        return None
    count, data = int.from_bytes(request[3:5], "big"), request[6:]
    if request[0] == WRITE_MANY:
        return struct.unpack(f">{count}H", data) if len(data) == 2 * count else None
    bits = int.from_bytes(data, "little")
    return tuple(bits >> place & 1 for place in range(count)) if len(data) == (count + 7) // 8 else None


def _packed(bits: bytes) -> bytes:
    """Bits as the wire carries them: eight a byte, the first one lowest."""
    number = sum(bit << place for place, bit in enumerate(bits))
    return number.to_bytes((len(bits) + 7) // 8, "little")
