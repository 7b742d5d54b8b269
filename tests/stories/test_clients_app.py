"""The app for phones as it is: its bytes against the whole appliance, over TLS (API-130)."""

from typing import Any

import pytest

from tests.stories.clients import GOOD, OpenStreet, Street, Wire, indented

LISTENS = ["Users", "Integrations", "Rules", "Tags", "System", "Energy", "NymeaEnergy", "Zigbee", "Logging"]
LOADED = (
    "Integrations.GetThingClasses",
    "Integrations.GetThings",
    "Integrations.GetIOConnections",
    "Integrations.GetPlugins",
    "Integrations.GetVendors",
    "Tags.GetTags",
    "Rules.GetRules",
    "Scripts.GetScripts",
    "Configuration.GetConfigurations",
    "Configuration.GetMqttServerConfigurations",
    "Configuration.GetMqttPolicies",
    "System.GetCapabilities",
    "System.GetSystemInfo",
)
UNKNOWN = ("Logging.GetLogEntries", "NetworkManager.GetNetworkStatus", "Zigbee.GetNetworks", "AppData.Load")


def greeted(street: Street, token: str = "", source: str = "127.0.0.1") -> Wire:
    """The app has connected and said hello; a token is a member of every request, "" while it has none."""
    wire = street.wire("tls", source=source)
    wire.token = token
    wire.call("JSONRPC.Hello", locale="de_AT")
    return wire


def logged_in(street: Street, user: str = "anna", source: str = "127.0.0.1") -> Wire:
    """The app has come in by user and password, of which both are there."""
    wire = greeted(street, source=source)
    login = {"username": user, "password": GOOD, "deviceName": "Pixel 9"}
    wire.token = wire.call("JSONRPC.Authenticate", login, form=indented)["token"]
    wire.call("JSONRPC.SetNotificationStatus", namespaces=LISTENS)
    return wire


@pytest.fixture
def street(open_street: OpenStreet) -> Street:
    """A house with a car, and anna may come in."""
    opened = open_street()
    opened.stage.plug()
    made = opened.here().call("JSONRPC.CreateUser", username="anna", password=GOOD)
    assert made == {"error": "UserErrorNoError"}
    return opened


def _load(wire: Wire) -> dict[str, Any]:
    """What the app asks for at once, before the first answer is there."""
    numbers = {name: wire.ask(name) for name in LOADED}
    strange = [wire.ask(name) for name in UNKNOWN]
    replies = {name: wire.answer(number) for name, number in numbers.items()}
    assert {reply["status"] for reply in replies.values()} == {"success"}
    assert {wire.answer(number)["error"] for number in strange} == {"No such namespace"}
    assert wire.numbers() == sorted(wire.numbers()), "replies come in the order of the requests (API-4)"
    return {name: reply["params"] for name, reply in replies.items()}


@pytest.mark.parametrize("way", ["password", "button", "first user"])
@pytest.mark.parametrize("line_feed", [b"", b"\n"])
def test_s5_the_app_comes_in(open_street: OpenStreet, way: str, line_feed: bytes) -> None:
    """S5: logins are indented, without token, with or without a line feed; all else has its token."""
    street = open_street()
    street.stage.plug()

    def login(method: str, number: int, params: dict[str, Any], token: str | None) -> bytes:
        return indented(method, number, params, token) + line_feed

    if way == "password":
        street.here().call("JSONRPC.CreateUser", username="anna", password=GOOD)
    wire = greeted(street)
    hello = wire.lines[0][1]["params"]
    assert hello["authenticated"] is False
    assert hello["initialSetupRequired"] is (way != "password")
    if way == "button":
        asked = wire.call("JSONRPC.RequestPushButtonAuth", form=login, deviceName="Pixel 9")
        street.let_pass(1.5)
        street.press_ok()
        (finished,) = wire.told("JSONRPC.PushButtonAuthFinished")
        assert finished["transactionId"] == asked["transactionId"]
        wire.token = finished["token"]
    else:
        if way == "first user":
            user = {"username": "anna", "password": GOOD, "displayName": "Anna", "email": "a@example.org"}
            number = wire.ask("JSONRPC.CreateUser", user, form=login)
            street.let_pass(1.5)
            assert number not in wire.numbers(), "somebody at the panel lets the first user in (API-45)"
            street.press_ok()
            assert wire.answer(number)["params"] == {"error": "UserErrorNoError"}
        given = {"username": "anna", "password": GOOD, "deviceName": "Pixel 9"}
        wire.token = wire.call("JSONRPC.Authenticate", given, form=login, pieces_of=7)["token"]
    told = wire.call("JSONRPC.SetNotificationStatus", namespaces=LISTENS)["namespaces"]
    assert told == sorted(set(LISTENS) - {"Zigbee", "Logging"}), "what there is not is skipped"
    loaded = _load(wire)
    (row,) = [
        one
        for one in loaded["Configuration.GetConfigurations"]["tcpServerConfigurations"]
        if one["sslEnabled"]
    ]
    assert row["port"] == street.ports["tls"]
    assert loaded["Rules.GetRules"] == {"ruleDescriptions": []}
    wire.judge()


