"""Chargers."""

from dataclasses import replace

from hems.api import charger_values as charger
from hems.api.classes import Bounds, Look
from hems.model.decision import Decision
from hems.model.settings import ChargerSettings, PanelSettings, Settings
from hems.model.snapshot import ChargerReading, Status
from hems.model.view import View
from tests.api.thing_house import VIEW, fold, later, thing, values


def with_status(status: Status | None) -> View:
    reading = ChargerReading(4999.9, status, 4999.9, power_w=10.0)
    return replace(VIEW, snapshot=replace(VIEW.snapshot, chargers={"garage": reading}))


def with_orders(orders: ChargerSettings) -> View:
    return replace(VIEW, settings=Settings({"garage": orders}))


def test_a_charger_that_charges() -> None:
    """API-71."""
    assert values(fold(VIEW), "garage") == {
        "connected": True,
        "power": True,
        "maxChargingCurrent": 16.0,
        "chargingMode": "surplus",
        "pluggedIn": True,
        "charging": True,
        "phaseCount": 1,
        "desiredPhaseCount": 1,
        "sessionEnergy": 4.321,
        "currentPower": 2990.0,
        "totalEnergyConsumed": 555.555,
        "chargingLimit": 13.0,
        "why": "follows sun, 13 A",
    }


def test_what_cannot_be_switched_has_no_wanted_lines() -> None:
    """API-71."""
    assert "desiredPhaseCount" not in values(fold(VIEW), "carport")
    assert values(fold(VIEW), "carport")["power"] is False


def test_the_maximum_lies_within_what_the_charger_can() -> None:
    """API-71: a client's slider has the state's bounds."""
    found = [
        values(fold(with_orders(ChargerSettings(user_max_a=most_a))), "garage")["maxChargingCurrent"]
        for most_a in (32.0, 10.0, 2.0)
    ]
    assert found == [16.0, 10.0, 6.0]
    assert thing(fold(VIEW), "garage").states["maxChargingCurrent"].bounds == Bounds(6.0, 16.0, 1.0)


def test_the_status_tells_about_the_car() -> None:
    """API-71, API-72: a fault tells nothing about the car but that it does not charge."""
    seen: list[tuple[object, object]] = []
    for status in ("A", "B", "C", "D", "E", "F", None):
        look = Look(with_status(status), "garage")
        seen.append((charger.status_is(charger.PLUGGED)(look), charger.is_charging(look)))
    assert seen == [
        (False, False), (True, False), (True, True), (True, True), (None, False), (None, False), (None, None),
    ]  # fmt: skip


def test_why_is_said_in_the_language_of_the_house() -> None:
    """API-71."""
    german = replace(VIEW.settings, panel=PanelSettings(language="de"))
    said = charger.why(Look(replace(VIEW, settings=german), "garage"))
    assert said not in (None, charger.why(Look(VIEW, "garage")))


def test_the_lines_that_are_wanted_are_told_or_the_sun_s() -> None:
    """API-74."""
    assert charger.lines_wanted(Look(with_orders(ChargerSettings(lines=3)), "garage")) == 3
    assert charger.lines_wanted(Look(VIEW, "garage")) == 1
    undecided = replace(VIEW, decision=Decision({}, VIEW.decision.command.__class__(), None))
    look = Look(undecided, "garage")
    assert [read(look) for read in (charger.lines_wanted, charger.lines_used, charger.limit_a)] == [None] * 3
    assert charger.why(look) is None
    assert charger.lines_used(Look(VIEW, "carport")) is None


def test_a_silent_charger_draws_nothing_and_does_not_charge() -> None:
    """API-72."""
    known = fold(VIEW, later(VIEW, 60.0))
    found = values(known, "garage")
    assert (found["connected"], found["currentPower"], found["charging"]) == (False, 0.0, False)
    assert (found["pluggedIn"], found["phaseCount"], found["sessionEnergy"]) == (True, 1, 4.321)


def test_a_session_that_is_over_stays_until_the_next() -> None:
    """API-72."""
    assert values(fold(VIEW, replace(VIEW, sessions={})), "garage")["sessionEnergy"] == 4.321
    assert values(fold(replace(VIEW, sessions={})), "garage")["sessionEnergy"] == 0.0


def test_a_charger_that_never_answered_has_every_state() -> None:
    """API-72."""
    unheard = replace(
        VIEW, snapshot=type(VIEW.snapshot)(VIEW.now), decision=Decision({}, VIEW.decision.command, None)
    )
    found = values(fold(unheard), "garage")
    assert found.keys() == values(fold(VIEW), "garage").keys()
    assert (found["why"], found["phaseCount"], found["pluggedIn"]) == ("", 1, False)
