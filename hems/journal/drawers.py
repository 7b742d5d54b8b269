"""Drawers: documents of the table `access`, which is in no export unless secrets are asked for."""

from collections.abc import Callable, Mapping
from typing import Final

from msgspec import json

from hems.journal.change import Documents, Fields, encode

TABLE: Final = "access"
DOCUMENTS_MAX: Final = 48
DOCUMENT_BYTES_MAX: Final = 16_384


class BookDrawer:
    """One document of the table by its name, in documents that somebody else holds and stores."""

    def __init__(
        self, name: str, documents: Callable[[], Documents], store: Callable[[Documents], None]
    ) -> None:
        self._name = name
        self._documents = documents
        self._store = store

    def recall(self) -> Mapping[str, object]:
        """What was kept last, nothing before the first time."""
        _, fields = _found(self._documents(), self._name)
        return {key: json.decode(value) for key, value in fields.items() if key != "name"}

    def keep(self, fields: Mapping[str, object]) -> bool:
        """Keep this and nothing else from now on; false if there is no room for it."""
        wanted = put(self._documents(), self._name, fields)
        if wanted is not None:
            self._store(wanted)
        return wanted is not None


def put(documents: Documents, name: str, fields: Mapping[str, object]) -> Documents | None:
    """The documents with this one's fields replaced; ``None`` if it is too large, or one too many."""
    rows = documents.get(TABLE, {})
    row, _ = _found(documents, name)
    encoded = {key: encode(value) for key, value in {**fields, "name": name}.items()}
    size = sum(len(key.encode()) + len(value) for key, value in encoded.items())
    if size > DOCUMENT_BYTES_MAX or (row not in rows and len(rows) >= DOCUMENTS_MAX):
        return None
    return {**documents, TABLE: {**rows, row: encoded}}


def _found(documents: Documents, name: str) -> tuple[str, Fields]:
    """A document and its id; the next free one where there is none yet."""
    rows = documents.get(TABLE, {})
    wanted = encode(name)
    for row, fields in rows.items():
        if fields.get("name") == wanted:
            return row, fields
    return str(max((int(row) for row in rows if row.isdecimal()), default=0) + 1), {}
