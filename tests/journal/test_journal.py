"""The memory of the service (JRN-40 to JRN-53), and counters through cuts (B-9)."""

import errno
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

import hems
from hems.clock import ManualClock
from hems.errors import BookError, BookInUse
from hems.journal.book import create
from hems.journal.journal import Journal, create_book
from hems.journal.layout import SLOT
from hems.journal.recover import recover
from hems.journal.storage import JournalStorage
from hems.model.instant import Instant
from hems.model.ledger import Counter, Event, Ledger
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
from hems.reactor import Reactor
from hems.sim.media import FailingMedium, MemoryMedium, RecordingMedium, SlowMedium
from tests.journal.books import SMALL, blank, documents, state_of

NINE = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ROOMY = replace(SMALL, base_bytes=16 * SLOT, log_bytes=64 * SLOT)
LARGE = replace(SMALL, base_bytes=32 * SLOT, log_bytes=256 * SLOT)
HOUR = timedelta(hours=1)
SETTINGS = Settings({"garage": ChargerSettings("fast", 13.0)})


class Desk:
    """A journal on a virtual clock; `settle` lets the card answer."""

    def __init__(self, medium: MemoryMedium, start: datetime = NINE) -> None:
        self.medium = medium
        self.clock = ManualClock(start)
        self.reactor = Reactor(self.clock)
        self.journal = Journal(Path("book"), self.reactor, self.clock, medium)
        recalled = self.journal.recall()
        self.ledger, self.settings = recalled.ledger, recalled.settings or SETTINGS

    @property
    def now(self) -> Instant:
        return self.clock.now()

    def keep(self, *events: Event) -> None:
        self.journal.keep(self.ledger, self.settings, events, self.now)

    def count(self, kind: str, key: str) -> None:
        """Change the ledger, and tell of it."""
        counter = self.ledger.counters.get("hp1.heating", Counter())
        self.ledger = Ledger({}, {"hp1.heating": replace(counter, total=counter.total + 1)})
        self.keep(Event(kind, key, None))

    def start(self) -> None:
        self.count("counted", "hp1.compressor_start")

    def settle(self) -> None:
        while self.journal._book.busy:
            assert self.journal._writer.wait(5.0)

    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def stored(self) -> Ledger:
        """What another run would recall from the medium as it is."""
        again = Desk(MemoryMedium(bytes(self.medium.image)))
        again.close()
        return again.ledger

    @property
    def writes(self) -> int:
        return self.journal.health(self.now).records

    def close(self) -> None:
        self.journal.close()
        self.reactor.close()


@pytest.fixture
def opened() -> Iterator[Callable[..., Desk]]:
    desks: list[Desk] = []

    def make(medium: MemoryMedium | None = None, start: datetime = NINE) -> Desk:
        desks.append(Desk(medium or MemoryMedium(blank(ROOMY)), start))
        return desks[-1]

    yield make
    for desk in desks:
        desk.close()


def begun(desk: Desk) -> Desk:
    """The start itself has been written."""
    desk.keep()
    desk.settle()
    return desk


def test_a_new_book_recalls_nothing(opened: Callable[..., Desk]) -> None:
    desk = opened()
    assert desk.journal.recall() == (Ledger(), None, (), None, False, False)
    assert desk.journal.health(desk.now).state == "ok"


def test_each_class_is_written_when_it_is_due(opened: Callable[..., Desk]) -> None:
    """JRN-40: starts and settings at once, other edges within 180 s, the rest within 900 s."""
    desk = begun(opened())
    for kind, key, wait_s in (
        ("counted", "hp1.compressor_start", 0),
        ("rolled", "2h", 0),
        ("counted", "hp1.heating", 180),
        ("counted", "relay.garage", 180),
        ("held", "site.grid_import", 900),
    ):
        before = desk.writes
        desk.count(kind, key)
        if wait_s:
            desk.settle()
            assert desk.writes == before
            desk.wait(wait_s - 0.5)
            desk.keep()
            desk.settle()
            assert desk.writes == before
            assert desk.journal.health(desk.now).unsaved_s == wait_s - 0.5
            desk.wait(0.5)
            desk.keep()
        desk.settle()
        assert desk.writes == before + 1
        assert desk.stored() == desk.ledger
    desk.settings = Settings({"garage": ChargerSettings("off")})
    desk.keep()
    desk.settle()
    assert settings_stored(desk) == desk.settings


