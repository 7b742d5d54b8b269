"""The namespace NymeaEnergy: charging as nymea's energy plugin asks for it (API-100 to API-108).

Its alias EnergyPlugin serves the same rows.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from hems.api.charging_infos import CHARGING_INFO, MODES, STATES, amendment, infos
from hems.api.refusals import energy_error
from hems.api.rows import (
    Answer,
    Ask,
    Asked,
    Handler,
    Identity,
    Kind,
    Method,
    Namespace,
    News,
    Notice,
    Params,
    Result,
    Scope,
    Shape,
)
from hems.api.schedules import CHARGING_ACTION, CHARGING_SCHEDULE, ISSUERS, schedules
from hems.api.scores import PROVIDER_INFO, SCORE_ENTRY, chosen, configuration, entries, providers
from hems.model.intents import Intent, Refusal, SetSetting
from hems.model.view import View

NAME: Final = "NymeaEnergy"
ERROR: Final[dict[str, Shape]] = {"energyError": "$ref:EnergyError", "o:displayMessage": "String"}
LINE_LIMIT: Final = "line_limit_a"
TOLERANCE: Final = "acquisition_tolerance"
BATTERY: Final = "battery_level_consideration"
DEFAULTS: Final = {LINE_LIMIT: 0.0, TOLERANCE: 0.5, BATTERY: 0.9}
"""What is answered before anything is known."""


def figure(view: View | None, name: str) -> float:
    """A figure of the rules: as somebody chose it, else as it is installed."""
    if view is None:
        return DEFAULTS[name]
    installed = next((row.default for row in view.installed.settable if row.name == name), DEFAULTS[name])
    return float(view.settings.chosen.get(name, installed))


def phase_power_limit(view: View | None) -> Result:
    """The limit of each line in ampere, 0 = none beyond its fuse."""
    return {"phasePowerLimit": round(figure(view, LINE_LIMIT))}


def acquisition_tolerance(view: View | None) -> Result:
    """The share of the least charging power that may be bought."""
    return {"acquisitionTolerance": figure(view, TOLERANCE)}


def battery_level_consideration(view: View | None) -> Result:
    """The level of the house battery from which its charging counts as surplus, 0 to 1."""
    return {"batteryLevelConsideration": figure(view, BATTERY)}


def _seen(answer: Callable[[View | None], Result]) -> Handler:
    """A method that answers from the last view."""
    return lambda ask, params: answer(ask.view)


def _asked(intent: Intent | Refusal) -> Answer:
    """What is asked for, or at once what cannot be."""
    return energy_error(intent) if isinstance(intent, Refusal) else Asked((intent,), energy_error)


def _sets(name: str, member: str) -> Handler:
    """A method that changes a figure of the rules."""
    return lambda ask, params: Asked((SetSetting(name, float(params[member])),), energy_error)


def _infos(ask: Ask, params: Params) -> Answer:
    return {"chargingInfos": infos(ask.view, ask.identity, params.get("evChargerId", ""))}


def _schedules(ask: Ask, params: Params) -> Answer:
    return {"chargingSchedules": schedules(ask.view, ask.identity, params.get("evChargerId", ""))}


def _set_info(ask: Ask, params: Params) -> Answer:
    return _asked(amendment(ask.view, ask.identity, params["chargingInfo"]))


def _set_configuration(ask: Ask, params: Params) -> Answer:
    return _asked(chosen(ask.view, params))


def _entries(ask: Ask, params: Params) -> Answer:
    return {"spotMarketScoreEntries": entries(ask.view, params.get("date"))}


def _reads(
    name: str, handler: Handler, returns: dict[str, Shape], text: str, kind: Kind = "view", **params: Shape
) -> Method:
    taken = {f"o:{param}": shape for param, shape in params.items()}
    return Method(NAME, name, taken, returns, "None", kind, handler, text)


def _writes(name: str, handler: Handler, params: dict[str, Shape], text: str, scope: Scope) -> Method:
    return Method(NAME, name, params, ERROR, scope, "intent", handler, text)


METHODS: Final = (
    _reads(
        "GetChargingInfos",
        _infos,
        {"chargingInfos": ["$ref:ChargingInfo"]},
        "How chargers shall charge, all of them or one.",
        evChargerId="Uuid",
    ),
    _writes(
        "SetChargingInfo",
        _set_info,
        {"chargingInfo": "$ref:ChargingInfo"},
        "Replace a charger's record, or change a part of it.",
        "ControlThings",
    ),
    _reads(
        "GetChargingSchedules",
        _schedules,
        {"chargingSchedules": ["$ref:ChargingSchedule"]},
        "When chargers are going to charge, as far as prices tell.",
        evChargerId="Uuid",
    ),
    _reads(
        "GetAvailableSpotMarketProviders",
        _seen(lambda view: {"providers": providers(view)}),
        {"providers": ["$ref:SpotMarketProviderInfo"]},
        "Whose prices may be chosen.",
        "table",
    ),
    _reads(
        "GetSpotMarketConfiguration",
        _seen(configuration),
        {"enabled": "Bool", "available": "Bool", "o:providerId": "Uuid"},
        "Whose prices are used, and whether they are known now.",
    ),
    _writes(
        "SetSpotMarketConfiguration",
        _set_configuration,
        {"enabled": "Bool", "o:providerId": "Uuid"},
        "Choose whose prices are used, or that none are.",
        "ConfigureThings",
    ),
    _reads(
        "GetSpotMarketScoreEntries",
        _entries,
        {"spotMarketScoreEntries": ["$ref:ScoreEntry"]},
        "Prices in ct/kWh of a local day or from today on; a weighting of 1 is the cheapest of its day.",
        date="Variant",
    ),
    _reads(
        "GetPhasePowerLimit",
        _seen(phase_power_limit),
        {"phasePowerLimit": "Uint"},
        "The limit of each line in ampere, 0 = none beyond its fuse.",
    ),
    _writes(
        "SetPhasePowerLimit",
        _sets(LINE_LIMIT, "phasePowerLimit"),
        {"phasePowerLimit": "Uint"},
        "Lower the limit of each line, in ampere.",
        "ConfigureThings",
    ),
    _reads(
        "GetAcquisitionTolerance",
        _seen(acquisition_tolerance),
        {"acquisitionTolerance": "Double"},
        "The share of the least charging power that may be bought, 0 to 1.",
    ),
    _writes(
        "SetAcquisitionTolerance",
        _sets(TOLERANCE, "acquisitionTolerance"),
        {"acquisitionTolerance": "Double"},
        "Choose the share of the least charging power that may be bought.",
        "ConfigureThings",
    ),
    _reads(
        "GetBatteryLevelConsideration",
        _seen(battery_level_consideration),
        {"batteryLevelConsideration": "Double"},
        "The battery's level from which its charging counts as surplus, 0 to 1.",
    ),
    _writes(
        "SetBatteryLevelConsideration",
        _sets(BATTERY, "batteryLevelConsideration"),
        {"batteryLevelConsideration": "Double"},
        "Choose the battery's level from which its charging counts as surplus.",
        "ConfigureThings",
    ),
)

NOTICES: Final = tuple(
    Notice(NAME, name, params, text)
    for name, params, text in (
        ("ChargingInfoAdded", {"chargingInfo": "$ref:ChargingInfo"}, "A charger has come."),
        ("ChargingInfoRemoved", {"evChargerId": "Uuid"}, "A charger has gone."),
        ("ChargingInfoChanged", {"chargingInfo": "$ref:ChargingInfo"}, "A charger's record has changed."),
        (
            "ChargingSchedulesChanged",
            {"chargingSchedules": ["$ref:ChargingSchedule"]},
            "Chargers will charge at other times.",
        ),
        (
            "SpotMarketConfigurationChanged",
            {"enabled": "Bool", "available": "Bool", "o:providerId": "Uuid"},
            "Other prices are used, or they have come or ended.",
        ),
        (
            "SpotMarketScoreEntriesChanged",
            {"spotMarketScoreEntries": ["$ref:ScoreEntry"]},
            "Other prices are known.",
        ),
        ("PhasePowerLimitChanged", {"phasePowerLimit": "Uint"}, "The limit of each line has changed."),
        ("AcquisitionToleranceChanged", {"acquisitionTolerance": "Double"}, "The tolerance has changed."),
        (
            "BatteryLevelConsiderationChanged",
            {"batteryLevelConsideration": "Double"},
            "The battery's level has changed from which its charging is surplus.",
        ),
    )
)


def changes(before: View | None, view: View, identity: Identity) -> Sequence[News]:
    """What clients know of the former view and is not so any more."""
    return tuple(_news(before, view, identity))


def _news(before: View | None, view: View, identity: Identity) -> Iterator[News]:
    former = {row["evChargerId"]: row for row in infos(before, identity)}
    for row in infos(view, identity):
        charger = row["evChargerId"]
        known = former.pop(charger, None)
        if known != row:
            name = "ChargingInfoAdded" if known is None else "ChargingInfoChanged"
            yield News(NAME, name, {"chargingInfo": row}, thing=charger)
    for charger in former:
        yield News(NAME, "ChargingInfoRemoved", {"evChargerId": charger}, thing=charger)
    planned = schedules(view, identity)
    if planned != schedules(before, identity):
        yield News(NAME, "ChargingSchedulesChanged", {"chargingSchedules": planned})
    if _other_prices(before, view):
        known_now = entries(view)
        if known_now != entries(before):
            yield News(NAME, "SpotMarketScoreEntriesChanged", {"spotMarketScoreEntries": known_now})
    for name, answer in _COMPARED.items():
        now = answer(view)
        if now != answer(before):
            yield News(NAME, name, now)


def _other_prices(before: View | None, view: View) -> bool:
    """Whether it is worth while to compare hundreds of prices."""
    return (
        before is None
        or before.decision.outlook is not view.decision.outlook
        or before.settings.tariff != view.settings.tariff
        or before.now.wall.date() != view.now.wall.date()
    )


_COMPARED: Final[dict[str, Callable[[View | None], Result]]] = {
    "SpotMarketConfigurationChanged": configuration,
    "PhasePowerLimitChanged": phase_power_limit,
    "AcquisitionToleranceChanged": acquisition_tolerance,
    "BatteryLevelConsiderationChanged": battery_level_consideration,
}

NYMEA_ENERGY: Final = Namespace(
    methods=METHODS,
    notices=NOTICES,
    types={
        "ChargingInfo": CHARGING_INFO,
        "ChargingSchedule": CHARGING_SCHEDULE,
        "ChargingAction": CHARGING_ACTION,
        "ScoreEntry": SCORE_ENTRY,
        "SpotMarketProviderInfo": PROVIDER_INFO,
    },
    enums={
        "ChargingMode": tuple(MODES.values()),
        "ChargingState": tuple(dict.fromkeys(STATES.values())),
        "ChargingActionIssuer": ISSUERS,
    },
    changes=changes,
)
