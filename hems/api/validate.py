"""Values against their declarations (API-31, API-32): what a client sends, and what it is sent."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

import msgspec

from hems.api.rows import Params, Shape
from hems.api.shapes import Member, Words, member, referred

SHOWN_CHARACTERS: Final = 80
WHOLE: Final = re.compile(r"[+-]?\d{1,18}")
WHOLE_BELOW: Final = 2**63
"""A whole number from here on is no figure of anything."""

NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
CLOCK: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?")
INT_BOUND: Final = 2**63
NO_ID: Final = UUID(int=0)

SECRETS: Final = frozenset({"password", "newPassword"})
UNSHOWN: Final = "Invalid String: (not shown)"
"""What is said of a secret that is no text: it is in no answer (API-46)."""

Check = Callable[[Any], Any]
"""Gives back the value as its handler wants it, or raises `Invalid`."""


class Invalid(Exception):  # noqa: N818 (a verdict about a value, not a failure of the program)
    """Why a value does not fit its declaration, and where it stands: ``a.b.``."""

    def __init__(self, why: str, where: str = "") -> None:
        super().__init__(why, where)
        self.why = why
        self.where = where


def shown(value: object) -> str:
    """A value in an error text: short, and texts without quotes."""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text[:SHOWN_CHARACTERS]


def record_check(members: Mapping[str, Shape], words: Words, *, sent: bool = False) -> Check:
    """The check of a record; `sent`: it is one of ours, in which read-only members must not be missing."""
    return _Checks(words, sent=sent).record(members)


class _Checks:
    """Turns declarations into checks; a type is turned when it is first needed, so that types may nest."""

    def __init__(self, words: Words, *, sent: bool) -> None:
        self._words = words
        self._sent = sent
        self._types: dict[str, Check] = {}

    def of(self, shape: Shape) -> Check:
        if isinstance(shape, Mapping):
            return self.record(shape)
        if not isinstance(shape, str):
            return self._list(shape[0])
        name = referred(shape)
        if name is None:
            return PLAIN_CHECKS[shape]
        if name in self._words.enums:
            return _enum(name, frozenset(self._words.enums[name]))
        if name in self._words.flags:
            return _flags(name, frozenset(self._words.enums[self._words.flags[name]]))

        def checked(value: Any) -> Any:
            return self._type(name)(value)

        return checked

    def record(self, members: Mapping[str, Shape]) -> Check:
        rows = [(member(declared), shape) for declared, shape in sorted(members.items())]
        checks = {row.name: (row, self.of(shape)) for row, shape in rows}
        needed = [row for row, _ in rows if not row.optional and (self._sent or not row.read_only)]
        return lambda value: _record(value, needed, checks, sent=self._sent)

    def _type(self, name: str) -> Check:
        if name not in self._types:
            self._types[name] = self.of(self._words.types[name])
        return self._types[name]

    def _list(self, element: Shape) -> Check:
        check = self.of(element)

        def checked(value: Any) -> list[Any]:
            if not isinstance(value, list | tuple):
                raise Invalid(f"Invalid value. Expected a list but received: {shown(value)}")
            return [check(one) for one in value]

        return checked


def _record(
    value: Any, needed: list[Member], checks: Mapping[str, tuple[Member, Check]], *, sent: bool
) -> Params:
    if not isinstance(value, Mapping):
        raise Invalid(f"Invalid value. Expected a map but received: {shown(value)}")
    for row in needed:
        if row.name not in value:
            raise Invalid(f"Missing required key: {row.name}", row.declared)
    found = {}
    for key in sorted(value):
        known = checks.get(key)
        if known is None:
            raise Invalid(f"Invalid key: {shown(key)}")
        row, check = known
        left_out = value[key] is None and row.optional
        if left_out or (row.read_only and not sent):
            continue
        try:
            found[key] = check(value[key])
        except Invalid as invalid:
            why = UNSHOWN if key in SECRETS else invalid.why
            raise Invalid(why, f"{key}.{invalid.where}") from None
    return found


def _enum(name: str, keys: frozenset[str]) -> Check:
    def checked(value: Any) -> str:
        if not isinstance(value, str) or value not in keys:
            raise Invalid(f"Expected enum value for {name} but got {shown(value)}")
        return value

    return checked


def _flags(name: str, keys: frozenset[str]) -> Check:
    def checked(value: Any) -> list[str]:
        if not isinstance(value, list | tuple) or not all(
            isinstance(one, str) and one in keys for one in value
        ):
            raise Invalid(f"Expected flags {name} but got {shown(value)}")
        return list(value)

    return checked


def _uuid(value: Any) -> str:
    """Printed with braces, "" for none."""
    if value == "":
        return ""
    try:
        found = UUID(value) if isinstance(value, str) and len(value) in (36, 38) else None
    except ValueError:
        found = None
    if found is None:
        raise Invalid(f"Invalid Uuid: {shown(value)}")
    return "" if found == NO_ID else f"{{{found}}}"


def _string(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Invalid(f"Invalid String: {shown(value)}")
    return shown(value)


def _strings(value: Any) -> list[str]:
    if not isinstance(value, list | tuple):
        raise Invalid(f"Invalid value. Expected a list but received: {shown(value)}")
    return [_string(one) for one in value]


def _int(value: Any) -> int:
    whole = _whole(value)
    if whole is None or not -INT_BOUND <= whole < INT_BOUND:
        raise Invalid(f"Invalid Int: {shown(value)}")
    return whole


def _uint(value: Any) -> int:
    whole = _whole(value)
    if whole is None or not 0 <= whole < INT_BOUND:
        raise Invalid(f"Invalid UInt: {shown(value)}")
    return whole


def _whole(value: Any) -> int | None:
    match value:
        case bool():
            return None
        case int():
            return value
        case float() if value.is_integer():
            return int(value)
        case str() if WHOLE.fullmatch(value):
            return int(value)
        case _:
            return None


def _double(value: Any) -> float:
    match value:
        case bool():
            found = math.nan
        case int() if abs(value) >= WHOLE_BELOW:
            found = math.nan
        case int() | float():
            found = float(value)
        case str() if NUMBER.fullmatch(value):
            found = float(value)
        case _:
            found = math.nan
    if not math.isfinite(found):
        raise Invalid(f"Invalid Double: {shown(value)}")
    return found


def _bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value not in ("true", "false"):
        raise Invalid(f"Invalid Bool: {shown(value)}")
    return bool(value == "true")


def _time(value: Any) -> str:
    if not isinstance(value, str) or not CLOCK.fullmatch(value):
        raise Invalid(f"Invalid Time: {shown(value)}")
    return value


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Invalid(f"Invalid value. Expected a map but received: {shown(value)}")
    return value


PLAIN_CHECKS: Final[Mapping[str, Check]] = {
    "Uuid": _uuid,
    "String": _string,
    "StringList": _strings,
    "Int": _int,
    "Uint": _uint,
    "Double": _double,
    "Bool": _bool,
    "Variant": lambda value: value,
    "Time": _time,
    "Object": _object,
}
