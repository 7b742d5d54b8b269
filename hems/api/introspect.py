"""What the door says of itself, made once at start from the rows of its namespaces (API-50)."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from hems.api.rows import Method, Notice
from hems.api.shapes import Words, complaints

SCOPE: Final = "PermissionScope"


def introspection(
    methods: Iterable[Method], notices: Iterable[Notice], words: Words
) -> Mapping[str, msgspec.Raw]:
    """Methods, notifications, types, enums and flags, each as finished bytes."""
    parts = {
        "methods": {row.full: _method(row) for row in methods},
        "notifications": {
            f"{row.namespace}.{row.name}": {"description": row.text, "params": row.params} for row in notices
        },
        "types": words.types,
        "enums": words.enums,
        "flags": words.flags,
    }
    return {name: msgspec.Raw(msgspec.json.encode(part, order="sorted")) for name, part in parts.items()}


def judge(methods: Iterable[Method], notices: Iterable[Notice], words: Words) -> None:
    """Raise `ValueError` for a row that is there twice or declares what does not exist."""
    seen: set[str] = set()
    rows: list[Method | Notice] = [*methods, *notices]
    for row in rows:
        full = f"{row.namespace}.{row.name}"
        if full in seen:
            raise ValueError(f"{full}: there twice")
        seen.add(full)
        shapes = (row.params, row.returns) if isinstance(row, Method) else (row.params,)
        for shape in shapes:
            for complaint in complaints(shape, words):
                raise ValueError(f"{full}: {complaint}")


def _method(row: Method) -> Mapping[str, object]:
    said: dict[str, object] = {
        "description": row.text,
        "params": row.params,
        "returns": row.returns,
        "permissionScope": f"{SCOPE}{row.scope}",
    }
    return said | ({"deprecated": row.deprecated} if row.deprecated else {})
