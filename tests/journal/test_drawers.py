"""Drawers: what is nobody else's, through the book and back (API-40 to API-42)."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hems.clock import ManualClock
from hems.journal import change, drawers
from hems.journal.book import create
from hems.journal.change import Documents
from hems.journal.drawers import DOCUMENT_BYTES_MAX, DOCUMENTS_MAX, BookDrawer, put
from hems.journal.export import Origin, pieces
from hems.journal.journal import Journal
from hems.journal.layout import SLOT
from hems.journal.restore import reset
from hems.model.ledger import Ledger
from hems.model.settings import ChargerSettings, Settings
from hems.reactor import Reactor
from hems.sim.media import MemoryMedium
from tests.journal.books import SMALL, blank

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ROOMY = replace(SMALL, base_bytes=64 * SLOT, log_bytes=128 * SLOT)


class Desk:
    """A journal on a virtual clock, on a medium or in a folder."""

    def __init__(self, where: MemoryMedium | Path) -> None:
        self.clock = ManualClock(NOON)
        self.reactor = Reactor(self.clock)
        medium = where if isinstance(where, MemoryMedium) else None
        path = where if isinstance(where, Path) else Path("book")
        self.journal = Journal(path, self.reactor, self.clock, medium)
        self.settings = Settings({"garage": ChargerSettings()})

    def keep(self) -> None:
        """One cycle, and the card has answered."""
        self.journal.keep(Ledger(), self.settings, (), self.clock.now())
        while self.journal._book.busy:
            assert self.journal._writer.wait(5.0)

    def close(self) -> None:
        self.journal.close()
        self.reactor.close()


@pytest.fixture
def medium() -> MemoryMedium:
    return MemoryMedium(blank(ROOMY))


@pytest.fixture
def desk(medium: MemoryMedium) -> Iterator[Desk]:
    desk = Desk(medium)
    desk.keep()
    yield desk
    desk.close()


def again(medium: MemoryMedium, name: str) -> object:
    """What another run would find in a drawer."""
    desk = Desk(MemoryMedium(bytes(medium.image)))
    found = desk.journal.drawer(name).recall()
    desk.close()
    return found


def test_what_is_kept_is_on_the_card_with_the_next_cycle(desk: Desk, medium: MemoryMedium) -> None:
    drawer = desk.journal.drawer("pin")
    assert drawer.recall() == {}
    before = desk.journal.health(desk.clock.now()).records
    assert drawer.keep({"hash": "scrypt", "wrong": 2})
    assert drawer.recall() == {"hash": "scrypt", "wrong": 2}
    desk.keep()
    assert desk.journal.health(desk.clock.now()).records == before + 1
    assert again(medium, "pin") == {"hash": "scrypt", "wrong": 2}
    assert again(medium, "other") == {}


def test_what_is_kept_replaces_what_was(desk: Desk, medium: MemoryMedium) -> None:
    for fields in ({"a": 1, "b": [2]}, {"b": [3]}):
        for name in ("one", "two"):
            assert desk.journal.drawer(name).keep(fields)
        desk.keep()
    assert again(medium, "one") == again(medium, "two") == {"b": [3]}


def test_a_drawer_outlives_a_new_base(desk: Desk, medium: MemoryMedium) -> None:
    desk.journal.drawer("pin").keep({"hash": "kept"})
    for number in range(200):
        desk.settings = Settings({"garage": ChargerSettings(user_max_a=6.0 + number % 7)})
        desk.keep()
    assert again(medium, "pin") == {"hash": "kept"}


def test_a_drawer_that_changes_while_a_base_is_made_is_not_lost(medium: MemoryMedium) -> None:
    """The base is what it began with; the first record behind it holds what has come since."""
    desk = Desk(medium)
    desk.keep()
    desk.journal._renew = True
    desk.journal.drawer("pin").keep({"hash": "first"})
    desk.journal.keep(Ledger(), desk.settings, (), desk.clock.now())
    desk.journal.drawer("pin").keep({"hash": "second"})
    while desk.journal._book.busy:
        assert desk.journal._writer.wait(5.0)
    desk.keep()
    desk.close()
    assert again(medium, "pin") == {"hash": "second"}


def test_there_is_room_for_so_much_and_no_more() -> None:
    documents: Documents = {}
    for number in range(DOCUMENTS_MAX):
        more = put(documents, f"drawer {number}", {"key": number})
        assert more is not None
        documents = more
    assert put(documents, "one more", {}) is None
    assert put(documents, "drawer 0", {"key": "ü" * (DOCUMENT_BYTES_MAX // 2)}) is None
    assert put(documents, "drawer 0", {"ü" * (DOCUMENT_BYTES_MAX // 2): 1}) is None
    changed = put(documents, "drawer 7", {"other": 1})
    assert changed is not None
    assert change.plain(changed)["access"]["8"] == {"other": 1, "name": "drawer 7"}


def test_a_drawer_that_is_full_keeps_what_it_has() -> None:
    held: list[Documents] = [{}]
    drawer = BookDrawer("pin", lambda: held[-1], held.append)
    assert drawer.keep({"a": 1})
    assert not drawer.keep({"a": "x" * DOCUMENT_BYTES_MAX})
    assert drawer.recall() == {"a": 1}


def test_documents_of_somebody_else_are_left_alone() -> None:
    """One without a name, and one with an id that is no number."""
    foreign: Documents = {"access": {"x": {"hash": change.encode("?")}, "4": {}}}
    changed = put(foreign, "pin", {"a": 1})
    assert changed is not None
    assert change.plain(changed)["access"] == {"x": {"hash": "?"}, "4": {}, "5": {"name": "pin", "a": 1}}


def test_an_export_leaves_drawers_out(desk: Desk) -> None:
    """API-46."""
    desk.journal.drawer("pin").keep({"hash": "very secret"})
    desk.keep()
    origin = Origin("book", NOON, "1")
    text = b"".join(pieces(desk.journal._current, origin))
    assert b"very secret" not in text
    assert drawers.TABLE not in json.loads(text)["content"]["tables"]


def test_a_factory_reset_empties_drawers(tmp_path: Path) -> None:
    create(tmp_path / "book")
    desk = Desk(tmp_path)
    desk.journal.drawer("pin").keep({"hash": "kept"})
    desk.keep()
    desk.close()
    reset(tmp_path)
    desk = Desk(tmp_path)
    assert desk.journal.drawer("pin").recall() == {}
    desk.close()


def test_a_book_that_is_not_whole_says_so(medium: MemoryMedium, tmp_path: Path) -> None:
    """Whoever asks whether anybody is known must not believe a memory that has lost something."""
    whole = Desk(medium)
    assert not whole.journal.recall().forgetful
    whole.close()
    (tmp_path / "book").write_bytes(b"no book at all")
    rescued = Desk(tmp_path)
    assert rescued.journal.recall().forgetful
    rescued.close()
