"""Who may do what, who hears what, and what nobody ever sees: over real sockets (API-40, API-43, API-46)."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from hems.api.checks import BY_THING
from tests.stories.clients import GOOD, OpenStreet, Street, Wire

WRONG, LATER = "Wrong horse 777", "Another horse 9"
ENERGY = {
    "NymeaEnergy.SetChargingInfo",
    "NymeaEnergy.SetPhasePowerLimit",
    "NymeaEnergy.SetSpotMarketConfiguration",
    "NymeaEnergy.SetAcquisitionTolerance",
    "NymeaEnergy.SetBatteryLevelConsideration",
    "EnergyPlugin.SetChargingInfo",
    "Energy.SetRootMeter",
}
OWN = {
    f"Hems.{name}"
    for name in ("SetMode", "SetLimit", "SetTarget", "Boost", "SetVehicle", "PutPrices", "SetSetting")
} | {"Hems.SetOperatorLimit", "Hems.Acknowledge", "Hems.PressKey", "Hems.Reload"}


def _user(street: Street, name: str, source: str, *scopes: str, things: tuple[str, ...] = ()) -> Wire:
    """Somebody who has come in by password."""
    keys = [f"PermissionScope{scope}" for scope in scopes]
    user = {"username": name, "password": GOOD, "scopes": keys, "allowedThingIds": list(things)}
    assert street.here().call("Users.CreateUser", user) == {"error": "UserErrorNoError"}
    wire = street.wire("tls", source=source)
    wire.call("JSONRPC.Hello")
    login = {"username": name, "password": GOOD, "deviceName": "phone"}
    wire.token = wire.call("JSONRPC.Authenticate", login)["token"]
    return wire


def _named(wire: Wire) -> dict[str, dict[str, Any]]:
    return {thing["name"]: thing for thing in wire.call("Integrations.GetThings")["things"]}


def test_who_may_see_one_thing_moves_that_and_nothing_else(open_street: OpenStreet) -> None:
    """API-40: each method that moves anything is tried, from what the door says of itself."""
    street = open_street()
    things = _named(street.here())
    kid = _user(street, "kid", "127.0.0.2", "ControlThings", things=(things["garage"]["id"],))
    assert list(_named(kid)) == ["garage"]
    kid.call("JSONRPC.SetNotificationStatus", enabled=True)
    before = street.stage.house.supervisor.settings
    moving = {
        name
        for name, row in street.judge.methods.items()
        if row["permissionScope"] != "PermissionScopeNone" and name.partition(".")[0] not in BY_THING
    }
    assert moving >= ENERGY | OWN
    for name in sorted(moving):
        assert kid.refused(name) == ("error", "Permission denied."), name
    assert street.stage.house.supervisor.settings == before

    done = {}
    for name in ("garage", "grid"):
        states = street.here().call("Integrations.GetThingClasses")["thingClasses"]
        action = next(row for one in states for row in one["actionTypes"] if row["name"] == "power")
        given = [{"paramTypeId": action["id"], "value": False}]
        asked = {"thingId": things[name]["id"], "actionTypeId": action["id"], "params": given}
        done[name] = [
            kid.call(f"{namespace}.ExecuteAction", asked)["thingError"]
            for namespace in ("Integrations", "Actions")
        ]
    assert done == {"garage": ["ThingErrorNoError"] * 2, "grid": ["ThingErrorThingNotFound"] * 2}
    for method in ("GetStateValue", "GetStateValues"):
        asked = {"thingId": things["grid"]["id"]}
        if method == "GetStateValue":
            asked["stateTypeId"] = things["grid"]["states"][0]["stateTypeId"]
        assert kid.call(f"Integrations.{method}", asked) == {"thingError": "ThingErrorThingNotFound"}
    tag = {"appId": "app", "tagId": "favorites", "thingId": things["grid"]["id"]}
    assert kid.call("Tags.AddTag", tag=tag)["tagError"] != "TagErrorNoError"
    for _ in range(5):
        street.let_pass(1.0)
    heard = {one["thingId"] for one in kid.told("Integrations.StateChanged")}
    assert heard == {things["garage"]["id"]}
    kid.judge()


def test_who_may_only_look_moves_nothing(open_street: OpenStreet) -> None:
    """API-40: scope "None" reads, and that is all."""
    street = open_street()
    guest = _user(street, "guest", "127.0.0.2", "AccessAllThings", "ControlThings")
    assert guest.call("Hems.SetLimit", charger="garage", limit_a=9)["hemsError"] == "HemsErrorNoError"
    narrowed = {"username": "guest", "scopes": ["PermissionScopeNone"]}
    assert street.here().call("Users.SetUserScopes", narrowed) == {"error": "UserErrorNoError"}
    for name, row in street.judge.methods.items():
        if row["permissionScope"] != "PermissionScopeNone":
            assert guest.refused(name) == ("error", "Permission denied."), name
    assert guest.call("Energy.GetPowerBalance")


def test_a_bad_client_shuts_the_door_for_its_own_address_only(open_street: OpenStreet) -> None:
    """API-43: two tries in 3 s, then neither a try nor a connection, for that address."""
    street = open_street()
    good = _user(street, "anna", "127.0.0.2", "Admin")
    bad = street.wire("tls", source="127.0.0.5")
    bad.call("JSONRPC.Hello")
    login = {"username": "anna", "password": WRONG, "deviceName": "x"}
    assert bad.call("JSONRPC.Authenticate", login) == {"success": False}
    second = street.connect("tls", "127.0.0.5")
    street.turn()
    assert second.recv(1) == b"", "no connection while it is locked"
    bad.ask("JSONRPC.Authenticate", login)
    street.turn()
    assert bad.ended
    assert not good.ended
    assert good.call("Users.GetUserInfo")["userInfo"]["username"] == "anna"
    other = street.wire("tls", source="127.0.0.6")
    assert other.call("JSONRPC.Hello")["authenticationRequired"] is True
    assert street.here().call("Hems.GetHealth")["hemsError"] == "HemsErrorNoError"
    street.let_pass(3.5)
    again = street.wire("tls", source="127.0.0.5")
    again.call("JSONRPC.Hello")
    assert again.call("JSONRPC.Authenticate", {**login, "password": GOOD})["success"] is True


@pytest.mark.parametrize("method", ["Integrations.GetThings", "JSONRPC.Version", "No.Such", "Users.GetUsers"])
def test_guessed_tokens_are_two_tries(open_street: OpenStreet, method: str) -> None:
    """API-30, API-43: nothing is answered, and whoever guesses is locked out."""
    street = open_street()
    assert street.here().call("JSONRPC.CreateUser", username="anna", password=GOOD)["error"]
    wire = street.wire("tls", source="127.0.0.5")
    wire.token = "q83vEjRWeJq83vEjRWeJq83vEjRWeJq83vEjRWeJq80="
    assert wire.call("JSONRPC.Hello")["authenticated"] is False
    assert wire.refused(method) == ("unauthorized", "Forbidden: Invalid token.")
    street.turn()
    assert wire.ended
    locked = street.connect("tls", "127.0.0.5")
    street.turn()
    assert locked.recv(1) == b""


def test_no_secret_is_seen_by_anybody_else(
    open_street: OpenStreet, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """API-46: not in the log, not in a page, not at other clients, not in an error, not in the memory."""
    caplog.set_level(logging.DEBUG)
    street = open_street()
    spy = street.here()
    spy.call("JSONRPC.SetNotificationStatus", enabled=True)
    wire = _user(street, "anna", "127.0.0.2", "Admin")
    login = {"username": "anna", "password": WRONG, "deviceName": "x"}
    stranger = street.wire("tls", source="127.0.0.3")
    stranger.call("JSONRPC.Hello")
    broken: list[dict[str, Any]] = [
        {**login, "password": [WRONG]},
        {**login, "password": {"is": WRONG}},
        {**login, "password": True},
    ]
    for given in broken:
        assert "Invalid" in stranger.refused("JSONRPC.Authenticate", given)[1]
    assert stranger.call("JSONRPC.Authenticate", login) == {"success": False}
    stranger.send(b'{"id":1,, "method":"JSONRPC.Authenticate","password":"' + WRONG.encode() + b'"}\n')
    assert wire.call("Users.ChangePassword", newPassword=LATER) == {"error": "UserErrorNoError"}
    button = street.wire("tls", source="127.0.0.4")
    button.call("JSONRPC.Hello")
    button.call("JSONRPC.RequestPushButtonAuth", deviceName="phone")
    street.let_pass(2.0)
    street.press_ok()
    (finished,) = button.told("JSONRPC.PushButtonAuthFinished")
    for name in ("GetUsers", "GetUserInfo", "GetTokens"):
        wire.call(f"Users.{name}")
    pages = [spy.call(f"Hems.{name}") for name in ("GetView", "GetEvents", "GetHealth", "GetSettings")]
    street.stage.written()
    assert wire.token is not None
    own = wire.heard.replace(wire.token.encode(), b"", 1)
    secrets = [GOOD, WRONG, LATER, wire.token, finished["token"]]
    told = button.heard.replace(finished["token"].encode(), b"", 1)
    seen = {
        "log": caplog.text,
        "views": repr(street.stage.views),
        "spy": spy.heard.decode(),
        "its own": own.decode(),
        "by button": told.decode(),
        "stranger": stranger.heard.decode(),
        "pages": json.dumps(pages),
        "health": repr(street.server.health()),
    }
    for place, text in seen.items():
        assert not [secret for secret in secrets if secret in text], place
    book = repr(street.stage.house.journal._current).encode()
    assert b"anna" in book
    for data in (book, *(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())):
        assert not [secret for secret in secrets if secret.encode() in data]
