"""Stored settings in today's installation: what no longer fits is mended; the rules have a valid set."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Final, NamedTuple

from hems.core.orders import (
    SG_S,
    charger_faults,
    choice_fault,
    mark_fault,
    operator_fault,
    panel_fault,
    provider_fault,
    sg_fault,
    vehicle_faults,
)
from hems.core.rules import ChargerRules, Rules
from hems.core.wording import outside, said
from hems.model.phrase import Phrase
from hems.model.settings import (
    ChargerSettings,
    Mode,
    PanelSettings,
    Settings,
    SgByHand,
    TariffChoice,
    VehicleSettings,
)

PLAIN: Final[Mapping[Mode, Mode]] = {"surplus_target": "surplus", "min_surplus_target": "min_surplus"}
"""What is left of a mode that has lost its target."""

DEFAULTS: Final = ChargerSettings()


class Completed(NamedTuple):
    """Settings that fit the installation, and what had to be mended."""

    settings: Settings
    words: tuple[str, ...] = ()


def completed(rules: Rules, settings: Settings | None) -> Completed:
    """Settings with orders for every installed charger, each within what the installation can do today.

    It may have changed since they were given. What belongs to devices that are gone stays for their return,
    where it does no harm.
    """
    known = settings or Settings()
    words: list[str] = []
    chargers = dict(known.chargers)
    parked: set[str] = set()
    for name, charger in rules.chargers.items():
        orders = chargers.get(name, ChargerSettings(user_max_a=charger.max_a))
        orders = _orders(rules, name, orders, words)
        if orders.vehicle in parked:
            words.append(f"{orders.vehicle} stands at two chargers; {name} does not expect it any more")
            orders = replace(orders, vehicle="")
        parked |= {orders.vehicle} - {""}
        chargers[name] = orders
    vehicles = {name: _vehicle(name, told, words) for name, told in known.vehicles.items()}
    found = replace(
        known,
        chargers=chargers,
        vehicles=vehicles,
        heat_pumps=_by_hand(rules, known.heat_pumps, words),
        chosen=_chosen(rules, known.chosen, words),
        panel=_panel(known.panel, words),
        tariff=_tariff(rules, known.tariff, words),
        searches={name: mark for name, mark in known.searches.items() if not mark_fault(mark)},
    )
    return Completed(_limited(rules, found, words), tuple(words))


def _orders(rules: Rules, name: str, orders: ChargerSettings, words: list[str]) -> ChargerSettings:
    """Orders whose faults are mended one by one: a target that goes may take the mode with it."""
    for _ in fields(ChargerSettings):
        found = next(charger_faults(rules, name, orders), None)
        if found is None:
            break
        orders = _mended(found.field, orders, rules.chargers[name])
        value = said(getattr(orders, found.field))
        words.append(f"{found.refusal.text}; {found.field} of {name} is now {value}")
    return orders


def _mended(field: str, orders: ChargerSettings, charger: ChargerRules) -> ChargerSettings:
    """The orders with what a field is when what was stored cannot be."""
    if field == "mode":
        return replace(orders, mode=PLAIN.get(orders.mode, DEFAULTS.mode))
    if field == "user_max_a":
        low = orders.user_max_a < charger.min_a
        return replace(orders, user_max_a=charger.min_a if low else charger.max_a)
    return replace(orders, **{field: getattr(DEFAULTS, field)})


def _vehicle(name: str, told: VehicleSettings, words: list[str]) -> VehicleSettings:
    for found in tuple(vehicle_faults(name, told)):
        told = replace(told, **{found.field: None})
        words.append(f"{found.refusal.text}; it is forgotten")
    return told


def _by_hand(rules: Rules, told: Mapping[str, SgByHand], words: list[str]) -> Mapping[str, SgByHand]:
    kept = {
        name: one
        for name, one in told.items()
        if name in rules.sg_ready and not (sg_fault(one.state) or outside(one.seconds, *SG_S, "s"))
    }
    words += [f"heat pump {name} is not told anything by hand any more" for name in told if name not in kept]
    return kept


def _chosen(rules: Rules, told: Mapping[str, float], words: list[str]) -> Mapping[str, float]:
    kept = {}
    for name, value in told.items():
        refusal = choice_fault(rules, name, value)
        if refusal is None:
            kept[name] = value
        else:
            words.append(f"{refusal.text}; the installation's own figure is used")
    return kept


def _panel(told: PanelSettings, words: list[str]) -> PanelSettings:
    why = panel_fault(told)
    if why is None:
        return told
    words.append(f"{why.text}; the panel is as it was delivered")
    return PanelSettings()


def _tariff(rules: Rules, told: TariffChoice, words: list[str]) -> TariffChoice:
    why = provider_fault(rules, told.provider)
    if why is None:
        return told
    words.append(f"{why.text}; the installed tariff is used")
    return TariffChoice(enabled=told.enabled)


def _limited(rules: Rules, settings: Settings, words: list[str]) -> Settings:
    """The operator's limit stays only where the operator may limit, and if it can be meant."""
    limit = settings.operator
    if limit is None:
        return settings
    nobody = Phrase("nobody may limit this installation")
    fault = operator_fault(limit.limit_w, limit.until) if rules.dim else nobody
    if fault is None:
        return settings
    words.append(f"the limit of the grid operator is lifted: {fault.text}")
    return replace(settings, operator=None)