def settings_stored(desk: Desk) -> Settings:
    again = Desk(MemoryMedium(bytes(desk.medium.image)))
    again.close()
    return again.settings


def test_nothing_pending_nothing_written(opened: Callable[..., Desk]) -> None:
    """JRN-40."""
    desk = begun(opened())
    before = desk.writes
    for _ in range(100):
        desk.wait(60)
        desk.keep()
    desk.journal.flush(desk.now)
    assert desk.writes == before


def test_a_write_takes_everything_pending_with_it(opened: Callable[..., Desk]) -> None:
    """JRN-40: all ages begin anew."""
    desk = begun(opened())
    desk.count("counted", "hp1.heating")
    desk.wait(100)
    desk.start()
    desk.settle()
    before = desk.writes
    assert desk.stored() == desk.ledger
    desk.wait(179)
    desk.keep()
    desk.settle()
    assert desk.writes == before


def test_changes_while_a_write_is_in_flight_are_merged() -> None:
    """JRN-51, JRN-52: a stalled card delays nothing but the acknowledgement."""
    stall = threading.Event()
    stall.set()
    desk = begun(Desk(SlowMedium(blank(ROOMY), stall.wait)))
    before = desk.writes
    stall.clear()
    for _ in range(70):
        desk.start()
        desk.wait(1)
    health = desk.journal.health(desk.now)
    assert (health.state, health.records) == ("late", before)
    assert health.unsaved_s == 70
    stall.set()
    desk.settle()
    desk.keep()
    desk.settle()
    assert desk.writes == before + 2
    assert desk.journal.health(desk.now).state == "ok"
    assert desk.stored().counters["hp1.heating"].total == 70
    desk.close()


def test_the_answer_arrives_through_the_loop(opened: Callable[..., Desk]) -> None:
    """JRN-51: one byte over the socket pair."""
    desk = opened()
    desk.keep()
    for _ in range(100_000):
        desk.reactor.run_until(desk.clock.mono_s())
        if desk.writes:
            break
    assert desk.writes == 1
    assert desk.journal.health(desk.now).unsaved_s == 0


def test_flush_writes_everything_and_waits(opened: Callable[..., Desk]) -> None:
    """JOURNAL section 7, class stop."""
    desk = opened()
    desk.count("held", "site.grid_import")
    desk.count("counted", "hp1.heating")
    desk.journal.flush(desk.now)
    assert desk.stored() == desk.ledger
    assert desk.journal.health(desk.now).unsaved_s == 0


