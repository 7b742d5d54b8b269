"""The memory of the running service: what changed goes to the card when due, and the loop never waits."""

import errno
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Final

from hems import __version__
from hems.errors import BookError
from hems.journal import alarms, beside, change, export, keeper, rings
from hems.journal.book import Book, Stage, create
from hems.journal.change import Documents
from hems.journal.documents import KEPT, STATE_BYTES_MAX, Recalled, kept, understood, updated
from hems.journal.drawers import BookDrawer
from hems.journal.encoding import Encoding
from hems.journal.entries import Entries, Name
from hems.journal.errands import Errands
from hems.journal.frame import Kind, stamp_ms
from hems.journal.history import HISTORY, QUARTERS, History, create_history
from hems.journal.keeper import Pending, Urgency
from hems.journal.medium import Done, Job, Medium
from hems.journal.migrate import migrated
from hems.journal.opening import BOOK, keep_copies, opened
from hems.journal.wear import Wear
from hems.journal.writer import Writer
from hems.model.instant import Instant
from hems.model.ledger import Event, Ledger
from hems.model.loop import Clock, Loop
from hems.model.settings import Settings
from hems.model.view import JournalHealth

log = logging.getLogger(__name__)

STOP_S: Final = 5.0
"""Longest wait for the card when the service ends."""

CHECKPOINT_BYTES_MAX: Final = 131_072
"""A day's checkpoint that had to hold more of the lists than this follows the change instead."""

READ_ONLY: Final = os.strerror(errno.EROFS)


