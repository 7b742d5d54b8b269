"""The lists of the book as whoever asks for them reads them, and all that is remembered in one place.

An entry is decoded when it is looked at, so that asking for the newest few of a thousand costs little. It
keeps its number as long as it is kept.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, Protocol, overload

from msgspec import DecodeError, json

from hems.journal.change import Fields
from hems.journal.history import History
from hems.journal.rows import Row

Name = Literal["sessions", "events", "evidence", "runs"]
Entry = Mapping[str, Any]
NAME: Final = "name"
"""Of a document; it is its number."""


class Entries(Sequence[Entry]):
    """The rows of a list by their numbers, oldest first, each with its number as ``seq``."""

    def __init__(self, rows: Mapping[str, Fields]) -> None:
        self._rows = rows
        self._ids = sorted((row for row in rows if row.isdecimal()), key=int)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._ids)

    @overload
    def __getitem__(self, index: int) -> Entry: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Entry]: ...

    def __getitem__(self, index: int | slice) -> Entry | Sequence[Entry]:
        """One entry or some of them."""
        if isinstance(index, slice):
            return [self._entry(row) for row in self._ids[index]]
        return self._entry(self._ids[index])

    def _entry(self, row: str) -> Entry:
        told = {name: _value(text) for name, text in self._rows[row].items() if name != NAME}
        return {**told, "seq": int(row)}


def _value(text: bytes) -> Any:
    """A field's value; one that was damaged is not known."""
    try:
        return json.decode(text)
    except DecodeError:
        return None


class Book(Protocol):
    """Whoever has the lists."""

    def listed(self, name: Name) -> Sequence[Entry]:
        """The entries of a list."""
        ...


class Memories:
    """Energy log and lists of one site."""

    def __init__(self, history: History, book: Book) -> None:
        self._history = history
        self._book = book

    def minutes(self, begin_s: int, end_s: int) -> tuple[Row, ...]:
        """Minute rows whose end lies in the range, both ends included; ascending."""
        return self._history.minutes(begin_s, end_s)

    def quarters(self, begin_s: int, end_s: int, at_most: int = 3_000) -> tuple[Row, ...]:
        """Quarter-hour rows likewise, the newest of many."""
        return self._history.quarters(begin_s, end_s, at_most)

    def listed(self, name: Name) -> Sequence[Entry]:
        """Entries of a list, oldest first, with their number as ``seq``."""
        return self._book.listed(name)