def test_flush_does_not_wait_for_ever(opened: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    """B-8: a stalled card keeps the end waiting for 5 s at most."""
    monkeypatch.setattr("hems.journal.journal.STOP_S", 0.05)
    stall = threading.Event()
    desk = Desk(SlowMedium(blank(ROOMY), stall.wait))
    desk.count("counted", "hp1.heating")
    desk.journal.flush(desk.now)
    assert desk.writes == 0
    desk.close()
    stall.set()


def test_boots_and_trusted_times_are_kept(opened: Callable[..., Desk]) -> None:
    """JRN-64: the last trusted wall time never goes back."""
    medium = MemoryMedium(blank(ROOMY))
    for start, trusted in (
        (NINE, True),
        (NINE + timedelta(hours=1), False),
        (NINE - timedelta(days=1), True),
    ):
        desk = Desk(medium, start)
        desk.clock.trusted = trusted
        begun(desk).close()
    again = opened(medium)
    assert again.journal.recall().last_trusted == NINE
    page = state_of(recover(bytes(medium.image)))["meta"]["1"]
    assert page == {
        "format": 1,
        "book_id": ROOMY.book_id.hex(),
        "software": hems.__version__,
        "created": "2026-11-24T09:00:00Z",
        "last_trusted": "2026-11-24T09:00:00Z",
        "boots": 3,
    }


def test_a_day_roll_over_writes_a_checkpoint(opened: Callable[..., Desk]) -> None:
    """JRN-30."""
    medium = RecordingMedium(blank(ROOMY))
    desk = begun(opened(medium))
    desk.start()
    desk.settle()
    desk.keep(Event("rolled", "2h", None))
    desk.settle()
    desk.keep(Event("rolled", "4h", None), Event("rolled", "daily", None))
    desk.settle()
    assert [written.data[16] for written in medium.writes] == [2, 1, 1, 2]


def test_the_log_is_recycled_into_a_new_base(opened: Callable[..., Desk]) -> None:
    """JRN-30: counters and settings go on through several pairs."""
    desk = begun(opened())
    for _ in range(200):
        desk.start()
        desk.settle()
    assert recover(bytes(desk.medium.image)).generation > 3
    assert desk.stored() == desk.ledger
    assert len(desk.medium.image) == ROOMY.size


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC, errno.EROFS])
@pytest.mark.parametrize("operation", ["pwrite", "fdatasync", "reopen", "pread"])
def test_a_card_that_refuses_never_stops_the_loop(
    opened: Callable[..., Desk], error: int, operation: str
) -> None:
    """JRN-53, B-9: not acknowledged, tried again less and less often, whole once the card is well."""
    broken = {"now": False}
    operations = (operation, "pwrite")
    medium = FailingMedium(blank(ROOMY), lambda asked: error * (broken["now"] and asked in operations))
    desk = begun(opened(medium))
    before = desk.writes
    broken["now"] = True
    for _ in range(120):
        desk.start()
        desk.settle()
        desk.wait(1)
    health = desk.journal.health(desk.now)
    assert (health.state, health.records) == ("failing", before)
    assert health.unsaved_s == 120
    assert health.words
    broken["now"] = False
    desk.wait(900)
    desk.keep()
    desk.settle()
    assert desk.journal.health(desk.now).state == "ok"
    assert "journal_failing" not in desk.journal.health(desk.now).alarms
    assert desk.stored() == desk.ledger


def test_attempts_become_rare(opened: Callable[..., Desk]) -> None:
    """JRN-53: 10, 30, 60, 120, 300 s, then every 15 min."""
    attempts: list[float] = []

    def fails(asked: str) -> int:
        if asked == "pwrite":
            attempts.append(desk.clock.mono_s() - start_s)
        return errno.EIO

    medium = FailingMedium(blank(ROOMY), lambda _: 0)
    desk = opened(medium)
    start_s = desk.clock.mono_s()
    medium._fails = fails
    for _ in range(2_600):
        desk.keep()
        desk.settle()
        desk.wait(1)
    assert attempts == [0, 10, 40, 100, 220, 520, 1_420, 2_320]


def test_a_state_that_is_too_large_is_an_alarm_and_no_exception(opened: Callable[..., Desk]) -> None:
    desk = begun(opened(MemoryMedium(blank(replace(ROOMY, base_bytes=SLOT)))))
    noise = Random(1)
    for n in range(100):
        name = f"hp1.{n}.{noise.randbytes(100).hex()}"
        desk.ledger = Ledger({}, {**desk.ledger.counters, name: Counter(1)})
        desk.keep(Event("rolled", "2h", None))
        desk.settle()
    health = desk.journal.health(desk.now)
    assert health.state == "failing"
    assert "too large for the book" in health.words


