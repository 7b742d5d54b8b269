"""Energy: the powers of the house that add up, and their log (API-90 to API-92)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast, get_args

from hems.api.energy_entries import OfThing, balance_entry, of_things, thing_entries
from hems.api.energy_logs import ROWS_MAX, Log, finest, followed, minutes, rows
from hems.api.energy_rows import Row
from hems.api.energy_slots import Rate
from hems.api.refusals import energy_error
from hems.api.rows import Ask, History, Identity, Method, Namespace, News, Notice, Params, Result, Shape
from hems.api.thing_ids import bare, thing_id
from hems.api.units import kilowatt_hours, negative, watts
from hems.model.intents import Refusal
from hems.model.view import View

NAMESPACE: Final = "Energy"
LATELY_S: Final = 60
NOTHING: Final = {
    "currentPowerConsumption": 0.0,
    "currentPowerProduction": 0.0,
    "currentPowerAcquisition": 0.0,
    "currentPowerStorage": 0.0,
    "totalConsumption": 0.0,
    "totalProduction": 0.0,
    "totalAcquisition": 0.0,
    "totalReturn": 0.0,
}
"""Before anything is known (API-5)."""


@dataclass(frozen=True, slots=True)
class Known:
    """The last balance, the log, the grid meter's id ("" = none), and what of each thing is logged."""

    balance: Mapping[str, float]
    log: Log
    root: str
    things: tuple[OfThing, ...]


def balance(view: View, former: Mapping[str, float] = NOTHING) -> dict[str, float]:
    """The balance of a view: unknown powers are 0, unknown totals what they were, and no total falls."""
    shown, counters = view.balance, view.counters
    whole = (shown.grid_w, shown.pv_w, shown.battery_w)
    consumption_w = None if None in whole else sum(power_w for power_w in whole if power_w is not None)
    counted = {
        name: counters.get(f"site.{name}.all.total", 0)
        for name in ("grid_import", "pv", "battery_discharge", "grid_export", "battery_charge")
    }
    used_wh = None
    if None not in counted.values():
        known = {name: value or 0 for name, value in counted.items()}
        used_wh = known["grid_import"] + known["pv"] + known["battery_discharge"]
        used_wh -= known["grid_export"] + known["battery_charge"]
    powers_w = {
        "currentPowerConsumption": consumption_w,
        "currentPowerProduction": negative(shown.pv_w),
        "currentPowerAcquisition": shown.grid_w,
        "currentPowerStorage": negative(shown.battery_w),
    }
    totals_wh = {
        "totalConsumption": used_wh,
        "totalProduction": counted["pv"],
        "totalAcquisition": counted["grid_import"],
        "totalReturn": counted["grid_export"],
    }
    return {
        **{name: watts(power_w) or 0.0 for name, power_w in powers_w.items()},
        **{name: max(former[name], kilowatt_hours(total) or 0.0) for name, total in totals_wh.items()},
    }


def remembered(before: Known | None, view: View, identity: Identity, history: History) -> Known:
    """The balance and the log after one cycle more."""
    log = followed(before.log if before is not None else None, view, history)
    root = next((name for name, meter in view.installed.meters.items() if meter.role == "grid"), None)
    same = before is not None and before.log.shape == log.shape
    return Known(
        balance(view, before.balance if before is not None else NOTHING),
        log,
        "" if root is None else thing_id(identity, root),
        before.things if before is not None and same else of_things(log.shape, view.installed, identity),
    )


def told(before: Known | None, after: Known) -> Iterator[News]:
    """Another grid meter, another balance, new entries of the log (API-92)."""
    if before is None or before.root != after.root:
        params = {"rootMeterThingId": after.root} if after.root else {}
        yield News(NAMESPACE, "RootMeterChanged", params)
    if before is None or before.balance != after.balance:
        yield News(NAMESPACE, "PowerBalanceChanged", after.balance)
    make = balance_entry(after.log.shape)
    for rate, row in after.log.added:
        if (entry := make(row)) is not None:
            added = {"sampleRate": rate, "powerBalanceLogEntry": entry}
            yield News(NAMESPACE, "PowerBalanceLogEntryAdded", added)
        for one in thing_entries(after.things, row):
            added = {"sampleRate": rate, "thingPowerLogEntry": one}
            yield News(NAMESPACE, "ThingPowerLogEntryAdded", added, thing=bare(str(one["thingId"])))


def _root(ask: Ask, _: Params) -> Result:
    known: Known | None = ask.memory
    return {} if known is None or not known.root else {"rootMeterThingId": known.root}


def _set_root(ask: Ask, params: Params) -> Result:
    if _root(ask, {}).get("rootMeterThingId") == params["rootMeterThingId"]:
        return energy_error(None)
    words = "the grid meter is chosen in the installation"
    return {"energyError": energy_error(Refusal("bad_value", words))["energyError"]}


def _balance(ask: Ask, _: Params) -> Result:
    known: Known | None = ask.memory
    return NOTHING if known is None else known.balance


def _balance_logs(ask: Ask, params: Params) -> Result:
    known: Known | None = ask.memory
    if known is None:
        return {"powerBalanceLogEntries": []}
    made = map(balance_entry(known.log.shape), _wanted(known.log, ask, params))
    return {"powerBalanceLogEntries": [entry for entry in made if entry is not None]}


