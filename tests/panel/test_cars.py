"""PNL-60, CHG-90: what is told about the car at a charger."""

from dataclasses import replace
from datetime import timedelta

import pytest

from hems.model.intents import SetCharging, SetVehicle
from hems.model.settings import VehicleSettings
from hems.model.view import InstalledVehicle, View
from hems.panel.cars import car
from hems.panel.items import entry
from tests.panel.views import HOUSE, NOW, PLANNED, ordered

BLUE = InstalledVehicle(77_000.0, "garage")
RED = InstalledVehicle(40_000.0)


def house(vehicles: dict[str, InstalledVehicle], vehicle: str = "", **told: VehicleSettings) -> View:
    view = replace(HOUSE, installed=replace(HOUSE.installed, vehicles=vehicles))
    return ordered(replace(view, settings=replace(view.settings, vehicles=told)), vehicle=vehicle)


def shown(key: str, view: View) -> str:
    found = entry(view, f"garage.{key}")
    return found.shown(view) if found else "no row"


def note(view: View) -> str:
    found = entry(view, "garage.car_level")
    return found.note(view) if found else "no row"


@pytest.mark.parametrize(
    ("view", "rows"),
    [
        (HOUSE, ["no row"] * 3),
        (house({"blue": BLUE}), ["no row", "--", "77 kWh"]),
        (house({"red": RED}), ["--", "no row", "no row"]),
        (house({"red": RED}, "red"), ["no row", "--", "40 kWh"]),
        (house({"red": RED, "blue": BLUE}), ["blue", "--", "77 kWh"]),
        (house({"red": RED, "blue": BLUE}, "red"), ["red", "--", "40 kWh"]),
        (house({"blue": BLUE}, blue=VehicleSettings(42.4, None, 60_000.0)), ["no row", "42 %", "60 kWh"]),
    ],
)
def test_a_row_stands_where_there_is_something_to_say(view: View, rows: list[str]) -> None:
    """PNL-40, 60: no car, no rows; one car, nothing to choose."""
    assert [shown(key, view) for key in ("car", "car_level", "capacity")] == rows


def test_the_car_is_the_one_that_was_named_else_the_usual_one() -> None:
    both = {"red": RED, "blue": BLUE}
    assert [car(house(both), "garage"), car(house(both), "carport"), car(house(both, "red"), "garage")] == [
        "blue", "", "red",
    ]  # fmt: skip


def test_naming_a_car_plugs_it_in_and_nobody_stays_nobody() -> None:
    view = house({"red": RED})
    found = entry(view, "garage.car")
    assert found is not None
    assert found.values(view) == ("", "red")
    assert found.intent(view, "red") == SetVehicle("red", charger="garage")
    assert found.intent(view, "") == SetCharging("garage", view.settings.charger("garage"))


def test_a_level_of_which_the_car_was_away_since_is_no_level() -> None:
    """PNL-41: never a figure that is not believed."""
    decision = PLANNED.decision.chargers["garage"]
    assert decision.plan
    assert shown("car_level", PLANNED) == "42 %"
    plan = replace(decision.plan, assumed=("level",))
    other = replace(PLANNED.decision, chargers={"garage": replace(decision, plan=plan)})
    assert shown("car_level", replace(PLANNED, decision=other)) == "--"
    assert shown("car_level", replace(PLANNED, decision=replace(other, chargers={}))) == "42 %"


def test_the_editor_says_when_the_level_was_told() -> None:
    told = NOW.wall - timedelta(hours=2)
    assert note(house({"blue": BLUE}, blue=VehicleSettings(42.0, told))) == "told 12:32"
    assert note(house({"blue": BLUE}, blue=VehicleSettings(42.0, told - timedelta(days=1)))) == "told 11 Mar"
    assert note(house({"blue": BLUE})) == ""
    blind = replace(PLANNED, now=replace(NOW, trusted=False))
    assert note(blind) == ""


def test_a_battery_beyond_the_range_is_shown_as_it_is() -> None:
    """PNL-62: the editor begins at the nearest."""
    view = house({"big": InstalledVehicle(200_000.0, "garage")})
    found = entry(view, "garage.capacity")
    assert found is not None
    assert (found.shown(view), found.present(view)) == ("200 kWh", 150.0)
