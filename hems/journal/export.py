"""The whole memory as one JSON text that outlives the program, and tables of it as CSV. Pure.

The text has one line per document, sorted keys and, as its last key, a CRC-32 of the content above it. It is
made piece by piece, so that the running service can spread it over its cycles.
"""

import csv
import io
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from msgspec import Raw, json

from hems.errors import BookError
from hems.journal.change import Documents, Fields
from hems.journal.migrate import format_of
from hems.journal.rings import RINGS

GROUPS: Final = {"ledger": "counters", "settings": "settings"}
"""Tables whose documents have names, and what the text calls them."""

SECRET: Final = "access"
HEAD: Final = b'{\n"content": '
TAIL: Final = b',\n"crc32": "%08x"\n}\n'


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an export comes from; `book_id` is used for a book whose own page does not tell it."""

    book_id: str
    time: datetime
    software: str


def pieces(
    documents: Documents, origin: Origin, *, counters_only: bool = False, secrets: bool = False
) -> Iterator[bytes]:
    """The text of an export in many small pieces; `access` is left out unless `secrets` are wanted."""
    checked = 0
    yield HEAD
    for piece in _content(documents, origin, counters_only, secrets):
        checked = zlib.crc32(piece, checked)
        yield piece
    yield TAIL % checked


def content(text: bytes) -> dict[str, object]:
    """What an export holds; `BookError` in words for one that is damaged or none."""
    end = len(TAIL % 0)
    body = text[len(HEAD) : -end]
    if not text.startswith(HEAD) or text[-end:] != TAIL % zlib.crc32(body):
        raise BookError("it is no export, or it was changed or cut off; take another copy")
    return json.decode(body, type=dict[str, object])


def table_csv(documents: Documents, table: str) -> str:
    """A ring as CSV: one line per entry, oldest first, a column for every field there is."""
    rows = documents.get(table, {})
    entries = [
        {"id": row, **{name: json.decode(value) for name, value in rows[row].items()}}
        for row in sorted(rows, key=_order)
    ]
    columns = list(dict.fromkeys(name for entry in entries for name in entry)) or ["id"]
    lines = io.StringIO()
    writer = csv.DictWriter(lines, columns)
    writer.writeheader()
    for entry in entries:
        writer.writerow({name: _cell(value) for name, value in entry.items()})
    return lines.getvalue()


def named(rows: Mapping[str, Fields]) -> dict[str, Fields]:
    """Documents by their names, without the name; one that has none goes by ``#`` and its id."""
    result: dict[str, Fields] = {}
    for row, fields in rows.items():
        name = json.decode(fields["name"]) if "name" in fields else None
        if isinstance(name, str) and name not in result and not name.startswith("#"):
            result[name] = {key: value for key, value in fields.items() if key != "name"}
        else:
            result[f"#{row}"] = fields
    return result


def _content(documents: Documents, origin: Origin, counters_only: bool, secrets: bool) -> Iterator[bytes]:
    page = documents.get("meta", {}).get("1", {})
    book_id = json.decode(page.get("book_id", b'""')) or origin.book_id
    yield b'{\n"book_id": ' + json.encode(book_id)
    yield b',\n"counters": '
    yield from _rows(named(documents.get("ledger", {})))
    yield b',\n"format": ' + json.encode(format_of(documents))
    if not counters_only:
        yield b',\n"rings": '
        yield from _tables({table: documents.get(table, {}) for table in RINGS})
        yield b',\n"settings": '
        yield from _rows(named(documents.get("settings", {})))
    yield b',\n"software": ' + json.encode(origin.software)
    if not counters_only:
        others = documents.keys() - GROUPS.keys() - RINGS.keys() - (set() if secrets else {SECRET})
        yield b',\n"tables": '
        yield from _tables({table: documents[table] for table in others})
    yield b',\n"time": ' + json.encode(origin.time.isoformat()) + b"\n}"


def _tables(tables: Mapping[str, Mapping[str, Fields]]) -> Iterator[bytes]:
    opening = b"{\n"
    for table in sorted(tables):
        yield opening + json.encode(table) + b": "
        yield from _rows(tables[table])
        opening = b",\n"
    yield b"{}" if opening == b"{\n" else b"\n}"


def _rows(rows: Mapping[str, Fields]) -> Iterator[bytes]:
    opening = b"{\n"
    for row in sorted(rows):
        fields = {key: _sorted(value) for key, value in rows[row].items()}
        yield opening + json.encode(row) + b": " + json.encode(fields, order="sorted")
        opening = b",\n"
    yield b"{}" if opening == b"{\n" else b"\n}"


def _sorted(value: Raw) -> Raw:
    """A value with its keys sorted at every depth; scalars are so already."""
    if not bytes(value).startswith((b"{", b"[")):
        return value
    return Raw(json.encode(json.decode(value), order="sorted"))


def _order(row: str) -> tuple[int, str]:
    return (int(row) if row.isdecimal() else 0, row)


def _cell(value: object) -> object:
    if isinstance(value, Mapping | list):
        return json.encode(value, order="sorted").decode()
    return value
