"""Small books for tests, and a book that is written synchronously."""

from collections.abc import Mapping
from random import Random

from hems.journal import change
from hems.journal.book import Book, Stage
from hems.journal.change import Documents
from hems.journal.documents import kept
from hems.journal.frame import Kind, pack
from hems.journal.layout import HEADER_OFFSETS, SLOT, Layout, pack_header
from hems.journal.medium import Medium, perform
from hems.journal.recover import Recovery, recover

Plain = dict[str, dict[str, dict[str, object]]]
SMALL = Layout(b"a book of tests!", base_bytes=4 * SLOT, log_bytes=24 * SLOT)


def blank(layout: Layout = SMALL) -> bytes:
    """The image of a new book."""
    image = bytearray(layout.size)
    for offset in HEADER_OFFSETS:
        image[offset : offset + SLOT] = pack_header(layout)
    base = pack(layout.seed, 1, 0, Kind.BASE, b"{}")
    image[layout.base_offset(0) : layout.base_offset(0) + len(base)] = base
    return bytes(image)


def documents(plain: Mapping[str, Mapping[str, Mapping[str, object]]]) -> Documents:
    return {
        table: {name: {k: change.encode(v) for k, v in fields.items()} for name, fields in rows.items()}
        for table, rows in plain.items()
    }


def state_of(recovery: Recovery) -> Plain:
    assert not recovery.unreadable
    return change.plain(recovery.state)


class Notebook:
    """Writes whole states into a book, one after the other, and knows which ones are durable."""

    def __init__(self, medium: Medium) -> None:
        self.medium = medium
        self.recovery = recover(medium.pread(0, medium.size))
        assert self.recovery.layout is not None
        self.book = Book(self.recovery.layout, self.recovery)
        self.state = self.recovery.state

    def store(self, plain: Plain, *, checkpoint: bool = False) -> bool:
        """One record, or a base where the book wants one; true when durable."""
        wanted = documents(plain)
        job = None
        if self.book.stage is Stage.READY and not self.book.wants_base(0):
            whole = checkpoint or self.book.wants_checkpoint
            changed = change.difference(self.state, wanted)
            tables = {table: wanted.get(table) for table in (*kept(wanted), *changed)}
            content = change.payload(tables if whole else changed)
            job = self.book.record(Kind.CHECKPOINT if whole else Kind.CHANGE, content, 0)
        if job is None:
            job = self.book.rebase(change.payload(wanted), change.payload(kept(wanted)), 0)
        while job is not None:
            job = self.book.advance(perform(self.medium, job))
        if self.book.stage is Stage.READY:
            self.state = wanted
        return self.book.stage is Stage.READY


def numbered(n: int, *, long: bool = False) -> Plain:
    """A state that is different for each `n`; a long one takes two slots even deflated."""
    noise = Random(n).randbytes(5_000).hex() if long else ""
    return {"ledger": {"1": {"name": "hp1", "n": n, "noise": noise}}, "settings": {str(n % 3): {"n": n // 3}}}
