"""Ledger, settings and the book's own page as documents, and back.

Ids are numbers because TinyDB wants them so; what a document is, its `name` says. A document or field that
this program does not know stays as it is.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

import msgspec
from msgspec import Raw, json

from hems.journal import orders
from hems.journal.change import Documents, Fields, encode, plain
from hems.journal.layout import FORMAT
from hems.model.ledger import Ledger, from_documents, to_documents
from hems.model.settings import Settings

KEPT: Final = ("meta", "ledger", "settings")
"""Tables that a checkpoint holds whole."""

BOUNDS: Final = {"ledger": (32, 65_536), "settings": (48, 16_384)}
"""Documents of a table, and bytes of one of them."""

STATE_BYTES_MAX: Final = 1_468_006
"""1.4 MiB of plain documents fit into a base however little they can be deflated."""

META_ID: Final = "1"


class Recalled(NamedTuple):
    """What the book held: `settings` is ``None`` before the first start, `words` tell what was wrong with it.

    The wall clock cannot be right while it is before `last_trusted`. `recording`: some evidence has no end.
    `forgetful`: what had been kept may not be all there.
    """

    ledger: Ledger
    settings: Settings | None
    words: tuple[str, ...]
    last_trusted: datetime | None
    recording: bool
    forgetful: bool = False


@dataclass(frozen=True, slots=True)
class Meta:
    """The book's own page: its format and id, when it was first used, the last trusted wall time, starts."""

    format: int = FORMAT
    book_id: str = ""
    software: str = ""
    created: datetime | None = None
    last_trusted: datetime | None = None
    boots: int = 0


@dataclass(frozen=True, slots=True)
class Understood:
    """What the documents mean; `words` tell what could not be understood.

    `settings` is ``None`` if there are none yet.
    """

    ledger: Ledger
    settings: Settings | None
    meta: Meta
    words: tuple[str, ...] = field(default=())


def updated(
    documents: Documents, ledger: Ledger, settings: Settings, meta: Meta, refused: list[str] | None = None
) -> Documents:
    """The documents with ledger, settings and the book's page as they are now.

    A document beyond its bound stays as it was and is named in `refused`.
    """
    former = _without_lists(documents.get("settings", {}))
    told = orders.to_documents(settings, {_name(fields) for fields in former.values()})
    refusals: list[str] = [] if refused is None else refused
    page = {META_ID: {**documents.get("meta", {}).get(META_ID, {}), **_encoded(msgspec.to_builtins(meta))}}
    return {
        **documents,
        "meta": {**documents.get("meta", {}), **page},
        "ledger": _merged("ledger", documents.get("ledger", {}), to_documents(ledger), refusals),
        "settings": _merged("settings", former, told, refusals),
    }


def kept(documents: Documents) -> Documents:
    """The tables of a checkpoint."""
    return {table: documents[table] for table in KEPT if table in documents}


def understood(documents: Documents) -> Understood:
    """What the documents mean; what cannot be understood is left out and named, never raised."""
    values = plain(documents)
    words: list[str] = []
    ledger = _ledger(values.get("ledger", {}), words)
    settings = orders.from_documents(values.get("settings", {}).values(), words)
    try:
        meta = msgspec.convert(values.get("meta", {}).get(META_ID, {}), Meta)
    except msgspec.ValidationError as error:
        meta = Meta()
        words.append(f"the book's own page is ignored: {error}")
    return Understood(ledger, settings, meta, tuple(words))


def _without_lists(rows: dict[str, Fields]) -> dict[str, Fields]:
    """Rows in which nothing is left over of documents whose fields come and go."""
    names = {name: encode(name) for name in orders.LISTS}
    return {row: _bare(fields, names.values()) for row, fields in rows.items()}


def _bare(fields: Fields, names: Collection[Raw]) -> Fields:
    return {"name": fields["name"]} if fields.get("name") in names else fields


def _name(fields: Fields) -> str:
    """What a document goes by; empty if it says nothing of the kind."""
    return str(json.decode(fields.get("name", b'""')))


def _ledger(rows: Mapping[str, Mapping[str, object]], words: list[str]) -> Ledger:
    documents: dict[str, dict[str, object]] = {}
    for fields in rows.values():
        name = str(fields.get("name", ""))
        for key, value in fields.items():
            if key == "name":
                continue
            try:
                from_documents({name: {key: value}})
            except ValueError as error:
                words.append(f"{error}; it is ignored")
            else:
                documents.setdefault(name, {})[key] = value
    return from_documents(documents)


def _merged(
    table: str,
    rows: dict[str, Fields],
    documents: Mapping[str, Mapping[str, object]],
    refused: list[str],
) -> dict[str, Fields]:
    """Rows with the documents' fields laid over them; a new name gets the next id."""
    ids = {bytes(fields["name"]): row for row, fields in rows.items() if "name" in fields}
    next_id = max((int(row) for row in rows if row.isdecimal()), default=0) + 1
    count_max, bytes_max = BOUNDS[table]
    merged = dict(rows)
    for name, fields in documents.items():
        row = ids.get(bytes(encode(name)), str(next_id))
        document = {**merged.get(row, {}), **_encoded({"name": name, **fields})}
        size = sum(len(key) + len(value) for key, value in document.items())
        if size > bytes_max or (row not in merged and len(merged) >= count_max):
            refused.append(f"{table}.{name}: there is no more room for it")
            continue
        next_id += row == str(next_id)
        merged[row] = document
    return merged


def _encoded(fields: Mapping[str, object]) -> Fields:
    return {key: encode(value) for key, value in fields.items()}
