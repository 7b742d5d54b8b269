"""What a client believes of a reply: what the door says of itself, read by somebody who has only that text.

Stricter than what the door asks of its clients: ids have braces, whole numbers are no texts, and there is no
member that was not declared.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

UUID: Final = re.compile(r"\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}")
TEXT: Final = re.compile(rb'"(?:[^"\\]|\\.)*"')


def record(line: bytes) -> dict[str, Any]:
    """One line of the door, which is compact and has its members sorted (API-20)."""
    bare = TEXT.sub(b'""', line)
    assert not re.search(rb"\s", bare), line[:200]
    found = json.loads(line, object_pairs_hook=_sorted, parse_constant=_no_number)
    assert isinstance(found, dict)
    return found


def _sorted(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    assert names == sorted(set(names)), names
    return dict(pairs)


def _no_number(text: str) -> float:
    raise AssertionError(f"{text} is no number (API-7)")


class Judge:
    """Holds every reply and every notification against an introspection."""

    def __init__(self, introspection: Mapping[str, Any]) -> None:
        self.methods = introspection["methods"]
        self.notifications = introspection["notifications"]
        self._types = introspection["types"]
        self._enums = introspection["enums"]
        self._flags = introspection["flags"]

    def line(self, said: Mapping[str, Any], method: str) -> None:
        """A notification, or the reply to a method."""
        if "notification" in said:
            assert said.keys() == {"id", "notification", "params"}
            name = said["notification"]
            self._record(self.notifications[name]["params"], said["params"], name)
        elif said["status"] == "success":
            assert said.keys() == {"id", "status", "params"}
            self._record(self.methods[method]["returns"], said["params"], method)
        else:
            assert said.keys() == {"id", "status", "error"}
            assert said["status"] in ("error", "unauthorized")
            assert isinstance(said["error"], str)

    def _record(self, members: Mapping[str, Any], value: Any, where: str) -> None:
        assert isinstance(value, dict), f"{where}: {value!r}"
        known = {}
        for declared, shape in members.items():
            *prefixes, name = declared.split(":")
            known[name] = shape
            assert name in value or "o" in prefixes, f"{where}: {name} is missing"
        for name, inner in value.items():
            assert name in known, f"{where}: nobody declared {name}"
            self._value(known[name], inner, f"{where}.{name}")

    def _value(self, shape: Any, value: Any, where: str) -> None:
        if isinstance(shape, dict):
            self._record(shape, value, where)
        elif isinstance(shape, list):
            assert isinstance(value, list), f"{where}: {value!r}"
            for number, one in enumerate(value):
                self._value(shape[0], one, f"{where}[{number}]")
        elif shape.startswith("$ref:"):
            self._reference(shape.removeprefix("$ref:"), value, where)
        else:
            assert _is(shape, value), f"{where}: {value!r} is no {shape}"

    def _reference(self, name: str, value: Any, where: str) -> None:
        if name in self._enums:
            assert value in self._enums[name], f"{where}: {value!r} is no {name}"
        elif name in self._flags:
            assert isinstance(value, list), f"{where}: {value!r}"
            assert set(value) <= set(self._enums[self._flags[name]]), f"{where}: {value!r} is no {name}"
        else:
            self._value(self._types[name], value, where)


def _is(name: str, value: Any) -> bool:
    match name:
        case "Uuid":
            return isinstance(value, str) and UUID.fullmatch(value) is not None
        case "String":
            return isinstance(value, str)
        case "StringList":
            return isinstance(value, list) and all(isinstance(one, str) for one in value)
        case "Int":
            return type(value) is int
        case "Uint":
            return type(value) is int and value >= 0
        case "Double":
            return type(value) in (int, float)
        case "Bool":
            return type(value) is bool
        case "Object":
            return isinstance(value, dict)
        case "Time":
            return isinstance(value, str) and bool(datetime.strptime(value, "%H:%M"))
        case _:
            assert name == "Variant", name
            return True
