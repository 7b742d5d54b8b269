"""A person's acts on a book that no service uses: import an export, adopt a rescue book, reset.

Each ends in one atomic base or one record; a book that cannot be read is set aside, never overwritten.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from msgspec import ValidationError, convert

from hems.errors import BookError
from hems.journal import change
from hems.journal.beside import sync_folder
from hems.journal.book import Book, Stage, create
from hems.journal.change import Documents, Fields, encode
from hems.journal.documents import STATE_BYTES_MAX, kept, understood, updated
from hems.journal.export import GROUPS, SECRET, content, named
from hems.journal.layout import FORMAT
from hems.journal.medium import Job, OsMedium, perform
from hems.journal.migrate import migrated
from hems.journal.opening import BOOK, RESCUE, book_of
from hems.journal.recover import recover
from hems.journal.rescue import ledger_with, lists_with
from hems.journal.rings import RINGS
from hems.journal.storage import FORCED, JournalStorage
from hems.model.ledger import Ledger
from hems.model.settings import Settings

UNFINISHED: Final = "book.import"
MAY_FALL: Final = "cost"


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would make of a book, what differs, and which raw totals would fall."""

    documents: Documents
    differences: tuple[str, ...]
    falling: tuple[str, ...]


def import_text(folder: Path, text: bytes, *, force: bool = False) -> tuple[str, ...]:
    """Replace a book's state by an export's, with what a rescue book has counted added; the differences.

    Refused as a whole, with a `BookError`, if the text is damaged, if it does not make sense, if a raw total
    would fall and `force` is not given, or while a service uses the book.
    """
    wanted = of_export(text)
    book, rescue = book_of(folder), folder / RESCUE
    before = read_book(book)
    counted = read_book(rescue) if rescue.exists() else {}
    made = plan(before or {}, wanted, counted or {})
    if made.falling and not force:
        raise BookError(
            f"these totals would fall: {', '.join(made.falling)}; add --force if that is what you want"
        )
    if before is None:
        unfinished = folder / UNFINISHED
        unfinished.unlink(missing_ok=True)
        create(unfinished)
        write_base(unfinished, made.documents)
        set_aside(book, "unreadable")
        unfinished.rename(book)
    else:
        write_base(book, made.documents)
    if counted is not None and rescue.exists():
        set_aside(rescue, "added")
    sync_folder(folder)
    return made.differences


def adopt(folder: Path) -> Path:
    """Make the rescue book the book; where the former one lies now. `BookError` if that makes no sense."""
    book, rescue = folder / BOOK, folder / RESCUE
    if read_book(book) is not None:
        raise BookError(f"{book}: can be read; there is nothing to take over")
    if not rescue.exists() or read_book(rescue) is None:
        raise BookError(f"{rescue}: no rescue book that can be read; import a backup, or create a new book")
    former = set_aside(book, "unreadable")
    rescue.rename(book)
    sync_folder(folder)
    return former


def reset(folder: Path, *, counters: bool = False) -> None:
    """Factory reset: settings and access in one record; counters and lists too when asked for.

    Whoever asks for the counters exports them first: `hems journal reset` does.
    """
    tables = JournalStorage(book_of(folder), access_mode=FORCED)
    try:
        gone = {"settings", "access", *(("ledger", *RINGS) if counters else ())}
        tables.write({table: rows for table, rows in (tables.read() or {}).items() if table not in gone})
    finally:
        tables.close()


def rekey(folder: Path) -> None:
    """Forget which windows are open, for a book that ran ahead of the clock: windows to 0, totals stay."""
    tables = JournalStorage(book_of(folder), access_mode=FORCED)
    try:
        held = tables.read() or {}
        ledger = {row: _without_windows(fields) for row, fields in held.get("ledger", {}).items()}
        tables.write({**held, "ledger": ledger})
    finally:
        tables.close()


def _without_windows(fields: Mapping[str, Any]) -> dict[str, Any]:
    if fields.get("name") == "keys":
        return {"name": "keys"}
    return {
        key: {**value, "windows": {}} if key.startswith("counters.") else value
        for key, value in fields.items()
    }


def of_export(text: bytes) -> Documents:
    """The documents of an export in today's format, their ledger and settings proven to make sense."""
    held = content(text)
    known = held.get("format")
    if not isinstance(known, int) or known > FORMAT:
        raise BookError("it was exported by a newer program; update this one first")
    tables: dict[str, object] = {}
    for key in ("rings", "tables"):
        part = held.get(key, {})
        tables |= part if isinstance(part, dict) else {key: part}
    tables |= {table: held[key] for table, key in GROUPS.items() if key in held}
    try:
        plain = convert(tables, dict[str, dict[str, dict[str, object]]])
    except ValidationError as error:
        raise BookError(f"it is no export of this program: {error}") from None
    documents: Documents = {
        table: {row: {key: encode(value) for key, value in fields.items()} for row, fields in rows.items()}
        for table, rows in plain.items()
    }
    documents = {
        table: _with_names(rows) if table in GROUPS else _in_order(rows) for table, rows in documents.items()
    }
    page = documents.get("meta", {}).get("1", {})
    documents = migrated({**documents, "meta": {"1": {**page, "format": encode(known)}}})
    if words := understood(documents).words:
        raise BookError(f"its documents cannot be understood: {words[0]}")
    return documents


