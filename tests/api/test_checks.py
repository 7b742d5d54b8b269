"""The order of checks and their exact texts, row by row (API-30)."""

from typing import Any

import pytest

from hems.api.checks import Refused, Request, Standing, admitted, request, unreadable
from hems.api.codec import Broken
from hems.api.rows import Scope
from tests.api.doorstep import TOYS

ADMIN: frozenset[Scope] = frozenset({"Admin"})
NOBODY: frozenset[Scope] = frozenset()
PLAIN = Standing(login=False, greeted=True, bound="", scopes=None, anybody=False)
FRESH = Standing(login=True, greeted=True, bound="", scopes=None, anybody=False)
STRANGER = Standing(login=True, greeted=True, bound="", scopes=None, anybody=True)
KNOWN = Standing(login=True, greeted=True, bound="key", scopes=NOBODY, anybody=True)

CHANGED = "Changing the user (token) requires a new handshake. Call JSONRPC.Hello."
SETUP = "Initial setup required. Call JSONRPC.CreateUser first."
FORBIDDEN = "Forbidden: Invalid token."
DENIED = "Permission denied."
NEW_USER = {"username": "a", "password": "b"}
LOGIN = {**NEW_USER, "deviceName": "c"}


def asked(method: str, token: str | None = None, params: Any = None) -> Request:
    return Request(3, method, {} if params is None else params, token)


def verdict(standing: Standing, method: str, token: str | None = None, params: Any = None) -> Any:
    return admitted(TOYS, asked(method, token, params), standing)


def test_check_1_what_is_no_packet() -> None:
    assert unreadable(Broken("why")).reply() == {
        "id": -1,
        "status": "error",
        "error": "Failed to parse JSON data: why",
    }


@pytest.mark.parametrize(
    "number", [None, True, 1.0, "", "1.5", "one", [], {}, 2**63, "9" * 30], ids=lambda one: repr(one)[:12]
)
def test_check_2_an_id_that_is_none(number: Any) -> None:
    assert request({"id": number, "method": "A.B"}) == Refused(0, "Error parsing command. Missing 'id'")


@pytest.mark.parametrize(("number", "meant"), [(0, 0), ("7", 7), ("-2", -2), (-(2**63), -(2**63))])
def test_an_id_is_an_integer_or_numeric_text(number: Any, meant: int) -> None:
    """API-23."""
    assert request({"id": number, "method": "A.B", "other": 1}) == Request(meant, "A.B", {}, None)


@pytest.mark.parametrize(
    ("method", "shown"), [("Hello", "Hello"), ("A.B.C", "A.B.C"), ("", ""), (5, "5"), (None, "null")]
)
def test_check_3_a_method_without_exactly_one_dot(method: Any, shown: str) -> None:
    text = f"Error parsing method. Got: '{shown}'', Expected: 'Namespace.method'"
    assert request({"id": 4, "method": method}) == Refused(4, text)


def test_check_3_no_method_at_all() -> None:
    assert request({"id": 4}) == Refused(4, "Error parsing method. Got: ''', Expected: 'Namespace.method'")


def test_a_token_that_is_no_text_is_no_token_anybody_has() -> None:
    found = request({"id": 1, "method": "A.B", "token": 5})
    assert found == Request(1, "A.B", {}, "5")


@pytest.mark.parametrize("standing", [PLAIN, STRANGER, FRESH, KNOWN])
def test_check_4_another_token(standing: Standing) -> None:
    refused = Refused(3, CHANGED, "unauthorized", drop=True, lock=True)
    assert verdict(standing, "Toy.Echo", "other") == refused
    assert verdict(standing, "JSONRPC.Authenticate", "other", LOGIN) == refused


def test_check_4_no_token_where_one_is_bound() -> None:
    assert verdict(KNOWN, "Toy.Echo") == Refused(3, CHANGED, "unauthorized", drop=True, lock=True)


def test_check_5_nobody_can_come_in_yet() -> None:
    refused = Refused(3, SETUP, "unauthorized", drop=True, lock=True)
    assert verdict(FRESH, "Toy.Echo") == refused
    assert verdict(FRESH, "JSONRPC.Authenticate", None, LOGIN) == refused
    assert verdict(FRESH, "No.Such") == refused
    for method, params in (
        ("JSONRPC.Hello", {}),
        ("JSONRPC.RequestPushButtonAuth", {"deviceName": "a"}),
        ("JSONRPC.CreateUser", NEW_USER),
    ):
        assert isinstance(verdict(FRESH, method, None, params), tuple)


