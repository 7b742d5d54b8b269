"""Intent in, new settings or a refusal in words out."""

from dataclasses import replace
from datetime import UTC
from typing import assert_never

from hems.core.prices import fault
from hems.core.rules import Rules
from hems.model.instant import Instant
from hems.model.intents import Intent, PutPrices, Refusal, SetMode, SetUserMax
from hems.model.prices import SLOTTED, Prices
from hems.model.settings import MODES, ChargerSettings, Settings


def grant(rules: Rules, settings: Settings, intent: Intent, now: Instant) -> Settings | Refusal:
    """The settings as they are after the intent, or why it cannot be; an errand leaves them as they are.

    A refusal's code is ``missing`` (no charger named), ``unknown_name``, ``bad_value`` or ``unsupported``;
    what the doors know besides, ``not_now``, nothing here gives yet.
    """
    if isinstance(intent, PutPrices):
        return _with_prices(rules, settings, intent)
    if not isinstance(intent, SetMode | SetUserMax):
        return Refusal("unsupported", f"{type(intent).__name__} is not known here")
    if not intent.charger:
        return Refusal("missing", "no charger is named")
    charger = rules.chargers.get(intent.charger)
    if charger is None:
        known = ", ".join(sorted(rules.chargers)) or "none"
        return Refusal("unknown_name", f"there is no charger {intent.charger!r}; known: {known}")
    orders = settings.charger(intent.charger)
    match intent:
        case SetMode(mode=mode):
            if mode not in MODES:
                return Refusal("bad_value", f"{mode!r} is no mode; modes: {', '.join(MODES)}")
            return _with(settings, intent.charger, replace(orders, mode=mode))
        case SetUserMax(user_max_a=user_max_a):
            if not charger.min_a <= user_max_a <= charger.max_a:
                limits = f"{charger.min_a:g} to {charger.max_a:g} A"
                return Refusal("bad_value", f"{intent.charger} takes {limits}, not {user_max_a:g} A")
            return _with(settings, intent.charger, replace(orders, user_max_a=user_max_a))
        case _ as unreachable:
            assert_never(unreachable)


def completed(rules: Rules, settings: Settings | None) -> Settings:
    """Settings with orders for every installed charger, each within what the charger can do today.

    An installation may have changed since they were given.
    """
    known = settings or Settings()
    orders = {}
    for name, charger in rules.chargers.items():
        former = known.chargers.get(name, ChargerSettings(user_max_a=charger.max_a))
        user_max_a = min(max(former.user_max_a, charger.min_a), charger.max_a)
        orders[name] = replace(former, user_max_a=user_max_a)
    return replace(known, chargers={**known.chargers, **orders})


def _with(settings: Settings, name: str, orders: ChargerSettings) -> Settings:
    return replace(settings, chargers={**settings.chargers, name: orders})


def _with_prices(rules: Rules, settings: Settings, told: PutPrices) -> Settings | Refusal:
    """Prices are taken as a whole or not at all, from whom the tariff names."""
    provider = rules.tariff.provider if rules.tariff else "none"
    if rules.tariff is None or provider not in SLOTTED:
        return Refusal("unsupported", f"the tariff is {provider}, which takes no prices from outside")
    if told.provider != provider:
        return Refusal("bad_value", f"the prices are of {told.provider!r}, the tariff is {provider}")
    if words := fault(told.slots, rules.tariff.periods):
        return Refusal("bad_value", f"prices: {words}")
    slots = tuple(
        replace(slot, start=slot.start.astimezone(UTC), end=slot.end.astimezone(UTC)) for slot in told.slots
    )
    return replace(settings, prices=Prices(provider, slots))
