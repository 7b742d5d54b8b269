"""The door for TinyDB (JRN-70 to JRN-73)."""

import errno
import math
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tinydb import Query, TinyDB, where
from tinydb.operations import delete, increment

from hems.clock import ManualClock
from hems.errors import BookError, BookInUse
from hems.journal.book import create
from hems.journal.journal import Journal, create_book
from hems.journal.layout import SLOT
from hems.journal.storage import JournalStorage
from hems.model.ledger import Counter, Event, Ledger
from hems.model.settings import Settings
from hems.reactor import Reactor
from hems.sim.media import FailingMedium, MemoryMedium
from tests.journal.books import SMALL, blank


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book"
    create(path, base_bytes=8 * SLOT, log_bytes=24 * SLOT)
    return path


def opened(path: Path, mode: str = "r+") -> TinyDB:
    return TinyDB(path, storage=JournalStorage, access_mode=mode)


def test_what_was_written_is_there_after_opening_again(book: Path) -> None:
    """JRN-70, through tinydb's ordinary operations, over several recyclings."""
    for life in range(3):
        with opened(book) as db:
            for n in range(20):
                db.upsert({"name": "a", "n": 20 * life + n}, where("name") == "a")
                db.table("other").insert({"n": n})
    with opened(book) as db:
        assert db.all() == [{"name": "a", "n": 59}]
        assert len(db.table("other")) == 60
        assert db.table("other").count(Query().n < 5) == 15
        db.update(delete("n"), where("name") == "a")
        db.table("other").remove(Query().n > 0)
    with opened(book, "r") as db:
        assert db.all() == [{"name": "a"}]
        assert db.table("other").all() == [{"n": 0}] * 3


def test_only_changed_fields_are_written(book: Path) -> None:
    """JRN-70: tinydb changes what it read in place; the storage still sees what changed."""
    medium = MemoryMedium(blank())
    with TinyDB("book", storage=JournalStorage, medium=medium) as db:
        db.insert({"long": "text" * 10, "n": 0})
        sequence = db.storage.recovery.next_sequence
        for _ in range(3):
            db.update(increment("n"))
        db.update({"n": 3})
    assert medium.closed
    assert JournalStorage("book", medium=medium).recovery.next_sequence == sequence + 4
    assert b'{"_default":{"1":{"n":3}}}' in bytes(medium.image)


def test_a_reader_sees_what_the_writer_has_acknowledged(book: Path) -> None:
    """JRN-71: beside an open writer, without a lock; a second writer is refused."""
    with opened(book) as writer, opened(book, "r") as reader:
        for n in range(30):
            writer.table("t").upsert({"n": n}, Query().n.exists())
            assert reader.table("t").all() == [{"n": n}]
            reader.table("t").clear_cache()
        with pytest.raises(BookInUse):
            opened(book)
        with pytest.raises(BookError, match="reading only"):
            reader.insert({"n": 1})


@pytest.mark.parametrize("table", ["ledger", "settings", "evidence"])
def test_what_is_guarded_is_not_removed_by_accident(book: Path, table: str) -> None:
    """JRN-72."""
    with opened(book) as db:
        db.table(table).insert({"n": 1})
        db.table("free").insert({"n": 1})
        db.drop_table("free")
        guarded = db.table(table)
        for attempt in (db.drop_tables, guarded.truncate, lambda: guarded.remove(doc_ids=[1])):
            with pytest.raises(BookError, match=f"nothing is removed from {table}"):
                attempt()
        db.table(table).clear_cache()
        assert db.table(table).all() == [{"n": 1}]
        db.table(table).update({"n": 2})
    with opened(book, "r+!") as db:
        assert db.table(table).all() == [{"n": 2}]
        db.drop_tables()
        assert db.tables() == set()
    with opened(book) as db:
        assert db.tables() == set()


def test_a_card_that_refuses_is_told_and_tried_again() -> None:
    """JRN-53: nothing is acknowledged that was not written."""
    broken = {"now": False}
    medium = FailingMedium(blank(), lambda asked: errno.EIO * (broken["now"] and asked == "fdatasync"))
    storage = JournalStorage("book", medium=medium)
    storage.write({"t": {"1": {"n": 1}}})
    broken["now"] = True
    for _ in range(2):
        with pytest.raises(BookError, match="nothing was stored: Input/output error"):
            storage.write({"t": {"1": {"n": 2}}})
    assert storage.read() == {"t": {"1": {"n": 1}}}
    broken["now"] = False
    storage.write({"t": {"1": {"n": 1}}})
    storage.write({"t": {"1": {"n": 3}}})
    assert JournalStorage("book", medium=medium).read() == {"t": {"1": {"n": 3}}}


def test_refusals_in_words(tmp_path: Path) -> None:
    with pytest.raises(BookError, match="no book; make one with"):
        JournalStorage(tmp_path / "book")
    with pytest.raises(BookError, match="access mode 'w' is not known"):
        JournalStorage(tmp_path / "book", access_mode="w")
    medium = MemoryMedium(bytes(SMALL.size))
    with pytest.raises(BookError, match="cannot be read"):
        JournalStorage("book", medium=medium)
    assert medium.closed
    storage = JournalStorage("book", medium=MemoryMedium(blank()))
    with pytest.raises(ValueError, match="store a finite number"):
        storage.write({"t": {"1": {"n": math.nan}}})
    assert storage.read() is None


def test_what_is_stored_into_a_damaged_book_is_stored() -> None:
    """JRN-22, JRN-31: behind a hole only a new base or a checkpoint is ever read."""
    medium = MemoryMedium(blank())
    tables = JournalStorage("book", medium=medium)
    for n in range(6):
        tables.write({"notes": {"1": {"n": n}}})
    medium.image[SMALL.slot_offset(0, 3) + 40] ^= 1
    again = JournalStorage("book", medium=medium)
    assert again.recovery.lost == (4, 5, 6)
    again.write({"notes": {"1": {"n": 100}}})
    again.write({"notes": {"1": {"n": 101}}})
    last = JournalStorage("book", medium=medium)
    assert (last.recovery.damaged, last.read()) == (False, {"notes": {"1": {"n": 101}}})


def test_a_person_asks_the_book_of_a_running_service(tmp_path: Path) -> None:
    """JRN-70, JRN-71: plain TinyDB calls, reading beside the service."""
    reactor = Reactor(ManualClock(datetime(2026, 11, 24, 9, 0, tzinfo=UTC)))
    service = Journal(create_book(tmp_path), reactor, reactor.clock)
    now = reactor.clock.now()
    ended = [
        Event("session_ended", f"ev{n % 2 + 1}", now.wall, {"energy_wh": 1_000 * n}) for n in range(1, 6)
    ]
    service.keep(Ledger({}, {"hp1.heating": Counter(37)}), Settings(), ended, now)
    service.flush(now)
    with TinyDB(tmp_path / "book", storage=JournalStorage, access_mode="r") as book:
        large = book.table("sessions").search((where("charger") == "ev1") & (where("energy_wh") > 2_000))
        assert [session["energy_wh"] for session in large] == [4_000]
        pump = book.table("ledger").get(where("name") == "hp1")
        assert pump["counters.heating"]["total"] == 37
        assert book.table("events").count(where("kind") == "booted") == 1
        with pytest.raises(BookError, match="open for reading only"):
            book.table("notes").insert({"n": 1})
    service.close()
    reactor.close()