def test_check_6_an_invalid_token() -> None:
    refused = Refused(3, FORBIDDEN, "unauthorized", drop=True, lock=True)
    assert verdict(STRANGER, "Toy.Echo") == refused
    assert verdict(STRANGER, "JSONRPC.CreateUser", None, NEW_USER) == refused
    for method, params in (
        ("JSONRPC.Hello", {}),
        ("JSONRPC.RequestPushButtonAuth", {"deviceName": "a"}),
        ("JSONRPC.Authenticate", LOGIN),
    ):
        assert isinstance(verdict(STRANGER, method, None, params), tuple)


def test_the_dead_token_of_a_client_does_not_keep_it_from_the_button() -> None:
    """S3: it is bound to what it said in its hello, and may send it or not."""
    dead = Standing(login=True, greeted=True, bound="dead", scopes=None, anybody=True)
    for token in ("dead", None):
        assert isinstance(verdict(dead, "JSONRPC.RequestPushButtonAuth", token, {"deviceName": "a"}), tuple)


@pytest.mark.parametrize(
    ("scopes", "method", "may"),
    [
        (NOBODY, "Toy.Echo", True),
        (NOBODY, "Toy.Rule", False),
        (frozenset({"ConfigureThings"}), "Toy.Move", False),
        (frozenset({"ControlThings"}), "Toy.Move", False),
        (frozenset({"ControlThings", "AccessAllThings"}), "Toy.Move", True),
        (frozenset({"ControlThings", "AccessAllThings"}), "Toy.Rule", False),
        (ADMIN, "Toy.Move", True),
        (ADMIN, "Toy.Rule", True),
    ],
)
def test_check_7_scopes(scopes: frozenset[Scope], method: str, may: bool) -> None:
    standing = Standing(login=True, greeted=True, bound="key", scopes=scopes, anybody=True)
    found = verdict(standing, method, "key", {"names": []} if method == "Toy.Move" else {})
    assert isinstance(found, tuple) if may else found == Refused(3, DENIED)


def test_check_7_is_silent_without_login_and_for_names_nobody_knows() -> None:
    assert isinstance(verdict(PLAIN, "Toy.Rule"), tuple)
    assert verdict(KNOWN, "Toy.Nothing", "key") == Refused(3, "No such method")


def test_checks_8_and_9_names() -> None:
    assert verdict(PLAIN, "Zigbee.GetAdapters") == Refused(3, "No such namespace")
    assert verdict(PLAIN, "Toy.Nothing") == Refused(3, "No such method")
    assert verdict(PLAIN, "toy.Echo") == Refused(3, "No such namespace")


def test_check_10_params() -> None:
    for params, text in (
        ({}, "Missing required key: names in Toy.Move, param names"),
        ({"names": 1}, "Invalid value. Expected a list but received: 1 in Toy.Move, param names."),
        ({"names": [], "colour": 1}, "Invalid key: colour in Toy.Move, param "),
        ([], "Invalid value. Expected a map but received: [] in Toy.Move, param "),
    ):
        assert verdict(PLAIN, "Toy.Move", None, params) == Refused(3, f"Invalid params: {text}")


def test_check_11_no_hello_yet() -> None:
    silent = Standing(login=False, greeted=False, bound="", scopes=None, anybody=False)
    refused = Refused(3, "Handshake required. Call JSONRPC.Hello first.", drop=True)
    assert verdict(silent, "Toy.Echo") == refused
    assert isinstance(verdict(silent, "JSONRPC.Hello"), tuple)
    assert verdict(silent, "Toy.Nothing") == Refused(3, "No such method"), "the checks before come first"


def test_an_admitted_request_has_its_row_and_its_parameters() -> None:
    row, params = verdict(PLAIN, "Alias.Echo", None, {"say": 5})
    assert (row.full, params) == ("Alias.Echo", {"say": "5"})


def test_check_7_only_the_first_user_needs_no_scope() -> None:
    """API-45: with users present it takes an Admin."""
    guest = Standing(login=True, greeted=True, bound="key", scopes=frozenset({"ControlThings"}), anybody=True)
    assert verdict(guest, "JSONRPC.CreateUser", "key", NEW_USER) == Refused(3, DENIED)
