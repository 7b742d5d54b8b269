"""A person's acts on a book (JRN-25, JRN-62, JRN-82)."""

import errno
import json
import os
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hems.core.periods import PERIODS, roll
from hems.errors import BookError, BookInUse
from hems.journal import change
from hems.journal.book import create
from hems.journal.change import Documents
from hems.journal.documents import Meta, understood, updated
from hems.journal.export import HEAD, TAIL, Origin, content, pieces
from hems.journal.layout import FORMAT
from hems.journal.medium import OsMedium
from hems.journal.recover import recover
from hems.journal.restore import adopt, import_text, read_book, rekey, reset, set_aside, write_base
from hems.model.instant import Instant
from hems.model.ledger import Counter, Last, Ledger
from hems.model.lessons import Lesson
from hems.model.plans import Plan
from hems.model.prices import Slot
from hems.model.settings import (
    Boost,
    ChargerSettings,
    OperatorLimit,
    Settings,
    SgByHand,
    Target,
    VehicleSettings,
)
from tests.journal.books import documents

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SETTINGS = Settings({"garage": ChargerSettings("fast", 13.0)}, {"hp1.heating.total": 1_200})
LISTS = documents(
    {
        "events": {str(n): {"seq": n, "figures": {"b": 1, "a": [n]}} for n in (9, 10, 11)},
        "sessions": {"1": {"energy_wh": 9_550, "cop": 3.25}},
        "access": {"1": {"hash": "secret"}},
        "quarters": {"1": {"grid_w": 3}},
    }
)


def state(heating: int, base: Documents = LISTS, settings: Settings = SETTINGS) -> Documents:
    counters = {"hp1.heating": Counter(heating, {}, {}, 0, AT), "site.grid_cost.all": Counter(heating)}
    ledger = Ledger({"daily": "2026-11-24"}, counters, {"hp1.operating_state": Last(1, AT)})
    meta = Meta(book_id="0a0b", software="1.2", created=AT, last_trusted=AT, boots=3)
    return updated(base, ledger, settings, meta)


def book(folder: Path, content: Documents | None = None, name: str = "book") -> Path:
    folder.mkdir(exist_ok=True)
    create(folder / name)
    if content:
        write_base(folder / name, content)
    return folder


def text(content: Documents, at: datetime = AT, **wishes: bool) -> bytes:
    return b"".join(pieces(content, Origin("ffff", at, "1.2"), **wishes))


def stored(folder: Path) -> Documents:
    found = read_book(folder / "book")
    assert found is not None
    return found


def without_time(export: bytes) -> list[bytes]:
    return [line for line in export.splitlines() if not line.startswith((b'"time"', b'"crc32"'))]


@pytest.mark.parametrize("before", [None, {}, 7])
def test_export_import_export_is_byte_equal_but_for_time(tmp_path: Path, before: object) -> None:
    """Into a new book, an empty one and one with other documents and other ids."""
    settings = Settings({"attic": ChargerSettings("off"), **SETTINGS.chargers})
    folder = tmp_path / "data"
    folder.mkdir()
    if before is not None:
        book(folder, state(7, documents({"notes": {}}), settings) if before else None)
    export = text(state(40))
    import_text(folder, export)
    again = text(stored(folder), AT + timedelta(days=1))
    assert without_time(again) == without_time(export)
    assert export != again
    recovery = recover((folder / "book").read_bytes())
    assert (recovery.damaged, recovery.records) == (False, 1), "one atomic base and its checkpoint"


def test_what_differs_is_told_and_what_is_not_in_the_export_stays(tmp_path: Path) -> None:
    folder = book(tmp_path / "data", state(7))
    other = Settings({"garage": ChargerSettings("off", 13.0)})
    lines = import_text(folder, text(state(40, {}, other)))
    assert lines == (
        "hp1.heating: 7 -> 40",
        "site.grid_cost.all: 7 -> 40",
        "settings charger.garage.mode: fast -> off",
        "settings offsets.hp1.heating.total: 1200 -> none",
        "sessions: 1 -> 0 entries",
        "events: 3 -> 0 entries",
    )
    found = stored(folder)
    assert change.plain(found)["access"] == {"1": {"hash": "secret"}}
    assert understood(found).settings == other
    assert import_text(folder, text(found)) == ()


