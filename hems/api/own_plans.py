"""Plans, the tariff and the settings as Hems tells them (API-110)."""

from typing import Final

from hems.api.own_view import figure, local, tariff
from hems.api.rows import Result
from hems.api.schedules import SPOT_MARKET, pieces
from hems.language.words import t
from hems.model.units import NOMINAL_V
from hems.model.view import Settable, View
from hems.model.why import Reason

WH_PER_WS: Final = 1 / 3600
TARIFF_PROVIDER: Final = "tariff_provider"


def plans(view: View, wanted: str = "") -> list[Result]:
    """The plan of each charger that has one."""
    return [row for name in view.installed.chargers if wanted in ("", name) for row in _plan(view, name)]


def _plan(view: View, name: str) -> list[Result]:
    decision, limits = view.decision.chargers.get(name), view.installed.chargers[name]
    if decision is None or (decision.plan is None and not decision.cheap_slots):
        return []
    plan = decision.plan
    most_a = min(view.settings.charger(name).user_max_a, limits.max_a)
    power_w = plan.power_w if plan else most_a * NOMINAL_V * max(1, len(decision.lines))
    prices = {slot.start: slot.eur_kwh for slot in (*(plan.slots if plan else ()), *decision.cheap_slots)}
    slots = [
        {
            "start": local(view, piece.start),
            "end": local(view, piece.end),
            "price_eur_kwh": figure(prices.get(piece.start), 6),
            "limit_a": figure(most_a),
            "energy_wh": round(power_w * (piece.end - piece.start).total_seconds() * WH_PER_WS),
            "code": str(Reason.CHEAP_PRICE if piece.issuer == SPOT_MARKET else Reason.TARGET_TIME),
        }
        for piece in pieces(view, name)
    ]
    return [
        {
            "charger": name,
            "need_wh": figure(decision.need_wh, 0),
            "deadline": local(view, plan.deadline if plan else None),
            "latest_start": local(view, plan.latest_start if plan else None),
            "slots": slots,
            "assumed": list(plan.assumed) if plan else [],
        }
    ]


def prices(view: View) -> Result:
    """The tariff in force with all slots that are known."""
    slots = [
        {
            "start": local(view, slot.start),
            "end": local(view, slot.end),
            "price_eur_kwh": figure(slot.eur_kwh, 6),
        }
        for slot in view.decision.outlook.slots
    ]
    return {**tariff(view), "slots": slots}


def settings(view: View) -> list[Result]:
    """One row for each setting."""
    return [
        {
            "name": row.name,
            "value": _value(view, row),
            "default": row.default,
            "min": row.least,
            "max": row.most,
            "step": row.step,
            "unit": row.unit,
            "choices": list(row.choices),
            "text": t(row.text),
        }
        for row in view.installed.settable
    ]


def _value(view: View, row: Settable) -> float | str | bool:
    if row.name == TARIFF_PROVIDER:
        return view.settings.tariff.provider
    if hasattr(view.settings.panel, row.name):
        value: float | str | bool = getattr(view.settings.panel, row.name)
        return value
    return view.settings.chosen.get(row.name, row.default)
