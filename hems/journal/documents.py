"""Ledger, settings and the book's own page as documents, and back.

Ids are numbers because TinyDB wants them so; what a document is, its `name` says. A document or field that
this program does not know stays as it is.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Final

import msgspec

from hems.journal.change import Documents, Fields, encode, plain
from hems.journal.layout import FORMAT
from hems.model.ledger import Ledger, from_documents, to_documents
from hems.model.settings import ChargerSettings, Settings

KEPT: Final = ("meta", "ledger", "settings")
"""Tables that a checkpoint holds whole."""

META_ID: Final = "1"
CHARGER: Final = "charger."


@dataclass(frozen=True, slots=True)
class Meta:
    """The book's own page: its format, when it was first used, the last trusted wall time, starts counted."""

    format: int = FORMAT
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


def updated(documents: Documents, ledger: Ledger, settings: Settings, meta: Meta) -> Documents:
    """The documents with ledger, settings and the book's page as they are now."""
    chargers = {f"{CHARGER}{name}": asdict(orders) for name, orders in settings.chargers.items()}
    page = {META_ID: {**documents.get("meta", {}).get(META_ID, {}), **_encoded(msgspec.to_builtins(meta))}}
    return {
        **documents,
        "meta": {**documents.get("meta", {}), **page},
        "ledger": _merged(documents.get("ledger", {}), to_documents(ledger)),
        "settings": _merged(documents.get("settings", {}), chargers),
    }


def kept(documents: Documents) -> Documents:
    """The tables of a checkpoint."""
    return {table: documents[table] for table in KEPT if table in documents}


def understood(documents: Documents) -> Understood:
    """What the documents mean; what cannot be understood is left out and named, never raised."""
    values = plain(documents)
    words: list[str] = []
    ledger = _ledger(values.get("ledger", {}), words)
    chargers: dict[str, ChargerSettings] = {}
    for fields in values.get("settings", {}).values():
        name = str(fields.get("name", ""))
        if name.startswith(CHARGER):
            try:
                chargers[name.removeprefix(CHARGER)] = msgspec.convert(fields, ChargerSettings)
            except msgspec.ValidationError as error:
                words.append(f"settings of {name} are ignored: {error}")
    try:
        meta = msgspec.convert(values.get("meta", {}).get(META_ID, {}), Meta)
    except msgspec.ValidationError as error:
        meta = Meta()
        words.append(f"the book's own page is ignored: {error}")
    return Understood(ledger, Settings(chargers) if chargers else None, meta, tuple(words))


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


def _merged(rows: dict[str, Fields], documents: Mapping[str, Mapping[str, object]]) -> dict[str, Fields]:
    """Rows with the documents' fields laid over them; a new name gets the next id."""
    ids = {bytes(fields["name"]): row for row, fields in rows.items() if "name" in fields}
    next_id = max((int(row) for row in rows if row.isdecimal()), default=0) + 1
    merged = dict(rows)
    for name, fields in documents.items():
        row = ids.get(bytes(encode(name)))
        if row is None:
            row, next_id = str(next_id), next_id + 1
        merged[row] = {**merged.get(row, {}), **_encoded({"name": name, **fields})}
    return merged


def _encoded(fields: Mapping[str, object]) -> Fields:
    return {key: encode(value) for key, value in fields.items()}
