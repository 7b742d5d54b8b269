"""Heat pumps, read and only spoken to."""

from dataclasses import replace

from hems.api import pump_values as pump
from hems.api.classes import Look
from hems.model.decision import HeatPumpDecision
from hems.model.settings import Sg
from hems.model.why import Reason, Why
from tests.api.thing_house import INSTALLED, VIEW, fold, later, values


def test_a_pump_that_is_read_and_told_what_to_do() -> None:
    """API-71."""
    assert values(fold(VIEW), "pump") == {
        "connected": True,
        "sgReadyMode": "Standard",
        "currentPower": 640.0,
        "totalEnergyConsumed": 77.0,
    }


def test_a_pump_that_is_only_spoken_to() -> None:
    """API-71: nothing tells what it draws."""
    assert values(fold(VIEW, later(VIEW, 60.0)), "attic") == {
        "connected": True,
        "sgReadyMode": "Low",
        "currentPower": 0.0,
        "totalEnergyConsumed": 0.0,
    }


def test_the_four_states_of_the_contacts() -> None:
    """API-71: Off = locked, Low = normal, Standard = recommended, High = forced."""
    found = []
    states: tuple[Sg | None, ...] = ("locked", "normal", "recommended", "forced", None)
    for sg in states:
        decision = replace(VIEW.decision, heat_pumps={"sg": HeatPumpDecision(Why(Reason.SURPLUS), sg)})
        found.append(pump.sg_mode(Look(replace(VIEW, decision=decision), "pump")))
    assert found == ["Off", "Low", "Standard", "High", None]


def test_a_pump_without_contacts_has_no_mode() -> None:
    """API-71."""
    bare = replace(VIEW, installed=replace(INSTALLED, sg_ready={}))
    assert "sgReadyMode" not in values(fold(bare), "pump")
    assert pump.sg_mode(Look(bare, "pump")) is None
    assert pump.pumps(bare) == ("pump",)


def test_contacts_named_like_their_pump_are_one_thing() -> None:
    """API-70."""
    same = replace(VIEW, installed=replace(INSTALLED, sg_ready={"pump": ""}))
    assert pump.pumps(same) == ("pump",)
    assert pump.contacts_of(Look(same, "pump")) == "pump"


def test_a_silent_pump_draws_nothing() -> None:
    """API-72."""
    found = values(fold(VIEW, later(VIEW, 60.0)), "pump")
    assert (found["connected"], found["currentPower"]) == (False, 0.0)
    assert pump.pump_seen(Look(VIEW, "pump"))
    assert pump.pump_seen(Look(VIEW, "attic"))
