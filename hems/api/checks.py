"""What a request must pass before it is answered, in this order (API-30). Pure.

Each check that fails is a `Refused` with the exact text clients know. `drop`: the connection ends once it has
been told; `lock`: it counts as a bad authentication.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hems.api.codec import Broken
from hems.api.rows import Method, Params, Scope
from hems.api.table import Table
from hems.api.validate import Invalid, shown

HELLO: Final = "JSONRPC.Hello"
CREATE_USER: Final = "JSONRPC.CreateUser"
BUTTON: Final = "JSONRPC.RequestPushButtonAuth"
AUTHENTICATE: Final = "JSONRPC.Authenticate"
TO_BEGIN: Final = frozenset({HELLO, BUTTON, CREATE_USER})
"""What may be called while there is nobody yet."""

TO_COME_IN: Final = frozenset({HELLO, BUTTON, AUTHENTICATE})
"""What may be called by who has not come in."""

BY_THING: Final = frozenset({"Integrations", "Actions", "Tags"})
"""Where a write names a thing; who may not see all things writes nowhere else (API-40)."""

EVERY_THING: Final = frozenset({"Admin", "AccessAllThings"})

NUMERIC: Final = re.compile(r"-?\d{1,18}")
ID_BOUND: Final = 2**63


@dataclass(frozen=True, slots=True)
class Request:
    """One call; `token` is ``None`` where the request has none."""

    id: int
    method: str
    params: Any
    token: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    """The answer to a request that failed a check."""

    id: int
    text: str
    status: str = "error"
    drop: bool = False
    lock: bool = False

    def reply(self) -> Mapping[str, Any]:
        """As it is sent."""
        return {"id": self.id, "status": self.status, "error": self.text}


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of who asks: whether it must log in, has said hello, and which token it is bound to.

    `scopes` are those of the token it has sent, ``None`` = that is not valid. `anybody` may come in yet.
    """

    login: bool
    greeted: bool
    bound: str
    scopes: frozenset[Scope] | None
    anybody: bool


def unreadable(broken: Broken) -> Refused:
    """Check 1."""
    return Refused(-1, f"Failed to parse JSON data: {broken.reason}")


def request(record: Mapping[str, Any]) -> Request | Refused:
    """Checks 2 and 3."""
    number = _id(record.get("id"))
    if number is None:
        return Refused(0, "Error parsing command. Missing 'id'")
    method = record.get("method", "")
    if not isinstance(method, str) or method.count(".") != 1:
        expected = "Expected: 'Namespace.method'"
        return Refused(number, f"Error parsing method. Got: '{shown(method)}'', {expected}")
    token = record.get("token")
    if token is not None and not isinstance(token, str):
        token = shown(token)
    params = record.get("params")
    return Request(number, method, {} if params is None else params, token)


def admitted(table: Table, asked: Request, standing: Standing) -> tuple[Method, Params] | Refused:
    """Checks 4 to 11: the method and its parameters."""
    stranger = _came_in(asked, standing)
    if stranger is not None:
        return stranger
    row = table.methods.get(asked.method)
    if row is not None and not _permitted(row, standing):
        return Refused(asked.id, "Permission denied.")
    if row is None:
        known = asked.method.partition(".")[0] in table.names
        return Refused(asked.id, "No such method" if known else "No such namespace")
    try:
        params = table.validated(row, asked.params)
    except Invalid as invalid:
        return Refused(asked.id, f"Invalid params: {invalid.why} in {row.full}, param {invalid.where}")
    if not standing.greeted and asked.method != HELLO:
        return Refused(asked.id, "Handshake required. Call JSONRPC.Hello first.", drop=True)
    return row, params


def _came_in(asked: Request, standing: Standing) -> Refused | None:
    """Checks 4 to 6."""
    without = asked.token is None and asked.method in TO_BEGIN | TO_COME_IN
    if asked.method != HELLO and not without and (asked.token or "") != standing.bound:
        text = "Changing the user (token) requires a new handshake. Call JSONRPC.Hello."
        return Refused(asked.id, text, "unauthorized", drop=True, lock=True)
    if not standing.login or standing.scopes is not None:
        return None
    if not standing.anybody and asked.method not in TO_BEGIN:
        text = "Initial setup required. Call JSONRPC.CreateUser first."
        return Refused(asked.id, text, "unauthorized", drop=True, lock=True)
    if standing.anybody and asked.method not in TO_COME_IN:
        return Refused(asked.id, "Forbidden: Invalid token.", "unauthorized", drop=True, lock=True)
    return None


def _permitted(row: Method, standing: Standing) -> bool:
    """Check 7; while there is nobody, whoever wants to be the first needs no scope."""
    first = not standing.anybody and row.full == CREATE_USER
    if not standing.login or row.scope == "None" or first:
        return True
    scopes = standing.scopes or frozenset()
    if row.namespace not in BY_THING and scopes.isdisjoint(EVERY_THING):
        return False
    return not {"Admin", row.scope}.isdisjoint(scopes)


def _id(value: Any) -> int | None:
    match value:
        case bool():
            return None
        case int() if -ID_BOUND <= value < ID_BOUND:
            return value
        case str() if NUMERIC.fullmatch(value):
            return int(value)
        case _:
            return None
