"""Integrations: each method, and that replies are as they were declared."""

from hems.api.integrations import INTEGRATIONS
from hems.api.rows import Caller, Params, Result
from hems.api.thing_ids import PLUGIN, VENDOR, bare, class_id, state_id, thing_id
from hems.model.view import View
from tests.api.thing_house import IDENTITY, VIEW, ask, fits, fold

METHODS = {row.name: row for row in INTEGRATIONS.methods}
GARAGE = thing_id(IDENTITY, "garage")
ELSEWHERE = "{00000000-0000-5000-8000-000000000001}"


def call(
    name: str, params: Params | None = None, view: View | None = VIEW, caller: Caller | None = None
) -> Result:
    reply = METHODS[name].handler(ask(view, caller), params or {})
    assert isinstance(reply, dict)
    assert fits(METHODS[name], reply, INTEGRATIONS)
    return reply


def test_who_makes_all_of_this() -> None:
    """API-70, API-73."""
    assert call("GetVendors") == {"vendors": [{"id": VENDOR, "name": "hems", "displayName": "hems"}]}
    assert [one["id"] for one in call("GetPlugins")["plugins"]] == ["{318ddb67-af09-500b-855e-6532292e1ab8}"]


def test_classes_are_those_of_the_house_or_some_of_them() -> None:
    """API-71."""
    every = ["energymeter", "inverter", "battery", "evcharger", "vehicle", "heatpump"]

    def names(params: Params) -> list[str]:
        return [one["name"] for one in call("GetThingClasses", params)["thingClasses"]]

    assert names({}) == every
    assert names({"vendorId": VENDOR}) == every
    assert names({"vendorId": ELSEWHERE}) == []
    assert names({"thingClassIds": [class_id("heatpump"), ELSEWHERE]}) == ["heatpump"]


def test_types_of_a_class() -> None:
    """API-73."""
    of_charger = {"thingClassId": class_id("evcharger")}
    states, actions = call("GetStateTypes", of_charger)["stateTypes"], call("GetActionTypes", of_charger)
    assert [one["name"] for one in states][:4] == ["connected", "power", "maxChargingCurrent", "chargingMode"]
    assert [one["name"] for one in actions["actionTypes"]] == [
        "power", "maxChargingCurrent", "chargingMode", "desiredPhaseCount",
    ]  # fmt: skip
    for name, member in (("State", "stateTypes"), ("Action", "actionTypes"), ("Event", "eventTypes")):
        assert call(f"Get{name}Types", {"thingClassId": ELSEWHERE}) == {member: []}
    assert call("GetEventTypes", of_charger) == {"eventTypes": []}


def test_things_are_all_or_one_of_them() -> None:
    """API-73."""
    assert len(call("GetThings")["things"]) == 10
    assert [one["name"] for one in call("GetThings", {"thingId": GARAGE})["things"]] == ["garage"]
    assert call("GetThings", {"thingId": ELSEWHERE}) == {"thingError": "ThingErrorThingNotFound"}


def test_state_values() -> None:
    """API-73."""
    power = state_id("evcharger", "currentPower")
    wanted = {"thingId": GARAGE, "stateTypeId": power}
    assert call("GetStateValue", wanted) == {"thingError": "ThingErrorNoError", "value": 2990.0}
    unknown = [
        call("GetStateValue", {"thingId": GARAGE, "stateTypeId": ELSEWHERE}),
        call("GetStateValue", {"thingId": ELSEWHERE, "stateTypeId": power}),
        call("GetStateValues", {"thingId": ELSEWHERE}),
    ]
    assert [one["thingError"] for one in unknown] == [
        "ThingErrorStateTypeNotFound", "ThingErrorThingNotFound", "ThingErrorThingNotFound",
    ]  # fmt: skip
    assert len(call("GetStateValues", {"thingId": GARAGE})["values"]) == 13


def test_every_state_of_every_thing_is_asked_for_by_old_clients() -> None:
    """API-130 S4: each state of a thing's class has a value in a house with one thing of each class."""
    known = fold(VIEW)
    for thing in known.things.values():
        for name in thing.states:
            wanted = {"thingId": thing.id, "stateTypeId": state_id(thing.row.name, name)}
            assert call("GetStateValue", wanted)["thingError"] == "ThingErrorNoError"


def test_there_is_nothing_to_connect_or_configure() -> None:
    """API-73."""
    assert call("GetIOConnections") == {"thingError": "ThingErrorNoError", "ioConnections": []}
    ours = call("GetPluginConfiguration", {"pluginId": PLUGIN})
    assert ours == {"thingError": "ThingErrorNoError", "configuration": []}
    other = call("GetPluginConfiguration", {"pluginId": ELSEWHERE})
    assert other == {"thingError": "ThingErrorPluginNotFound"}


def test_before_the_first_view_there_is_nothing() -> None:
    """API-5."""
    assert call("GetThings", view=None) == {"thingError": "ThingErrorNoError", "things": []}
    assert call("GetThingClasses", view=None) == {"thingError": "ThingErrorNoError", "thingClasses": []}


def test_who_may_see_some_things_sees_no_others() -> None:
    """API-40."""
    only = Caller(1, "tls", things=frozenset({bare(GARAGE)}))
    assert [one["name"] for one in call("GetThings", caller=only)["things"]] == ["garage"]
    carport = {"thingId": thing_id(IDENTITY, "carport")}
    assert call("GetThings", carport, caller=only) == {"thingError": "ThingErrorThingNotFound"}
    assert call("GetStateValues", carport, caller=only) == {"thingError": "ThingErrorThingNotFound"}


def test_scopes_are_as_they_were_promised() -> None:
    """API-73."""
    scopes = {row.name: row.scope for row in INTEGRATIONS.methods if row.scope != "None"}
    assert scopes == {"ExecuteAction": "ControlThings", "GetPluginConfiguration": "ConfigureThings"}
