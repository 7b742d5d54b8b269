"""The command lines, new and old, as they are: their bytes against the whole appliance (API-130)."""

from typing import Any

import pytest

from hems.api.rows import Transport
from tests.stories.clients import GOOD, OpenStreet, Wire, old

NOBODY = {"authenticationRequired": False, "initialSetupRequired": False}


def _thing(things: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(thing for thing in things if thing["name"] == name)


def _things(wire: Wire) -> dict[str, Any]:
    """What the new command line does once it is in, until it hears of the first change; the charger."""
    named = ["Integrations"]
    status = wire.call("JSONRPC.SetNotificationStatus", enabled=True, namespaces=named)
    assert {"Integrations", "Energy", "NymeaEnergy", "Hems", "Users"} <= set(status["namespaces"])
    assert "EnergyPlugin" not in status["namespaces"]
    things = wire.call("Integrations.GetThings")["things"]
    assert {thing["name"] for thing in things} >= {"grid", "garage", "pump", "pv"}
    of_things = sorted({thing["thingClassId"] for thing in things})
    some = wire.call("Integrations.GetThingClasses", thingClassIds=of_things)["thingClasses"]
    every = wire.call("Integrations.GetThingClasses")["thingClasses"]
    assert sorted(one["id"] for one in some) == of_things
    assert {one["id"] for one in every} >= set(of_things)
    for _ in range(3):
        wire.street.let_pass(1.0)
    assert wire.told("Integrations.StateChanged")
    return _thing(things, "garage")


def _action(wire: Wire, thing: dict[str, Any], name: str) -> str:
    (row,) = wire.call("Integrations.GetThingClasses", thingClassIds=[thing["thingClassId"]])["thingClasses"]
    return str(next(action["id"] for action in row["actionTypes"] if action["name"] == name))


def _on_demand(wire: Wire, garage: dict[str, Any]) -> None:
    """What a person at the command line does next."""
    action = _action(wire, garage, "maxChargingCurrent")
    given = [{"paramTypeId": action, "value": 11}]
    done = wire.call("Integrations.ExecuteAction", thingId=garage["id"], actionTypeId=action, params=given)
    assert done == {"thingError": "ThingErrorNoError"}
    for _ in range(2):
        wire.street.let_pass(1.0)
    now = {told["stateTypeId"]: told["value"] for told in wire.told("Integrations.StateChanged")}
    assert now[action] == 11.0
    assert wire.call("JSONRPC.Introspect").keys() == {"methods", "notifications", "types", "enums", "flags"}
    assert not any(
        wire.call("System.GetCapabilities")[one] for one in ("powerManagement", "updateManagement")
    )
    assert wire.call("System.GetTime")["time"] == int(wire.street.stage.clock.now().wall.timestamp())
    assert wire.call("System.GetUpdateStatus")["updateRunning"] is False
    assert wire.call("System.GetPackages")["packages"] == []
    assert wire.call("System.GetTimeZones")["timeZones"] == ["Europe/Berlin"]
    assert wire.refused("Debug.GetLoggingCategories") == ("error", "No such namespace")
    assert wire.refused("Integrations.AddThing") == ("error", "No such method")


@pytest.mark.parametrize("transport", ["tcp", "unix"])
@pytest.mark.parametrize("pieces_of", [1 << 20, 5])
def test_s1_the_new_command_line_where_nobody_logs_in(
    open_street: OpenStreet, transport: Transport, pieces_of: int
) -> None:
    """S1: all in one segment, or cut anywhere."""
    street = open_street()
    street.stage.plug()
    wire = street.wire(transport)
    hello = wire.call("JSONRPC.Hello", pieces_of=pieces_of, locale="de_AT")
    assert hello.items() >= (NOBODY | {"server": "nymea", "protocol version": "8.5"}).items()
    assert "authenticated" not in hello
    _on_demand(wire, _things(wire))
    assert wire.numbers() == sorted(wire.numbers()), "nothing was asked for before the last was answered"
    wire.judge()


def test_s2_the_new_command_line_by_push_button(open_street: OpenStreet) -> None:
    """S2, API-44: only a finger on the button lets it in; afterwards its token does."""
    street = open_street()
    wire = street.wire("tls")
    hello = wire.call("JSONRPC.Hello", locale="de_AT")
    assert (hello["authenticationRequired"], hello["pushButtonAuthAvailable"]) == (True, True)
    assert wire.call("JSONRPC.RequestPushButtonAuth", deviceName="nymea-cli") == {
        "success": True,
        "transactionId": 1,
    }
    street.let_pass(2.0)
    remote = street.here()
    for hold in (False, True):
        assert remote.call("Hems.PressKey", key="ok", hold=hold)["hemsError"] == "HemsErrorNoError"
        street.let_pass(2.0)
    assert wire.told("JSONRPC.PushButtonAuthFinished") == []
    assert street.panel.name == "question"
    street.press_ok()
    (finished,) = wire.told("JSONRPC.PushButtonAuthFinished")
    assert (finished["success"], finished["transactionId"], len(finished["token"])) == (True, 1, 44)
    wire.token = finished["token"]
    _on_demand(wire, _things(wire))
    wire.judge()
    wire.close()

    again = street.wire("tls")
    again.token = finished["token"]
    hello = again.call("JSONRPC.Hello", locale="de_AT")
    assert (hello["authenticated"], hello["username"]) == (True, "")
    assert hello["permissionScopes"] == ["PermissionScopeAdmin"]
    (mine,) = again.call("Users.GetTokens")["tokenInfoList"]
    assert (mine["deviceName"], mine["username"]) == ("nymea-cli", "")
    assert again.call("Users.RemoveToken", tokenId=mine["id"]) == {"error": "UserErrorNoError"}
    street.turn()
    assert again.ended, "whoever gives its token back is no longer in"
    again.judge()


def test_s2_a_finger_that_is_there_too_early_lets_nobody_in(open_street: OpenStreet) -> None:
    """API-44: it was on the button for something else; and after 120 s the answer is no."""
    street = open_street()
    wire = street.wire("tls")
    wire.call("JSONRPC.Hello")
    wire.call("JSONRPC.RequestPushButtonAuth", deviceName="nymea-cli")
    street.press_ok()
    assert wire.told("JSONRPC.PushButtonAuthFinished") == []
    street.stage.doze(119.0)
    street.let_pass(2.0)
    assert wire.told("JSONRPC.PushButtonAuthFinished") == [{"success": False, "transactionId": 1}]
    street.press_ok()
    assert len(wire.told("JSONRPC.PushButtonAuthFinished")) == 1
    wire.judge()


def test_s3_the_new_command_line_with_a_password_and_a_dead_token(open_street: OpenStreet) -> None:
    """S3: whose stored token has died is served all the same, with it or without it."""
    street = open_street()
    here = street.here()
    assert here.call("JSONRPC.CreateUser", username="anna", password=GOOD) == {"error": "UserErrorNoError"}
    wire = street.wire("tls")
    wire.call("JSONRPC.Hello", locale="de_AT")
    login = {"username": "anna", "deviceName": "nymea-cli"}
    assert wire.call("JSONRPC.Authenticate", login, password="Wrong horse 42") == {"success": False}
    reply = wire.call("JSONRPC.Authenticate", login, password=GOOD)
    assert (reply["success"], reply["username"]) == (True, "anna")
    assert reply["scopes"] == ["PermissionScopeAdmin"]
    wire.token = reply["token"]
    _on_demand(wire, _things(wire))
    wire.judge()
    (token,) = here.call("Users.GetUserTokens", username="anna")["tokenInfoList"]
    here.call("Users.RemoveToken", tokenId=token["id"])
    street.turn()
    assert wire.ended
    street.let_pass(4.0)

    again = street.wire("tls")
    again.token = reply["token"]
    assert again.call("JSONRPC.Hello", locale="de_AT")["authenticated"] is False
    asked = again.call("JSONRPC.RequestPushButtonAuth", deviceName="nymea-cli")
    again.token = None
    newer = again.call("JSONRPC.RequestPushButtonAuth", deviceName="nymea-cli")
    assert (asked, newer) == (
        {"success": True, "transactionId": 1},
        {"success": True, "transactionId": 2},
    )
    street.let_pass(2.0)
    street.press_ok()
    first, second = again.told("JSONRPC.PushButtonAuthFinished")
    assert first == {"success": False, "transactionId": 1}
    again.token = second["token"]
    assert again.call("Integrations.GetThings")["thingError"] == "ThingErrorNoError"
    again.judge()


def _old(wire: Wire) -> None:
    """What the old command line does once it is in."""
    (vendor,) = wire.call("Integrations.GetVendors")["vendors"]
    things = wire.call("Integrations.GetThings")["things"]
    rows = wire.call("Integrations.GetThingClasses", vendorId=vendor["id"])["thingClasses"]
    assert {row["id"] for row in rows} >= {thing["thingClassId"] for thing in things}
    garage = _thing(things, "garage")
    for state in garage["states"]:
        asked = {"thingId": garage["id"], "stateTypeId": state["stateTypeId"]}
        value = wire.call("Integrations.GetStateValue", asked)["value"]
        kind = wire.call("States.GetStateType", stateTypeId=state["stateTypeId"])["stateType"]
        wire.street.judge._value(kind["type"], value, kind["name"])
    actions = wire.call("Integrations.GetActionTypes", thingClassId=garage["thingClassId"])["actionTypes"]
    power = next(action for action in actions if action["name"] == "power")
    assert wire.call("Actions.GetActionType", actionTypeId=power["id"])["actionType"] == power
    given = [{"paramTypeId": power["paramTypes"][0]["id"], "value": "false"}]
    done = wire.call("Actions.ExecuteAction", actionTypeId=power["id"], thingId=garage["id"], params=given)
    assert done == {"thingError": "ThingErrorNoError"}
    assert wire.street.stage.house.supervisor.settings.chargers["garage"].mode == "off"


def _one_by_one(wire: Wire) -> None:
    """It takes all it has read for one object: nothing else came, and each reply was one line (API-20)."""
    assert all("notification" not in line for _, line in wire.lines)
    assert wire.numbers() == list(range(len(wire.lines)))
    assert wire.heard.count(b"\n") == len(wire.lines)
    wire.judge()


@pytest.mark.parametrize("transport", ["tcp", "unix"])
def test_s4_the_old_command_line_where_nobody_logs_in(open_street: OpenStreet, transport: Transport) -> None:
    """S4: numbers from 0, and nothing that it has not asked for."""
    street = open_street()
    street.stage.plug()
    wire = street.wire(transport, form=old, first=0)
    assert wire.call("JSONRPC.Hello").items() >= NOBODY.items()
    _old(wire)
    _one_by_one(wire)


def test_s4_the_old_command_line_tries_plain_and_then_tls(open_street: OpenStreet) -> None:
    """S4, API-12, API-45: hung up on at once, then first user and login over TLS."""
    street = open_street(panel=False)
    plain = street.connect("tls", "127.0.0.1")
    plain.send(old("JSONRPC.Hello", 0, {}, None))
    began_s = street.stage.clock.mono_s()
    street.turn()
    street.turn()
    try:
        while plain.recv(4096):
            pass
    except ConnectionResetError:
        pass
    assert street.stage.clock.mono_s() == began_s, "without delay"

    wire = street.wire("tls", form=old, first=0)
    hello = wire.call("JSONRPC.Hello")
    assert (hello["initialSetupRequired"], hello["pushButtonAuthAvailable"]) == (True, False)
    made = wire.call("JSONRPC.CreateUser", username="anna@example.org", password=GOOD)
    assert made == {"error": "UserErrorNoError"}
    login = {"username": "anna@example.org", "password": GOOD, "deviceName": "nymea-cli"}
    wire.token = wire.call("JSONRPC.Authenticate", login)["token"]
    _old(wire)
    _one_by_one(wire)
