"""Modbus without wires: what a unit's registers answer to a request, and the frame around it."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

ACCEPTED: Final = 0
ILLEGAL_FUNCTION: Final = 1
ILLEGAL_ADDRESS: Final = 2
ILLEGAL_VALUE: Final = 3

READ_HOLDING: Final = 3
READ_INPUT: Final = 4
WRITE_ONE: Final = 6
WRITE_MANY: Final = 16
REFUSED: Final = 0x80


@dataclass(frozen=True, slots=True)
class Block:
    """A run of `count` registers from `address`, read by `function`; `image` yields them as bytes."""

    function: int
    address: int
    count: int
    image: Callable[[], bytes]

    def holds(self, function: int, address: int, count: int) -> bool:
        """Whether the whole request lies inside."""
        inside = self.address <= address and address + count <= self.address + self.count
        return self.function == function and inside


def refuse_write(address: int, values: tuple[int, ...]) -> int:
    """The write of a unit which has nothing to write."""
    return ILLEGAL_ADDRESS


def ignore() -> None:
    """What a unit does on an access which concerns nothing but its registers."""


def ignore_read(address: int, count: int) -> None:
    """What a unit does after an answered read which concerns nobody else."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A device as its registers.

    It begins an answer between the two seconds of `answer_s` after it has understood a request. `write` takes
    (address, values) and returns 0 or an exception code. `even` marks maps in which start and count must be
    even. `on_access` is called before every valid request is served, `on_read` with (address, count) when a
    read was answered unspoilt.
    """

    name: str
    blocks: tuple[Block, ...]
    answer_s: tuple[float, float] = (0.005, 0.005)
    writes_by: frozenset[int] = frozenset()
    write: Callable[[int, tuple[int, ...]], int] = refuse_write
    max_read: int = 125
    even: bool = False
    on_access: Callable[[], None] = ignore
    on_read: Callable[[int, int], None] = ignore_read


def reply(unit: Unit, request: bytes) -> bytes:
    """The answer's function code and data to the request's; a write has happened when it returns."""
    unit.on_access()
    function = request[0]
    if function in unit.writes_by:
        return _written(unit, request)
    if any(block.function == function for block in unit.blocks):
        return _read(unit, request)
    return refusal(function, ILLEGAL_FUNCTION)


def refusal(function: int, code: int) -> bytes:
    """An exception answer."""
    return bytes((function | REFUSED, code))


def _read(unit: Unit, request: bytes) -> bytes:
    function = request[0]
    if len(request) != 5:
        return refusal(function, ILLEGAL_VALUE)
    address, count = struct.unpack_from(">HH", request, 1)
    if not 1 <= count <= unit.max_read:
        return refusal(function, ILLEGAL_VALUE)
    block = next((block for block in unit.blocks if block.holds(function, address, count)), None)
    if block is None or (unit.even and (address % 2 or count % 2)):
        return refusal(function, ILLEGAL_ADDRESS)
    first = 2 * (address - block.address)
    return bytes((function, 2 * count)) + block.image()[first : first + 2 * count]


def _written(unit: Unit, request: bytes) -> bytes:
    function = request[0]
    one = function == WRITE_ONE and len(request) == 5
    many = function == WRITE_MANY and len(request) >= 8
    many = many and len(request) == 6 + request[5] and request[5] == 2 * int.from_bytes(request[3:5], "big")
    if not one and not many:
        return refusal(function, ILLEGAL_VALUE)
    data = request[3:] if one else request[6:]
    code = unit.write(int.from_bytes(request[1:3], "big"), struct.unpack(f">{len(data) // 2}H", data))
    return refusal(function, code) if code else request[:5]


def _crc_row(row: int) -> int:
    for _ in range(8):
        row = row >> 1 ^ 0xA001 if row & 1 else row >> 1
    return row


CRC_TABLE: Final = tuple(_crc_row(byte) for byte in range(256))


def crc16(data: bytes) -> bytes:
    """The CRC of Modbus RTU (polynomial 0xA001 reflected, start 0xFFFF), low byte first, as on the wire."""
    crc = 0xFFFF
    for byte in data:
        crc = crc >> 8 ^ CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc.to_bytes(2, "little")


def seal(number: int, pdu: bytes) -> bytes:
    """A whole frame of the unit `number`."""
    body = bytes((number,)) + pdu
    return body + crc16(body)


def is_sealed(frame: bytes) -> bool:
    """Whether this is a frame with a right CRC."""
    return len(frame) >= 4 and crc16(frame[:-2]) == frame[-2:]
