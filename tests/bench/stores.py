"""Other ways to keep the same documents: one durable change at a time, and open them again."""

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Protocol

from tinydb.storages import JSONStorage

from hems.journal.book import create
from hems.journal.change import plain
from hems.journal.history import create_history
from hems.journal.medium import OsMedium
from hems.journal.recover import recover
from tests.bench.appliance_day import LAYOUT, Write

Plain = dict[str, dict[str, dict[str, object]]]


class Store(Protocol):
    """A store in a folder; `syncs` are the calls with which it asked the card to be done."""

    syncs: int

    def keep(self, write: Write) -> None:
        """Store one change; returns when it is durable."""
        ...

    def read(self) -> object:
        """Everything, as another process would find it after a start."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class Journal:
    """This project's book and history: the very bytes that the appliance wrote."""

    def __init__(self, folder: Path) -> None:
        self.syncs = 0
        self._folder = folder
        create(folder / "book", book_id=LAYOUT.book_id)
        create_history(folder)
        self._book, self._history = OsMedium(folder / "book"), OsMedium(folder / "history")
        for medium in (self._book, self._history):
            medium.drop_cache()  # as after a start: what made the files is not counted with large pages

    def keep(self, write: Write) -> None:
        """One write and one sync."""
        medium = self._history if write.into_history else self._book
        medium.pwrite(write.offset, write.data)
        medium.fdatasync()
        self.syncs += 1

    def read(self) -> object:
        """Recovery."""
        return recover((self._folder / "book").read_bytes())

    def close(self) -> None:
        """Let go of both files."""
        self._book.close()
        self._history.close()


class TinyJson:
    """TinyDB's JSONStorage as it comes: the whole file is rewritten in place, and synced."""

    def __init__(self, folder: Path) -> None:
        self.syncs = 0
        self._path = folder / "db.json"
        self._storage = JSONStorage(str(self._path))

    def keep(self, write: Write) -> None:
        """The whole state."""
        if write.state:
            self._storage.write(plain(write.state))
            self.syncs += 1

    def read(self) -> object:
        """Parse the file."""
        return JSONStorage(str(self._path)).read()

    def close(self) -> None:
        """Let go of the file."""
        self._storage.close()


class SqliteWal:
    """One row a document in SQLite, write-ahead log, synchronous FULL."""

    def __init__(self, folder: Path) -> None:
        self.syncs = 0
        self._path = folder / "db.sqlite"
        self._db = sqlite3.connect(self._path)
        self._db.execute("pragma journal_mode=wal")
        self._db.execute("pragma synchronous=full")
        self._db.execute("create table documents (kind text, id text, content text, primary key (kind, id))")
        self._db.commit()

    def keep(self, write: Write) -> None:
        """One transaction with the documents that changed."""
        if not write.state:
            return
        with self._db:
            for kind, name, content in self._changed(write):
                self._db.execute("insert or replace into documents values (?, ?, ?)", (kind, name, content))
        self.syncs += 1

    def read(self) -> object:
        """Every document."""
        db = sqlite3.connect(self._path)
        rows = [json.loads(content) for (content,) in db.execute("select content from documents")]
        db.close()
        return rows

    def close(self) -> None:
        """Checkpoint and close."""
        self._db.close()

    def _changed(self, write: Write) -> Iterator[tuple[str, str, str]]:
        state = plain({kind: write.state[kind] for kind in write.changed if kind in write.state})
        for kind, rows in write.changed.items():
            for name in rows or ():
                if name in state.get(kind, {}):
                    yield kind, name, json.dumps(state[kind][name])


class JsonRename:
    """The whole state into a temporary file, synced, renamed, and the folder synced."""

    def __init__(self, folder: Path) -> None:
        self.syncs = 0
        self._path = folder / "state.json"

    def keep(self, write: Write) -> None:
        """The whole state."""
        if not write.state:
            return
        temporary = self._path.with_suffix(".new")
        with temporary.open("w") as file:
            json.dump(plain(write.state), file)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        self.syncs += 2

    def read(self) -> object:
        """Parse the file."""
        return json.loads(self._path.read_text())

    def close(self) -> None:
        """Nothing is open."""


STORES: Final[dict[str, Callable[[Path], Store]]] = {
    "this journal": Journal,
    "TinyDB JSONStorage": TinyJson,
    "SQLite WAL, full": SqliteWal,
    "JSON, rename": JsonRename,
}
