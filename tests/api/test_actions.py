"""What can be done with things."""

from dataclasses import replace
from typing import Any

import pytest

from hems.api.actions import execute
from hems.api.classes import Value
from hems.api.rows import Answer, Asked, Caller
from hems.api.thing_ids import bare, state_id, thing_id
from hems.model.intents import Intent, Refusal, SetHeatPump, SetLines, SetMode, SetUserMax
from hems.model.settings import ChargerSettings, Settings
from hems.model.view import View
from tests.api.thing_house import IDENTITY, VIEW, ask, fold, later

GARAGE = thing_id(IDENTITY, "garage")


def done(name: str, action: str, value: Any, view: View = VIEW, caller: Caller | None = None) -> Answer:
    kind = "heatpump" if name in ("pump", "attic") else "evcharger"
    number = state_id(kind, action)
    params = [{"paramTypeId": number, "value": value}]
    return execute(
        ask(view, caller, fold(VIEW, view)),
        {"thingId": thing_id(IDENTITY, name), "actionTypeId": number, "params": params},
    )


def error(answer: Answer) -> str:
    assert isinstance(answer, dict)
    return str(answer["thingError"])


@pytest.mark.parametrize(
    ("name", "action", "value", "intent"),
    [
        ("garage", "power", False, SetMode("garage", "off")),
        ("garage", "power", "true", SetMode("garage", "surplus")),
        ("carport", "power", True, SetMode("carport", "fast")),
        ("garage", "maxChargingCurrent", 10, SetUserMax("garage", 10.0)),
        ("garage", "maxChargingCurrent", "12.9", SetUserMax("garage", 12.0)),
        ("garage", "maxChargingCurrent", 16.0, SetUserMax("garage", 16.0)),
        ("carport", "maxChargingCurrent", 9.79, SetUserMax("carport", 9.7)),
        ("carport", "maxChargingCurrent", 6.3, SetUserMax("carport", 6.3)),
        ("garage", "chargingMode", "min_surplus", SetMode("garage", "min_surplus")),
        ("garage", "desiredPhaseCount", 3, SetLines("garage", 3)),
        ("garage", "desiredPhaseCount", 1.0, SetLines("garage", 1)),
        ("pump", "sgReadyMode", "Off", SetHeatPump("sg", "locked", 7200.0)),
        ("pump", "sgReadyMode", "Low", SetHeatPump("sg", None)),
        ("pump", "sgReadyMode", "Standard", SetHeatPump("sg", "recommended", 7200.0)),
        ("attic", "sgReadyMode", "High", SetHeatPump("attic", "forced", 7200.0)),
    ],
)
def test_an_action_yields_its_intent(name: str, action: str, value: Value, intent: Intent) -> None:
    """API-74."""
    answer = done(name, action, value)
    assert isinstance(answer, Asked)
    assert answer.intents == (intent,)
    assert answer.reply(None) == {"thingError": "ThingErrorNoError"}
    refused = answer.reply(Refusal("not_now", "later"))
    assert refused == {"thingError": "ThingErrorHardwareNotAvailable", "displayMessage": "later"}


@pytest.mark.parametrize(
    ("name", "action", "value", "words"),
    [
        ("garage", "maxChargingCurrent", 16.5, "maxChargingCurrent lies between 6 and 16"),
        ("garage", "maxChargingCurrent", 5.99, "maxChargingCurrent lies between 6 and 16"),
        ("garage", "maxChargingCurrent", float("nan"), "maxChargingCurrent: Invalid Double: null"),
        ("garage", "maxChargingCurrent", True, "maxChargingCurrent: Invalid Double: true"),
        ("garage", "power", 1, "power: Invalid Bool: 1"),
        ("garage", "chargingMode", "turbo", "chargingMode is one of off, fast, surplus, "),
        ("garage", "desiredPhaseCount", 2, "desiredPhaseCount is one of 1, 3"),
        ("garage", "desiredPhaseCount", None, "desiredPhaseCount: Invalid UInt: null"),
        ("pump", "sgReadyMode", "Full", "sgReadyMode is one of Off, Low, Standard, High"),
    ],
)
def test_a_value_that_cannot_be_is_refused_in_words(name: str, action: str, value: Any, words: str) -> None:
    """API-74: nothing is asked of the rules."""
    answer = done(name, action, value)
    assert error(answer) == "ThingErrorInvalidParameter"
    assert isinstance(answer, dict)
    assert answer["displayMessage"].startswith(words)


def test_what_stops_a_charge_is_taken_in_any_case() -> None:
    """API-74: nothing else is asked of a device that is lost; contacts need no serial line."""
    lost = later(VIEW, 60.0)
    for action, value in (("power", True), ("maxChargingCurrent", 10), ("chargingMode", "fast")):
        assert error(done("garage", action, value, lost)) == "ThingErrorHardwareNotAvailable"
    for action, value in (("power", False), ("chargingMode", "off")):
        answer = done("garage", action, value, lost)
        assert isinstance(answer, Asked)
        assert answer.intents == (SetMode("garage", "off"),)
    assert isinstance(done("pump", "sgReadyMode", "Off", lost), Asked)


def test_a_wrong_thing_or_action_is_said_to_be_one() -> None:
    """API-74."""
    power = state_id("evcharger", "power")
    asked = ask()
    unknown = {"thingId": thing_id(IDENTITY, "cellar"), "actionTypeId": power, "params": []}
    assert error(execute(asked, unknown)) == "ThingErrorThingNotFound"
    assert error(done("garage", "currentPower", 1.0)) == "ThingErrorActionTypeNotFound"
    assert error(done("carport", "desiredPhaseCount", 3)) == "ThingErrorActionTypeNotFound"
    foreign = {"thingId": thing_id(IDENTITY, "zoe"), "actionTypeId": power, "params": []}
    assert error(execute(asked, foreign)) == "ThingErrorActionTypeNotFound"


@pytest.mark.parametrize("params", [{}, {"params": []}, {"params": [{"value": 1}]}])
def test_a_missing_parameter_is_missed(params: dict[str, object]) -> None:
    """API-74."""
    wanted = {"thingId": GARAGE, "actionTypeId": state_id("evcharger", "power"), **params}
    assert error(execute(ask(), wanted)) == "ThingErrorMissingParameter"


def test_before_the_first_view_there_is_no_thing() -> None:
    """API-5."""
    wanted = {"thingId": GARAGE, "actionTypeId": state_id("evcharger", "power")}
    assert error(execute(ask(None), wanted)) == "ThingErrorThingNotFound"


def test_who_may_not_see_a_thing_cannot_move_it() -> None:
    """API-40."""
    only = Caller(1, "tls", things=frozenset({bare(thing_id(IDENTITY, "carport"))}))
    assert error(done("garage", "power", False, caller=only)) == "ThingErrorThingNotFound"
    assert isinstance(done("carport", "power", False, caller=only), Asked)


def test_power_means_the_mode_in_force_where_it_is_on_already() -> None:
    """API-74."""
    orders = ChargerSettings("min_surplus", 16.0, on_mode="fast")
    on = replace(VIEW, settings=Settings({"garage": orders}))
    answer = done("garage", "power", True, on)
    assert isinstance(answer, Asked)
    assert answer.intents == (SetMode("garage", "min_surplus"),)