def test_s5_what_the_app_keeps_is_named_by_its_hash(street: Street) -> None:
    """S5, API-60: what it stored under a hash is what it would hear again."""
    first, second = greeted(street), greeted(street)
    hashes = [wire.lines[0][1]["params"]["cacheHashes"] for wire in (first, second)]
    assert hashes[0] == hashes[1]
    assert {one["method"] for one in hashes[0]} == {
        "Integrations.GetThingClasses",
        "Integrations.GetVendors",
        "Integrations.GetPlugins",
    }


def test_s6_the_energy_view_moves(street: Street) -> None:
    """S6: root meter, balance, charts for the past and what is new."""
    wire = logged_in(street)
    things = _load(wire)["Integrations.GetThings"]["things"]
    rows = {one["id"]: one for one in wire.call("Integrations.GetThingClasses")["thingClasses"]}
    named = {thing["name"]: thing["id"] for thing in things}
    consumers = {
        thing["name"] for thing in things if "smartmeterconsumer" in rows[thing["thingClassId"]]["interfaces"]
    }
    assert consumers == {"garage", "pump"}
    assert wire.call("Energy.GetRootMeter") == {"rootMeterThingId": named["grid"]}
    street.let_pass(20.0)
    balance = wire.call("Energy.GetPowerBalance")
    used = balance["currentPowerAcquisition"] - min(0, balance["currentPowerProduction"])
    assert balance["currentPowerConsumption"] == pytest.approx(used - balance["currentPowerStorage"], abs=2)
    for _ in range(130):
        street.let_pass(1.0)
    begin_s = int(street.stage.clock.now().wall.timestamp()) - 3600
    span = {"from": begin_s, "to": begin_s + 7200}
    logs = wire.call("Energy.GetPowerBalanceLogs", span, sampleRate="SampleRate1Min")
    stamps = [row["timestamp"] for row in logs["powerBalanceLogEntries"]]
    assert len(stamps) >= 2
    assert stamps == sorted(stamps)
    assert {stamp % 60 for stamp in stamps} == {0}
    ids = [named["garage"], named["pump"]]
    power = wire.call(
        "Energy.GetThingPowerLogs", span, sampleRate="SampleRate1Min", thingIds=ids, includeCurrent=True
    )
    assert {row["thingId"] for row in power["thingPowerLogEntries"]} == set(ids)
    assert {row["thingId"] for row in power["currentEntries"]} == set(ids)
    assert wire.told("Energy.PowerBalanceChanged")
    added = wire.told("Energy.PowerBalanceLogEntryAdded")
    assert [one["powerBalanceLogEntry"] for one in added if one["sampleRate"] == "SampleRate1Min"][-1] in (
        logs["powerBalanceLogEntries"]
    )
    assert wire.told("Energy.ThingPowerLogEntryAdded")
    wire.judge()


