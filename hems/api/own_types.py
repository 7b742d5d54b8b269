"""The shapes of the namespace Hems, in base units (API-110 to API-114)."""

from collections.abc import Mapping
from typing import Final

from hems.api.rows import Shape

TYPES: Final[Mapping[str, Shape]] = {
    "WhyTold": {
        **dict.fromkeys(("name", "code", "rung", "text"), "String"),
        "figures": "Object",
        "narrowed": ["$ref:NarrowedTold"],
    },
    "NarrowedTold": {"rule": "String", "limit_a": "Variant", "figures": "Object"},
    "SessionTold": {
        "charger": "String",
        **dict.fromkeys(
            ("vehicle", "start", "end", "energy_wh", "solar_wh", "cost_ueur", "power_max_w", "mode"),
            "Variant",
        ),
        "open": "Bool",
    },
    "EventTold": {
        "o:seq": "Uint",
        "time": "Variant",
        **dict.fromkeys(("kind", "name", "text"), "String"),
        "figures": "Object",
    },
    "PlanTold": {
        "charger": "String",
        **dict.fromkeys(("need_wh", "deadline", "latest_start"), "Variant"),
        "slots": ["$ref:PlanSlotTold"],
        "assumed": "StringList",
    },
    "PlanSlotTold": {
        "start": "String",
        "end": "String",
        "price_eur_kwh": "Variant",
        "limit_a": "Double",
        "energy_wh": "Uint",
        "code": "String",
    },
    "PriceTold": {"start": "String", "end": "String", "price_eur_kwh": "Variant"},
    "PricePut": {"start": "String", "end": "String", "o:price_eur_kwh": "Double", "o:period": "String"},
    "SettingTold": {
        "name": "String",
        **dict.fromkeys(("value", "default", "min", "max", "step"), "Variant"),
        "unit": "String",
        "choices": "StringList",
        "text": "String",
    },
    "DecisionTold": {"name": "String", "limit_a": "Variant", "code": "String", "text": "String"},
}

ENUMS: Final = {
    "HemsError": (
        "HemsErrorNoError",
        "HemsErrorUnknownName",
        "HemsErrorMissingParameter",
        "HemsErrorInvalidParameter",
        "HemsErrorRefused",
        "HemsErrorUnsupported",
        "HemsErrorUnavailable",
        "HemsErrorBusy",
    )
}
