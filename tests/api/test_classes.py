"""Classes and states as clients hear of them."""

from hems.api.classes import (
    NO_BOUNDS,
    Bounds,
    ClassRow,
    StateRow,
    action_types,
    limits,
    state_types,
    thing_class,
)
from hems.api.thing_ids import PLUGIN, VENDOR, class_id, state_id
from hems.language.words import speaking

LEVEL = StateRow("level", "Level", "Int", "UnitPercentage", 0, lambda _: None)
MODE = StateRow(
    "mode", "Mode", "String", "UnitNone", "a", lambda _: None, possible=("a", "b"), action="Set the mode"
)
CURRENT = StateRow("current", "Current", "Double", "UnitAmpere", 6.0, lambda _: None, action="Set it")
ROW = ClassRow(
    "box",
    "Box",
    ("box",),
    (LEVEL, MODE, CURRENT),
    lambda _: (),
    with_state={"mode": "modal", "none": "never"},
)
ALL = {"level": Bounds(0, 100), "mode": NO_BOUNDS, "current": Bounds(6.0, 16.0, 0.5)}


def test_a_state_says_within_what_it_lies_in_its_own_type() -> None:
    """API-71, API-72."""
    assert limits(LEVEL, Bounds(0.0, 100.0)) == {"minValue": 0, "maxValue": 100}
    assert isinstance(limits(LEVEL, Bounds(0.0, 100.0))["maxValue"], int)
    assert limits(CURRENT, Bounds(6.0, 16.0)) == {"minValue": 6.0, "maxValue": 16.0}
    assert limits(MODE, NO_BOUNDS) == {"possibleValues": ["a", "b"]}
    assert limits(CURRENT, NO_BOUNDS) == {}


def test_a_class_has_only_what_its_things_have() -> None:
    """API-71: optional states and what comes with them."""
    whole = thing_class(ROW, ALL)
    assert whole["interfaces"] == ["modal", "box"]
    assert [one["name"] for one in whole["stateTypes"]] == ["level", "mode", "current"]
    part = thing_class(ROW, {"level": Bounds(0, 100)})
    assert part["interfaces"] == ["box"]
    assert [one["name"] for one in part["stateTypes"]] == ["level"]
    assert part["actionTypes"] == []


def test_a_class_says_how_its_things_come_to_be() -> None:
    """API-70, API-71."""
    found = thing_class(ROW, ALL)
    assert (found["id"], found["vendorId"], found["pluginId"]) == (class_id("box"), VENDOR, PLUGIN)
    assert (found["createMethods"], found["setupMethod"]) == (["CreateMethodAuto"], "SetupMethodJustAdd")
    assert (found["discoveryType"], found["browsable"]) == ("DiscoveryTypePrecise", False)
    assert (found["providedInterfaces"], found["eventTypes"]) == ([], [])


def test_an_action_and_its_parameter_have_the_state_s_id() -> None:
    """API-70."""
    mode, current = action_types(ROW, ALL)
    for action, name in ((mode, "mode"), (current, "current")):
        assert action["id"] == state_id("box", name)
        assert [one["id"] for one in action["paramTypes"]] == [state_id("box", name)]
    assert mode["paramTypes"][0]["allowedValues"] == ["a", "b"]
    assert {key: current["paramTypes"][0][key] for key in ("minValue", "maxValue", "stepSize")} == {
        "minValue": 6.0,
        "maxValue": 16.0,
        "stepSize": 0.5,
    }


def test_a_state_type_has_what_clients_compute_with() -> None:
    """API-72."""
    level = state_types(ROW, ALL)[0]
    assert level == {
        "id": state_id("box", "level"),
        "name": "level",
        "displayName": "Level",
        "index": 0,
        "type": "Int",
        "unit": "UnitPercentage",
        "defaultValue": 0,
        "minValue": 0,
        "maxValue": 100,
    }


def test_words_are_said_in_the_language_in_force() -> None:
    """API-60."""
    with speaking("de"):
        assert thing_class(ROW, ALL)["name"] == "box"


def test_a_state_is_found_by_its_id() -> None:
    """API-70."""
    assert ROW.state(state_id("box", "mode")) is MODE
    assert ROW.state(state_id("other", "mode")) is None