def test_damage_is_told_copied_and_healed(tmp_path: Path) -> None:
    """JRN-24, JRN-31: an alarm, one copy of the damaged pair beside the book, and a new base at once."""
    path = create_book(tmp_path / "data")
    assert path == tmp_path / "data" / "book"

    def run(starts: int) -> Journal:
        reactor = Reactor(ManualClock(NINE))
        journal = Journal(tmp_path / "data", reactor, reactor.clock)
        total = journal.recall().ledger.counters.get("hp1.compressor_start", Counter()).total
        for n in range(total + 1, total + 1 + starts):
            ledger = Ledger({}, {"hp1.compressor_start": Counter(n)})
            journal.keep(ledger, SETTINGS, (), reactor.clock.now())
            journal.flush(reactor.clock.now())
        journal.close()
        reactor.close()
        return journal

    (tmp_path / "data" / "book.damaged-2026-01-01").write_bytes(b"older")
    run(3)
    image = bytearray(path.read_bytes())
    found = recover(bytes(image))
    assert found.layout is not None
    image[found.layout.slot_offset(0, 1) + 40] ^= 1
    path.write_bytes(image)
    journal = run(2)
    assert journal.recall().words == ("2026-11-24: 2 records lost (number 2, 3)",)
    assert "2 records lost" in journal.health(ManualClock(NINE).now()).words
    (copy,) = (tmp_path / "data").glob("book.damaged-*")
    assert copy.name == "book.damaged-2026-11-24"
    begin = found.layout.base_offset(0)
    assert copy.read_bytes() == image[begin : begin + found.layout.pair_bytes]
    assert recover(path.read_bytes()).generation == 2
    assert run(1).recall().words == ()


def test_a_cut_off_last_record_is_no_alarm(
    opened: Callable[..., Desk], caplog: pytest.LogCaptureFixture
) -> None:
    """JRN-24."""
    medium = RecordingMedium(blank(ROOMY))
    begun(opened(medium))
    image = bytearray(medium.image)
    image[medium.writes[0].offset + 40] ^= 1
    caplog.set_level("INFO")
    desk = begun(opened(MemoryMedium(image)))
    assert desk.journal.recall().words == ()
    (booted,) = state_of(recover(bytes(desk.medium.image)))["events"].values()
    assert booted["figures"] == {"reason": "first start", "boots": 1, "cut_off": True}
    assert "cut off before it was acknowledged" in caplog.text


