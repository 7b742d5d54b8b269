"""What the states of cars are in a view; ``None`` = nobody told (API-71)."""

from math import floor
from typing import Final

from hems.api.charger_values import PLUGGED, status_is
from hems.api.classes import Look, Value
from hems.api.thing_values import CRITICAL_PCT
from hems.api.units import kilowatt_hours, whole_percent
from hems.model.settings import VehicleSettings
from hems.model.view import InstalledVehicle

MOST_A: Final = (16.0, 80.0)
"""Within what nymea knows a car's maximum current."""


def vehicle(look: Look) -> tuple[InstalledVehicle, VehicleSettings]:
    """The car a look is at, and what was told about it."""
    told = look.view.settings.vehicles.get(look.name, VehicleSettings())
    return look.view.installed.vehicles[look.name], told


def charger_of(look: Look) -> str | None:
    """The charger at which a car is expected."""
    installed = look.view.installed
    named = (name for name in installed.chargers if look.view.settings.charger(name).vehicle == look.name)
    usual = installed.vehicles[look.name].charger
    free = usual in installed.chargers and not look.view.settings.charger(usual).vehicle
    return next(named, usual if free else None)


def car_plugged(look: Look) -> Value | None:
    """Whether a car is plugged in at the charger where it is expected."""
    name = charger_of(look)
    return False if name is None else status_is(PLUGGED)(Look(look.view, name))


def car_level(look: Look) -> Value | None:
    """How full its battery is, as somebody told."""
    return whole_percent(vehicle(look)[1].level_pct)


def car_critical(look: Look) -> Value | None:
    """Whether it is nearly empty."""
    told_pct = vehicle(look)[1].level_pct
    return None if told_pct is None else told_pct < CRITICAL_PCT


def car_kwh(look: Look) -> Value | None:
    """What its battery holds."""
    installed, told = vehicle(look)
    return kilowatt_hours(installed.capacity_wh if told.capacity_wh is None else told.capacity_wh)


def car_most_a(look: Look) -> int:
    """The most current it takes."""
    installed, told = vehicle(look)
    return floor(installed.max_a if told.max_a is None else told.max_a)


def has_most_a(look: Look) -> bool:
    """Whether that is a figure that nymea knows of a car."""
    low_a, high_a = MOST_A
    return low_a <= car_most_a(look) <= high_a


def car_lines(look: Look) -> Value | None:
    """On how many lines it charges."""
    installed, told = vehicle(look)
    return installed.lines if told.lines is None else told.lines
