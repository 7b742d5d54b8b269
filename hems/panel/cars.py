"""The car at a charger, as far as somebody told about it: rows of the table (PNL-60, CHG-90)."""

from dataclasses import replace
from typing import Final

from hems.language.words import t
from hems.model.intents import Intent, SetCharging, SetVehicle
from hems.model.settings import VehicleSettings
from hems.model.view import View
from hems.panel.format import UNKNOWN, day, shortened
from hems.panel.item import Item, Value, nearest, orders

HALF_PCT: Final = 50.0
"""Where the editor begins while nobody knows a car's level."""

NOBODY: Final = ""


def car(view: View, charger: str) -> str:
    """The car that was named for a charger, else the one that mostly uses it; "" if there is none."""
    usual = (name for name, one in view.installed.vehicles.items() if one.charger == charger)
    return view.settings.charger(charger).vehicle or next(usual, NOBODY)


def _told(view: View, charger: str) -> VehicleSettings:
    return view.settings.vehicles.get(car(view, charger), VehicleSettings())


def _cars(view: View, charger: str) -> tuple[Value, ...]:
    """All cars, where there is one to choose; nobody only while it is nobody."""
    names, present = tuple(view.installed.vehicles), car(view, charger)
    if present in names:
        return names if len(names) > 1 else ()
    return (present, *names) if names else ()


def _car_text(value: Value) -> str:
    return shortened(str(value), 12) or UNKNOWN


def _set_car(view: View, charger: str, value: Value) -> Intent:
    if value == NOBODY:
        return SetCharging(charger, replace(orders(view, charger), vehicle=NOBODY))
    return SetVehicle(str(value), charger=charger)


def _levels(view: View, charger: str) -> tuple[Value, ...]:
    known = car(view, charger) in view.installed.vehicles
    return tuple(float(pct) for pct in range(101)) if known else ()


def _level(view: View, charger: str) -> Value:
    level_pct = _told(view, charger).level_pct
    return nearest(_levels(view, charger), HALF_PCT if level_pct is None else level_pct)


def _set_level(view: View, charger: str, value: Value) -> Intent:
    return SetVehicle(car(view, charger), level_pct=float(value))


def _level_shown(view: View, charger: str) -> str:
    """What was told; unknown once the plan no longer reckons with it, for the car was away."""
    level_pct = _told(view, charger).level_pct
    decision = view.decision.chargers.get(charger)
    forgotten = decision is not None and decision.plan is not None and "level" in decision.plan.assumed
    return UNKNOWN if level_pct is None or forgotten else f"{level_pct:.0f} %"


def _told_note(view: View, charger: str) -> str:
    """When the level was told, as far as anybody knows."""
    told = _told(view, charger).told
    if told is None or not view.now.trusted:
        return ""
    local = told.astimezone(view.now.wall.tzinfo)
    today = local.date() == view.now.wall.date()
    return t("told {time}").format(time=f"{local:%H:%M}" if today else day(local))


def _no_note(_: View, __: str) -> str:
    return ""


def _capacities(view: View, charger: str) -> tuple[Value, ...]:
    known = car(view, charger) in view.installed.vehicles
    return tuple(float(kwh) for kwh in range(10, 151)) if known else ()


def _capacity_wh(view: View, charger: str) -> float:
    told_wh = _told(view, charger).capacity_wh
    return view.installed.vehicles[car(view, charger)].capacity_wh if told_wh is None else told_wh


def _capacity(view: View, charger: str) -> Value:
    return nearest(_capacities(view, charger), _capacity_wh(view, charger) / 1000)


def _set_capacity(view: View, charger: str, value: Value) -> Intent:
    return SetVehicle(car(view, charger), capacity_wh=float(value) * 1000)


CAR_ITEMS: Final = (
    Item("car", "Car", "Car", "choice", _cars, car, _car_text, _set_car, note=_no_note),
    Item(
        "car_level",
        "Car is at",
        "Car is at",
        "number",
        _levels,
        _level,
        lambda value: f"{value:g} %",
        _set_level,
        shown=_level_shown,
        note=_told_note,
    ),
    Item(
        "capacity",
        "Battery",
        "Car battery",
        "number",
        _capacities,
        _capacity,
        lambda value: f"{value:g} kWh",
        _set_capacity,
        shown=lambda view, charger: f"{_capacity_wh(view, charger) / 1000:.0f} kWh",
        note=_no_note,
    ),
)
