"""What the optimizer is told: the house as one JSON object, in base units, ``None`` for unknown (API-122)."""

from datetime import datetime
from typing import Any, Final

from hems.model.decision import ChargerDecision
from hems.model.settings import ChargerSettings
from hems.model.units import LINES, PerLine
from hems.model.view import View

PROTOCOL: Final = "hems-optimizer/1"
WATCHED: Final = ("acquisition_tolerance", "battery_level_consideration", "line_limit_a")


def enquiry(view: View, number: int) -> dict[str, Any]:
    """The question for a plan."""
    settings = view.settings.chosen
    return {
        "protocol": PROTOCOL,
        "request": number,
        "time": view.now.wall.isoformat(timespec="seconds"),
        "clock_ok": view.now.trusted,
        "time_zone": str(view.now.wall.tzinfo),
        "site": _site(view),
        "settings": {name: settings.get(name) for name in WATCHED},
        "battery": _battery(view),
        "chargers": [
            _charger(view, name, told)
            for name, told in view.decision.chargers.items()
            if name in view.installed.chargers
        ],
        "heat_pumps": [
            {"name": name, "power_w": view.balance.things_w.get(name), "sg": told.sg}
            for name, told in view.decision.heat_pumps.items()
        ],
        "tariff": {"slots": _slots(view)},
    }


def situation(view: View) -> object:
    """What a plan depends on beside the sun: equal as long as none of it has changed (API-120)."""
    readings = view.snapshot.chargers
    cars = {name: (reading.status or "A") != "A" for name, reading in readings.items()}
    orders = {
        name: (told.mode, told.target, told.vehicle, told.user_max_a)
        for name, told in view.settings.chargers.items()
    }
    dim = view.decision.dim
    return cars, orders, view.settings.prices, dim and (dim.limited, dim.limit_w)


def _site(view: View) -> dict[str, Any]:
    balance, dim = view.balance, view.decision.dim
    battery = view.snapshot.battery
    return {
        "grid_w": balance.grid_w,
        "pv_w": balance.pv_w,
        "battery_w": balance.battery_w,
        "battery_pct": battery.level_pct if battery else None,
        "ev_w": balance.ev_w,
        "heat_pump_w": balance.heat_pump_w,
        "home_w": balance.home_w,
        "available_w": view.decision.available_w,
        "lines": _lines(view),
        "operator": dim and {"limited": dim.limited, "limit_w": dim.limit_w, "source": dim.source},
    }


def _lines(view: View) -> list[dict[str, Any]]:
    grid = view.snapshot.grid
    measured: tuple[PerLine | None, ...] = (
        (grid.line_a, grid.line_v, grid.line_power_w) if grid else (None, None, None)
    )
    rows = []
    for place, (name, fuse_a) in enumerate(zip(LINES, view.installed.main_fuse_a, strict=True)):
        line_a, line_v, line_w = (values[place] if values else None for values in measured)
        rows.append(
            {
                "name": name,
                "line_a": line_a,
                "line_v": line_v,
                "line_w": line_w,
                "fuse_a": fuse_a,
                "headroom_a": None if line_a is None else fuse_a - line_a,
            }
        )
    return rows


def _battery(view: View) -> dict[str, Any] | None:
    battery = view.snapshot.battery
    if not view.installed.battery:
        return None
    return {
        "power_w": view.balance.battery_w,
        "level_pct": battery.level_pct if battery else None,
        "capacity_wh": None,
    }


def _charger(view: View, name: str, told: ChargerDecision) -> dict[str, Any]:
    installed, reading = view.installed.chargers[name], view.snapshot.chargers.get(name)
    orders = view.settings.charger(name)
    return {
        "name": name,
        "status": reading.status if reading else None,
        "mode": orders.mode,
        "lines": len(told.lines) or None,
        "lines_used": list(told.lines),
        "switchable": installed.switchable,
        "min_a": installed.min_a,
        "max_a": installed.max_a,
        "step_a": installed.step_a,
        "cap_a": told.cap_a,
        "limit_a": told.limit_a,
        "power_w": view.balance.things_w.get(name),
        "session_wh": view.counters.get(f"ev{installed.number}.session_wh"),
        "vehicle": _vehicle(view, name, orders, told),
    }


def _vehicle(
    view: View, charger: str, orders: ChargerSettings, told: ChargerDecision
) -> dict[str, Any] | None:
    """The car that was named, else the one that mostly uses the charger."""
    usual = (name for name, car in view.installed.vehicles.items() if car.charger == charger)
    name = orders.vehicle or next(usual, "")
    if name not in view.installed.vehicles:
        return None
    said, target = view.settings.vehicles.get(name), orders.target
    capacity_wh = said.capacity_wh if said else None
    return {
        "name": name,
        "level_pct": said.level_pct if said else None,
        "capacity_wh": capacity_wh or view.installed.vehicles[name].capacity_wh,
        "target_pct": target.target_pct if target else None,
        "need_wh": told.need_wh,
        "deadline": _iso(told.plan.deadline if told.plan else target.deadline if target else None),
    }


def _slots(view: View) -> list[dict[str, Any]]:
    prices = view.settings.prices
    if prices is None:
        return []
    now = view.now.wall
    return [
        {"start": _iso(slot.start), "end": _iso(slot.end), "price_eur_kwh": slot.eur_kwh}
        for slot in prices.slots
        if slot.end > now
    ]


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
