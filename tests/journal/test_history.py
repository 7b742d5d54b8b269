"""The energy log: rows in the book, days in a ring, whatever the card does (JRN-61)."""

import errno
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from hems.clock import ManualClock
from hems.errors import BookError
from hems.journal import history
from hems.journal.change import Fields
from hems.journal.frame import Kind, pack
from hems.journal.history import (
    ALLOWED,
    PLACE_BYTES,
    SEED,
    WAITING_MAX,
    History,
    Stage,
    create_history,
    open_history,
)
from hems.journal.journal import Journal, create_book
from hems.journal.medium import Done, Job, Medium, perform
from hems.journal.rows import QUARTER_S, Row, day_of, document, row_id
from hems.model.ledger import Ledger
from hems.model.settings import Settings
from hems.reactor import Reactor
from hems.sim.media import FailingMedium, MemoryMedium, RecordingMedium, torn
from tests.journal.pages import page

VIENNA = ZoneInfo("Europe/Vienna")
START = datetime(2026, 3, 20, tzinfo=VIENNA)
DAY_S = 86_400
PLACES = 8
BLANK = bytes(PLACES * PLACE_BYTES)


def row(end_s: int) -> Row:
    """A row that cannot be mistaken for another one."""
    return Row(end_s, {"site.grid": end_s // QUARTER_S % 9_999, "ev1": -3}, {"site.grid_import": end_s // 60})


class Life:
    """One run of a history beside a book that stores its rows when told so."""

    def __init__(self, medium: Medium | None, book: dict[str, Fields]) -> None:
        self.history = History(medium)
        self.history.recall(book)
        self.book = book
        self.jobs: deque[tuple[Job, Medium, Callable[[Done], None]]] = deque()
        self.transitions: set[tuple[Stage, Stage]] = set()

    def submit(self, job: Job, medium: Medium, on_done: Callable[[Done], None]) -> None:
        assert not self.jobs, "one job at a time"
        self.jobs.append((job, medium, on_done))

    def quarter(self, end_s: int) -> None:
        """A quarter of an hour passes: the last pages of one and the first of the next."""
        wall = datetime.fromtimestamp(end_s, VIENNA)
        self.history.show(page(float(end_s), wall))
        self.history._wait({**self.history.waiting, row_id(end_s): document(row(end_s))})

    def store(self) -> None:
        """The book writes what is waiting, and the card does what it is asked."""
        self.book = dict(self.history.waiting)
        before = self.history.stage
        self.history.stored(self.book, self.submit)
        self._note(before)
        self.work()

    def work(self) -> None:
        while self.jobs:
            job, medium, on_done = self.jobs.popleft()
            before = self.history.stage
            on_done(perform(medium, job))
            self._note(before)

    def _note(self, before: Stage) -> None:
        if self.history.stage is not before:
            self.transitions.add((before, self.history.stage))

    def rows(self, begin_s: int, end_s: int) -> tuple[Row, ...]:
        return self.history.quarters(begin_s, end_s, 100_000)


def quarters(begin: datetime, days: int) -> range:
    """The ends of all quarters of an hour of so many local days."""
    begin_s = int(begin.timestamp())
    end_s = int((begin + timedelta(days=days)).replace(fold=0).timestamp())
    return range(begin_s + QUARTER_S, end_s + 1, QUARTER_S)


def lived(medium: Medium, begin: datetime, days: int, book: dict[str, Fields] | None = None) -> Life:
    life = Life(medium, book or {})
    for end_s in quarters(begin, days):
        life.quarter(end_s)
        life.store()
    life.store()
    return life


def test_days_go_to_their_places_with_one_write_each_and_leave_the_book() -> None:
    """JRN-61: one write and one sync a day; the day of a change to summer time has 92 rows."""
    medium = RecordingMedium(BLANK)
    life = lived(medium, START, 12)
    assert len(medium.writes) == medium.syncs == 12
    assert life.book == {}
    assert {written.offset % PLACE_BYTES for written in medium.writes} == {0}
    ends = list(quarters(START, 12))
    assert len(ends) == 12 * 96 - 4
    kept = [end for end in ends if day_of(end, START) > day_of(ends[-1], START) - PLACES]
    assert life.rows(ends[0], ends[-1]) == tuple(row(end) for end in kept)
    assert life.transitions == {
        (Stage.UNREAD, Stage.READING),
        (Stage.READING, Stage.IDLE),
        (Stage.IDLE, Stage.WRITING),
        (Stage.WRITING, Stage.IDLE),
    }
    assert all(after in ALLOWED[before] for before, after in life.transitions)


def test_a_year_and_more_goes_round() -> None:
    """A year of days in a ring of 800 places, read back by another run."""
    medium = RecordingMedium(bytes(800 * PLACE_BYTES))
    life = Life(medium, {})
    for day in range(380):
        rows = {row_id(end): document(row(end)) for end in quarters(START + timedelta(days=day), 1)}
        life.history._wait({**life.history.waiting, **rows})
        life.history.show(page(float(day), START + timedelta(days=day + 1, minutes=16)))
        life.store()
        life.store()
    assert len(medium.writes) == medium.syncs == 380
    ends = list(quarters(START, 380))
    again = Life(medium, {})
    again.history.show(page(0.0, datetime.fromtimestamp(ends[-1] + 5, VIENNA)))
    again.store()
    for begin, end in ((0, 96), (20_000, 20_010), (len(ends) - 50, len(ends) - 1)):
        assert again.rows(ends[begin], ends[end]) == tuple(row(at) for at in ends[begin : end + 1])
    assert again.history.quarters(ends[0], ends[-1], 1_000) == tuple(row(at) for at in ends[-1_000:])
    assert again.rows(ends[-1] + 1, ends[-1] + 10_000) == ()


def test_the_largest_site_fits_into_its_place() -> None:
    """Three pumps, four chargers and many totals for the 100 quarters of a day that has 25 hours."""
    random = Random(7)
    totals = {f"site.total{n}": random.randrange(10**8) for n in range(20)}
    powers = [f"site.power{n}" for n in range(6)] + [f"thing{n}" for n in range(7)]
    rows = {}
    begin = datetime(2026, 10, 25, tzinfo=VIENNA)
    for end_s in quarters(begin, 1):
        totals = {name: value + random.randrange(500) for name, value in totals.items()}
        mean_w = {name: random.randrange(-9_000, 9_000) for name in powers}
        rows[row_id(end_s)] = document(Row(end_s, mean_w, totals))
    assert len(rows) == 100
    life = Life(MemoryMedium(BLANK), rows)
    life.history.show(page(0.0, begin + timedelta(days=2)))
    life.store()
    life.store()
    assert life.history.words == ""
    assert life.history.waiting == {}


def test_a_day_that_does_not_fit_is_told_and_does_not_stop_the_next() -> None:
    random = Random(8)
    noise = {
        row_id(end): document(Row(end, {random.randbytes(200).hex(): 1}, {})) for end in quarters(START, 1)
    }
    later = {row_id(end): document(row(end)) for end in quarters(START + timedelta(days=1), 1)}
    medium = RecordingMedium(BLANK)
    life = Life(medium, {**noise, **later})
    life.history.show(page(0.0, START + timedelta(days=2, hours=1)))
    for _ in range(2):
        life.store()
    assert "do not fit into the history" in life.history.words
    life.store()
    assert life.history.waiting == {}
    assert len(medium.writes) == 1


def test_a_cut_at_any_block_of_a_day_loses_no_row() -> None:
    """Power cuts in every write of the ring: rows are in the book until their day is on the card."""
    medium = RecordingMedium(BLANK)
    book: dict[str, Fields] = {}
    random = Random("history")
    cuts = 0
    before_day: dict[int, dict[str, Fields]] = {}
    life = Life(medium, book)
    for end_s in quarters(START, 10):
        life.quarter(end_s)
        writes = len(medium.writes)
        life.store()
        if len(medium.writes) > writes:
            before_day[writes] = life.book
    ends = list(quarters(START, 10))
    for i, (image, written) in enumerate(medium.images()):
        today = day_of(max(int(name) for name in before_day[i]) * QUARTER_S, START)
        newest = max(int(name) for name in before_day[i]) * QUARTER_S
        first_day = max(day_of(ends[0], START), today - PLACES)
        due = tuple(row(end) for end in ends if end <= newest and day_of(end, START) > first_day)
        due = due or tuple(row(end) for end in ends if end <= newest)
        lengths = {0, 32, len(written.data) - 1, len(written.data)}
        for length in lengths | {random.randrange(len(written.data)) for _ in range(2)}:
            for rest in ("old", "zero", "garbage", "page"):
                cut = MemoryMedium(torn(image, written, length, rest, random))
                again = Life(cut, before_day[i])
                again.history.show(page(0.0, datetime.fromtimestamp(newest + 5, VIENNA)))
                for _ in range(3):
                    again.store()
                assert again.rows(due[0].end_s, newest) == due
                cuts += 1
    assert cuts > 200


def test_a_day_already_in_its_place_is_not_written_again() -> None:
    """A cut after the day was written and before it left the book."""
    medium = RecordingMedium(BLANK)
    book = {row_id(end): document(row(end)) for end in quarters(START, 1)}
    for _ in range(2):
        life = Life(medium, dict(book))
        life.history.show(page(0.0, START + timedelta(days=1, minutes=20)))
        life.store()
        life.store()
        assert life.history.waiting == {}
    assert len(medium.writes) == 1


def test_rows_that_only_the_ring_has_go_back_into_the_book_before_their_place_is_written() -> None:
    """The clock went back over midnight: what is on the card is never overwritten by less."""
    medium = RecordingMedium(BLANK)
    ends = list(quarters(START, 1))
    first = {row_id(end): document(row(end)) for end in ends[:90]}
    second = {row_id(end): document(row(end)) for end in ends[88:]}
    for book in (first, second):
        life = Life(medium, book)
        life.history.show(page(0.0, START + timedelta(days=1, minutes=20)))
        for _ in range(4):
            life.store()
        assert life.book == {}
    assert len(medium.writes) == 2
    assert life.rows(ends[0], ends[-1]) == tuple(row(end) for end in ends)


def test_only_what_the_book_has_is_moved() -> None:
    medium = RecordingMedium(BLANK)
    life = Life(medium, {})
    for end_s in quarters(START, 1):
        life.quarter(end_s)
    life.quarter(int((START + timedelta(days=1, minutes=15)).timestamp()))
    life.history.stored({}, life.submit)
    life.work()
    life.history.stored({}, life.submit)
    assert not life.jobs
    life.store()
    assert len(medium.writes) == 1


def test_damaged_and_stale_places_are_missing_days() -> None:
    medium = MemoryMedium(BLANK)
    life = lived(medium, START, 3)
    day = day_of(int(START.timestamp()) + 900, START)
    medium.image[day % PLACES * PLACE_BYTES + 50] ^= 1
    foreign = pack(SEED, day + 1, 1, Kind.CHANGE, b'{"quarters":[]}')
    place = (day + 1) % PLACES * PLACE_BYTES
    medium.image[place : place + len(foreign)] = foreign
    again = Life(medium, {})
    again.history.show(page(0.0, START + timedelta(days=3)))
    again.store()
    ends = list(quarters(START, 3))
    assert again.rows(ends[0], ends[-1]) == tuple(row(end) for end in ends if day_of(end, START) == day + 2)
    assert life.history.minutes(0, 2**40) == ()


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC, errno.EROFS])
def test_a_card_that_refuses_keeps_the_rows_in_the_book(error: int) -> None:
    """B-9."""
    broken = {"pwrite": True}
    medium = FailingMedium(BLANK, lambda asked: error * broken.get(asked, False))
    book = {row_id(end): document(row(end)) for end in quarters(START, 1)}
    life = Life(medium, book)
    life.history.show(page(0.0, START + timedelta(days=1, minutes=20)))
    for _ in range(4):
        life.store()
    assert life.history.words == f"the history is not written: {OSError(error, '').strerror or _words(error)}"
    assert life.book == book
    broken["reopen"] = broken.pop("pwrite")
    life.store()
    assert life.book == book
    broken.clear()
    life.store()
    life.store()
    assert life.book == {}
    assert life.history.words == ""


