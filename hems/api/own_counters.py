"""Counters by their flat keys (API-112), and reasons with what narrowed them (API-110)."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from hems.api.own_view import figure, figures, heat_pumps
from hems.api.rows import Result
from hems.language.said import reason
from hems.model.decision import ChargerDecision, ChargingState
from hems.model.view import View
from hems.model.why import Reason

TOTAL: Final = "total"

RUNGS: Final[Mapping[Reason, str]] = {
    Reason.FAULT: "fault",
    Reason.OPERATOR_LIMIT: "operator",
    Reason.CHARGER_MAX: "charger",
    Reason.CABLE_MAX: "cable",
    Reason.VEHICLE_MAX: "vehicle",
    Reason.USER_MAX: "user",
    **dict.fromkeys(
        (
            Reason.LINE_LIMIT,
            Reason.CIRCUIT_LIMIT,
            Reason.POWER_LIMIT,
            Reason.IMBALANCE,
            Reason.METER_STALE,
            Reason.METER_LOST,
            Reason.CHARGER_LOST,
            Reason.RELAY_FALLBACK,
            Reason.STUCK_CONTACTOR,
            Reason.WAITING_TWO_READINGS,
        ),
        "safety",
    ),
    Reason.OFF: "manual",
    Reason.FAST: "manual",
    Reason.MANUAL_BOOST: "manual",
    Reason.TEST: "manual",
    Reason.TARGET_TIME: "target time",
    Reason.CHEAP_PRICE: "cheap price",
    Reason.WAITING_CHEAP: "cheap price",
}
"""The rung of the ladder that a reason stands on, where the reason alone tells it."""

BY_STATE: Final[Mapping[ChargingState, str]] = {
    ChargingState.SURPLUS: "surplus",
    ChargingState.SPOT_MARKET: "cheap price",
    ChargingState.TIME_REQUIREMENT: "target time",
    ChargingState.MANUAL: "manual",
}


def counters(view: View, wanted: str = "") -> Mapping[str, int | float | None]:
    """All counters, those of one owner by its configured name, or those whose key begins so."""
    prefix = owners(view).get(wanted, wanted)
    if not prefix:
        return view.counters
    begins = prefix if "." in prefix else f"{prefix}."
    return {key: value for key, value in view.counters.items() if key.startswith(begins)}


def attributes(view: View, keys: Iterable[str]) -> dict[str, Result]:
    """What is known of each total beside its value (CNT-44): its kind, its offset, since when it counts."""
    told: dict[str, Result] = {}
    for key in keys:
        name, _, span = key.rpartition(".")
        if span != TOTAL:
            continue
        owner, _, what = name.partition(".")
        since = view.since.get(name)
        told[key] = {
            "sensor_type": _sensor_type(owner, what),
            "hp_index": int(owner[2:]) if owner.startswith("hp") and owner[2:].isdecimal() else None,
            "yesterday_value": view.counters.get(f"{name}.yesterday"),
            "applied_offset": view.settings.offsets.get(key, 0),
            "since": None if since is None else since.isoformat(),
        }
    return told


def _sensor_type(owner: str, what: str) -> str:
    if owner == "relay" or what == "contactor":
        return "contact_total"
    if owner == "site" or what.startswith("energy"):
        return "energy_total"
    return "cycling_total" if owner.startswith("hp") else "session_total"


def owners(view: View) -> dict[str, str]:
    """What stands before the first dot of a key, by configured name."""
    chargers = {name: f"ev{row.number}" for name, row in view.installed.chargers.items()}
    return {**chargers, **{name: f"hp{number}" for name, number in view.installed.heat_pumps.items()}}


def whys(view: View, wanted: str = "") -> list[Result]:
    """Why each charger is told what it is told, and each heat pump is offered what it is offered."""
    told: list[dict[str, Any]] = [
        {
            "name": name,
            "code": str(decision.why.code),
            "rung": rung(decision),
            "text": reason(decision.why),
            "figures": figures(decision.why),
            "narrowed": narrowed(view, name, decision),
        }
        for name, decision in view.decision.chargers.items()
    ]
    for name in heat_pumps(view):
        pump = view.decision.heat_pumps.get(name)
        if pump is not None:
            code = str(pump.why.code)
            rest = {"rung": RUNGS.get(pump.why.code, "surplus"), "figures": figures(pump.why), "narrowed": []}
            told.append({"name": name, "code": code, "text": reason(pump.why), **rest})
    return [row for row in told if wanted in ("", row["name"])]


def rung(decision: ChargerDecision) -> str:
    """The rung of the ladder that holds a charger."""
    known = RUNGS.get(decision.why.code)
    return known if known is not None else BY_STATE.get(decision.state, "default")


def narrowed(view: View, name: str, decision: ChargerDecision) -> list[Result]:
    """What is below the charger's own limit: a person's, and what protection leaves."""
    most_a, user_a = view.installed.chargers[name].max_a, view.settings.charger(name).user_max_a
    rows: list[Result] = []
    if user_a < most_a:
        rows.append({"rule": "user_max", "limit_a": figure(user_a), "figures": {}})
    if decision.cap_a < most_a:
        rows.append({"rule": "protection", "limit_a": figure(decision.cap_a), "figures": {}})
    return rows
