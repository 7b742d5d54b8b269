"""Lists, alarms, rescue and large bases in the running service, on a virtual clock."""

import errno
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from hems.clock import ManualClock
from hems.journal import change, journal, rings
from hems.journal.beside import Beside
from hems.journal.book import create
from hems.journal.encoding import Encoding
from hems.journal.journal import Journal
from hems.journal.layout import SLOT
from hems.journal.medium import Done, Job, Medium
from hems.journal.migrate import Step
from hems.journal.recover import recover
from hems.journal.restore import import_text
from hems.journal.storage import JournalStorage
from hems.model.ledger import Counter, Event, Ledger
from hems.model.settings import ChargerSettings, Settings
from hems.model.view import JournalHealth
from hems.reactor import Reactor
from hems.sim.media import FailingMedium, MemoryMedium, RecordingMedium, torn
from tests.journal.books import SMALL, Plain, blank, documents

NINE = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ROOMY = replace(SMALL, base_bytes=100 * SLOT, log_bytes=64 * SLOT)
SETTINGS = Settings({"garage": ChargerSettings("fast", 13.0)})


class Desk:
    """A journal on a virtual clock; everything the writer is given is done before the next look."""

    def __init__(self, path: Path, medium: Medium | None = None, start: datetime = NINE) -> None:
        self.clock = ManualClock(start)
        self.reactor = Reactor(self.clock)
        self.asked: list[Path] = []
        self.journal = Journal(path, self.reactor, self.clock, medium, remount=self.asked.append)
        recalled = self.journal.recall()
        self.ledger, self.settings = recalled.ledger, recalled.settings or SETTINGS

    def keep(self, *events: Event, settle: bool = True) -> None:
        self.journal.keep(self.ledger, self.settings, events, self.clock.now())
        while settle and self.journal._book.busy:
            assert self.journal._writer.wait(5.0)

    def drain(self) -> None:
        """The answers of errands, which no flush waits for."""
        last: list[Done] = []
        self.journal._writer.submit(Job(0, 0), Beside(Path()), last.append)
        while not last:
            assert self.journal._writer.wait(5.0)

    def tell(self, kind: str, key: str = "x", **figures: float | str) -> None:
        self.keep(Event(kind, key, self.clock.now().wall, figures))

    def heat(self, total: int) -> None:
        self.ledger = Ledger({}, {"hp1.heating": Counter(total)})

    @property
    def health(self) -> JournalHealth:
        return self.journal.health(self.clock.now())

    def close(self) -> None:
        self.journal.close()
        self.reactor.close()


Opened = Callable[..., Desk]


@pytest.fixture
def opened() -> Iterator[Opened]:
    desks: list[Desk] = []

    def make(path: Path = Path("nowhere"), medium: Medium | None = None, start: datetime = NINE) -> Desk:
        desks.append(Desk(path, medium, start))
        return desks[-1]

    yield make
    for desk in desks:
        desk.close()


def held(medium: MemoryMedium) -> Plain:
    recovery = recover(bytes(medium.image))
    assert not recovery.damaged
    return change.plain(recovery.state)


def test_a_session_and_its_counter_are_one_record(opened: Opened) -> None:
    """JRN-12: together or not at all, wherever the power is cut."""
    medium = RecordingMedium(blank(ROOMY))
    desk = opened(medium=medium)
    desk.keep()
    medium.writes.clear()
    desk.heat(1)
    desk.keep(
        Event("counted", "ev1.sessions", NINE), Event("session_ended", "ev1", NINE, {"energy_wh": 9_550})
    )
    ((before, written),) = medium.images()
    for length in range(len(written.data) + 1):
        state = change.plain(recover(torn(before, written, length, "garbage", Random(length))).state)
        assert ("sessions" in state) == ("counters.heating" in state["ledger"].get("2", {})), length
    assert held(medium)["sessions"] == {"1": {"charger": "ev1", "energy_wh": 9_550}}


def test_a_start_tells_why(opened: Opened) -> None:
    """First start, a cut, a proper end; each with its number."""
    medium = MemoryMedium(blank(ROOMY))
    for ends in (False, True, True):
        desk = opened(medium=medium)
        desk.keep()
        if ends:
            desk.tell("stopped", "service")
    reasons = [row["figures"] for row in held(medium)["events"].values() if row["kind"] == "booted"]
    assert reasons == [
        {"reason": why, "boots": n, "cut_off": False}
        for n, why in enumerate(("first start", "cut", "stopped"), start=1)
    ]


