"""The energy log: an eye that folds every page into rows, and a ring file of days.

Theory of operation. Minute rows live in memory for 26 hours. Quarter-hour rows wait in the book's table
`quarters`, which the journal stores with whatever else is due. Once a day is over and all of its rows are on
the card in the book, it goes as one record into its place in the ring, and then out of the book:

    unread ── first record stored ──► reading ── all days read ──► idle ⇄ writing

A day's place is its ordinal modulo the number of places, so nothing about the ring needs to be remembered: a
place whose record tells another day holds none of this one. A day is written only if the book has every row
that its place may lose: rows that are found there alone go back into the book first. Every job is done by the
journal's own thread; days are kept in memory as they were read, so that nobody ever waits for the card.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from msgspec import DecodeError, json

from hems.errors import BookError
from hems.journal import change
from hems.journal.book import lay_down
from hems.journal.change import Fields
from hems.journal.frame import Kind, pack, unpack
from hems.journal.medium import Done, Job, Medium, OsMedium
from hems.journal.rows import (
    MINUTE_S,
    QUARTER_S,
    Means,
    Row,
    Slot,
    day_of,
    document,
    end_of,
    fold,
    powers_of,
    row_id,
    row_of,
)
from hems.model.view import View

QUARTERS: Final = "quarters"
HISTORY: Final = "history"
PLACE_BYTES: Final = 16_384
PLACES: Final = 800
MINUTES_S: Final = 26 * 3600
WAITING_MAX: Final = 200
"""Rows that may wait in the book; the oldest goes first."""

SEED: Final = 0x48495354
"""What checksums begin with: a day is readable beside any book."""

Submit = Callable[[Job, Medium, Callable[[Done], None]], None]
Rows = Mapping[str, Fields]
_DAYS: Final = json.Decoder(dict[str, dict[str, Fields]])
_ROWS: Final = json.Decoder(dict[str, dict[str, Means]])
"""The same content, decoded at once for whoever asks for many days."""


class Stage(StrEnum):
    """Stages of the ring file."""

    UNREAD = "unread"
    READING = "reading"
    IDLE = "idle"
    WRITING = "writing"


ALLOWED: Final[Mapping[Stage, frozenset[Stage]]] = {
    Stage.UNREAD: frozenset({Stage.READING}),
    Stage.READING: frozenset({Stage.IDLE}),
    Stage.IDLE: frozenset({Stage.WRITING}),
    Stage.WRITING: frozenset({Stage.IDLE}),
}


class History:
    """The energy log of one site; without a medium rows stay in the book until they are too many."""

    def __init__(self, medium: Medium | None = None, words: str = "") -> None:
        self.stage = Stage.UNREAD
        self.words = words
        self.waiting: Rows = {}
        """Rows in the book or on their way there; a new mapping whenever they change."""
        self._medium = medium
        self._places = medium.size // PLACE_BYTES if medium else 0
        self._days: dict[int, bytes] = {}
        self._stored: Rows = {}
        self._minute, self._quarter = Slot(MINUTE_S), Slot(QUARTER_S)
        self._minutes: dict[int, Row] = {}
        self._wall: datetime | None = None
        self._place = 0
        self._failed = False

    def show(self, view: View) -> None:
        """Fold one page into the open minute and the open quarter of an hour."""
        now, powers_w = view.now, powers_of(view)
        self._minute, minute = fold(self._minute, powers_w, view.counters, now)
        self._quarter, quarter = fold(self._quarter, powers_w, view.counters, now)
        if now.trusted:
            self._wall = now.wall
        if minute is not None:
            now_s = now.wall.timestamp()
            kept = {at: row for at, row in self._minutes.items() if now_s - MINUTES_S < at <= now_s}
            self._minutes = kept | {minute.end_s: minute}
        if quarter is not None:
            self._wait({**self.waiting, row_id(quarter.end_s): document(quarter)})

    def recall(self, rows: Rows) -> None:
        """What the book held when it was opened."""
        self.waiting = self._stored = rows

    def stored(self, rows: Rows, submit: Submit) -> None:
        """These rows are on the card, in the book; a chance to move the ring on."""
        self._stored = rows
        if self._medium is None or self._wall is None or not self._places:
            return
        match self.stage:
            case Stage.UNREAD:
                self._enter(Stage.READING)
                self._read_next(self._medium, submit)
            case Stage.IDLE:
                self._begin(self._medium, self._wall, submit)
            case Stage.READING | Stage.WRITING:
                pass

    def minutes(self, begin_s: int, end_s: int) -> tuple[Row, ...]:
        """Minute rows whose end lies in the range, both ends included; ascending."""
        return tuple(row for at, row in sorted(self._minutes.items()) if begin_s <= at <= end_s)

    def quarters(self, begin_s: int, end_s: int, at_most: int = 3_000) -> tuple[Row, ...]:
        """Quarter-hour rows whose end lies in the range, ends included; ascending, the newest of many."""
        found: dict[int, Row] = {}
        self._collect(self.waiting, begin_s, end_s, found)
        first, last = (datetime.fromtimestamp(at, UTC).toordinal() for at in (begin_s, end_s))
        newest = min(last, self._wall.toordinal() if self._wall else 0) + 1
        for day in range(newest, max(first - 1, newest - self._places - 1) - 1, -1):
            if len(found) >= at_most:
                break
            for at, means in self._means(day).items():
                if begin_s <= at <= end_s:
                    found.setdefault(at, Row(at, means.mean_w, means.totals_wh))
        return tuple(found[at] for at in sorted(found)[-at_most:])

    def close(self) -> None:
        """Let go of the file."""
        if self._medium is not None:
            self._medium.close()

    def _wait(self, rows: Rows) -> None:
        newest = sorted(rows, key=lambda name: end_of(name) or 0)[-WAITING_MAX:]
        self.waiting = {name: rows[name] for name in newest}

    def _collect(self, rows: Rows, begin_s: int, end_s: int, found: dict[int, Row]) -> None:
        for name, fields in rows.items():
            at = end_of(name)
            if (
                at is not None
                and begin_s <= at <= end_s
                and at not in found
                and (row := row_of(name, fields))
            ):
                found[at] = row

    def _day(self, day: int) -> Rows:
        """The rows that the ring has of a day, as documents."""
        try:
            return _DAYS.decode(self._content(day)).get(QUARTERS, {})
        except DecodeError:
            return {}

    def _means(self, day: int) -> dict[int, Means]:
        """The rows that the ring has of a day, by their end."""
        try:
            rows = _ROWS.decode(self._content(day)).get(QUARTERS, {})
        except DecodeError:
            return {}
        return {at: means for name, means in rows.items() if (at := end_of(name)) is not None}

    def _content(self, day: int) -> bytes:
        held = self._days.get(day % self._places) if self._places else None
        frame = unpack(SEED, held.ljust(PLACE_BYTES, b"\0")) if held else None
        return frame.payload if frame is not None and frame.generation == day else b"{}"

    def _read_next(self, medium: Medium, submit: Submit) -> None:
        if self._place == self._places:
            self._enter(Stage.IDLE)
            return

        def take(done: Done) -> None:
            if held := done.read.rstrip(b"\0"):
                self._days[self._place] = held
            self._place += 1
            self._read_next(medium, submit)

        submit(Job(0, self._place * PLACE_BYTES, read_bytes=PLACE_BYTES), medium, take)

    def _begin(self, medium: Medium, wall: datetime, submit: Submit) -> None:
        """Write the oldest day that is over, if the book has all of it."""
        ends = {name: at for name in self.waiting if (at := end_of(name)) is not None}
        if not ends or (day := day_of(min(ends.values()), wall)) >= wall.toordinal():
            return
        rows = {name: self.waiting[name] for name, at in ends.items() if day_of(at, wall) == day}
        held = self._day(day)
        if held.keys() - rows.keys():
            self._wait({**held, **self.waiting})
        elif held == rows:
            self._moved(rows)
        elif all(self._stored.get(name) == fields for name, fields in rows.items()):
            self._write(medium, wall, day, rows, submit)

    def _write(self, medium: Medium, wall: datetime, day: int, rows: Rows, submit: Submit) -> None:
        frame = pack(
            SEED, day, 1, Kind.CHANGE, change.payload({QUARTERS: rows}), int(wall.timestamp() * 1000)
        )
        if len(frame) > PLACE_BYTES:
            self.words = f"the rows of a day do not fit into the history ({len(frame)} bytes)"
            self._moved(rows)
            return

        def take(done: Done) -> None:
            self._enter(Stage.IDLE)
            self._failed = bool(done.error)
            self.words = f"the history is not written: {done.error}" if done.error else ""
            if not done.error:
                self._days[day % self._places] = frame.rstrip(b"\0")
                self._moved(rows)

        self._enter(Stage.WRITING)
        submit(Job(0, day % self._places * PLACE_BYTES, frame, reopen=self._failed), medium, take)

    def _moved(self, rows: Rows) -> None:
        """Rows leave the book, but for those that have changed meanwhile."""
        self.waiting = {name: fields for name, fields in self.waiting.items() if rows.get(name) != fields}

    def _enter(self, stage: Stage) -> None:
        self.stage = stage


def open_history(folder: Path) -> History:
    """The energy log of a data folder; without its file rows stay in the book, the last two days of them."""
    file = folder / HISTORY
    if not file.is_file():
        return History(words=f"{file}: no history; make one with: hems journal create {file.parent}")
    try:
        return History(OsMedium(file))
    except BookError as error:
        return History(words=str(error))


def create_history(folder: Path, *, places: int = PLACES) -> Path:
    """Make an empty ring of real zeros; `BookError` if there is something already."""
    lay_down(folder / HISTORY, bytes(places * PLACE_BYTES))
    return folder / HISTORY