def _words(error: int) -> str:
    import os

    return os.strerror(error)


def test_a_card_that_cannot_be_read_has_no_days_and_goes_on() -> None:
    broken = {"pread": True}
    medium = FailingMedium(BLANK, lambda asked: errno.EIO * broken.get(asked, False))
    life = lived(medium, START, 2)
    assert life.book == {}
    assert len(life.rows(0, 2**32)) == 2 * 96


@pytest.mark.parametrize("medium", [None, MemoryMedium(b"too short")])
def test_without_a_place_the_last_two_days_wait_in_the_book(medium: Medium | None) -> None:
    life = Life(medium, {})
    for end_s in quarters(START, 3):
        life.quarter(end_s)
        life.store()
    ends = list(quarters(START, 3))
    assert life.rows(ends[0], ends[-1]) == tuple(row(end) for end in ends[-WAITING_MAX:])
    life.history.close()


def test_minutes_live_for_26_hours() -> None:
    history = History()
    for second in range(0, 30 * 3600, 12):
        history.show(page(float(second), START + timedelta(seconds=second), float(second)))
    begin_s = int(START.timestamp())
    rows = history.minutes(0, 2**40)
    assert len(rows) == 26 * 60
    assert rows[-1].end_s == begin_s + 30 * 3600 - 60
    assert rows[-1].mean_w["ev1"] == 30 * 3600 - 120 + 24
    assert history.minutes(begin_s + 29 * 3600, begin_s + 29 * 3600 + 119) == tuple(
        row for row in rows if row.end_s in (begin_s + 29 * 3600, begin_s + 29 * 3600 + 60)
    )
    assert len(history.quarters(0, 2**32)) == 30 * 4 - 1