def test_alarms_become_entries_and_keep_their_clearing_time(opened: Opened) -> None:
    """JRN-52, JRN-53: the card refuses for two minutes."""
    broken = {"now": False}
    medium = FailingMedium(blank(ROOMY), lambda asked: errno.EIO * (broken["now"] and asked == "pwrite"))
    desk = opened(medium=medium)
    desk.keep()
    broken["now"] = True
    for _ in range(120):
        desk.tell("rolled", "2h")
        desk.clock.advance(1)
    assert set(desk.health.alarms) == {"journal_failing", "journal_unsaved"}
    assert desk.health.alarms["journal_failing"] == "Input/output error"
    broken["now"] = False
    desk.clock.advance(900)
    for _ in range(3):
        desk.keep()
    assert desk.health.alarms.keys() <= {"base_unreadable"}
    rows = held(medium)["events"].values()
    told = {row["key"]: row for row in rows if row["kind"] == "alarm_raised"}
    assert {"journal_failing", "journal_unsaved"} <= set(told)
    assert told["journal_unsaved"]["cleared"] == (NINE + timedelta(seconds=1_020)).isoformat()


def test_an_alarm_of_the_last_run_is_cleared_by_the_next(opened: Opened) -> None:
    medium = MemoryMedium(blank(ROOMY))
    JournalStorage("book", medium=medium).write(
        {
            "events": {
                "1": {"kind": "alarm_raised", "key": "records_lost"},
                "2": {"kind": "alarm_raised", "key": "other"},
            }
        }
    )
    desk = opened(medium=medium)
    desk.keep()
    rows = held(medium)["events"]
    assert "cleared" in rows["1"]
    assert "cleared" not in rows["2"], "that one is not the memory's own"


def test_the_base_in_use_that_does_not_read_back_raises_an_alarm(opened: Opened) -> None:
    """JRN-31: it is the one to be overwritten, its predecessor stays."""
    medium = MemoryMedium(blank(ROOMY))
    desk = opened(medium=medium)
    desk.keep()
    desk.journal._renew = True
    desk.keep()
    assert desk.health.alarms == {}
    pair = desk.journal._book.place.pair
    medium.image[ROOMY.base_offset(pair) + 40] ^= 1
    desk.journal._renew = True
    desk.keep()
    desk.keep()
    assert desk.journal._book.place.pair == pair
    assert desk.health.alarms == {"base_unreadable": "2026-11-24: the base in use did not read back"}


def many(entries: int) -> Plain:
    rows: dict[str, dict[str, object]] = {
        str(n): {"kind": "gap", "n": n, "text": f"{n * 7919:064x}"} for n in range(1, entries + 1)
    }
    return {"events": rows, "evidence": {k: v | {"from": NINE.isoformat()} for k, v in rows.items()}}


def test_a_large_base_is_spread_over_cycles_and_loses_nothing_meanwhile(opened: Opened) -> None:
    """JRN-32: what becomes due while it is being encoded is recorded, and rides in its checkpoint."""
    medium = MemoryMedium(blank(ROOMY))
    JournalStorage("book", medium=medium).write(many(900))
    desk = opened(medium=medium)
    desk.keep()
    generation = recover(bytes(medium.image)).generation
    desk.journal._encoding = Encoding(desk.journal._latest(desk.clock.now()))
    cycles = 0
    while recover(bytes(medium.image)).generation == generation:
        cycles += 1
        desk.heat(cycles)
        desk.clock.advance(1)
        desk.tell("session_ended", "ev1", energy_wh=cycles)
        state = held(medium)
        assert len(state["sessions"]) == cycles, "acknowledged in the cycle in which it ended"
        assert (len(state["events"]), len(state["evidence"])) == (901, 900)
    assert 3 < cycles < 10
    desk.keep()
    assert held(medium) == state, "the checkpoint brought what the base had not"


def test_a_flush_does_not_wait_for_cycles(opened: Opened) -> None:
    """Class stop: a base that is needed is finished at once."""
    medium = MemoryMedium(blank(ROOMY))
    JournalStorage("book", medium=medium).write(many(900))
    desk = opened(medium=medium)
    desk.journal._renew = True
    desk.heat(5)
    desk.keep(settle=False)
    assert desk.journal._encoding is not None
    desk.journal.flush(desk.clock.now())
    assert held(medium)["ledger"]["2"]["name"] == "hp1"
    assert len(held(medium)["events"]) == 901


