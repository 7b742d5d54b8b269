"""Where things lie in a book (JRN-1)."""

import pytest

from hems.journal.layout import SLOT, Layout, find_layout, pack_header, unpack_header
from tests.journal.books import SMALL, blank


def test_a_book_has_two_headers_and_two_pairs() -> None:
    layout = Layout(bytes(16))
    assert layout.base_offset(0) == 8_192
    assert layout.slot_offset(0, 0) == 8_192 + 1_572_864
    assert layout.base_offset(1) == 8_192 + 1_572_864 + 2_097_152
    assert layout.slot_offset(1, 511) + SLOT == layout.size
    assert layout.slots == 512


def test_a_header_tells_its_layout() -> None:
    assert unpack_header(pack_header(SMALL)) == SMALL
    assert len(pack_header(SMALL)) == SLOT


def test_one_sound_header_is_enough() -> None:
    image = bytearray(blank())
    image[0:64] = bytes(64)
    assert find_layout(bytes(image)) == SMALL
    image[SLOT : SLOT + 64] = bytes(64)
    assert find_layout(bytes(image)) is None


@pytest.mark.parametrize("at", range(40))
def test_a_header_with_one_wrong_byte_is_none(at: int) -> None:
    header = bytearray(pack_header(SMALL))
    header[at] ^= 0x10
    assert unpack_header(bytes(header)) is None


def test_a_short_header_is_none() -> None:
    assert unpack_header(pack_header(SMALL)[:39]) is None
    assert find_layout(b"") is None
