"""A charger's orders with some of them changed: what is not named stays as it is when it is judged."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Final

from hems.core.wording import what
from hems.model.phrase import Phrase
from hems.model.settings import AIMED, ChargerSettings, Target

ORDERS: Final = frozenset({"mode", "user_max_a", "cheap", "cheap_pct", "off_peak", "vehicle", "lines"})
AIM: Final = frozenset(field.name for field in fields(Target))


def amended(former: ChargerSettings, changes: Mapping[str, object]) -> ChargerSettings | Phrase:
    """The orders after the changes, or what is wrong with them as a whole; values are judged elsewhere."""
    stranger = next((name for name in changes if name not in ORDERS | AIM), None)
    if stranger is not None:
        return what("{value} is no order of a charger", stranger)
    told: dict[str, Any] = {name: value for name, value in changes.items() if name in ORDERS}
    if former.mode == "off" and "mode" in told:
        told["on_mode"] = told.pop("mode")
    aim: dict[str, Any] = {name: value for name, value in changes.items() if name in AIM}
    orders = replace(former, **told)
    return _aimed(orders, aim) if aim else _consistent(orders)


def _aimed(orders: ChargerSettings, aim: dict[str, Any]) -> ChargerSettings | Phrase:
    """The orders with a changed target, a new one, or none any more."""
    target = orders.target
    level_pct = target.target_pct if target is not None else orders.level_pct
    if aim.get("deadline", target and target.deadline) is None:
        if any(value for name, value in aim.items() if name not in ("deadline", "target_pct")):
            return Phrase("a target needs a deadline")
        return _consistent(replace(orders, target=None, level_pct=aim.get("target_pct", level_pct)))
    target = target or Target(aim["deadline"], level_pct)
    return _consistent(replace(orders, target=replace(target, **aim)))


def _consistent(orders: ChargerSettings) -> ChargerSettings | Phrase:
    """A mode to which the charger goes back is as good as one in force; that is judged elsewhere."""
    if orders.mode == "off" and orders.target is None and orders.on_mode in tuple(AIMED):
        return Phrase("{mode} needs a target", {"mode": orders.on_mode})
    return orders
