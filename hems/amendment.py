"""The installation file with some values changed: comments, order and everything else stay. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import tomlkit
from tomlkit.exceptions import ParseError, TOMLKitError

from hems.errors import ConfigError
from hems.model.intents import Change

LISTS: Final = frozenset(
    {"bus", "meter", "charger", "heat_pump", "relay", "contact", "circuit", "vehicle", "load", "sg_ready"}
)
"""Tables with several rows, each of which goes by its name."""


def amended(text: str, changes: Sequence[Change]) -> str:
    """The text after these changes; a `ConfigError` if it is no TOML, or if a place cannot be there."""
    try:
        document = tomlkit.parse(text)
    except ParseError as error:
        raise ConfigError(f"the installation file is not valid TOML: {error}; mend it by hand") from None
    for change in changes:
        try:
            _change(document, change)
        except (TOMLKitError, KeyError, TypeError, AttributeError, ValueError):
            raise ConfigError(f"{'.'.join(change.place)}: cannot be changed there") from None
    return tomlkit.dumps(document)


def _change(document: Any, change: Change) -> None:
    first, *rest = change.place
    if first in LISTS and rest:
        _change_row(document, first, rest[0], rest[1:], change.value)
        return
    if rest and first not in document and change.value is not None:
        document[first] = tomlkit.table()
    if first in document or not rest:
        _put(document, change.place, change.value)


def _change_row(document: Any, table: str, name: str, rest: Sequence[str], value: object) -> None:
    """A row of a list of tables, or one value of it."""
    rows = document.get(table)
    found = next((row for row in rows or () if row.get("name") == name), None)
    if value is None and not rest:
        if found is not None:
            rows.remove(found)
            if not rows:
                document.remove(table)
        return
    if found is None:
        if value is None:
            return
        if rows is None:
            document[table] = tomlkit.aot()
        row = tomlkit.table()
        row["name"] = name
        document[table].append(row)
        found = document[table][-1]
    if rest:
        _put(found, rest, value)
        return
    wanted = {key: one for key, one in _mapping(value).items() if key != "name"}
    for key in [key for key in found if key != "name" and key not in wanted]:
        found.remove(key)
    for key, one in wanted.items():
        _put(found, (key,), one)


def _put(container: Any, place: Sequence[str], value: object) -> None:
    for key in place[:-1]:
        if key not in container:
            if value is None:
                return
            container[key] = tomlkit.table()
        container = container[key]
    key = place[-1]
    if value is None:
        if key in container:
            container.remove(key)
    elif container.get(key) != value or isinstance(container.get(key), bool) is not isinstance(value, bool):
        container[key] = _plain(value)


def _plain(value: object) -> object:
    """A value as the file has it: lists for tuples, tables for records."""
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items() if one is not None}
    return [_plain(one) for one in value] if isinstance(value, tuple | list) else value


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise TypeError
    return value
