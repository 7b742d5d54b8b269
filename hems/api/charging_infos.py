"""A charger's orders as nymea knows them: one ChargingInfo for each, and what a client changes of it.

A whole record replaces the former one, a part of one changes what it names (API-102). Either is an intent
that names the changed fields, so that whatever else is asked for in the same second is not undone by it.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from hems.api.rows import Identity, Params, Result, Shape
from hems.api.thing_ids import named, thing_id
from hems.model.decision import ChargingState
from hems.model.intents import AmendCharging, Refusal
from hems.model.prices import SLOTTED
from hems.model.settings import ChargerSettings, Mode
from hems.model.view import View

CHARGING_INFO: Final[Mapping[str, Shape]] = {
    "evChargerId": "Uuid",
    "o:assignedCarId": "Uuid",
    "o:chargingMode": "$ref:ChargingMode",
    "o:endDateTime": "Uint",
    "o:targetPercentage": "Uint",
    "r:o:chargingState": "$ref:ChargingState",
    "o:repeatDays": ["Int"],
    "o:spotMarketChargingEnabled": "Bool",
    "o:dailySpotMarketPercentage": "Uint",
}

MODES: Final[Mapping[Mode, str]] = {
    "fast": "ChargingModeNormal",
    "surplus": "ChargingModeEco",
    "surplus_target": "ChargingModeEcoWithTargetTime",
    "min_surplus": "ChargingModeEcoWithMinCurrent",
    "min_surplus_target": "ChargingModeEcoMinWithTargetTime",
}
"""Our modes by nymea's, in nymea's order; ``off`` is none of them."""

MODES_BACK: Final[Mapping[str, Mode]] = {theirs: ours for ours, theirs in MODES.items()}

IDLE: Final = "ChargingStateIdle"
STATES: Final[Mapping[ChargingState, str]] = {
    ChargingState.IDLE: IDLE,
    ChargingState.SURPLUS: "ChargingStateSurplusCharging",
    ChargingState.SPOT_MARKET: "ChargingStateSpotMarketCharging",
    ChargingState.TIME_REQUIREMENT: "ChargingStateTimeRequirement",
    ChargingState.MANUAL: IDLE,
    ChargingState.HELD: IDLE,
}

WHOLE: Final = frozenset(
    {"chargingMode", "targetPercentage", "spotMarketChargingEnabled", "dailySpotMarketPercentage"}
)
"""A record with all of these is a whole one."""

CLEARED: Final[Mapping[str, object]] = {"assignedCarId": "", "endDateTime": 0, "repeatDays": ()}
"""What a whole record that leaves these out says of them."""

HUNDRED: Final = 100


def infos(view: View | None, identity: Identity, wanted: str = "") -> list[Result]:
    """One record for each charger, or for the one with this id."""
    if view is None:
        return []
    return [
        info(view, identity, name)
        for name in view.installed.chargers
        if wanted in ("", thing_id(identity, name))
    ]


def info(view: View, identity: Identity, charger: str) -> Result:
    """A charger's record; what is empty is left out."""
    orders, decision = view.settings.charger(charger), view.decision.chargers.get(charger)
    target = orders.target
    found: dict[str, object] = {
        "evChargerId": thing_id(identity, charger),
        "chargingMode": MODES[_mode(orders)],
        "targetPercentage": round(target.target_pct if target else orders.level_pct),
        "chargingState": STATES[decision.state] if decision else IDLE,
        "spotMarketChargingEnabled": orders.cheap or (by_period(view) and orders.off_peak),
        "dailySpotMarketPercentage": round(orders.cheap_pct),
    }
    if orders.vehicle:
        found["assignedCarId"] = thing_id(identity, orders.vehicle)
    if target:
        found["endDateTime"] = round(target.deadline.timestamp())
        if target.repeat_days:
            found["repeatDays"] = sorted(target.repeat_days)
    return found


def by_period(view: View) -> bool:
    """Whether the tariff in force has cheap periods in the place of a price for each slot."""
    return view.decision.outlook.provider not in ("", *SLOTTED)


def amendment(view: View | None, identity: Identity, told: Params) -> AmendCharging | Refusal:
    """What a client changes, or what no charger could ever do."""
    charger = named(identity, told["evChargerId"], view.installed.chargers if view else ())
    if view is None or charger is None:
        return Refusal("unknown_name", "no charger has this id")
    for member, words in _PERCENT.items():
        if told.get(member, 0) > HUNDRED:
            return Refusal("bad_value", words)
    told = {**(CLEARED if told.keys() >= WHOLE else {}), **told}
    changes: dict[str, object] = {}
    for member, value in told.items():
        changes |= _CHANGED[member](value) if member in _CHANGED else {}
    if by_period(view) and "cheap" in changes:
        changes["off_peak"] = changes["cheap"]
    if "assignedCarId" in told:
        vehicle = _vehicle(view, identity, told["assignedCarId"])
        if vehicle is None:
            return Refusal("bad_value", "no car has this id")
        changes["vehicle"] = vehicle
    if "endDateTime" in told:
        deadline = _moment(told["endDateTime"])
        if isinstance(deadline, Refusal):
            return deadline
        changes["deadline"] = deadline
    return AmendCharging(charger, changes)


_CHANGED: Final[Mapping[str, Callable[[Any], dict[str, object]]]] = {
    "chargingMode": lambda word: {"mode": MODES_BACK[word]},
    "targetPercentage": lambda pct: {"target_pct": float(pct), "energy_wh": None},
    "spotMarketChargingEnabled": lambda wanted: {"cheap": wanted},
    "dailySpotMarketPercentage": lambda pct: {"cheap_pct": float(pct)},
    "repeatDays": lambda days: {"repeat_days": tuple(days)},
}
"""The fields of our orders behind each member that stands for itself."""


_PERCENT: Final[Mapping[str, str]] = {
    "targetPercentage": "target must lie between 0 and 100 %",
    "dailySpotMarketPercentage": "the share of cheap hours must lie between 0 and 100 %",
}


def _mode(orders: ChargerSettings) -> Mode:
    return orders.on_mode if orders.mode == "off" else orders.mode


def _vehicle(view: View, identity: Identity, wanted: str) -> str | None:
    """The name of a configured car, "" for none; ``None`` if there is no such car."""
    return named(identity, wanted, view.installed.vehicles) if wanted else ""


def _moment(epoch_s: int) -> datetime | Refusal | None:
    """Seconds since 1970 as an instant, 0 as none."""
    if not epoch_s:
        return None
    try:
        return datetime.fromtimestamp(epoch_s, UTC)
    except (OverflowError, OSError, ValueError):
        return Refusal("bad_value", "no calendar has this time")
