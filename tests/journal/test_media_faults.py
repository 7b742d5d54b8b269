"""B-1, B-8, B-9: how often the card is written on the reference day, and cards that stall, refuse and lie."""

import errno
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hems.clock import ManualClock
from hems.core.count import CountRules
from hems.errors import BookError
from hems.journal.book import create
from hems.journal.history import PLACE_BYTES, History
from hems.journal.journal import Journal
from hems.journal.layout import HEADER_OFFSETS, SLOT, pack_header
from hems.journal.recover import recover
from hems.journal.writer import Writer
from hems.model.intents import SetUserMax
from hems.model.ledger import Ledger
from hems.model.settings import Settings
from hems.model.view import Installed, View
from hems.reactor import Reactor
from hems.sim.media import FailingMedium, MemoryMedium, RecordingMedium, SlowMedium
from hems.supervisor import Rulebook, Supervisor
from tests.journal.books import blank
from tests.journal.days import DAY_S, MIDNIGHT, ROOMY, Moment, Service, recalled, reference_day
from tests.test_supervisor import RULES, Wires

pytestmark = pytest.mark.proof


def day_of_service(service: Service, *, step_s: int = 300, cycles: int = 40, alarms: int = 2) -> None:
    for _ in service.live(reference_day(cycles=cycles, alarms=alarms), step_s=step_s):
        pass


def test_the_reference_day_is_written_at_most_150_times() -> None:
    """B-1, JRN-44: two such days, with a history beside them; the second is the honest one."""
    book, ring = RecordingMedium(blank(ROOMY)), RecordingMedium(bytes(8 * PLACE_BYTES))
    service = Service(book, History(ring))
    day_of_service(service, step_s=60)
    first = book.syncs
    day_of_service(service, step_s=60)
    assert 100 < book.syncs - first + ring.syncs <= 150
    assert service.journal.health(service.now).writes_24h <= 150
    service.journal.flush(service.now)
    assert recalled(bytes(book.image)) == (service.ledger, service.settings)
    service.close()


def test_the_wear_guard_holds_on_a_wild_day() -> None:
    """B-1, JRN-43: two hundred pump cycles and twenty alarms; starts and alarms are never held."""
    book = RecordingMedium(blank(ROOMY))
    service = Service(book)
    for _ in range(2):
        before = book.syncs
        day_of_service(service, step_s=60, cycles=200, alarms=20)
    assert 200 + 40 <= book.syncs - before <= 200 + 40 + 4 + 6 + 30
    service.close()


def test_the_wear_guard_lets_edges_wait_that_no_start_follows() -> None:
    """B-1, JRN-43: a relay that chatters all day would be written every three minutes."""
    book = RecordingMedium(blank(ROOMY))
    service = Service(book)
    chatter = [Moment(at_s, (("counted", "relay.garage"),)) for at_s in range(0, DAY_S, 216)]
    for _ in range(2):
        before = book.syncs
        for _ in service.live(chatter, step_s=60):
            pass
    assert 90 < book.syncs - before <= 200
    service.close()


FAULTS = [errno.EIO, errno.ENOSPC, errno.EROFS]
OPERATIONS = 2 * 130


def day_with_a_fault(error: int, first: int, failures: int) -> Service:
    """A day on which the card refuses from its `first` operation on, so many times."""
    asked = 0

    def fails(operation: str) -> int:
        nonlocal asked
        if operation == "pread":
            return 0
        asked += 1
        return error if first <= asked < first + failures else 0

    medium = FailingMedium(blank(ROOMY), lambda operation: 0)
    service = Service(medium)
    medium._fails = fails
    before = (service.ledger, service.settings)
    for n, _ in enumerate(service.live(reference_day())):
        if n % 40 == 0:
            state = recover(bytes(medium.image))
            assert not state.unreadable
            assert not state.lost
    assert (service.ledger, service.settings) != before
    return service


@pytest.mark.parametrize("failures", [1, 2, 9])
def test_a_fault_at_any_write_of_a_day_leaves_nothing_behind(failures: int) -> None:
    """B-9: no exception leaves the journal, and everything is durable once the fault has gone."""
    for k, first in enumerate(range(failures, OPERATIONS, 23)):
        service = day_with_a_fault(FAULTS[k % 3], first, failures)
        for _ in range(failures + 1):
            service.clock.advance(900.0)
            service.journal.keep(service.ledger, service.settings, (), service.now)
            service.settle()
        assert service.journal.health(service.now).state == "ok"
        assert isinstance(service.medium, FailingMedium)
        assert recalled(bytes(service.medium.image)) == (service.ledger, service.settings)
        service.close()


@pytest.mark.parametrize("error", FAULTS)
def test_a_card_that_refuses_for_hours_is_told_and_whole_afterwards(error: int) -> None:
    """B-9, JRN-53: a fault from noon to six."""
    broken = {"now": False}
    medium = FailingMedium(blank(ROOMY), lambda asked: error * (broken["now"] and asked != "pread"))
    service = Service(medium)
    told = set()
    for _ in service.live(reference_day()):
        hour = (service.clock.mono_s() - 1_000.0) / 3600
        broken["now"] = 12 <= hour < 18
        told.add((12.5 < hour < 18, service.journal.health(service.now).state == "failing"))
    assert {(True, True), (False, False)} <= told
    assert (True, False) not in told
    service.journal.flush(service.now)
    assert recalled(bytes(medium.image)) == (service.ledger, service.settings)
    service.close()