def test_a_checkpoint_that_would_be_large_follows_the_change(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JRN-30: a checkpoint holds whole tables; lists that just changed would make it heavy."""
    monkeypatch.setattr(journal, "CHECKPOINT_BYTES_MAX", 20_000)
    medium = RecordingMedium(blank(ROOMY))
    JournalStorage("book", medium=medium).write(many(300))
    desk = opened(medium=medium)
    desk.keep()
    medium.writes.clear()
    desk.keep(Event("rolled", "daily", NINE), Event("gap", "x", NINE))
    desk.clock.advance(1)
    desk.keep()
    desk.keep()
    assert [written.data[16] for written in medium.writes] == [1, 2]
    assert len(held(medium)["events"]) == 302


def test_a_change_that_is_too_large_for_a_record_becomes_a_base(opened: Opened) -> None:
    """JRN-11."""
    medium = MemoryMedium(blank(ROOMY))
    desk = opened(medium=medium)
    desk.keep()
    noise = Random(1)
    events = [Event("gap", "x", NINE, {"text": noise.randbytes(1_900).hex()}) for _ in range(40)]
    desk.keep(*events, Event("rolled", "2h", NINE))
    for _ in range(5):
        desk.keep()
    assert recover(bytes(medium.image)).generation == 2
    assert len(held(medium)["events"]) == 41


def test_a_state_beyond_its_bound_is_told_while_it_still_fits(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JRN-63: 1.4 MiB of plain documents, checked before each base; nothing is thrown away for it."""
    monkeypatch.setattr(journal, "STATE_BYTES_MAX", 1_000)
    medium = MemoryMedium(blank(ROOMY))
    desk = opened(medium=medium)
    for n in range(100):
        desk.heat(n)
        desk.tell("rolled", "2h")
        desk.tell("gap", "x")
        desk.clock.advance(1)
    assert desk.health.state == "ok"
    assert "bytes to keep; a base may not hold them" in desk.health.alarms["state_too_large"]
    assert recover(bytes(medium.image)).generation > 1
    (heating,) = [row for row in held(medium)["ledger"].values() if row["name"] == "hp1"]
    assert heating["counters.heating"] == {
        "total": 99, "windows": {}, "previous": {}, "limbo": 0, "since": None,
    }  # fmt: skip


def test_the_wear_of_a_day_is_told_and_guards(opened: Opened) -> None:
    """JRN-43: above 150 writes an edge and a short window wait, a start does not."""
    desk = opened(medium=MemoryMedium(blank(ROOMY)))
    for n in range(200):
        desk.heat(n)
        desk.tell("alarm_raised", f"a{n}")
        desk.clock.advance(10)
    health = desk.health
    assert health.writes_24h > 200
    assert health.bytes_24h == health.bytes_written > 200 * 1_024
    for kind, key in (("counted", "hp1.heating"), ("rolled", "2h")):
        desk.heat(1_000)
        desk.tell(kind, key)
        desk.clock.advance(200)
        desk.keep()
        assert desk.health.unsaved_s >= 200
    before = desk.health.records
    desk.tell("counted", "hp1.compressor_start")
    assert desk.health.records == before + 1
    desk.clock.advance(86_400)
    assert desk.health.writes_24h == 0
    assert desk.health.bytes_written == health.bytes_24h + (desk.health.bytes_written - health.bytes_24h)


def test_what_has_no_room_is_told_and_not_stored(opened: Opened) -> None:
    """JRN-63."""
    medium = MemoryMedium(blank(ROOMY))
    desk = opened(medium=medium)
    for _ in range(3):
        desk.tell("gap", "x", text="x" * 5_000)
    desk.ledger = Ledger({}, {f"ev{n}.sessions": Counter(n) for n in range(40)})
    desk.tell("rolled", "2h")
    desk.keep()
    words = desk.health.alarms["document_refused"]
    assert words.startswith("2026-11-24: ")
    raised = [row for row in held(medium)["events"].values() if row["kind"] == "alarm_raised"]
    assert [row["key"] for row in raised] == ["document_refused"]


def test_evidence_leaves_its_ring_only_when_it_is_on_the_card_elsewhere(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JRN-60."""
    monkeypatch.setitem(rings.RINGS, "evidence", rings.Ring(10))
    create(tmp_path / "book", base_bytes=4 * SLOT, log_bytes=64 * SLOT)
    desk = opened(tmp_path)
    for n in range(14):
        desk.clock.advance(60)
        desk.tell("evidence_began", f"limit{n}", limit_w=4_200)
        desk.drain()
        desk.keep()
        desk.drain()
    desk.keep()
    assert "nearly full" in desk.health.alarms["evidence_nearly_full"]
    kept = desk.journal._current["evidence"]
    assert len(kept) == 10
    lines = (tmp_path / "evidence.csv").read_text().splitlines()
    assert [line.split(",")[1] for line in lines] == ["key", "limit0", "limit1", "limit2", "limit3"]
    monkeypatch.undo()


def test_a_week_has_its_export_and_it_can_be_imported(opened: Opened, tmp_path: Path) -> None:
    """JRN-83."""
    folder = tmp_path / "data"
    folder.mkdir()
    create(folder / "book", base_bytes=4 * SLOT, log_bytes=64 * SLOT)
    desk = opened(folder)
    for day in range(36):
        desk.heat(day)
        desk.tell("rolled", "daily")
        desk.keep()
        desk.drain()
        desk.clock.advance(86_400)
    names = sorted(path.name for path in folder.glob("export-*"))
    assert names == [
        "export-2026-12-08.json",
        "export-2026-12-15.json",
        "export-2026-12-22.json",
        "export-2026-12-29.json",
    ]
    other = tmp_path / "other"
    other.mkdir()
    assert "hp1.heating: none -> 35" in import_text(other, (folder / names[-1]).read_bytes())
    desk.clock.trusted = False
    desk.clock.advance(30 * 86_400)
    desk.tell("rolled", "daily")
    desk.drain()
    assert sorted(path.name for path in folder.glob("export-*")) == names


def test_a_read_only_file_system_is_asked_for_once_an_hour(opened: Opened, tmp_path: Path) -> None:
    """JRN-54: never more than that."""
    broken = {"now": True}
    medium = FailingMedium(blank(ROOMY), lambda asked: errno.EROFS * (broken["now"] and asked == "pwrite"))
    desk = opened(tmp_path, medium)
    for _ in range(150):
        desk.keep()
        desk.clock.advance(60)
    desk.drain()
    assert len(desk.asked) == 3
    assert set(desk.asked) == {tmp_path}
    assert desk.health.alarms["journal_failing"] == os.strerror(errno.EROFS)
    broken["now"] = False
    desk.clock.advance(900)
    desk.keep()
    assert desk.health.state == "ok"


def test_counting_goes_on_beside_an_unreadable_book_until_a_person_decides(
    opened: Opened, tmp_path: Path
) -> None:
    """JRN-25: the alarm stays, the unreadable book too; what was counted is found again."""
    (tmp_path / "book").write_bytes(b"rubbish")
    for starts in (3, 4):
        desk = Desk(tmp_path)
        assert desk.ledger.counters.get("hp1.heating", Counter()).total == (0 if starts == 3 else 3)
        desk.heat(starts)
        desk.tell("counted", "hp1.compressor_start")
        assert "the book cannot be read" in desk.health.alarms["book_unreadable"]
        assert desk.health.state == "ok"
        desk.close()
    assert (tmp_path / "book").read_bytes() == b"rubbish"


def test_without_any_card_counting_goes_on_in_memory(opened: Opened, tmp_path: Path) -> None:
    """JRN-25, JRN-53: and on the card as soon as it takes a rescue book."""
    folder = tmp_path / "absent"
    desk = opened(folder)
    desk.heat(7)
    for _ in range(20):
        desk.tell("counted", "hp1.compressor_start")
        desk.clock.advance(1)
    assert desk.health.state == "failing"
    assert set(desk.health.alarms) >= {"book_unreadable", "journal_failing"}
    folder.mkdir()
    desk.clock.advance(900)
    desk.keep()
    desk.keep()
    assert desk.health.state == "ok"
    state = change.plain(recover((folder / "book.rescue").read_bytes()).state)
    assert [row for row in state["ledger"].values() if row["name"] == "hp1"]


def test_an_older_book_is_migrated_in_memory_and_kept_as_a_new_base(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JRN-81: the old pair stays as it was."""
    medium = MemoryMedium(blank(ROOMY))
    JournalStorage("book", medium=medium).write({"meta": {"1": {"format": 1}}, "notes": {"1": {"old": 1}}})
    pair = bytes(medium.image[ROOMY.base_offset(0) : ROOMY.base_offset(1)])

    def renamed(state: change.Documents) -> change.Documents:
        return {**state, "notes": documents({"notes": {"1": {"new": 1}}})["notes"]}

    steps: dict[int, Step] = {1: renamed}
    monkeypatch.setattr(journal, "migrated", lambda state: journal_migrated(state, steps))
    desk = opened(medium=medium)
    desk.keep()
    assert held(medium)["notes"] == {"1": {"new": 1}}
    assert recover(bytes(medium.image)).generation == 2
    assert bytes(medium.image[ROOMY.base_offset(0) : ROOMY.base_offset(1)]) == pair


def journal_migrated(state: change.Documents, steps: dict[int, Step]) -> change.Documents:
    from hems.journal.migrate import migrated

    return migrated(state, steps, 2)
