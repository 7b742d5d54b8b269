"""The whole page as Hems tells it: base units, names of the house, ``null`` for unknown (API-111)."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from math import isfinite
from typing import Any, Final

from hems.api.rows import Result
from hems.api.scores import slot_now
from hems.language.said import alarm, reason
from hems.model.decision import ChargerDecision
from hems.model.units import LINES
from hems.model.view import Balance, View
from hems.model.why import Why

USED_A: Final = 1.0
"""A line with more than so much is in use (CHG-20)."""

FORECAST_SLOTS: Final = 12
"""So much of the weather fits on the page."""

MEAN_WEIGHTING: Final = 0.5


def page(view: View, parts: Collection[str] = ()) -> Result:
    """The page, or some parts of it."""
    return {name: part(view) for name, part in PARTS.items() if not parts or name in parts}


def figure(value: float | None, digits: int = 3) -> float | None:
    """A number as it may leave the house: rounded, and never without end."""
    return round(value, digits) + 0.0 if value is not None and isfinite(value) else None


def moment(at: datetime | None) -> str | None:
    """A time as ISO 8601 with its offset, to the second."""
    return at.isoformat(timespec="seconds") if at is not None else None


def figures(why: Why) -> Result:
    """The figures of a reason."""
    return {name: figure(value) if isinstance(value, float) else value for name, value in why.figures.items()}


def local(view: View, at: datetime | None) -> str | None:
    """A time in the site's zone."""
    return moment(at.astimezone(view.now.wall.tzinfo) if at is not None else None)


def is_cheap(view: View) -> bool:
    """Whether a cheap period is in force, or a price of the cheaper half of its day."""
    slot = slot_now(view)
    priced = slot is not None and slot.weighting is not None and slot.weighting > MEAN_WEIGHTING
    return priced or (slot is not None and slot.cheap)


def tariff(view: View) -> Result:
    """The tariff period in force and what a kWh costs now, with charges and tax."""
    decision = view.decision
    price = decision.price_ueur_kwh
    return {
        "provider": decision.outlook.provider or None,
        "period": decision.tariff or None,
        "price_eur_kwh": price / 1e6 if price is not None else None,
        "cheap": is_cheap(view),
        "known_until": local(view, decision.outlook.known_until),
    }


def _site(view: View) -> Result:
    balance, battery = view.balance, view.snapshot.battery
    return {
        **{f"{name}_w": figure(getattr(balance, f"{name}_w"), 1) for name in _FLOWS},
        "battery_pct": figure(battery.level_pct if battery else None, 1),
        "available_w": figure(view.decision.available_w, 1),
    }


_FLOWS: Final = tuple(name.removesuffix("_w") for name in Balance.__slots__ if name != "things_w")


def _lines(view: View) -> list[Result]:
    grid = view.snapshot.grid
    rows: list[Result] = []
    for index, name in enumerate(LINES):
        line_a = grid.line_a[index] if grid and grid.line_a else None
        fuse_a = view.installed.main_fuse_a[index]
        rows.append(
            {
                "name": name,
                "line_a": figure(line_a, 2),
                "line_v": figure(grid.line_v[index] if grid and grid.line_v else None, 1),
                "line_w": figure(grid.line_power_w[index] if grid and grid.line_power_w else None, 1),
                "fuse_a": fuse_a,
                "headroom_a": figure(fuse_a - line_a if line_a is not None else None, 2),
            }
        )
    return rows


def _charger(view: View, name: str) -> Result:
    reading, decision = view.snapshot.chargers.get(name), view.decision.chargers.get(name)
    orders, number = view.settings.charger(name), view.installed.chargers[name].number
    session = view.sessions.get(f"ev{number}")
    line_a = reading.line_a if reading else None
    return {
        "name": name,
        "status": reading.status if reading else None,
        "mode": orders.mode,
        "state": str(decision.state) if decision else None,
        "wish_a": figure(decision.wish_a if decision else None),
        "cap_a": figure(decision.cap_a if decision else None),
        "limit_a": figure(decision.limit_a if decision else None),
        "line_a": [figure(one, 2) for one in line_a] if line_a else None,
        "power_w": figure(view.balance.things_w.get(name), 1),
        "lines": list(decision.lines) if decision else None,
        "lines_used": sum(one > USED_A for one in line_a) if line_a else None,
        "hand": str(decision.hand) if decision else None,
        "seconds_left": _left(decision),
        "why": {
            "code": str(decision.why.code),
            "text": reason(decision.why),
            "figures": figures(decision.why),
        }
        if decision
        else None,
        "vehicle": orders.vehicle or None,
        "session_wh": session.energy_wh if session else None,
        "energy_wh": view.counters.get(f"ev{number}.energy.all.total"),
    }