def test_counters_alone_leave_the_rest(tmp_path: Path) -> None:
    folder = book(tmp_path / "data", state(7))
    lines = import_text(folder, text(state(40, {}, Settings()), counters_only=True))
    assert len(lines) == 2
    assert understood(stored(folder)).settings == SETTINGS
    assert len(stored(folder)["events"]) == 3


def test_a_total_falls_only_by_force(tmp_path: Path) -> None:
    """Cost may fall; what is not in the export would fall to nothing."""
    folder = book(tmp_path / "data", state(41))
    before = (folder / "book").read_bytes()
    with pytest.raises(BookError, match=r"these totals would fall: hp1\.heating; add --force"):
        import_text(folder, text(state(40)))
    with pytest.raises(BookError, match=r"hp1\.heating"):
        import_text(folder, text(updated({}, Ledger(), SETTINGS, Meta())))
    assert (folder / "book").read_bytes() == before
    import_text(folder, text(state(40)), force=True)
    assert understood(stored(folder)).ledger.counters["hp1.heating"].total == 40


def broken(**changes: object) -> bytes:
    held = json.loads(text(state(40)))["content"] | changes
    body = json.dumps(held).encode()
    return HEAD + body + TAIL % zlib.crc32(body)


@pytest.mark.parametrize(
    ("export", "words"),
    [
        (b"", "it is no export"),
        (text(state(40))[:-1], "cut off"),
        (broken(format=FORMAT + 1), "newer program"),
        (broken(format="1"), "newer program"),
        (broken(counters={"hp1": 3}), "it is no export of this program"),
        (broken(rings=[]), "it is no export of this program"),
        (broken(counters={"hp1": {"counters.heating": {"total": ""}}}), "cannot be understood: hp1.counters"),
        (broken(settings={"charger.garage": {"mode": "warp"}}), "cannot be understood: settings of charger"),
        (broken(rings={"events": {str(n): {"x": "y" * 1_000} for n in range(1_500)}}), "does not fit"),
    ],
)  # fmt: skip
def test_a_text_that_makes_no_sense_is_refused_as_a_whole(tmp_path: Path, export: bytes, words: str) -> None:
    folder = book(tmp_path / "data", state(7))
    before = (folder / "book").read_bytes()
    with pytest.raises(BookError, match=words):
        import_text(folder, export)
    assert (folder / "book").read_bytes() == before


def test_what_a_rescue_book_counted_is_added_to_a_backup(tmp_path: Path) -> None:
    """JRN-25: the unreadable book stays, under another name; the rescue is added once."""
    folder = book(tmp_path / "data", state(3, documents({"events": {"1": {"seq": 1}}})), "book.rescue")
    (folder / "book").write_bytes(b"rubbish")
    lines = import_text(folder, text(state(40)))
    assert "hp1.heating: none -> 43" in lines
    found = stored(folder)
    assert understood(found).ledger.counters["hp1.heating"].total == 43
    assert understood(found).settings == SETTINGS
    assert len(found["events"]) == 4
    assert (folder / "book.unreadable").read_bytes() == b"rubbish"
    assert {path.name for path in folder.iterdir()} == {"book", "book.unreadable", "book.rescue.added"}
    assert import_text(folder, text(found)) == ()


def test_a_book_in_use_is_not_imported_into(tmp_path: Path) -> None:
    folder = book(tmp_path / "data")
    held = OsMedium(folder / "book")
    with pytest.raises(BookInUse):
        import_text(folder, text(state(40)))
    with pytest.raises(BookInUse):
        reset(folder)
    held.close()