def test_a_copy_that_cannot_be_made_hinders_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "book"
    create(path, base_bytes=4 * SLOT, log_bytes=24 * SLOT)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - SLOT)

    def refused(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("hems.journal.opening.copied", refused)
    reactor = Reactor(ManualClock(NINE))
    journal = Journal(path, reactor, reactor.clock)
    assert journal.recall().words == ("2026-11-24: the book is shorter than it was made",)
    journal.close()
    reactor.close()


def test_what_a_person_spoiled_is_ignored_with_words(opened: Callable[..., Desk]) -> None:
    medium = MemoryMedium(blank(ROOMY))
    storage = JournalStorage("book", medium=medium)
    storage.write({"settings": {"1": {"name": "charger.garage", "mode": "warp", "user_max_a": 9}}})
    desk = opened(medium)
    recalled = desk.journal.recall()
    assert recalled.settings == Settings({"garage": ChargerSettings(user_max_a=9.0)})
    assert recalled.words == desk.journal.recall().words
    assert recalled.words[0].startswith("settings of charger.garage: mode is ignored")
    begun(desk)
    assert state_of(recover(bytes(medium.image)))["settings"]["1"]["mode"] == "surplus"


def test_a_book_in_use_is_refused_and_one_that_exists_is_never_replaced(tmp_path: Path) -> None:
    """JRN-2, JRN-4."""
    reactor = Reactor(ManualClock(NINE))
    path = create_book(tmp_path)
    journal = Journal(tmp_path, reactor, reactor.clock)
    with pytest.raises(BookInUse, match="another process has the book open"):
        Journal(path, reactor, reactor.clock)
    journal.close()
    with pytest.raises(BookError, match="exists already"):
        create_book(tmp_path)
    with pytest.raises(BookError, match="cannot be made"):
        create_book(path / "below")
    reactor.close()


def test_an_idle_book_of_documents_can_be_read_beside_the_service(tmp_path: Path) -> None:
    """JRN-71, JRN-73: the service's own records are ordinary documents."""
    path = create_book(tmp_path)
    reactor = Reactor(ManualClock(NINE))
    journal = Journal(path, reactor, reactor.clock)
    journal.keep(Ledger({}, {"relay.garage": Counter(4)}), SETTINGS, (), reactor.clock.now())
    journal.flush(reactor.clock.now())
    tables = JournalStorage(path, access_mode="r")
    found = tables.read()
    tables.close()
    assert found is not None
    assert found["settings"]["1"]["name"] == "charger.garage"
    assert found["settings"]["1"]["user_max_a"] == 13.0
    assert documents(found)["ledger"].keys() == {"1", "2"}
    journal.close()
    reactor.close()


WEEK = tuple(Slot(NINE + n * HOUR, NINE + (n + 1) * HOUR, 0.1 + n / 1000) for n in range(168))


def test_orders_and_lessons_survive_a_cut_in_the_very_next_second(opened: Callable[..., Desk]) -> None:
    """CHG-94, CHG-120, JOURNAL section 7: what a person set and what was planned is on the card at once."""
    desk = begun(opened(MemoryMedium(blank(LARGE))))
    target = Target(NINE + 9 * HOUR, 80.0, repeat_days=(1, 5))
    orders = ChargerSettings("surplus_target", 13.0, target, vehicle="zoe", boost=Boost(NINE, 600.0))
    desk.settings = Settings(
        {"garage": orders},
        vehicles={"zoe": VehicleSettings(40.0, NINE)},
        operator=OperatorLimit(4_200.0, NINE + HOUR),
        heat_pumps={"heat": SgByHand("forced", NINE + HOUR)},
        chosen={"line_limit_a": 16.0},
    )
    desk.keep()
    desk.settle()
    plan = Plan(NINE + 9 * HOUR, NINE + 5 * HOUR, 9_000.0, 3_680.0, WEEK, ("level",))
    desk.ledger = replace(desk.ledger, lessons={"ev1": Lesson({"zoe": ("L2",)}, base_wh=5, plan=plan)})
    desk.wait(1.0)
    desk.keep()
    desk.settle()
    again = opened(MemoryMedium(bytes(desk.medium.image)))
    assert (again.settings, again.ledger.lessons) == (desk.settings, desk.ledger.lessons)
    desk.settings = replace(desk.settings, chargers={"garage": replace(orders, boost=None, target=None)})
    desk.ledger = replace(desk.ledger, lessons={"ev1": Lesson({"zoe": ("L2",)}, base_wh=5)})
    desk.wait(1.0)
    desk.keep()
    desk.settle()
    later = opened(MemoryMedium(bytes(desk.medium.image)))
    assert (later.settings, later.ledger.lessons) == (desk.settings, desk.ledger.lessons)


def test_a_plan_that_is_made_anew_every_minute_does_not_wear_the_card_out(
    opened: Callable[..., Desk],
) -> None:
    """JRN-43: above 150 writes a day it waits for company; a stuck contactor never does."""
    desk = begun(opened(MemoryMedium(blank(LARGE))))
    for minute in range(600):
        plan = Plan(NINE + 9 * HOUR, NINE, 9_000.0 - minute, 3_680.0, WEEK[:4])
        desk.ledger = replace(desk.ledger, lessons={"ev1": Lesson(plan=plan)})
        desk.keep()
        desk.settle()
        desk.wait(60.0)
    assert 150 <= desk.writes <= 150 + 450 / 15 + 2
    desk.ledger = replace(desk.ledger, lessons={"ev1": Lesson(stuck=True)})
    desk.keep()
    desk.settle()
    assert desk.stored().lessons == {"ev1": Lesson(stuck=True)}
