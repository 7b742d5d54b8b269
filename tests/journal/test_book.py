"""A book in use: slots, recycling, failures (JRN-1, JRN-11, JRN-30, JRN-31, JRN-53)."""

import errno
import os
from collections.abc import Callable
from itertools import count
from pathlib import Path
from random import Random

import pytest

from hems.errors import BookError
from hems.journal import change
from hems.journal.book import ALLOWED, BASE_AGE_MS, SLOTS_SPARE, Book, Stage, create
from hems.journal.frame import Kind
from hems.journal.layout import SLOT, Layout
from hems.journal.medium import Done, Job, perform
from hems.journal.recover import recover
from hems.sim.media import FailingMedium, MemoryMedium, RecordingMedium
from tests.journal.books import SMALL, Notebook, blank, numbered, state_of

RANDOM_TEXT = Random("large").randbytes(90_000).hex()


def opened(image: bytes | None = None) -> Book:
    recovery = recover(image or blank())
    assert recovery.layout is not None
    return Book(recovery.layout, recovery)


def once(failing_at: int) -> Callable[[str], int]:
    """The n-th operation fails, the others do not."""
    calls = count()
    return lambda _operation: errno.EIO if next(calls) == failing_at else 0


def test_no_transition_but_the_allowed_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stages as drawn, over a life with every kind of failure."""
    seen: set[tuple[Stage, Stage]] = set()
    enter = Book._enter

    def watched(self: Book, stage: Stage) -> None:
        seen.add((self.stage, stage))
        enter(self, stage)

    monkeypatch.setattr(Book, "_enter", watched)
    for failing_at in range(60):
        notebook = Notebook(MemoryMedium(blank()))
        notebook.medium = FailingMedium(blank(), once(failing_at))
        for n in range(20):
            notebook.store(numbered(n))
    assert {(before, after) for before, afters in ALLOWED.items() for after in afters} == seen


def test_a_slot_is_written_once_between_two_recyclings() -> None:
    """JRN-11: no acknowledged record is ever written over before its pair is recycled."""
    medium = RecordingMedium(blank())
    notebook = Notebook(medium)
    written: dict[int, set[int]] = {}
    for n in range(1, 60):
        begin = len(medium.writes)
        assert notebook.store(numbered(n, long=n % 9 == 0))
        for write in medium.writes[begin:]:
            pages = set(range(write.offset // SLOT, -(-(write.offset + len(write.data)) // SLOT)))
            if write.data[:4] == b"HMS1":
                written[notebook.book.place.pair] = set()
            taken = written.setdefault(notebook.book.place.pair, set())
            assert not taken & pages
            taken |= pages
    assert notebook.book.place.generation > 4


def test_a_new_base_is_wanted_when_the_log_is_nearly_full_or_the_base_is_old() -> None:
    """JRN-30."""
    notebook = Notebook(MemoryMedium(blank()))
    n = 0
    while not notebook.book.wants_base(0):
        n += 1
        assert notebook.store(numbered(n))
    assert n == SMALL.slots - SLOTS_SPARE + 1
    job: Job | None = notebook.book.rebase(b"{}", b"{}", 1_000)
    while job is not None:
        job = notebook.book.advance(perform(notebook.medium, job))
    assert not notebook.book.wants_base(1_000 + BASE_AGE_MS)
    assert not notebook.book.wants_base(0)
    assert notebook.book.wants_base(1_001 + BASE_AGE_MS)


def test_a_new_base_goes_to_the_other_pair_and_is_read_back() -> None:
    """JRN-31: verify, write, sync, read back, and only then the first record of the new log."""
    book = opened()
    check = book.rebase(b'{"a":{}}', b"{}", 0)
    assert (check.offset, check.data, check.read_bytes > 0) == (SMALL.base_offset(0), b"", True)
    base = book.advance(perform(MemoryMedium(blank()), check))
    assert base is not None
    assert (base.offset, base.read_bytes) == (SMALL.base_offset(1), len(base.data))
    assert (base.data[:4], book.place.pair) == (b"HMS1", 0)
    first = book.advance(Done(base.ticket, base.data))
    assert first is not None
    assert (first.offset, first.data[:4], book.place.pair) == (SMALL.slot_offset(1, 0), b"HMJ1", 1)
    assert book.advance(Done(first.ticket)) is None
    assert (book.stage, book.place.generation, book.place.sequence, book.place.slot) == (Stage.READY, 2, 2, 1)


@pytest.mark.parametrize("answer", [Done(1, bytes(1_024)), Done(1, error="Input/output error"), Done(1, b"")])
def test_a_base_that_does_not_verify_is_the_one_to_be_overwritten(answer: Done) -> None:
    """JRN-31: a new base never replaces the last readable base."""
    book = opened()
    book.rebase(b"{}", b"{}", 0)
    base = book.advance(answer)
    assert base is not None
    assert base.offset == SMALL.base_offset(0)


def test_a_base_of_another_generation_does_not_verify() -> None:
    book = opened()
    other = Notebook(MemoryMedium(blank()))
    while other.book.place.generation < 3:
        other.store(numbered(other.book.place.slot))
    book.rebase(b"{}", b"{}", 0)
    base = book.advance(Done(1, other.medium.pread(SMALL.base_offset(0), 4 * SLOT)))
    assert base is not None
    assert base.offset == SMALL.base_offset(0)


@pytest.mark.parametrize("words", ["Input/output error", ""])
def test_a_base_that_does_not_read_back_fails(words: str) -> None:
    book = opened()
    check = book.rebase(b"{}", b"{}", 0)
    book.advance(perform(MemoryMedium(blank()), check))
    assert book.advance(Done(2, b"something else", words)) is None
    assert book.stage is Stage.FAILED
    assert book.error == (words or "what was written does not read back")
    assert book.place.generation == 1


def test_after_a_failure_only_a_new_base_on_a_re_opened_medium_leads_on() -> None:
    """JRN-53: not acknowledged, its slot not used again, a greater generation each time."""
    book = opened()
    first = book.record(Kind.CHECKPOINT, b"{}", 0)
    assert first is not None
    assert book.busy
    assert book.advance(Done(first.ticket, error="No space left on device")) is None
    assert (book.stage, book.error, book.busy) == (Stage.FAILED, "No space left on device", False)
    check = book.rebase(b"{}", b"{}", 0)
    assert check.reopen
    base = book.advance(perform(MemoryMedium(blank()), check))
    assert isinstance(base, Job)
    assert book.advance(Done(base.ticket, error="Input/output error")) is None
    medium = MemoryMedium(blank())
    job: Job | None = book.rebase(b'{"ledger":{}}', b'{"ledger":{}}', 0)
    while job is not None:
        job = book.advance(perform(medium, job))
    recovery = recover(bytes(medium.image))
    assert (book.stage, book.error, recovery.generation) == (Stage.READY, "", 3)


def test_an_answer_that_nobody_waits_for_changes_nothing() -> None:
    book = opened()
    assert book.advance(Done(0)) is None
    assert book.stage is Stage.READY
    job = book.record(Kind.CHECKPOINT, b"{}", 0)
    assert job is not None
    assert book.advance(Done(job.ticket - 1)) is None
    assert book.busy


def test_a_large_change_becomes_a_base() -> None:
    """JRN-11: more than 64 KiB, or more than the log has room for."""
    large = Notebook(MemoryMedium(blank(Layout(bytes(16), 40 * SLOT, 40 * SLOT))))
    assert large.book.record(Kind.CHANGE, b"x" * 70_000, 0) is not None  # deflates to nothing
    noise = change.payload({"a": {"1": {"x": change.encode(RANDOM_TEXT)}}})
    assert opened(blank(Layout(bytes(16), 40 * SLOT, 40 * SLOT))).record(Kind.CHANGE, noise, 0) is None


def test_a_state_that_does_not_fit_is_refused_in_words() -> None:
    book = opened()
    with pytest.raises(BookError, match="too large for the book"):
        book.rebase(change.payload({"a": {"1": {"x": change.encode(RANDOM_TEXT)}}}), b"{}", 0)
    assert book.stage is Stage.READY


def test_creating_makes_a_whole_book_once(tmp_path: Path) -> None:
    """JRN-1, JRN-2: real zeros in full size; a book is never replaced."""
    path = tmp_path / "book"
    create(path, base_bytes=4 * SLOT, log_bytes=8 * SLOT)
    image = path.read_bytes()
    assert len(image) == 2 * SLOT + 2 * 12 * SLOT
    assert path.stat().st_blocks * 512 >= len(image)
    recovery = recover(image)
    assert (state_of(recovery), recovery.generation, recovery.damaged) == ({}, 1, False)
    with pytest.raises(BookError, match="exists already"):
        create(path)
    assert path.read_bytes() == image
    with pytest.raises(BookError, match="No such file or directory"):
        create(tmp_path / "nowhere" / "book")


def test_no_two_books_have_the_same_id(tmp_path: Path) -> None:
    ids = []
    for name in ("one", "two"):
        create(tmp_path / name, base_bytes=SLOT, log_bytes=SLOT)
        layout = recover((tmp_path / name).read_bytes()).layout
        assert layout is not None
        ids.append(layout.book_id)
    assert ids[0] != ids[1]


def test_a_book_that_could_not_be_finished_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """JRN-1, JRN-2: a full disk in the middle leaves nothing that a later start would take for a book."""

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BookError, match="cannot be made"):
        create(tmp_path / "book", base_bytes=SLOT, log_bytes=SLOT)
    assert list(tmp_path.iterdir()) == []


def test_a_book_that_appears_meanwhile_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """JRN-2: two creations at once; the one that comes last finds a book and leaves it."""
    path = tmp_path / "book"
    create(path, base_bytes=SLOT, log_bytes=SLOT)
    before = path.read_bytes()
    monkeypatch.setattr(Path, "exists", lambda _: False)
    with pytest.raises(BookError, match="a book is never replaced"):
        create(path, base_bytes=SLOT, log_bytes=SLOT)
    assert path.read_bytes() == before