def test_a_card_that_refuses_leaves_the_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = book(tmp_path / "data", state(7))

    def refused(*_: object) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", refused)
        with pytest.raises(BookError, match="nothing was stored: Input/output error"):
            import_text(folder, text(state(40)))
    assert understood(stored(folder)).ledger.counters["hp1.heating"].total == 7


def test_a_rescue_book_is_adopted(tmp_path: Path) -> None:
    """JRN-25."""
    folder = book(tmp_path / "data", state(3), "book.rescue")
    assert adopt(folder) == folder / "book"
    assert understood(stored(folder)).ledger.counters["hp1.heating"].total == 3
    with pytest.raises(BookError, match="can be read; there is nothing to take over"):
        adopt(folder)
    for name in ("book.unreadable", "book.unreadable-2"):
        (folder / "book").write_bytes(b"rubbish")
        with pytest.raises(BookError, match="no rescue book that can be read"):
            adopt(folder)
        book(folder, state(4), "book.rescue")
        assert adopt(folder) == folder / name
    assert not (folder / "book.rescue").exists()
    assert set_aside(tmp_path / "absent", "old") == tmp_path / "absent"


@pytest.mark.parametrize("counters", [False, True])
def test_a_factory_reset_is_one_record(tmp_path: Path, counters: bool) -> None:
    """JRN-62."""
    folder = book(tmp_path / "data", state(40))
    reset(folder, counters=counters)
    recovery = recover((folder / "book").read_bytes())
    assert recovery.records == 2, "the checkpoint behind the base, and this"
    left = {"meta", "quarters"} if counters else {"meta", "quarters", "ledger", "events", "sessions"}
    assert recovery.state.keys() == left


def test_windows_that_ran_ahead_of_the_clock_begin_anew(tmp_path: Path) -> None:
    """CNT-17: on an installer's word; totals and readings stay, the next trusted step opens windows."""
    ahead = Ledger(
        {"daily": "2031-01-01"},
        {"hp1.heating": Counter(40, {"daily": 3}, {"daily": 5}, 0, AT)},
        {"hp1.operating_state": Last(1, AT)},
    )
    folder = book(tmp_path / "data", updated(LISTS, ahead, SETTINGS, Meta()))
    rekey(folder)
    ledger = understood(stored(folder)).ledger
    assert ledger.keys == {}
    assert ledger.counters["hp1.heating"] == Counter(40, {}, {"daily": 5}, 0, AT)
    assert ledger.last == ahead.last
    assert stored(folder)["sessions"] == LISTS["sessions"]
    rolled = roll(PERIODS, ledger, Instant(0.0, AT))
    assert rolled.keys["daily"] == "2026-11-24"


def test_orders_and_lessons_leave_and_come_back(tmp_path: Path) -> None:
    """JRN-82: all of them, and with the same words in the next export."""
    later = AT + timedelta(hours=9)
    target = Target(later, energy_wh=9_000.0, repeat_days=(6, 7))
    orders = Settings(
        {"garage": ChargerSettings("surplus_target", 13.0, target, boost=Boost(None, None, 500.0))},
        vehicles={"zoe": VehicleSettings(40.0, AT)},
        operator=OperatorLimit(4_200.0, later),
        heat_pumps={"heat": SgByHand("locked", later)},
        chosen={"acquisition_tolerance": 0.25},
    )
    plan = Plan(later, AT, 9_000.0, 11_040.0, (Slot(AT, later, 0.1),))
    ledger = Ledger(lessons={"ev1": Lesson({"": ("L3",)}, True, 7, "x", plan, 8, AT)})
    exported = text(updated({}, ledger, orders, Meta(book_id="0a0b")))
    import_text(book(tmp_path / "new"), exported)
    found = understood(stored(tmp_path / "new"))
    assert (found.settings, found.ledger, found.words) == (orders, ledger, ())
    assert content(text(stored(tmp_path / "new"))) == content(exported)