def test_s7_the_page_of_a_charger(street: Street) -> None:
    """S7: first the reply, then the state with its new value; the charger is really told so."""
    wire = logged_in(street)
    garage = next(one for one in wire.call("Integrations.GetThings")["things"] if one["name"] == "garage")
    rows = wire.call("Integrations.GetThingClasses")["thingClasses"]
    kind = next(row for row in rows if row["id"] == garage["thingClassId"])
    states = {row["name"]: row["id"] for row in kind["stateTypes"]}
    for name, value in (("maxChargingCurrent", 8), ("power", False), ("power", True), ("power", False)):
        action = next(row for row in kind["actionTypes"] if row["name"] == name)
        given = [{"paramTypeId": action["paramTypes"][0]["id"], "value": value}]
        wire.lines.clear()
        number = wire.ask(
            "Integrations.ExecuteAction", thingId=garage["id"], actionTypeId=action["id"], params=given
        )
        assert wire.answer(number)["params"] == {"thingError": "ThingErrorNoError"}
        for _ in range(2):
            street.let_pass(1.0)
        said = [line for _, line in wire.lines]
        told = [
            at
            for at, line in enumerate(said)
            if line.get("notification") == "Integrations.StateChanged"
            and line["params"]["stateTypeId"] == states[name]
            and line["params"]["thingId"] == garage["id"]
        ]
        assert said[told[-1]]["params"]["value"] == value
        replied = next(at for at, line in enumerate(said) if line["id"] == number and "status" in line)
        assert replied < told[0]
        wire.judge()
    street.let_pass(5.0)
    assert street.stage.garage().limit_a == 0.0


def test_s8_the_page_of_users(street: Street) -> None:
    """S8: users and tokens, seen by an admin; passwords that change end what was opened by them."""
    wire = logged_in(street)
    first = {name: wire.call(f"Users.{name}") for name in ("GetUsers", "GetUserInfo", "GetTokens")}
    assert [one["username"] for one in first["GetUsers"]["users"]] == ["anna"]
    assert first["GetUserInfo"]["userInfo"]["scopes"] == ["PermissionScopeAdmin"]
    assert [one["deviceName"] for one in first["GetTokens"]["tokenInfoList"]] == ["Pixel 9"]
    bert = {
        "username": "bert",
        "password": GOOD,
        "displayName": "Bert",
        "email": "",
        "scopes": ["PermissionScopeControlThings", "PermissionScopeAccessAllThings"],
    }
    assert wire.call("Users.CreateUser", bert) == {"error": "UserErrorNoError"}
    assert wire.call("Users.CreateUser", bert) == {"error": "UserErrorDuplicateUserId"}
    assert [one["userInfo"]["username"] for one in wire.told("Users.UserAdded")] == ["bert"]
    guest = logged_in(street, "bert", "127.0.0.2")
    assert guest.refused("Users.GetUsers") == ("error", "Permission denied.")
    assert guest.call("Users.GetUserInfo")["userInfo"]["username"] == "bert"
    fewer = {"username": "bert", "scopes": ["PermissionScopeControlThings"], "allowedThingIds": []}
    assert wire.call("Users.SetUserScopes", fewer) == {"error": "UserErrorNoError"}
    assert wire.told("Users.UserChanged")[-1]["userInfo"]["scopes"] == ["PermissionScopeControlThings"]
    assert guest.call("Integrations.GetThings")["things"] == []
    wrong = {"username": "bert", "scopes": ["PermissionScopeConfigureThings"]}
    assert wire.call("Users.SetUserScopes", wrong) == {"error": "UserErrorInconsistantScopes"}
    last = {"username": "anna", "scopes": ["PermissionScopeNone"]}
    assert wire.call("Users.SetUserScopes", last)["error"] == "UserErrorPermissionDenied"
    assert wire.call("Users.ChangeUserPassword", username="bert", newPassword="Another horse 9") == {
        "error": "UserErrorNoError"
    }
    street.turn()
    assert guest.ended, "its tokens are gone"
    assert wire.call("Users.ChangePassword", newPassword="Another horse 9") == {"error": "UserErrorNoError"}
    second = greeted(street)
    login = {"username": "anna", "deviceName": "tablet"}
    assert second.call("JSONRPC.Authenticate", login, form=indented, password=GOOD) == {"success": False}
    reply = second.call("JSONRPC.Authenticate", login, form=indented, password="Another horse 9")
    assert reply["success"] is True
    tokens = {one["deviceName"]: one["id"] for one in wire.call("Users.GetTokens")["tokenInfoList"]}
    assert wire.call("Users.RemoveToken", tokenId=tokens["tablet"]) == {"error": "UserErrorNoError"}
    street.turn()
    assert second.ended
    assert not wire.ended
    for one in (wire, guest, second):
        one.judge()
