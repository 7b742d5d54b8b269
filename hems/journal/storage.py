"""The door for TinyDB: its own tables and queries over a book. The only importer of tinydb."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tinydb.storages import Storage

from hems.errors import BookError
from hems.journal import change
from hems.journal.book import Book, Stage
from hems.journal.change import Change, Documents
from hems.journal.documents import kept
from hems.journal.frame import Kind
from hems.journal.medium import Medium, OsMedium, perform
from hems.journal.recover import Recovery, recover

GUARDED: Final = frozenset({"ledger", "settings", "evidence"})
READING, WRITING, FORCED = "r", "r+", "r+!"


class JournalStorage(Storage):
    """A book as TinyDB sees it: `write` returns when the changed fields are durable.

    Access mode ``r`` reads beside the service that has the book open, ``r+`` writes, and ``r+!`` may also
    remove documents of the guarded tables. Everything that goes wrong is a `BookError` in words.
    """

    def __init__(self, path: str | Path, *, access_mode: str = WRITING, medium: Medium | None = None) -> None:
        if access_mode not in (READING, WRITING, FORCED):
            raise BookError(f"access mode {access_mode!r} is not known; use r, r+ or r+!")
        self._path = path
        self._mode = access_mode
        self._medium = medium or OsMedium(Path(path), writable=access_mode != READING)
        try:
            self.recovery = self._recover()
        except BookError:
            self._medium.close()
            raise
        self._state = self.recovery.state
        assert self.recovery.layout is not None
        self._book = Book(self.recovery.layout, self.recovery)
        self._renew = self.recovery.wants_base

    def read(self) -> dict[str, dict[str, Any]] | None:
        """All tables as fresh values, ``None`` if there are none; a reader sees the last record."""
        if self._mode == READING:
            self.recovery = self._recover()
            self._state = self.recovery.state
        return change.plain(self._state) or None

    def write(self, data: Mapping[str, Mapping[str, Mapping[str, object]]]) -> None:
        """Store what differs from the last state, as one record."""
        if self._mode == READING:
            raise BookError(f"{self._path}: the book is open for reading only")
        wanted: Documents = {
            table: {
                str(name): {key: change.encode(value) for key, value in fields.items()}
                for name, fields in rows.items()
            }
            for table, rows in data.items()
        }
        changed = change.difference(self._state, wanted)
        if self._mode != FORCED:
            self._refuse_removal(changed)
        if changed or self._book.stage is Stage.FAILED:
            self._store(changed, wanted)
            self._state, self._renew = wanted, False

    def close(self) -> None:
        """Let go of the book."""
        self._medium.close()

    def _recover(self) -> Recovery:
        recovery = recover(self._medium.pread(0, self._medium.size))
        if recovery.unreadable:
            raise BookError(f"{self._path}: the book cannot be read: {recovery.unreadable}")
        return recovery

    def _refuse_removal(self, changed: Change) -> None:
        for table in GUARDED & changed.keys():
            documents = changed[table]
            if documents is None or None in documents.values():
                raise BookError(
                    f"nothing is removed from {table}; open the book with access mode r+! for that"
                )

    def _store(self, changed: Change, wanted: Documents) -> None:
        book = self._book
        job = None
        if book.stage is Stage.READY and not self._renew and not book.wants_base(0):
            if book.wants_checkpoint:
                whole = {table: wanted.get(table) for table in (*kept(wanted), *changed)}
                job = book.record(Kind.CHECKPOINT, change.payload(whole), 0)
            else:
                job = book.record(Kind.CHANGE, change.payload(changed), 0)
        if job is None:
            job = book.rebase(change.payload(wanted), change.payload(kept(wanted)), 0)
        while job is not None:
            job = book.advance(perform(self._medium, job))
        if book.stage is Stage.FAILED:
            raise BookError(f"{self._path}: nothing was stored: {book.error}")