class Journal:
    """Keeps ledger, settings and lists in a book, and the history's rows until they have left for it.

    `path` is a book, or the folder that holds one. It is never made anew and never repaired by force: while
    it cannot be used, counting goes on in a rescue book beside it. A book in use is a `BookError` in words.
    """

    def __init__(
        self,
        path: Path,
        loop: Loop,
        clock: Clock,
        medium: Medium | None = None,
        history: History | None = None,
        *,
        remount: Callable[[Path], None] = beside.remount,
    ) -> None:
        self._clock = clock
        found = opened(path, medium)
        recovery = found.recovery
        documents = migrated(recovery.state)
        known = understood(documents)
        self._standing = alarms.standing(found, known.words, clock.now().wall)
        keep_copies(found, clock.now().wall)
        words, last = tuple(self._standing.values()), known.meta.last_trusted
        recording, forgetful = rings.recording(documents), found.forgetful
        self._recalled = Recalled(known.ledger, known.settings, words, last, recording, forgetful)
        self._cut_off = recovery.tail_damaged
        if self._cut_off:
            log.info("the last record was cut off before it was acknowledged")
        self._stored = self._current = documents
        self._meta = replace(
            known.meta,
            boots=known.meta.boots + 1,
            software=__version__,
            book_id=known.meta.book_id or found.layout.book_id.hex(),
        )
        self._history = history or History()
        self._history.recall(documents.get(QUARTERS, {}))
        self._rows = self._history.waiting
        self._ledger = known.ledger
        self._settings = known.settings or Settings()
        self._renew = recovery.wants_base or documents is not recovery.state
        self._encoding: Encoding | None = None
        self._renewed_pair: int | None = None
        self._checkpoint = self._begun = False
        self._told = rings.open_alarms(documents) & alarms.CODES
        self._pending: Pending = {Urgency.NOW: clock.mono_s()}
        self._in_flight: Pending = {}
        self._failures = 0
        self._retry_mono_s = 0.0
        self._trouble = ""
        self._records = 0
        self._wear = Wear()
        self._book = Book(found.layout, recovery)
        self._writer = Writer(found.medium, loop, self._done)
        self._errands = Errands(found.folder, self._submit, remount)

    def recall(self) -> Recalled:
        """What the book held when it was opened."""
        return self._recalled

    def drawer(self, name: str) -> BookDrawer:
        """A document for secrets; what is kept in it goes to the card with the next cycle."""
        return BookDrawer(name, lambda: self._current, self._put)

    def listed(self, name: Name) -> Entries:
        """Entries of a list, oldest first."""
        return Entries(self._current.get(name, {}))

    def keep_beside(self, path: Path, data: bytes) -> None:
        """Let a file have this content, written by the journal's own thread."""
        self._errands.keep_file(path, data)

    def keep(self, ledger: Ledger, settings: Settings, events: Sequence[Event], now: Instant) -> None:
        """Take what changed, compared by identity; never waits, never raises."""
        self._note(ledger, settings, events, now)
        self._watch(now)
        self._errands.step_export()
        encoded = self._encoding is not None and self._encoding.step()
        if self._book.busy or now.mono_s < self._retry_mono_s:
            return
        due = keeper.due(self._pending, now.mono_s)
        recordable = not self._renew and self._book.stage is Stage.READY
        enough = self._encoding is not None or not self._book.wants_base(stamp_ms(now))
        if not encoded and due and recordable and enough and self._hand_over_record(now):
            return
        if self._encoding is None and (due or not recordable):
            self._encoding = Encoding(self._latest(now))
            encoded = self._encoding.step()
        if self._encoding is not None and encoded:
            self._hand_over_base(self._encoding, now)

    def health(self, now: Instant) -> JournalHealth:
        """What is not yet on the card: ``ok``, ``late``, or ``failing`` while the card refuses."""
        unsaved = keeper.merged(self._in_flight, self._pending)
        late = keeper.overdue(unsaved, now.mono_s)
        raised = self._alarms(now)
        writes_24h, bytes_24h = self._wear.last_day(now.mono_s)
        return JournalHealth(
            state="failing" if self._failures else "late" if late else "ok",
            unsaved_s=keeper.unsaved_s(unsaved, now.mono_s),
            records=self._records,
            bytes_written=self._wear.bytes_total,
            writes_24h=writes_24h,
            bytes_24h=bytes_24h,
            alarms=raised,
            words="; ".join(filter(None, (*raised.values(), self._errands.words, self._history.words))),
        )

    def flush(self, now: Instant) -> None:
        """Put everything on the card and wait for it, at most 5 s; for the end and for a low voltage."""
        deadline_mono_s = self._clock.mono_s() + STOP_S
        self._wait(deadline_mono_s)
        if self._pending and not self._book.busy:
            recordable = not self._renew and self._book.stage is Stage.READY
            if not (recordable and self._hand_over_record(now)):
                encoding = self._encoding or Encoding(self._latest(now))
                encoding.finish()
                self._hand_over_base(encoding, now)
            self._wait(deadline_mono_s)

    def close(self) -> None:
        """Let go of the book; what was not flushed is lost."""
        self._writer.close(STOP_S)

    def _note(self, ledger: Ledger, settings: Settings, events: Sequence[Event], now: Instant) -> None:
        mono_s = now.mono_s
        if not self._begun:
            self._begun = True
            booted = alarms.booted(self._current, self._meta.boots, alarms.dated(now), cut_off=self._cut_off)
            self._enter(booted, now)
        told = any(event.kind == "setting" for event in events)
        if settings is not self._settings and not told:
            self._pending = keeper.noted(self._pending, Urgency.NOW, mono_s)
        if ledger is not self._ledger:
            self._pending = keeper.noted(self._pending, Urgency.LATE, mono_s)
        if ledger.lessons is not self._ledger.lessons:
            kind = keeper.learned(self._ledger.lessons, ledger.lessons, self._wear.last_day(mono_s)[0])
            self._pending = keeper.noted(self._pending, kind, mono_s)
        if self._history.waiting is not self._rows:
            self._pending = keeper.noted(self._pending, Urgency.LATE, mono_s)
            self._rows = self._history.waiting
        self._ledger, self._settings = ledger, settings
        for event in events:
            self._enter(event, now)
            if event.kind == "rolled" and event.key == "daily":
                self._checkpoint = True
                if now.trusted and self._errands.export_wanted(now.wall):
                    origin = export.Origin(self._meta.book_id, now.wall, __version__)
                    self._errands.begin_export(export.pieces(self._latest(now), origin), now.wall)

    def _enter(self, event: Event, now: Instant) -> None:
        """Note an event's urgency and its entry."""
        sparing = keeper.guard(self._wear.last_day(now.mono_s)[0])
        self._pending = keeper.noted(self._pending, keeper.urgency(event, sparing), now.mono_s)
        refused: list[str] = []
        self._current = rings.entered(self._current, (event,), __version__, refused)
        self._refuse(refused, now)

    def _refuse(self, refused: Sequence[str], now: Instant) -> None:
        """What has no room is told once, until the next start."""
        for words in refused:
            if words not in self._standing.get(alarms.REFUSED, ""):
                log.error("the journal has no room: %s", words)
                self._standing[alarms.REFUSED] = f"{now.wall.date()}: {words}"

    def _put(self, documents: Documents) -> None:
        self._current = documents
        self._pending = keeper.noted(self._pending, Urgency.NOW, self._clock.mono_s())

    def _watch(self, now: Instant) -> None:
        """Alarms that came or went become entries; evidence that is too much is taken care of."""
        raised = self._alarms(now)
        if raised.keys() != self._told:
            for code in sorted(raised.keys() - self._told):
                self._enter(Event("alarm_raised", code, alarms.dated(now), {"words": raised[code]}), now)
            for code in sorted(self._told - raised.keys()):
                self._enter(Event("alarm_cleared", code, alarms.dated(now)), now)
            self._told = frozenset(raised)
        if len(self._current.get("evidence", {})) > rings.RINGS["evidence"].bound:
            may_go, to_copy = rings.beyond(self._current, now.wall)
            if to_copy and not self._errands.copied:
                self._errands.copy_evidence(self._current["evidence"], to_copy, now.mono_s)
            if gone := (*may_go, *self._errands.copied):
                self._current = rings.without(self._current, "evidence", gone)
                self._errands.copied = ()
                self._pending = keeper.noted(self._pending, Urgency.LATE, now.mono_s)
        if self._trouble == READ_ONLY:
            self._errands.ask_remount(now.mono_s)

    def _alarms(self, now: Instant) -> dict[str, str]:
        unsaved = keeper.merged(self._in_flight, self._pending)
        return {**self._standing, **alarms.passing(self._trouble, unsaved, self._current, now.mono_s)}

    def _latest(self, now: Instant) -> Documents:
        """All documents as they are now."""
        if now.trusted:
            wall = now.wall.astimezone(UTC)
            latest = max(wall, self._meta.last_trusted or wall)
            self._meta = replace(self._meta, created=self._meta.created or wall, last_trusted=latest)
        refused: list[str] = []
        documents = updated(self._current, self._ledger, self._settings, self._meta, refused)
        self._refuse(refused, now)
        if self._rows or QUARTERS in documents:
            documents[QUARTERS] = dict(self._rows)
        return documents

    def _hand_over_record(self, now: Instant) -> bool:
        """Give everything pending to the writer as one record; false where only a base will do."""
        documents, at_ms = self._latest(now), stamp_ms(now)
        changed = change.difference(self._stored, documents)
        kind, content = Kind.CHANGE, change.payload(changed)
        if self._checkpoint or self._book.wants_checkpoint:
            whole = {table: documents.get(table) for table in (*kept(documents), *changed)}
            checkpoint = change.payload(whole)
            if self._book.wants_checkpoint or len(checkpoint) <= CHECKPOINT_BYTES_MAX:
                kind, content = Kind.CHECKPOINT, checkpoint
        job = self._book.record(kind, content, at_ms)
        if job is None:
            return False
        self._give(documents, job)
        self._checkpoint &= kind is not Kind.CHECKPOINT
        if self._checkpoint:
            self._pending = {Urgency.NOW: now.mono_s}
        return True

    def _hand_over_base(self, encoding: Encoding, now: Instant) -> None:
        """Give the encoded state to the writer; what changed meanwhile rides in the checkpoint behind it."""
        self._encoding = None
        documents = self._latest(now)
        frozen = encoding.documents
        since = [table for table in documents if table not in KEPT and documents[table] != frozen.get(table)]
        first = change.payload({table: documents[table] for table in (*kept(documents), *since)})
        if encoding.plain_bytes > STATE_BYTES_MAX:
            self._standing[alarms.LARGE] = f"{encoding.plain_bytes} bytes to keep; {alarms.LARGE_WORDS}"
        try:
            job = self._book.rebase(encoding.deflated, first, stamp_ms(now), deflated=True)
        except BookError as error:
            self._fail(str(error))
            return
        self._renewed_pair = self._book.place.pair if self._book.place.base_bytes else None
        self._give(documents, job)
        self._checkpoint = False

    def _give(self, documents: Documents, job: Job) -> None:
        self._stored = self._current = documents
        self._in_flight, self._pending = self._pending, {}
        self._submit(job)

    def _submit(
        self, job: Job, medium: Medium | None = None, on_done: Callable[[Done], None] | None = None
    ) -> None:
        if job.data:
            self._wear.add(len(job.data), self._clock.mono_s())
        self._writer.submit(job, medium, on_done)

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
            if self._renewed_pair == self._book.place.pair:
                date = self._clock.now().wall.date()
                self._standing.setdefault(alarms.BASE_ROTTEN, f"{date}: the base in use did not read back")
            self._renewed_pair = None
            self._history.stored(self._stored.get(QUARTERS, {}), self._submit)

    def _fail(self, words: str) -> None:
        if words != self._trouble:
            log.error("the journal is not written: %s", words)
        self._in_flight = {}
        self._encoding = self._renewed_pair = None
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
