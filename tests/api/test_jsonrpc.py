"""The handshake, byte for byte where clients depend on it (API-60, API-61)."""

import json

import pytest

from hems.api.jsonrpc import language_of, locale_of, scope_keys
from hems.api.table import TABLE
from hems.api.validate import record_check
from tests.api.doorstep import Doorstep

EXAMPLE = (
    b'{"id":1,"params":{"authenticationRequired":false,"cacheHashes":[],"experiences":[{"name":"Energy",'
    b'"version":"1.0"},{"name":"NymeaEnergy","version":"0.8"},{"name":"Hems","version":"1.0"}],'
    b'"initialSetupRequired":false,"language":"de_AT","locale":"de_AT","name":"House",'
    b'"protocol version":"8.5",'
    b'"pushButtonAuthAvailable":true,"server":"nymea","uuid":"{00b49323-3deb-543c-abbe-40fa1cb8889f}",'
    b'"version":"0.4.0"},"status":"success"}\n'
)


def test_the_handshake_on_the_unix_socket() -> None:
    """Example 1, to the byte: one line, members sorted (API-20)."""
    step = Doorstep()
    client = step.connect()
    step.give(client, b'{"id":1,"method":"JSONRPC.Hello","params":{"locale":"de_AT"}}\n')
    assert step.sent[client] == EXAMPLE


def test_whoever_must_log_in_is_told_so() -> None:
    """API-60."""
    step = Doorstep()
    said = step.greet(step.connect("tls"))["params"]
    assert (said["authenticationRequired"], said["initialSetupRequired"]) == (True, True)
    assert "authenticated" not in said
    said = step.greet(step.connect("tls"), "")["params"]
    assert said["authenticated"] is False, "a token was sent, if an empty one"
    step.keys.user("boss")
    assert step.greet(step.connect("tls"))["params"]["initialSetupRequired"] is False


@pytest.mark.parametrize(
    ("wanted", "locale", "language"),
    [
        ("de_AT", "de_AT", "de"),
        ("fr_FR", "fr_FR", "fr"),
        ("en_GB", "en_GB", "en"),
        ("de-CH", "de-CH", "de"),
        ("it_IT", "en_US", "en"),
        ("", "en_US", "en"),
        ("de_" + "x" * 99, "en_US", "en"),
    ],
)
def test_locales(wanted: str, locale: str, language: str) -> None:
    """API-60."""
    assert locale_of(wanted) == locale
    assert language_of(locale) == language


def test_hashes_of_what_clients_may_keep() -> None:
    """API-60: the same answer has the same hash, also after a restart."""
    hashes = [
        step.greet(step.connect())["params"]["cacheHashes"] for step in (Doorstep(TABLE), Doorstep(TABLE))
    ]
    assert hashes[0] == hashes[1]
    assert [one["method"] for one in hashes[0]] == [
        "Integrations.GetThingClasses",
        "Integrations.GetVendors",
        "Integrations.GetPlugins",
    ]
    assert all(len(one["hash"]) == 32 for one in hashes[0])


def test_everything_is_introspected() -> None:
    """API-50."""
    step = Doorstep(TABLE)
    said = step.call(step.client(), "JSONRPC.Introspect")["params"]
    assert said.keys() == {"methods", "notifications", "types", "enums", "flags"}
    assert said == {name: json.loads(bytes(part)) for name, part in TABLE.introspection.items()}


def test_small_things() -> None:
    step = Doorstep()
    client = step.client()
    assert step.call(client, "JSONRPC.Version")["params"] == {
        "version": "0.4.0",
        "protocol version": "8.5",
        "qtVersion": "",
        "qtBuildVersion": "",
    }
    kept = step.call(client, "JSONRPC.KeepAlive", sessionId="s")["params"]
    assert kept == {"success": True, "sessionId": "s"}
    assert scope_keys(frozenset({"Admin", "ControlThings"})) == [
        "PermissionScopeAdmin",
        "PermissionScopeControlThings",
    ]


@pytest.mark.parametrize(
    "method",
    sorted(row.full for row in TABLE.methods.values() if not row.params and row.kind in ("table", "view")),
)
def test_what_needs_no_parameters_is_answered_as_declared_before_the_first_view(method: str) -> None:
    """API-5, API-50: replies are held against their rows."""
    step = Doorstep(TABLE)
    client = step.client()
    answer = step.call(client, method)
    assert answer["status"] == "success", answer
    row = TABLE.methods[method]
    checked = record_check(row.returns, TABLE.words, sent=True)(answer["params"])
    assert checked == answer["params"]