def _left(decision: ChargerDecision | None) -> float | None:
    left_s = decision.why.figures.get("seconds_left") if decision else None
    return figure(float(left_s), 0) if isinstance(left_s, int | float) else None


def _vehicle(view: View, name: str) -> Result:
    installed, told = view.installed.vehicles[name], view.settings.vehicles.get(name)
    here = next((one for one in view.installed.chargers if view.settings.charger(one).vehicle == name), "")
    capacity_wh = told.capacity_wh if told and told.capacity_wh is not None else installed.capacity_wh
    return {
        "name": name,
        "level_pct": figure(told.level_pct if told else None, 1),
        "capacity_wh": figure(capacity_wh, 0),
        "charger": here or installed.charger or None,
    }


def _heat_pump(view: View, name: str) -> Result:
    decision = view.decision.heat_pumps.get(name)
    return {
        "name": name,
        "power_w": figure(view.balance.things_w.get(name), 1),
        "sg": decision.sg if decision else None,
        "surplus_w": figure(decision.surplus_w if decision else None, 1),
        "mode": "manual" if name in view.settings.heat_pumps else "automatic",
        "temperatures": None,
    }


def heat_pumps(view: View) -> tuple[str, ...]:
    """The heat pumps on the bus and those with contacts only."""
    return tuple(dict.fromkeys((*view.installed.heat_pumps, *view.decision.heat_pumps)))


def _operator(view: View) -> Result:
    dim = view.decision.dim
    return {
        "limited": dim.limited if dim else False,
        "limit_w": figure(dim.limit_w, 0) if dim and dim.limited else None,
        "source": (dim.source or None) if dim else None,
    }


def _optimizer(view: View) -> Result:
    bridge = view.around.optimizer
    return {
        "available": bridge.stage in ("ready", "asking"),
        "plan_id": bridge.plan_id or None,
        "seconds_left": figure(bridge.seconds_left, 0) if bridge.plan_id else None,
    }


def _alarms(view: View) -> list[Result]:
    return [
        {"name": one.name, "text": alarm(one), "since": local(view, one.since), "latched": one.latched}
        for one in view.alarms
    ]


def _weather(view: View) -> list[Result] | None:
    slots = [slot for slot in view.around.optimizer.weather if slot.end > view.now.wall]
    return [
        {
            "start": local(view, slot.start),
            "end": local(view, slot.end),
            "temperature_c": figure(slot.temperature_c, 1),
            "cloud_pct": figure(slot.cloud_pct, 0),
            "irradiance_w_m2": figure(slot.irradiance_w_m2, 0),
            "pv_w": figure(slot.pv_w, 0),
        }
        for slot in slots[:FORECAST_SLOTS]
    ] or None


PARTS: Final[Mapping[str, Callable[[View], Any]]] = {
    "time": lambda view: moment(view.now.wall),
    "cycle": lambda view: view.health.cycle.cycles,
    "clock_ok": lambda view: view.now.trusted,
    "site": _site,
    "lines": _lines,
    "chargers": lambda view: [_charger(view, name) for name in view.installed.chargers],
    "vehicles": lambda view: [_vehicle(view, name) for name in view.installed.vehicles],
    "heat_pumps": lambda view: [_heat_pump(view, name) for name in heat_pumps(view)],
    "tariff": tariff,
    "operator": _operator,
    "optimizer": _optimizer,
    "alarms": _alarms,
    "weather": _weather,
    "not_proven": lambda view: list(view.settings.proofs.lacking),
}
"""The page's parts by name."""