def plan(before: Documents, wanted: Documents, rescue: Documents) -> Plan:
    """What becomes of a book; pure. An export of the counters leaves the rest, a whole one the access."""
    documents = {**before, "ledger": wanted.get("ledger", {})}
    if "settings" in wanted:
        documents = {**{table: before[table] for table in before if table == SECRET}, **wanted}
    for table in GROUPS.keys() & wanted.keys():
        documents[table] = _with_ids(wanted[table], before.get(table, {}))
    if rescue:
        known = understood(documents)
        ledger = ledger_with(known.ledger, understood(rescue).ledger)
        documents = lists_with(documents, rescue)
        documents = updated(documents, ledger, known.settings or Settings(), known.meta)
    old, new = understood(before).ledger, understood(documents).ledger
    size = sum(len(piece) for piece in change.pieces(documents))
    if size > STATE_BYTES_MAX:
        raise BookError(f"it does not fit into a book: {size} bytes, {STATE_BYTES_MAX} are allowed")
    return Plan(documents, tuple(_differences(before, documents, old, new)), _falling(old, new))


def read_book(path: Path) -> Documents | None:
    """The state of a book that nobody writes, ``None`` if it is missing or unreadable; `BookInUse`."""
    if not path.exists():
        return None
    medium = OsMedium(path)
    recovery = recover(medium.pread(0, medium.size))
    medium.close()
    return None if recovery.unreadable else migrated(recovery.state)


def write_base(path: Path, documents: Documents) -> None:
    """Make the documents the state of a book, as one new base; `BookError` if the card refuses."""
    medium = OsMedium(path)
    try:
        recovery = recover(medium.pread(0, medium.size))
        assert recovery.layout is not None
        book = Book(recovery.layout, recovery)
        job = book.rebase(change.payload(documents), change.payload(kept(documents)), 0)
        following: Job | None = job
        while following is not None:
            following = book.advance(perform(medium, following))
        if book.stage is Stage.FAILED:
            raise BookError(f"{path}: nothing was stored: {book.error}")
    finally:
        medium.close()


def set_aside(path: Path, what: str) -> Path:
    """Give a file another name that no other file has; where it lies now."""
    if not path.exists():
        return path
    number, aside = 1, path.with_name(f"{path.name}.{what}")
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.{what}-{number}")
    path.rename(aside)
    return aside


def _with_names(rows: Mapping[str, Fields]) -> dict[str, Fields]:
    return {
        name: fields if name.startswith("#") else {"name": encode(name), **fields}
        for name, fields in rows.items()
    }


def _with_ids(rows: Mapping[str, Fields], before: Mapping[str, Fields]) -> dict[str, Fields]:
    """Named documents under the ids they have in the book; new ones get the next."""
    ids = {bytes(fields["name"]): row for row, fields in before.items() if "name" in fields}
    taken = {int(row) for row in (*before, *(name[1:] for name in rows)) if row.isdecimal()}
    next_id = max(taken, default=0) + 1
    result: dict[str, Fields] = {}
    for name, fields in rows.items():
        row = name[1:] if name.startswith("#") else ids.get(bytes(encode(name)))
        if row is None:
            row, next_id = str(next_id), next_id + 1
        result[row] = fields
    return result


def _in_order(rows: Mapping[str, Fields]) -> dict[str, Fields]:
    return {row: rows[row] for row in sorted(rows, key=lambda row: (int(row) if row.isdecimal() else 0, row))}


def _differences(before: Documents, after: Documents, old: Ledger, new: Ledger) -> Iterator[str]:
    """Raw totals, settings and lists that differ, one line each."""
    for name in sorted(old.counters.keys() | new.counters.keys()):
        totals = [ledger.counters[name].total if name in ledger.counters else "none" for ledger in (old, new)]
        if totals[0] != totals[1]:
            yield f"{name}: {totals[0]} -> {totals[1]}"
    former, latter = (change.plain({"": named(state.get("settings", {}))})[""] for state in (before, after))
    for name in sorted(former.keys() | latter.keys()):
        one, other = former.get(name, {}), latter.get(name, {})
        for key in sorted(one.keys() | other.keys()):
            if one.get(key) != other.get(key):
                yield f"settings {name}.{key}: {one.get(key, 'none')} -> {other.get(key, 'none')}"
    for table in RINGS:
        rows = [change.plain({table: state.get(table, {})})[table] for state in (before, after)]
        if rows[0] != rows[1]:
            yield f"{table}: {len(rows[0])} -> {len(rows[1])} entries"


def _falling(old: Ledger, new: Ledger) -> tuple[str, ...]:
    """Raw totals that would be less than they are; cost may fall."""
    return tuple(
        name
        for name, counter in sorted(old.counters.items())
        if MAY_FALL not in name and counter.total > (new.counters[name].total if name in new.counters else 0)
    )
