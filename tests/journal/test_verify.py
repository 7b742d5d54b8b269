"""What a book holds and what it has lost, in words (JRN-82)."""

import errno
import os
import struct
import zlib
from pathlib import Path

import pytest

from hems.errors import BookError
from hems.journal.medium import OsMedium
from hems.journal.recover import recover
from hems.journal.storage import JournalStorage
from hems.journal.verify import examined, read_documents
from hems.sim.media import MemoryMedium
from tests.journal.books import SMALL, blank


def image(records: int = 6) -> bytearray:
    medium = MemoryMedium(blank())
    tables = JournalStorage("book", medium=medium)
    for n in range(records):
        row = {
            "name": "hp1",
            "counters.heating": {"total": n, "windows": {}, "previous": {}, "limbo": 0, "since": None},
        }
        tables.write({"ledger": {"1": row}})
    return bytearray(medium.image)


def test_a_sound_book_in_use(tmp_path: Path) -> None:
    path = tmp_path / "book"
    path.write_bytes(image())
    held = OsMedium(path)
    found = examined(tmp_path)
    assert found.code == 0
    assert found.lines == (
        f"{path}: book {SMALL.book_id.hex()}, format 1",
        f"generation 1, base of {recover(bytes(image())).base_bytes} bytes",
        "6 records, 18 of 24 slots free",
        "ledger: 1",
    )
    assert found.ledger is not None
    assert found.ledger.counters["hp1.heating"].total == 5
    documents, book_id = read_documents(tmp_path)
    assert (len(documents["ledger"]), book_id) == (1, SMALL.book_id.hex())
    held.close()
    assert path.read_bytes() == image()


def spoiled(*places: int, cut: int = 0) -> bytes:
    content = image()
    for place in places:
        content[place] ^= 1
    return bytes(content[: len(content) - cut])


def with_newer() -> bytes:
    """A record behind the last one that a newer program wrote."""
    content = image()
    rest = struct.pack("<IIBBHIQ", 1, 7, 1, 0, 2, 2, 0) + b"{}"
    frame = b"HMJ1" + struct.pack("<I", zlib.crc32(rest, SMALL.seed)) + rest
    at = SMALL.slot_offset(0, 6)
    content[at : at + len(frame)] = frame
    return bytes(content)


BASE, LAST = SMALL.base_offset(0) + 40, SMALL.slot_offset(0, 5) + 40


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (spoiled(SMALL.slot_offset(0, 3) + 40), 1, "lost: 3 records, number 4, 5, 6"),
        (spoiled(LAST), 0, "cut off: the last record"),
        (spoiled(BASE), 1, "damaged: the newest base"),
        (spoiled(BASE), 1, "lost: all lists"),
        (with_newer(), 1, "left out: 1 records of a newer program"),
        (spoiled(cut=4096), 1, "damaged: the book is shorter"),
        (spoiled(0, 4096), 2, "both headers are damaged"),
    ],
)
def test_damage_has_its_words_and_its_code(tmp_path: Path, content: bytes, code: int, words: str) -> None:
    (tmp_path / "book").write_bytes(content)
    found = examined(tmp_path)
    assert found.code == code
    assert any(words in line for line in found.lines)
    assert (found.ledger is None) == (code == 2)
    if code == 2:
        with pytest.raises(BookError, match=words):
            read_documents(tmp_path)


def test_a_missing_book_a_spoiled_document_a_rescue_book(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert examined(tmp_path).code == 2
    assert "no book" in examined(tmp_path).lines[0]
    medium = MemoryMedium(bytes(image()))
    JournalStorage("book", medium=medium).write(
        {"settings": {"1": {"name": "charger.x", "mode": "warp"}}, "ledger": {"1": {"name": "hp1"}}}
    )
    (tmp_path / "book").write_bytes(medium.image)
    (tmp_path / "book.rescue").write_bytes(b"")
    found = examined(tmp_path)
    assert found.code == 1
    assert any(line.startswith("settings of charger.x: mode is ignored") for line in found.lines)
    assert found.lines[-1] == "book.rescue lies beside it"

    def refused(*_: object) -> bytes:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "pread", refused)
    assert examined(tmp_path).code == 2
    with pytest.raises(BookError, match="Input/output error"):
        read_documents(tmp_path)
