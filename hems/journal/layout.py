"""Where things lie in a book: two headers, then two pairs of a base and a log.

A book never grows, shrinks or moves once it has been created with real zeros, so a full disk cannot hit a
record and no directory entry is ever at risk.
"""

import struct
import zlib
from dataclasses import dataclass
from typing import Final

SLOT: Final = 4096
"""Every record starts on its own slot: what a cut does to a page in flight touches one record only."""

BLOCK: Final = 1024
"""Records are padded to whole blocks, the smallest unit a small-block file system writes."""

HEADER_OFFSETS: Final = (0, SLOT)
FIRST_PAIR: Final = 2 * SLOT
BASE_BYTES: Final = 1_572_864
LOG_BYTES: Final = 2_097_152
FORMAT: Final = 1
"""Format of header, records and documents; a greater one was written by a newer program."""

_MAGIC: Final = b"HEMSBOOK"
_HEADER: Final = struct.Struct("<8sIIII16s")
"""Magic, CRC-32 of all that follows, format, bytes of a base, bytes of a log, book id."""

_AFTER_CRC: Final = 12


@dataclass(frozen=True, slots=True)
class Layout:
    """The sizes of one book; `book_id` has 16 bytes and seeds every checksum in it."""

    book_id: bytes
    base_bytes: int = BASE_BYTES
    log_bytes: int = LOG_BYTES
    format: int = FORMAT

    @property
    def seed(self) -> int:
        """What checksums of this book begin with, so that no record of another book is ever valid here."""
        return zlib.crc32(self.book_id)

    @property
    def pair_bytes(self) -> int:
        """Size of a base and its log."""
        return self.base_bytes + self.log_bytes

    @property
    def size(self) -> int:
        """Size of the whole book."""
        return FIRST_PAIR + 2 * self.pair_bytes

    @property
    def slots(self) -> int:
        """Slots of one log."""
        return self.log_bytes // SLOT

    def base_offset(self, pair: int) -> int:
        """Where the base of pair 0 or 1 begins."""
        return FIRST_PAIR + pair * self.pair_bytes

    def slot_offset(self, pair: int, slot: int) -> int:
        """Where a slot of the log of pair 0 or 1 begins."""
        return self.base_offset(pair) + self.base_bytes + slot * SLOT


def pack_header(layout: Layout) -> bytes:
    """A header, padded to its slot."""
    rest = _HEADER.pack(_MAGIC, 0, layout.format, layout.base_bytes, layout.log_bytes, layout.book_id)[
        _AFTER_CRC:
    ]
    return (_MAGIC + struct.pack("<I", zlib.crc32(rest)) + rest).ljust(SLOT, b"\0")


def unpack_header(header: bytes) -> Layout | None:
    """The layout that a header tells, ``None`` if it is damaged or none."""
    if len(header) < _HEADER.size:
        return None
    magic, crc, version, base_bytes, log_bytes, book_id = _HEADER.unpack_from(header)
    if magic != _MAGIC or crc != zlib.crc32(header[_AFTER_CRC : _HEADER.size]):
        return None
    return Layout(book_id, base_bytes, log_bytes, version)


def find_layout(image: bytes) -> Layout | None:
    """The layout by the first of the two headers that is sound."""
    found = (unpack_header(image[offset : offset + SLOT]) for offset in HEADER_OFFSETS)
    return next((layout for layout in found if layout is not None), None)