def test_a_file_of_its_own(tmp_path: Path) -> None:
    """The ring is made once; a missing one is told and hinders nothing."""
    assert "no history; make one with" in open_history(tmp_path).words
    path = create_history(tmp_path, places=3)
    assert path.read_bytes() == bytes(3 * PLACE_BYTES)
    with pytest.raises(BookError, match="exists already"):
        create_history(tmp_path, places=3)
    opened = open_history(tmp_path)
    assert opened.words == ""
    assert "another process" in open_history(tmp_path).words
    opened.close()


def test_through_the_journal(tmp_path: Path) -> None:
    """Two days of a real journal and its thread: rows ride in its records, then days leave."""
    create_history(tmp_path, places=PLACES)
    create_book(tmp_path)
    settings = Settings()
    clock = ManualClock(START)
    for _ in range(2):
        reactor = Reactor(clock)
        log = open_history(tmp_path)
        journal = Journal(tmp_path, reactor, clock, history=log)
        for _ in range(DAY_S // 60 + 30):
            now = clock.now()
            journal.keep(Ledger(), settings, (), now)
            for second in range(0, 60, 12):
                log.show(page(now.mono_s + second, now.wall + timedelta(seconds=second)))
            journal.flush(now) if now.wall.minute % 30 == 5 else None
            clock.advance(60.0)
        while log.stage is not history.Stage.IDLE:
            assert journal._writer.wait(5.0)
        begin_s = int(START.timestamp())
        until_s = int(clock.now().wall.timestamp()) // QUARTER_S * QUARTER_S
        rows = log.quarters(0, 2**32)
        missing = set(range(begin_s + QUARTER_S, until_s, QUARTER_S)) - {row.end_s for row in rows}
        assert len(missing) <= 2, "a restart costs the quarter of an hour it falls into"
        assert len(log.waiting) < 100
        journal.flush(clock.now())
        journal.close()
        log.close()
        reactor.close()
