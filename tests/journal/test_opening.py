"""Which book the service uses (JRN-2, JRN-24, JRN-25)."""

import errno
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hems.errors import BookInUse
from hems.journal.book import create
from hems.journal.layout import HEADER_OFFSETS, SLOT, pack_header
from hems.journal.medium import OsMedium
from hems.journal.opening import Opened, UnmadeBook, book_of, keep_copies, opened
from hems.journal.recover import Recovery, recover
from hems.sim.media import FailingMedium, MemoryMedium
from tests.journal.books import SMALL, blank

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
NEWER = pack_header(replace(SMALL, format=2))


def small(path: Path) -> Path:
    create(path, base_bytes=4 * SLOT, log_bytes=24 * SLOT)
    return path


def test_a_sound_book_is_used(tmp_path: Path) -> None:
    small(tmp_path / "book")
    for path in (tmp_path, tmp_path / "book"):
        found = opened(path)
        found.medium.close()
        assert (found.file, found.folder) == (tmp_path / "book", tmp_path)
        assert (found.unreadable, found.rescue_left) == ("", False)
    small(tmp_path / "book.rescue")
    left = opened(tmp_path)
    left.medium.close()
    assert left.rescue_left
    assert book_of(tmp_path / "absent") == tmp_path / "absent" / "book"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no book; make one with: hems journal create "),
        (b"", "both headers are damaged, or it is no book"),
        (b"something else", "both headers are damaged, or it is no book"),
        (NEWER * len(HEADER_OFFSETS) + blank()[2 * SLOT :], "it was written by a newer program"),
        (blank()[: 2 * SLOT] + bytes(SMALL.size - 2 * SLOT), "no base and no record is sound"),
    ],
)
def test_beside_a_book_that_cannot_be_used_there_is_a_rescue_book(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    """JRN-25: the unreadable book is not touched, and the rescue book is found again at the next start."""
    book = tmp_path / "book"
    if content is not None:
        book.write_bytes(content)
    for _ in range(2):
        found = opened(tmp_path)
        assert found.file == tmp_path / "book.rescue"
        assert words in found.unreadable
        assert not found.recovery.unreadable
        with pytest.raises(BookInUse):
            opened(tmp_path)
        found.medium.close()
    assert (book.read_bytes() if content is not None else None) == content


def test_a_book_in_use_is_no_reason_for_a_rescue(tmp_path: Path) -> None:
    """JRN-4."""
    held = OsMedium(small(tmp_path / "book"))
    with pytest.raises(BookInUse):
        opened(tmp_path)
    held.close()
    assert not (tmp_path / "book.rescue").exists()


def test_a_card_that_cannot_be_read_is_no_exception(tmp_path: Path) -> None:
    found = opened(tmp_path, FailingMedium(blank(), lambda asked: errno.EIO * (asked == "pread")))
    found.medium.close()
    assert "Input/output error" in found.unreadable
    assert found.file == tmp_path / "book.rescue"


def test_where_nothing_can_be_made_counting_goes_on_in_memory(tmp_path: Path) -> None:
    """A folder that is not there: the rescue book is made as soon as the card takes it."""
    folder = tmp_path / "absent"
    found = opened(folder)
    assert "no book" in found.unreadable
    assert "book.rescue: cannot be made" in found.unreadable
    medium = found.medium
    assert isinstance(medium, UnmadeBook)
    medium.drop_cache()
    medium.close()
    with pytest.raises(OSError, match=r"book\.rescue could not be made") as caught:
        medium.pwrite(0, b"x")
    assert caught.value.errno == errno.EROFS
    with pytest.raises(OSError, match="could not be made"):
        medium.fdatasync()
    folder.mkdir()
    medium.reopen()
    medium.reopen()
    assert medium.pread(0, medium.size) == found.image == (folder / "book.rescue").read_bytes()
    medium.pwrite(medium.size - 4, b"tail")
    medium.fdatasync()
    medium.drop_cache()
    medium.close()
    assert (folder / "book.rescue").read_bytes().endswith(b"tail")
    again = opened(folder)
    again.medium.close()
    assert again.layout == found.layout


def test_an_unreadable_rescue_book_is_not_touched_either(tmp_path: Path) -> None:
    (tmp_path / "book.rescue").write_bytes(b"rubbish")
    found = opened(tmp_path)
    found.medium.close()
    assert isinstance(found.medium, UnmadeBook)
    assert (tmp_path / "book.rescue").read_bytes() == b"rubbish"


def test_what_will_be_written_over_is_copied(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """JRN-24, JRN-81: the damaged pair, or everything a newer program wrote."""
    image = blank()
    found = Opened(tmp_path / "book", tmp_path, MemoryMedium(image), SMALL, image, Recovery())
    keep_copies(found, AT)
    keep_copies(replace(found, folder=None, recovery=Recovery(truncated=True)), AT)
    assert list(tmp_path.iterdir()) == []
    keep_copies(replace(found, recovery=Recovery(lost=(1,), newer=2)), AT)
    begin = SMALL.base_offset(0)
    assert (tmp_path / "book.damaged-2026-11-24").read_bytes() == image[begin : begin + SMALL.pair_bytes]
    assert (tmp_path / "book.newer-2026-11-24").read_bytes() == image
    keep_copies(replace(found, file=tmp_path / "no" / "book", recovery=Recovery(lost=(1,))), AT)
    assert "could not be copied" in caplog.text


def test_a_read_only_file_system_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """JRN-54: nothing is lost by it, and re-opening tries again."""
    path, real = small(tmp_path / "book"), os.open
    read_only = True

    def refusing(name: Path, flags: int) -> int:
        if read_only and flags & os.O_RDWR:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return real(name, flags)

    monkeypatch.setattr(os, "open", refusing)
    found = opened(path)
    assert not found.unreadable
    assert not recover(found.image).unreadable
    with pytest.raises(OSError, match="Read-only file system"):
        found.medium.pwrite(0, b"x")
    read_only = False
    found.medium.reopen()
    found.medium.pwrite(0, found.image[:1])
    found.medium.close()