def _thing_logs(ask: Ask, params: Params) -> Result:
    known: Known | None = ask.memory
    if known is None:
        return {"thingPowerLogEntries": []}
    wanted = params.get("thingIds")
    things = tuple(
        one
        for one in known.things
        if (not wanted or one.id in wanted)
        and (ask.caller.things is None or bare(one.id) in ask.caller.things)
    )
    rows_most = ROWS_MAX // len(things) if things else 0
    found = _wanted(known.log, ask, params)[-rows_most:] if things else ()
    reply = {"thingPowerLogEntries": [entry for row in found for entry in thing_entries(things, row)]}
    if not params.get("includeCurrent"):
        return reply
    now_s = int(ask.wall.timestamp())
    lately = minutes(known.log, ask.history, now_s - LATELY_S, now_s)
    return {**reply, "currentEntries": [entry for row in lately for entry in thing_entries(things, row)]}


def _wanted(log: Log, ask: Ask, params: Params) -> Sequence[Row]:
    """The rows of a range; without bounds all there are."""
    now_s = int(ask.wall.timestamp())
    begin_s, end_s = params.get("from", 0), min(params.get("to", now_s), now_s)
    rate = cast(Rate, params["sampleRate"])
    if rate == "SampleRateAny":
        rate = finest(begin_s, end_s, now_s)
    if rate == "SampleRate1Min":
        return minutes(log, ask.history, begin_s, end_s)
    return rows(log, rate, begin_s, end_s, now_s)


RANGE: Final[dict[str, Shape]] = {"sampleRate": "$ref:SampleRate", "o:from": "Uint", "o:to": "Uint"}
BALANCE: Final[dict[str, Shape]] = dict.fromkeys(NOTHING, "Double")

METHODS: Final = (
    Method(
        NAMESPACE,
        "GetRootMeter",
        {},
        {"o:rootMeterThingId": "Uuid"},
        "None",
        "view",
        _root,
        "The meter between the house and the grid.",
    ),
    Method(
        NAMESPACE,
        "SetRootMeter",
        {"rootMeterThingId": "Uuid"},
        {"energyError": "$ref:EnergyError"},
        "Admin",
        "view",
        _set_root,
        "Choose that meter: only the one that is installed as such.",
    ),
    Method(
        NAMESPACE,
        "GetPowerBalance",
        {},
        BALANCE,
        "None",
        "view",
        _balance,
        "What flows, and what has flowed.",
    ),
    Method(
        NAMESPACE,
        "GetPowerBalanceLogs",
        RANGE,
        {"powerBalanceLogEntries": "$ref:PowerBalanceLogEntries"},
        "None",
        "history",
        _balance_logs,
        "What has flowed, by slots of time.",
    ),
    Method(
        NAMESPACE,
        "GetThingPowerLogs",
        {**RANGE, "o:thingIds": ["Uuid"], "o:includeCurrent": "Bool"},
        {
            "thingPowerLogEntries": "$ref:ThingPowerLogEntries",
            "o:currentEntries": "$ref:ThingPowerLogEntries",
        },
        "None",
        "history",
        _thing_logs,
        "What things have used or given, by slots of time.",
    ),
)

NOTICES: Final = (
    Notice(NAMESPACE, "RootMeterChanged", {"o:rootMeterThingId": "Uuid"}, "There is another grid meter."),
    Notice(NAMESPACE, "PowerBalanceChanged", BALANCE, "What flows has changed."),
    Notice(
        NAMESPACE,
        "PowerBalanceLogEntryAdded",
        {"sampleRate": "$ref:SampleRate", "powerBalanceLogEntry": "$ref:PowerBalanceLogEntry"},
        "A slot of time has ended.",
    ),
    Notice(
        NAMESPACE,
        "ThingPowerLogEntryAdded",
        {"sampleRate": "$ref:SampleRate", "thingPowerLogEntry": "$ref:ThingPowerLogEntry"},
        "A slot of time has ended for a thing.",
    ),
)

TYPES: Final[dict[str, Shape]] = {
    "PowerBalanceLogEntry": {
        "timestamp": "Uint",
        "consumption": "Double",
        "production": "Double",
        "acquisition": "Double",
        "storage": "Double",
        "totalConsumption": "Double",
        "totalProduction": "Double",
        "totalAcquisition": "Double",
        "totalReturn": "Double",
    },
    "PowerBalanceLogEntries": ["$ref:PowerBalanceLogEntry"],
    "ThingPowerLogEntry": {
        "timestamp": "Uint",
        "thingId": "Uuid",
        "currentPower": "Double",
        "totalConsumption": "Double",
        "totalProduction": "Double",
    },
    "ThingPowerLogEntries": ["$ref:ThingPowerLogEntry"],
}

ENUMS: Final = {
    "SampleRate": get_args(Rate),
    "EnergyError": (
        "EnergyErrorNoError",
        "EnergyErrorMissingParameter",
        "EnergyErrorInvalidParameter",
    ),
}

ENERGY: Final = Namespace(
    METHODS,
    NOTICES,
    TYPES,
    ENUMS,
    remember=remembered,
    told=lambda before, after: tuple(told(before, after)),
)
