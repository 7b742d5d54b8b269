"""Documents, and what differs between two states of them.

A state is ``table → id → field → value``. Values stay encoded: equal bytes are equal values, nothing that a
caller keeps can alias them, and a field is decoded only by whoever needs it. A change has the same shape;
its fields replace fields, ``null`` deletes a document or a table, and a list of one mapping replaces a whole
document (a field has gone).
"""

import math
from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import DecodeError, Raw, json

Fields = dict[str, Raw]
Documents = dict[str, dict[str, Fields]]
Change = dict[str, dict[str, Fields | list[Fields] | None] | None]

_CHANGES: Final = json.Decoder(Change)


def encode(value: object) -> Raw:
    """One field's value as JSON; raises `ValueError` for a number that is not finite."""
    _refuse_infinite(value)
    return Raw(json.encode(value))


def payload(change: Mapping[str, Mapping[str, Fields | list[Fields] | None] | None]) -> bytes:
    """A change, or a whole state, as JSON."""
    return json.encode(change)


def pieces(state: Documents) -> Iterator[bytes]:
    """A whole state as JSON, document by document; together the same as `payload` makes."""
    opening = b"{"
    for table, documents in state.items():
        yield opening + json.encode(table) + b":{"
        between = b""
        for name, fields in documents.items():
            yield between + json.encode(name) + b":" + json.encode(fields)
            between = b","
        yield b"}"
        opening = b","
    yield b"{}" if opening == b"{" else b"}"


def parse(payload: bytes) -> Change | None:
    """The change that a payload holds, ``None`` if it holds none."""
    try:
        return _CHANGES.decode(payload)
    except DecodeError:
        return None


def difference(before: Documents, after: Documents) -> Change:
    """What turns `before` into `after`; empty if they are equal."""
    change: Change = {table: None for table in before if table not in after}
    for table, documents in after.items():
        known = before.get(table)
        if documents is known:
            continue
        changed: dict[str, Fields | list[Fields] | None] = {}
        for name in known or ():
            if name not in documents:
                changed[name] = None
        for name, fields in documents.items():
            former = (known or {}).get(name)
            if fields is former:
                continue
            if former is None or former.keys() - fields.keys():
                changed[name] = [fields]
            elif differing := {k: value for k, value in fields.items() if former.get(k) != value}:
                changed[name] = differing
        if changed or known is None:
            change[table] = changed
    return change


def applied(state: Documents, change: Change) -> Documents:
    """The state after a change; the former state stays as it was."""
    result = dict(state)
    for table, documents in change.items():
        if documents is None:
            result.pop(table, None)
            continue
        changed = dict(result.get(table, {}))
        for name, fields in documents.items():
            if fields is None:
                changed.pop(name, None)
            elif isinstance(fields, list):
                changed[name] = _own(fields[0]) if fields else {}
            else:
                changed[name] = {**changed.get(name, {}), **_own(fields)}
        result[table] = changed
    return result


def replaced(state: Documents, tables: Change) -> Documents:
    """The state with whole tables replaced, as a checkpoint does."""
    return applied({table: rows for table, rows in state.items() if table not in tables}, tables)


def plain(state: Mapping[str, Mapping[str, Mapping[str, Raw]]]) -> dict[str, dict[str, dict[str, object]]]:
    """A state as ordinary values."""
    return {
        table: {name: {key: json.decode(raw) for key, raw in fields.items()} for name, fields in rows.items()}
        for table, rows in state.items()
    }


def _own(fields: Fields) -> Fields:
    """Copies that do not keep the whole payload alive."""
    return {key: raw.copy() for key, raw in fields.items()}


def _refuse_infinite(value: object) -> None:
    if type(value) in _FINITE:
        return
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} has no place in the journal; store a finite number")
    if isinstance(value, dict | Mapping):
        for item in value.values():
            if type(item) not in _FINITE:
                _refuse_infinite(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_infinite(item)


_FINITE: Final = frozenset({int, str, bool, type(None)})
