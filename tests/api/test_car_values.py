"""Cars, as far as somebody told about them."""

from dataclasses import replace

from hems.api import car_values as car
from hems.api.classes import Look
from hems.model.settings import ChargerSettings, Settings, VehicleSettings
from hems.model.view import View
from tests.api.thing_house import INSTALLED, VIEW, fold, values


def told(**figures: float) -> View:
    vehicles = {"zoe": VehicleSettings(**figures)}  # type: ignore[arg-type]
    return replace(VIEW, settings=replace(VIEW.settings, vehicles=vehicles))


def test_a_car_that_was_told_about() -> None:
    """API-71."""
    assert values(fold(VIEW), "zoe") == {
        "batteryLevel": 9,
        "batteryCritical": True,
        "capacity": 52.0,
        "pluggedIn": True,
        "maxChargingCurrent": 32,
        "phaseCount": 3,
    }


def test_what_was_told_counts_before_what_is_installed() -> None:
    """API-71."""
    found = values(fold(told(level_pct=80.4, capacity_wh=60_000.0, max_a=20.9, lines=1)), "zoe")
    assert found == {
        "batteryLevel": 80,
        "batteryCritical": False,
        "capacity": 60.0,
        "pluggedIn": True,
        "maxChargingCurrent": 20,
        "phaseCount": 1,
    }


def test_a_maximum_that_clients_do_not_know_is_left_out() -> None:
    """API-71: 16 to 80 A."""
    assert "maxChargingCurrent" not in values(fold(VIEW), "bike")
    assert [car.has_most_a(Look(told(max_a=most_a), "zoe")) for most_a in (15.9, 16.0, 80.0)] == [
        False, True, True,
    ]  # fmt: skip


def test_nobody_told_about_a_car() -> None:
    """API-72: an unknown level shows 0 and is not critical."""
    found = values(fold(VIEW), "bike")
    assert (found["batteryLevel"], found["batteryCritical"], found["pluggedIn"]) == (0, False, False)


def test_a_car_stands_where_it_was_named_or_mostly_is() -> None:
    """API-71."""
    assert car.charger_of(Look(VIEW, "zoe")) == "garage"
    elsewhere = replace(VIEW, settings=Settings({"carport": ChargerSettings(vehicle="zoe")}))
    assert car.charger_of(Look(elsewhere, "zoe")) == "carport"
    usual = replace(VIEW, settings=Settings())
    assert car.charger_of(Look(usual, "zoe")) == "garage"
    taken = replace(VIEW, settings=Settings({"garage": ChargerSettings(vehicle="bike")}))
    assert car.charger_of(Look(taken, "zoe")) is None
    gone = replace(usual, installed=replace(INSTALLED, chargers={}))
    assert car.charger_of(Look(gone, "zoe")) is None