@pytest.fixture
def service_of() -> Iterator[Callable[[MemoryMedium], tuple[Supervisor, Wires, list[View]]]]:
    """The real supervisor with a journal on a medium; wires that answer at once."""
    opened: list[tuple[Journal, Reactor]] = []

    def make(medium: MemoryMedium) -> tuple[Supervisor, Wires, list[View]]:
        clock = ManualClock(MIDNIGHT)
        reactor, wires = Reactor(clock), Wires(clock, 0.0)
        journal = Journal(Path("book"), reactor, clock, medium)
        opened.append((journal, reactor))
        rulebook = Rulebook(RULES, CountRules(contacts=("garage",)), Installed("Home", RULES.fuse_a, {}))
        supervisor = Supervisor(
            rulebook,
            wires,
            journal,
            wires,
            reactor,
            clock,
            ledger=Ledger(),
            settings=Settings(),
        )
        views: list[View] = []
        supervisor.eyes.append(Looking(views))
        return supervisor, wires, views

    yield make
    for journal, reactor in opened:
        journal.close()
        reactor.close()


class Looking:
    """An eye that keeps what it was shown."""

    def __init__(self, views: list[View]) -> None:
        self.show = views.append


def answered(supervisor: Supervisor, records: int) -> None:
    """Turn the loop, without time passing, until so many records are acknowledged."""
    while supervisor.journal.health(supervisor.clock.now()).records < records:
        supervisor.loop.run_until(supervisor.clock.mono_s())


def refuse(writer: Writer, timeout_s: float) -> bool:
    """No cycle may wait for the card."""
    raise AssertionError(timeout_s)


def test_stalls_of_thirty_seconds_delay_no_cycle(
    service_of: Callable[[MemoryMedium], tuple[Supervisor, Wires, list[View]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """B-8, JRN-52: every sync takes half a virtual minute; no cycle notices, orders are kept at last."""
    gate = threading.Semaphore(0)
    medium = SlowMedium(blank(ROOMY), lambda: gate.acquire(timeout=20.0))
    supervisor, wires, views = service_of(medium)
    monkeypatch.setattr(Writer, "wait", refuse)
    for n in range(12):
        supervisor.put(SetUserMax("garage", 6.0 + n % 5))
        supervisor.run(lambda: False, supervisor.clock.mono_s() + 30.0)
        gate.release()
        answered(supervisor, n + 1)
    health = views[-1].health
    assert (len(views), health.cycle.max_ms, health.cycle.overruns) == (360, 0.0, 0)
    assert wires.log.count("act") == len(views)
    assert max(view.health.journal.unsaved_s for view in views) >= 29.0
    assert health.journal.records == 11
    monkeypatch.undo()
    gate.release(100)
    supervisor.stop()
    assert recalled(bytes(medium.image))[1] == supervisor.settings


def test_the_end_does_not_wait_for_a_stalled_card(
    service_of: Callable[[MemoryMedium], tuple[Supervisor, Wires, list[View]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """B-8: the house is left safe first, then the card has its few seconds."""
    monkeypatch.setattr("hems.journal.journal.STOP_S", 0.05)
    free = threading.Event()
    supervisor, wires, _ = service_of(SlowMedium(blank(ROOMY), lambda: free.wait(20.0)))
    supervisor.start()
    supervisor.stop()
    assert wires.log[-2:] == ["stopping", "safe"]
    free.set()


def test_a_full_disk_leaves_no_book(tmp_path: Path) -> None:
    """B-9, JRN-1: the content goes to a full device; nothing is left behind."""
    (tmp_path / "book.new").symlink_to("/dev/full")
    with pytest.raises(BookError, match="No space left on device"):
        create(tmp_path / "book", base_bytes=4 * SLOT, log_bytes=24 * SLOT)
    assert list(tmp_path.iterdir()) == []


def test_a_book_of_a_newer_format_is_left_as_it_is() -> None:
    """JRN-25: recovery says so; nothing of it is taken for a value."""
    image = bytearray(blank(ROOMY))
    for offset in HEADER_OFFSETS:
        image[offset : offset + SLOT] = pack_header(replace(ROOMY, format=9))
    assert "newer program" in recover(bytes(image)).unreadable


def test_a_card_that_keeps_nothing_is_found_when_a_base_is_read_back() -> None:
    """JRN-31: it says yes to everything; the new base does not read back, and the old one stays."""
    medium = Forgetful(blank(ROOMY))
    service = Service(medium)
    for _ in service.live(reference_day()):
        pass
    kept = (service.ledger, service.settings)
    service.journal.flush(service.now)
    medium.forgets = True
    for _ in range(5):
        for _ in service.live(reference_day()):
            pass
        if service.journal.health(service.now).state == "failing":
            break
    assert "what was written does not read back" in service.journal.health(service.now).words
    assert recalled(bytes(medium.image)) == kept
    service.close()


class Forgetful(MemoryMedium):
    """A card that stops keeping what it is given and does not say so."""

    forgets = False

    def pwrite(self, offset: int, data: bytes) -> None:
        if not self.forgets:
            super().pwrite(offset, data)
