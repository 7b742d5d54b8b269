"""The memory of the running service: what changed goes to the card when due, and the loop never waits."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from hems.errors import BookError
from hems.journal import change, keeper
from hems.journal.book import Book, Stage, create
from hems.journal.documents import kept, understood, updated
from hems.journal.frame import Kind
from hems.journal.history import HISTORY, QUARTERS, History, create_history
from hems.journal.keeper import Pending, Urgency
from hems.journal.medium import Done, Job, Medium, OsMedium
from hems.journal.recover import Recovery, recover
from hems.journal.writer import Writer
from hems.model.instant import Instant
from hems.model.ledger import Event, Ledger
from hems.model.loop import Clock, Loop
from hems.model.settings import Settings
from hems.model.view import JournalHealth

log = logging.getLogger(__name__)

BOOK: Final = "book"
STOP_S: Final = 5.0
"""Longest wait for the card when the service ends."""


class Recalled(NamedTuple):
    """What the book held: `settings` is ``None`` before the first start, `words` tell what was wrong with it.

    The wall clock cannot be right while it is before `last_trusted`.
    """

    ledger: Ledger
    settings: Settings | None
    words: tuple[str, ...]
    last_trusted: datetime | None


class Journal:
    """Keeps ledger and settings in a book, and the rows of the history until they have left for it.

    `path` is a book, or the folder that holds one. A book that is missing, in use or unreadable is a
    `BookError` in words; it is never made anew and never repaired by force.
    """

    def __init__(
        self,
        path: Path,
        loop: Loop,
        clock: Clock,
        medium: Medium | None = None,
        history: History | None = None,
    ) -> None:
        file = path / BOOK if path.is_dir() else path
        self._clock = clock
        medium = medium or OsMedium(file)
        image = medium.pread(0, medium.size)
        recovery = recover(image)
        if recovery.layout is None or recovery.unreadable:
            medium.close()
            words = f"cannot be read: {recovery.unreadable}"
            raise BookError(f"{file}: the book {words}; it is left as it is, name another folder or a backup")
        known = understood(recovery.state)
        self._words = (*_alarms(recovery), *known.words)
        if recovery.tail_damaged:
            log.info("the last record was cut off before it was acknowledged")
        if recovery.damaged and file.is_file():
            _keep_copy(file, image, recovery, clock.now().wall)
        self._recalled = Recalled(known.ledger, known.settings, self._words, known.meta.last_trusted)
        self._documents = recovery.state
        self._meta = replace(known.meta, boots=known.meta.boots + 1)
        self._history = history or History()
        self._history.recall(recovery.state.get(QUARTERS, {}))
        self._rows = self._history.waiting
        self._ledger = known.ledger
        self._settings = known.settings or Settings()
        self._renew = recovery.damaged
        self._checkpoint = False
        self._pending: Pending = {Urgency.NOW: clock.mono_s()}
        self._in_flight: Pending = {}
        self._failures = 0
        self._retry_mono_s = 0.0
        self._trouble = ""
        self._records = 0
        self._bytes_written = 0
        self._book = Book(recovery.layout, recovery)
        self._writer = Writer(medium, loop, self._done)

    def recall(self) -> Recalled:
        """What the book held when it was opened."""
        return self._recalled

    def keep(self, ledger: Ledger, settings: Settings, events: Sequence[Event], now: Instant) -> None:
        """Take what changed, compared by identity; never waits, never raises."""
        self._note(ledger, settings, events, now.mono_s)
        if self._book.busy or now.mono_s < self._retry_mono_s:
            return
        if self._renew or self._book.stage is Stage.FAILED or keeper.due(self._pending, now.mono_s):
            self._hand_over(now)

    def health(self, now: Instant) -> JournalHealth:
        """What is not yet on the card: ``ok``, ``late``, or ``failing`` while the card refuses."""
        unsaved = keeper.merged(self._in_flight, self._pending)
        late = keeper.overdue(unsaved, now.mono_s)
        return JournalHealth(
            state="failing" if self._failures else "late" if late else "ok",
            unsaved_s=keeper.unsaved_s(unsaved, now.mono_s),
            records=self._records,
            bytes_written=self._bytes_written,
            words="; ".join(filter(None, (self._trouble, self._history.words, *self._words))),
        )

    def flush(self, now: Instant) -> None:
        """Put everything on the card and wait for it, at most 5 s."""
        deadline_mono_s = self._clock.mono_s() + STOP_S
        self._wait(deadline_mono_s)
        if self._pending and not self._book.busy:
            self._hand_over(now)
            self._wait(deadline_mono_s)

    def close(self) -> None:
        """Let go of the book; what was not flushed is lost."""
        self._writer.close(STOP_S)

    def _note(self, ledger: Ledger, settings: Settings, events: Sequence[Event], mono_s: float) -> None:
        if settings is not self._settings:
            self._pending = keeper.noted(self._pending, Urgency.NOW, mono_s)
        if ledger is not self._ledger:
            self._pending = keeper.noted(self._pending, Urgency.LATE, mono_s)
        if self._history.waiting is not self._rows:
            self._pending = keeper.noted(self._pending, Urgency.LATE, mono_s)
            self._rows = self._history.waiting
        for event in events:
            self._pending = keeper.noted(self._pending, keeper.urgency(event), mono_s)
            self._checkpoint |= event.kind == "rolled" and event.key == "daily"
        self._ledger, self._settings = ledger, settings

    def _hand_over(self, now: Instant) -> None:
        """Give everything pending to the writer, as one record or as a new base."""
        if now.trusted:
            wall = now.wall.astimezone(UTC)
            latest = max(wall, self._meta.last_trusted or wall)
            self._meta = replace(self._meta, created=self._meta.created or wall, last_trusted=latest)
        wall_ms = int(now.wall.timestamp() * 1000) if now.trusted else 0
        documents = updated(self._documents, self._ledger, self._settings, self._meta)
        if self._rows or QUARTERS in documents:
            documents[QUARTERS] = dict(self._rows)
        try:
            job = self._record(documents, wall_ms)
            if job is None:
                job = self._book.rebase(change.payload(documents), change.payload(kept(documents)), wall_ms)
        except BookError as error:
            self._fail(str(error))
            return
        self._documents = documents
        self._checkpoint = False
        self._in_flight, self._pending = self._pending, {}
        self._submit(job)

    def _record(self, documents: change.Documents, wall_ms: int) -> Job | None:
        """The job of one record, ``None`` where only a new base will do."""
        if self._renew or self._book.stage is Stage.FAILED or self._book.wants_base(wall_ms):
            return None
        changed = change.difference(self._documents, documents)
        if self._checkpoint or self._book.wants_checkpoint:
            whole = {table: documents.get(table) for table in (*kept(documents), *changed)}
            return self._book.record(Kind.CHECKPOINT, change.payload(whole), wall_ms)
        return self._book.record(Kind.CHANGE, change.payload(changed), wall_ms)

    def _submit(self, job: Job) -> None:
        self._bytes_written += len(job.data)
        self._writer.submit(job)

    def _done(self, done: Done) -> None:
        job = self._book.advance(done)
        if job is not None:
            self._submit(job)
        elif self._book.stage is Stage.FAILED:
            self._pending = keeper.merged(self._in_flight, self._pending)
            self._fail(self._book.error)
        else:
            self._in_flight = {}
            self._renew = False
            self._failures, self._retry_mono_s, self._trouble = 0, 0.0, ""
            self._records += 1
            self._history.stored(self._documents.get(QUARTERS, {}), self._writer.submit)

    def _fail(self, words: str) -> None:
        if words != self._trouble:
            log.error("the journal is not written: %s", words)
        self._in_flight = {}
        self._failures += 1
        self._retry_mono_s = keeper.retry_at(self._failures, self._clock.mono_s())
        self._trouble = words

    def _wait(self, deadline_mono_s: float) -> None:
        while self._book.busy and self._writer.wait(deadline_mono_s - self._clock.mono_s()):
            pass


def create_book(folder: Path) -> Path:
    """Make an empty book and a history in a folder, which is made too; the path of the book.

    `BookError` in words; a book that exists is never replaced, a missing history is made beside it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BookError(f"{folder}: cannot be made ({error.strerror})") from None
    if not (folder / HISTORY).exists():
        create_history(folder)
    create(folder / BOOK)
    return folder / BOOK


def _alarms(recovery: Recovery) -> tuple[str, ...]:
    """What more than an unacknowledged last record was wrong, in words."""
    return tuple(
        words
        for is_so, words in (
            (recovery.lost, f"{len(recovery.lost)} damaged records of the journal are lost"),
            (recovery.used_predecessor, "the newest base is unreadable, the one before it was used"),
            (recovery.rings_lost, "no base is readable, counters and settings come from a checkpoint"),
            (recovery.truncated, "the book is shorter than it was made"),
        )
        if is_so
    )


def _keep_copy(file: Path, image: bytes, recovery: Recovery, wall: datetime) -> None:
    """Copy the damaged pair beside the book before anything is written over it; one copy is kept."""
    assert recovery.layout is not None
    begin = recovery.layout.base_offset(recovery.pair)
    damaged = image[begin : begin + recovery.layout.pair_bytes]
    try:
        for former in file.parent.glob(f"{file.name}.damaged-*"):
            former.unlink()
        file.with_name(f"{file.name}.damaged-{wall.date()}").write_bytes(damaged)
    except OSError as error:
        log.warning("the damaged part of the book could not be copied: %s", error)
