"""What a book holds and what it has lost, in words; reads only."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hems.errors import BookError
from hems.journal.change import Documents
from hems.journal.documents import understood
from hems.journal.medium import OsMedium
from hems.journal.migrate import format_of, migrated
from hems.journal.opening import RESCUE, book_of
from hems.journal.recover import Recovery, recover
from hems.model.ledger import Ledger

SOUND, DAMAGED, UNREADABLE = 0, 1, 2
NAMED: Final = 20


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found; `code` is 0 for a sound book, 1 for a damaged one, 2 for one that cannot be read."""

    code: int
    lines: tuple[str, ...]
    ledger: Ledger | None = None


def examined(path: Path) -> Findings:
    """Read a book, be it in use or not, and judge it; `path` is the book or its folder."""
    file = book_of(path)
    try:
        medium = OsMedium(file, writable=False)
        image = medium.pread(0, medium.size)
        medium.close()
    except (BookError, OSError) as error:
        return Findings(UNREADABLE, (str(error),))
    recovery = recover(image)
    if recovery.layout is None or recovery.unreadable:
        return Findings(UNREADABLE, (f"{file}: cannot be read: {recovery.unreadable}",))
    known = understood(migrated(recovery.state))
    lines = [*_book(file, recovery), *_damage(recovery), *known.words]
    if file.with_name(RESCUE).exists():
        lines.append(f"{RESCUE} lies beside it")
    sound = not (recovery.wants_base or known.words)
    return Findings(SOUND if sound else DAMAGED, tuple(lines), known.ledger)


def read_documents(path: Path) -> tuple[Documents, str]:
    """The last acknowledged state of a book, be it in use or not, and its id; `BookError` in words."""
    file = book_of(path)
    medium = OsMedium(file, writable=False)
    try:
        recovery = recover(medium.pread(0, medium.size))
    except OSError as error:
        raise BookError(f"{file}: cannot be read ({error.strerror})") from None
    finally:
        medium.close()
    if recovery.layout is None or recovery.unreadable:
        raise BookError(f"{file}: the book cannot be read: {recovery.unreadable}")
    return migrated(recovery.state), recovery.layout.book_id.hex()


def _book(file: Path, recovery: Recovery) -> Iterator[str]:
    assert recovery.layout is not None
    free = recovery.layout.slots - recovery.next_slot
    yield f"{file}: book {recovery.layout.book_id.hex()}, format {format_of(recovery.state)}"
    yield f"generation {recovery.generation}, base of {recovery.base_bytes} bytes"
    yield f"{recovery.records} records, {free} of {recovery.layout.slots} slots free"
    for table, rows in recovery.state.items():
        yield f"{table}: {len(rows)}"


def _damage(recovery: Recovery) -> Iterator[str]:
    if recovery.lost:
        more = " …" if len(recovery.lost) > NAMED else ""
        yield f"lost: {len(recovery.lost)} records, number {', '.join(map(str, recovery.lost[:NAMED]))}{more}"
    if recovery.used_predecessor:
        yield "damaged: the newest base; the one before it leads to the same state"
    if recovery.rings_lost:
        yield "lost: all lists; counters and settings come from a checkpoint"
    if recovery.truncated:
        yield "damaged: the book is shorter than it was made"
    if recovery.newer:
        yield f"left out: {recovery.newer} records of a newer program"
    if recovery.tail_damaged:
        yield "cut off: the last record, before it was acknowledged; nothing is lost by that"
