"""The namespace Hems: the appliance in its own words and base units (API-110 to API-114)."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from hems.api import own_writes
from hems.api.own_counters import attributes, counters, owners, whys
from hems.api.own_health import health, is_well
from hems.api.own_history import EVIDENCE, events, sessions
from hems.api.own_news import NAME, changes
from hems.api.own_plans import plans, prices, settings
from hems.api.own_types import ENUMS, TYPES
from hems.api.own_view import page
from hems.api.refusals import hems_error
from hems.api.rows import Answer, Ask, Handler, Kind, Method, Namespace, Notice, Params, Scope, Shape
from hems.model.intents import Refusal
from hems.model.view import View

UNAVAILABLE: Final = {"hemsError": "HemsErrorUnavailable", "reason": "nothing is known yet"}
Shapes = Mapping[str, Shape]
Read = Callable[[View, Ask, Params], dict[str, Any] | Refusal]


def _seen(read: Read) -> Handler:
    """A method that answers from the last view."""

    def handler(ask: Ask, params: Params) -> Answer:
        if ask.view is None:
            return UNAVAILABLE
        found = read(ask.view, ask, params)
        return hems_error(found) if isinstance(found, Refusal) else {**hems_error(None), **found}

    return handler


def _nobody(kind: str, name: str) -> Refusal:
    return Refusal("unknown_name", "there is no {kind} {value}", {"kind": kind, "value": repr(name[:32])})


def _whys(view: View, ask: Ask, params: Params) -> dict[str, Any] | Refusal:
    name = params.get("name", "")
    found = whys(view, name)
    return {"whys": found} if found or not name else _nobody("charger or heat pump", name)


def _counters(view: View, ask: Ask, params: Params) -> dict[str, Any] | Refusal:
    name = params.get("name", "")
    found = counters(view, name)
    known = found or not name or name in owners(view)
    if not known:
        return _nobody("counter", name)
    return {"devices": dict(found), "attributes": attributes(view, found)}


def _plans(view: View, ask: Ask, params: Params) -> dict[str, Any] | Refusal:
    charger = params.get("charger", "")
    if charger and charger not in view.installed.chargers:
        return _nobody("charger", charger)
    return {"plans": plans(view, charger)}


def _sessions(view: View, ask: Ask, params: Params) -> dict[str, Any] | Refusal:
    found = sessions(view, ask.history.listed("sessions"), params)
    return found if isinstance(found, Refusal) else {"sessions": found}


def _events(view: View, ask: Ask, params: Params) -> dict[str, Any] | Refusal:
    name: Any = EVIDENCE if params.get("kind") == EVIDENCE else "events"
    found = events(ask.history.listed(name), params)
    return found if isinstance(found, Refusal) else {"events": found}


def _row(
    name: str,
    handler: Handler,
    params: Shapes,
    returns: Shapes,
    text: str,
    *,
    scope: Scope = "None",
    kind: Kind = "view",
) -> Method:
    told = {"hemsError": "$ref:HemsError", "o:reason": "String", **returns}
    return Method(NAME, name, params, told, scope, kind, handler, text)


def _wish(name: str, made: own_writes.Made, params: Shapes, text: str, *, setup: bool = False) -> Method:
    scope: Scope = "ConfigureThings" if setup else "ControlThings"
    return _row(name, own_writes.asked(made), params, {}, text, scope=scope, kind="intent")


READS: Final = (
    _row(
        "GetView",
        _seen(lambda view, ask, params: {"view": page(view, params.get("parts", ()))}),
        {"o:parts": "StringList"},
        {"o:view": "Object"},
        "Everything on one page, or some of its parts.",
    ),
    _row(
        "GetWhy",
        _seen(_whys),
        {"o:name": "String"},
        {"o:whys": ["$ref:WhyTold"]},
        "Why chargers and heat pumps are told what they are told.",
    ),
    _row(
        "GetCounters",
        _seen(_counters),
        {"o:name": "String"},
        {"o:devices": "Object", "o:attributes": "Object"},
        "Counters by their keys: all, those of one device, or those whose key begins so.",
    ),
    _row(
        "GetSessions",
        _seen(_sessions),
        {"o:charger": "String", "o:from": "String", "o:to": "String", "o:limit": "Uint"},
        {"o:sessions": ["$ref:SessionTold"]},
        "What cars have charged, the newest first.",
        kind="history",
    ),
    _row(
        "GetEvents",
        _seen(_events),
        {"o:after": "Uint", "o:kind": "String", "o:limit": "Uint"},
        {"o:events": ["$ref:EventTold"]},
        "What has happened; the kind evidence lists the grid operator's limits.",
        kind="history",
    ),
    _row(
        "GetPlan",
        _seen(_plans),
        {"o:charger": "String"},
        {"o:plans": ["$ref:PlanTold"]},
        "When chargers are going to charge, and for what.",
    ),
    _row(
        "GetTariff",
        _seen(lambda view, ask, params: dict(prices(view))),
        {},
        {
            "o:provider": "Variant",
            "o:period": "Variant",
            "o:price_eur_kwh": "Variant",
            "o:cheap": "Bool",
            "o:known_until": "Variant",
            "o:slots": ["$ref:PriceTold"],
        },
        "What a kWh costs now and later, with charges and tax.",
    ),
    _row(
        "GetSettings",
        _seen(lambda view, ask, params: {"settings": settings(view)}),
        {},
        {"o:settings": ["$ref:SettingTold"]},
        "What may be changed by its name.",
    ),
    _row(
        "GetHealth",
        _seen(lambda view, ask, params: {"ok": is_well(view), "health": dict(health(view, ask.identity))}),
        {},
        {"o:ok": "Bool", "o:health": "Object"},
        "How the appliance is.",
    ),
    _row(
        "GetScreen",
        own_writes.get_screen,
        {"o:follow": "Bool"},
        {"o:sequence": "Uint", "o:width": "Uint", "o:height": "Uint", "o:frame": "String"},
        "The front panel's picture: base64 of eight pages of 128 columns, bit 0 the upper pixel.",
        scope="ControlThings",
        kind="panel",
    ),
)

WRITES: Final = (
    _wish(
        "SetMode",
        own_writes.set_mode,
        {"charger": "String", "mode": "String"},
        "Charge this way from now on.",
    ),
    _wish(
        "SetLimit",
        own_writes.set_limit,
        {"charger": "String", "limit_a": "Double"},
        "Charge with at most so much current; 0 = as much as the charger can.",
    ),
    _wish(
        "SetTarget",
        own_writes.set_target,
        {
            "charger": "String",
            "o:target_pct": "Double",
            "o:energy_wh": "Double",
            "o:end": "String",
            "o:repeat_days": ["Int"],
            "o:one_piece": "Bool",
            "o:precondition_s": "Uint",
            "o:cheap": "Bool",
        },
        "What a car shall have by when; an empty end gives it up.",
    ),
    _wish(
        "Boost",
        own_writes.boost,
        {"charger": "String", "o:minutes": "Uint", "o:energy_wh": "Double"},
        "Full current for so long or so much energy; 0 minutes end it.",
    ),
    _wish(
        "SetVehicle",
        own_writes.set_vehicle,
        {
            "vehicle": "String",
            "o:level_pct": "Double",
            "o:capacity_wh": "Double",
            "o:max_a": "Double",
            "o:lines": "Uint",
            "o:charger": "String",
        },
        "What is known about a car, and where it stands.",
    ),
    _row(
        "PutPrices",
        own_writes.put_prices,
        {"provider": "String", "slots": ["$ref:PricePut"]},
        {"accepted": "Uint"},
        "Prices from outside, without charges and tax; they replace what was known.",
        scope="ConfigureThings",
        kind="intent",
    ),
    _wish(
        "SetSetting",
        own_writes.set_setting,
        {"name": "String", "value": "Variant"},
        "Change one setting by its name.",
        setup=True,
    ),
    _wish(
        "SetOperatorLimit",
        own_writes.set_operator_limit,
        {"limited": "Bool", "o:limit_w": "Double", "o:valid_s": "Uint"},
        "The grid operator's word, where no contact brings it.",
        setup=True,
    ),
    _wish(
        "Acknowledge",
        own_writes.acknowledge,
        {"alarm": "String"},
        "A person has seen this alarm and its cause is gone.",
        setup=True,
    ),
    _row(
        "PressKey",
        own_writes.press_key,
        {"key": "String", "o:hold": "Bool"},
        {"o:sequence": "Uint"},
        "Press a key of the front panel from afar.",
        scope="Admin",
        kind="panel",
    ),
    _row(
        "Reload",
        own_writes.reload,
        {},
        {},
        "Judge the installation file, then stop safely and start again with it.",
        scope="Admin",
        kind="intent",
    ),
)

NOTICES: Final = tuple(
    Notice(NAME, name, params, text)
    for name, params, text in (
        ("ViewChanged", {"view": "Object"}, "The page of a new cycle."),
        ("ScreenChanged", {"sequence": "Uint", "frame": "String"}, "The front panel shows something else."),
        (
            "DecisionChanged",
            {"changes": ["$ref:DecisionTold"]},
            "A charger or heat pump has another limit or another reason.",
        ),
        ("EventAdded", {"event": "$ref:EventTold"}, "Something has happened."),
        (
            "OptimizerAvailableChanged",
            {"available": "Bool", "reason": "String"},
            "The external optimizer has come or gone.",
        ),
        (
            "OptimizationReceived",
            {"plan_id": "String", "valid_s": "Uint", "setpoints": ["Object"]},
            "A plan of the external optimizer is in force.",
        ),
    )
)

HEMS: Final = Namespace(
    methods=(*READS, *WRITES),
    notices=NOTICES,
    types=TYPES,
    enums=ENUMS,
    changes=changes,
)
