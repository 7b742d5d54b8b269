"""Records and bases as bytes.

A frame is a header of 32 bytes and a payload, padded to whole blocks. Its checksum covers generation and
sequence, so a stale record is recognised by its age and nothing ever needs erasing.
"""

import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from hems.journal.layout import BLOCK, FORMAT, SLOT
from hems.model.instant import Instant

_HEADER: Final = struct.Struct("<4sIIIBBHIQ")
"""Magic, CRC-32 of all that follows, generation, sequence, kind, encoding, format, payload bytes, wall ms."""

_AFTER_CRC: Final = 8
_RECORD: Final = b"HMJ1"
_BASE: Final = b"HMS1"
_PLAIN, _DEFLATED = 0, 1
_INFLATED_MAX: Final = 16 * 1024 * 1024


class Kind(IntEnum):
    """What a frame holds: changed fields, all of ledger and settings, or the whole state."""

    CHANGE = 1
    CHECKPOINT = 2
    BASE = 3


@dataclass(frozen=True, slots=True)
class Frame:
    """A sound frame. `wall_ms` is 0 if the clock was not trusted; `size` is what it takes before padding."""

    kind: Kind
    generation: int
    sequence: int
    format: int
    wall_ms: int
    payload: bytes
    size: int


def stamp_ms(now: Instant) -> int:
    """The time as frames carry it."""
    return int(now.wall.timestamp() * 1000) if now.trusted else 0


def pack(seed: int, generation: int, sequence: int, kind: Kind, payload: bytes, wall_ms: int = 0) -> bytes:
    """A frame, padded to whole blocks; deflated if that makes it smaller, a base always."""
    deflated = zlib.compress(payload)
    encoding = _DEFLATED if kind is Kind.BASE or len(deflated) < len(payload) else _PLAIN
    stored = deflated if encoding == _DEFLATED else payload
    return enclose(seed, generation, sequence, kind, stored, wall_ms, encoding)


def enclose(
    seed: int,
    generation: int,
    sequence: int,
    kind: Kind,
    stored: bytes,
    wall_ms: int = 0,
    encoding: int = _DEFLATED,
) -> bytes:
    """A frame around a payload that has its encoding already, padded to whole blocks."""
    magic = _BASE if kind is Kind.BASE else _RECORD
    header = _HEADER.pack(magic, 0, generation, sequence, kind, encoding, FORMAT, len(stored), wall_ms)
    checked = header[_AFTER_CRC:] + stored
    frame = magic + struct.pack("<I", zlib.crc32(checked, seed)) + checked
    return frame.ljust(-len(frame) % BLOCK + len(frame), b"\0")


def unpack(seed: int, stored: bytes | memoryview) -> Frame | None:
    """The frame at the start of `stored`, ``None`` if there is no sound one; never raises."""
    if len(stored) < _HEADER.size:
        return None
    magic, crc, generation, sequence, kind, encoding, version, length, wall_ms = _HEADER.unpack_from(stored)
    size = _HEADER.size + length
    if magic not in (_RECORD, _BASE) or size > len(stored):
        return None
    if crc != zlib.crc32(stored[_AFTER_CRC:size], seed):
        return None
    if kind not in tuple(Kind) or (kind == Kind.BASE) != (magic == _BASE):
        return None
    payload = (
        bytes(stored[_HEADER.size : size]) if encoding == _PLAIN else _inflate(stored[_HEADER.size : size])
    )
    if payload is None:
        return None
    return Frame(Kind(kind), generation, sequence, version, wall_ms, payload, size)


def verifies(seed: int, stored: bytes | memoryview, generation: int) -> bool:
    """Whether there is a sound base of this generation; cheaper than unpacking it."""
    if len(stored) < _HEADER.size:
        return False
    magic, crc, claimed, _, kind, _, _, length, _ = _HEADER.unpack_from(stored)
    size = _HEADER.size + length
    if (magic, claimed, kind) != (_BASE, generation, Kind.BASE) or size > len(stored):
        return False
    return bool(crc == zlib.crc32(memoryview(stored)[_AFTER_CRC:size], seed))


def claims(stored: bytes | memoryview, generation: int) -> bool:
    """Whether something damaged looks like a record of this generation."""
    if len(stored) < _HEADER.size:
        return False
    magic, _, claimed, *_ = _HEADER.unpack_from(stored)
    return bool(magic == _RECORD and claimed == generation)


def slots(size: int) -> int:
    """How many slots so many bytes take."""
    return -(-size // SLOT)


def _inflate(deflated: bytes | memoryview) -> bytes | None:
    inflater = zlib.decompressobj()
    try:
        payload = inflater.decompress(deflated, _INFLATED_MAX)
    except zlib.error:
        return None
    return payload if inflater.eof else None
