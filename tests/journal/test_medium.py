"""Files as media, and jobs on them (JRN-4, JRN-53)."""

import errno
import os
from pathlib import Path

import pytest

from hems.errors import BookError, BookInUse
from hems.journal.medium import Done, Job, OsMedium, perform
from hems.sim.media import FailingMedium, MemoryMedium


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "book"
    path.write_bytes(bytes(10_000))
    return path


def test_a_file_is_written_and_read_in_place(file: Path) -> None:
    medium = OsMedium(file)
    medium.pwrite(9_990, b"0123456789")
    medium.fdatasync()
    medium.drop_cache()
    assert medium.pread(9_988, 100) == b"\0\x000123456789"
    assert medium.size == 10_000
    medium.reopen()
    assert medium.pread(9_990, 3) == b"012"
    medium.close()
    medium.close()
    assert file.stat().st_size == 10_000


def test_a_second_writer_is_told_so_and_a_reader_is_not_hindered(file: Path) -> None:
    """JRN-4."""
    first = OsMedium(file)
    with pytest.raises(BookInUse, match="another process has the book open"):
        OsMedium(file)
    reader = OsMedium(file, writable=False)
    assert reader.pread(0, 2) == b"\0\0"
    reader.close()
    first.close()
    OsMedium(file).close()


def test_a_missing_book_names_the_remedy(tmp_path: Path) -> None:
    """JRN-2."""
    with pytest.raises(BookError, match="no book; make one with: hems journal create /"):
        OsMedium(tmp_path / "book")
    with pytest.raises(BookError, match="cannot be opened"):
        OsMedium(tmp_path)


def test_a_job_writes_before_it_reads_back() -> None:
    medium = MemoryMedium(bytes(100))
    assert perform(medium, Job(4, 10, b"abc", read_bytes=5)) == Done(4, b"abc\0\0")
    assert perform(medium, Job(5, 10, read_bytes=2)) == Done(5, b"ab")
    assert perform(medium, Job(6, 10, b"x")) == Done(6)


@pytest.mark.parametrize("operation", ["reopen", "pwrite", "fdatasync", "pread"])
def test_an_error_of_the_medium_is_part_of_the_answer(operation: str) -> None:
    medium = FailingMedium(bytes(100), lambda asked: errno.EIO if asked == operation else 0)
    done = perform(medium, Job(1, 0, b"abc", read_bytes=3, reopen=True))
    assert done == Done(1, error="Input/output error")


def test_a_full_book_is_an_error_too() -> None:
    assert perform(MemoryMedium(bytes(2)), Job(1, 0, b"abc")).error == "No space left on device"


def test_a_book_that_vanished_is_an_error_in_words(file: Path) -> None:
    medium = OsMedium(file)
    file.unlink()
    assert "no book" in perform(medium, Job(1, 0, b"abc", reopen=True)).error
    assert perform(medium, Job(2, 0, b"abc")).error == "Bad file descriptor"


def test_what_is_no_file_is_refused_in_words(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "book")
    with pytest.raises(BookError, match="is neither a file nor a block device"):
        OsMedium(tmp_path / "book")
