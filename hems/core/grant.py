"""Intent in, new settings or a refusal in words out. Instants are kept in UTC."""

from collections.abc import Set
from dataclasses import fields, replace
from datetime import UTC, timedelta
from typing import Final, assert_never

from hems.core import dim_test
from hems.core.amend import amended
from hems.core.causes import alarm_fault
from hems.core.commissioning import first_charge_fault
from hems.core.orders import (
    SG_S,
    boost_fault,
    charger_faults,
    commissioning_fault,
    flag_fault,
    manner_fault,
    mark_fault,
    operator_fault,
    overdue,
    panel_fault,
    proofs_fault,
    provider_fault,
    sg_fault,
    vehicle_faults,
)
from hems.core.prices import fault
from hems.core.rules import Rules
from hems.core.settable import TARIFF_PROVIDER, set_by_name
from hems.core.sources import stamp
from hems.core.tariff import in_force
from hems.core.wording import named, outside, said, unknown
from hems.model.instant import Instant
from hems.model.intents import (
    Acknowledge,
    AmendCharging,
    Commission,
    Errand,
    Intent,
    KeepSearch,
    ProveDim,
    ProveLines,
    ProveRelay,
    PutPrices,
    Refusal,
    SearchBus,
    SetBoost,
    SetCharging,
    SetHeatPump,
    SetLines,
    SetMode,
    SetOperatorLimit,
    SetPanel,
    SetSetting,
    SetTariff,
    SetUserMax,
    SetVehicle,
    TryCharge,
    refused,
)
from hems.model.phrase import Phrase
from hems.model.prices import SLOTTED, Prices
from hems.model.settings import (
    AIMED,
    Boost,
    ChargerSettings,
    OperatorLimit,
    Settings,
    SgByHand,
    TariffChoice,
    VehicleSettings,
)

ALL: Final = frozenset(field.name for field in fields(ChargerSettings))
FOLLOWING: Final = frozenset({"mode", "on_mode", "target", "level_pct"})
OPERATOR_AHEAD_MAX: Final = timedelta(hours=24)
Ordering = SetMode | SetUserMax | SetLines | SetCharging | AmendCharging | SetBoost


def grant(rules: Rules, settings: Settings, intent: Intent, now: Instant) -> Settings | Refusal:
    """The settings as they are after the intent, or why it cannot be; an errand leaves them as they are.

    A refusal's code is ``missing`` (nothing is named), ``unknown_name``, ``bad_value``, ``unsupported`` by
    this installation, or ``not_now``.
    """
    match intent:
        case PutPrices():
            return _prices(rules, settings, intent)
        case SetVehicle():
            return _vehicle(rules, settings, intent, now)
        case SetOperatorLimit():
            return _operator(rules, settings, intent, now)
        case SetHeatPump():
            return _heat_pump(rules, settings, intent, now)
        case SetSetting(name=name, value=value):
            if name == TARIFF_PROVIDER:
                return _tariff(rules, settings, SetTariff(settings.tariff.enabled, str(value)))
            return set_by_name(rules, settings, name, value)
        case Acknowledge() | ProveDim() | ProveLines() | ProveRelay() | SearchBus() | TryCharge():
            return _errand_fault(rules, settings, intent) or settings
        case SetTariff() | SetPanel() | Commission():
            return _house(rules, settings, intent)
        case KeepSearch():
            return unknown("bus", intent.bus, rules.buses) or _kept(settings, intent, now)
        case SetMode() | SetUserMax() | SetLines() | SetCharging() | AmendCharging() | SetBoost():
            refusal = unknown("charger", intent.charger, rules.chargers)
            return refusal or _charger(rules, settings, intent, now)
        case _ as unreachable:
            assert_never(unreachable)


def _house(rules: Rules, settings: Settings, intent: SetTariff | SetPanel | Commission) -> Settings | Refusal:
    """What is told about the house as a whole."""
    match intent:
        case SetTariff():
            return _tariff(rules, settings, intent)
        case SetPanel(panel=panel):
            return _valued(panel_fault(panel)) or replace(settings, panel=panel)
        case Commission(commissioning=commissioning, proofs=proofs):
            known = settings.proofs if proofs is None else proofs
            refusal = _valued(commissioning_fault(commissioning) or proofs_fault(known))
            return refusal or replace(settings, commissioning=commissioning, proofs=known)
        case _ as unreachable:
            assert_never(unreachable)


def _tariff(rules: Rules, settings: Settings, told: SetTariff) -> Settings | Refusal:
    """Another provider's prices are forgotten with it."""
    if why := provider_fault(rules, told.provider) or flag_fault(told.enabled):
        return refused("bad_value", why)
    choice = TariffChoice(told.provider, told.enabled)
    tariff = in_force(rules.tariff, choice)
    if tariff is None and told.enabled:
        return Refusal("missing", "no provider of prices is named")
    known = settings.prices
    stays = known is not None and tariff is not None and known.provider == tariff.provider
    return replace(settings, tariff=choice, prices=known if stays else None)


def _errand_fault(rules: Rules, settings: Settings, errand: Errand) -> Refusal | None:
    """Why this cannot be done; ``None`` if it can."""
    match errand:
        case Acknowledge(alarm=alarm):
            return alarm_fault(rules, alarm)
        case ProveDim():
            return dim_test.fault(rules.dim)
        case SearchBus(bus=name, manner=manner):
            return unknown("bus", name, rules.buses) or _valued(manner_fault(manner))
        case ProveLines() | ProveRelay() | TryCharge():
            refusal = unknown("charger", errand.charger, rules.chargers)
            return refusal or _trial_fault(rules, settings, errand)
        case _ as unreachable:
            assert_never(unreachable)


def _trial_fault(
    rules: Rules, settings: Settings, errand: ProveLines | ProveRelay | TryCharge
) -> Refusal | None:
    if isinstance(errand, ProveRelay) and not rules.chargers[errand.charger].relay:
        return Refusal("unsupported", "{name} has no relay to test", {"name": errand.charger})
    return first_charge_fault(settings, errand) if isinstance(errand, TryCharge) else None


def _charger(rules: Rules, settings: Settings, intent: Ordering, now: Instant) -> Settings | Refusal:
    """New orders for an installed charger."""
    name = intent.charger
    former = settings.charger(name)
    match intent:
        case SetMode(mode=mode):
            return _judged(rules, settings, name, replace(former, mode=mode), {"mode"}, now)
        case SetUserMax(user_max_a=user_max_a):
            orders = replace(former, user_max_a=user_max_a)
            return _judged(rules, settings, name, orders, {"user_max_a"}, now)
        case SetLines(lines=lines):
            return _judged(rules, settings, name, replace(former, lines=lines), {"lines"}, now)
        case SetCharging(orders=told):
            if not _is_record(told):
                return Refusal("bad_value", "{value} is no record of orders", {"value": said(told)})
            settings = _parked(settings, told.vehicle, name)
            return _judged(rules, settings, name, replace(told, boost=former.boost), ALL, now)
        case AmendCharging(changes=changes):
            return _amended(rules, settings, intent, amended(former, changes), now)
        case SetBoost():
            return _boost(settings, intent, now)
        case _ as unreachable:
            assert_never(unreachable)


def _amended(
    rules: Rules, settings: Settings, told: AmendCharging, orders: ChargerSettings | Phrase, now: Instant
) -> Settings | Refusal:
    """The settings with a charger's amended orders; what may follow from a change is judged with it."""
    name = told.charger
    if isinstance(orders, Phrase):
        return refused("bad_value", named(name, orders))
    if "vehicle" in told.changes:
        settings = _parked(settings, orders.vehicle, name)
    return _judged(rules, settings, name, orders, FOLLOWING | told.changes.keys(), now)


def _judged(
    rules: Rules, settings: Settings, name: str, orders: ChargerSettings, about: Set[str], now: Instant
) -> Settings | Refusal:
    """The settings with a charger's orders, if what they are `about` can be; the rest was judged before."""
    former = settings.charger(name)
    for found in charger_faults(rules, name, orders):
        if found.field in about:
            return found.refusal
    aims = orders.mode in AIMED and orders.mode != former.mode
    if orders.target and (aims or orders.target != former.target):
        if why := overdue(orders.target, now):
            return refused("bad_value", named(name, why))
        deadline = orders.target.deadline.astimezone(UTC)
        orders = replace(orders, target=replace(orders.target, deadline=deadline))
    if orders.mode == "off" and former.mode != "off":
        orders = replace(orders, on_mode=former.mode)
    return _with(settings, name, orders)


def _boost(settings: Settings, intent: SetBoost, now: Instant) -> Settings | Refusal:
    name = intent.charger
    orders = settings.charger(name)
    if intent.seconds is None and intent.energy_wh is None:
        return _with(settings, name, replace(orders, boost=None))
    boost = Boost(stamp(now), intent.seconds, intent.energy_wh, _told_mono_s(now))
    if why := boost_fault(boost):
        return refused("bad_value", named(name, why))
    if orders.mode == "off":
        return Refusal("not_now", "{name} is switched off; choose a mode first", {"name": name})
    return _with(settings, name, replace(orders, boost=boost))


def _vehicle(rules: Rules, settings: Settings, intent: SetVehicle, now: Instant) -> Settings | Refusal:
    """What is left out stays; a level is of the time at which it is told."""
    name = intent.vehicle
    if refusal := unknown("vehicle", name, rules.vehicles):
        return refusal
    if intent.charger is not None:
        if refusal := unknown("charger", intent.charger, rules.chargers):
            return refusal
        settings = _parked(settings, name, intent.charger)
        orders = replace(settings.charger(intent.charger), vehicle=name)
        settings = _with(settings, intent.charger, orders)
    given = {
        field: value
        for field in ("level_pct", "capacity_wh", "max_a", "lines")
        if (value := getattr(intent, field)) is not None
    }
    if not given and intent.charger is None:
        return Refusal("missing", "nothing is said about {name}", {"name": name})
    if "level_pct" in given:
        given["told"] = stamp(now)
    vehicle = replace(settings.vehicles.get(name, VehicleSettings()), **given)
    for found in vehicle_faults(name, vehicle):
        return found.refusal
    return replace(settings, vehicles={**settings.vehicles, name: vehicle})


def _operator(rules: Rules, settings: Settings, intent: SetOperatorLimit, now: Instant) -> Settings | Refusal:
    """A message may limit wherever the operator may; its end is not ours to guess (CHG-121)."""
    if rules.dim is None:
        return Refusal("unsupported", "the installation has no table [operator]; nobody may limit it")
    if intent.limit_w is None:
        return replace(settings, operator=None)
    if intent.until is None:
        return Refusal("missing", "a limit needs an end")
    if why := operator_fault(intent.limit_w, intent.until):
        return refused("bad_value", why)
    if not now.trusted:
        return Refusal("not_now", "the time is not known yet; a limit with an end needs it")
    if not now.wall < intent.until <= now.wall + OPERATOR_AHEAD_MAX:
        return Refusal("bad_value", "a limit ends within the next 24 hours")
    limit = OperatorLimit(float(intent.limit_w), intent.until.astimezone(UTC))
    return replace(settings, operator=limit)


def _heat_pump(rules: Rules, settings: Settings, intent: SetHeatPump, now: Instant) -> Settings | Refusal:
    name = intent.heat_pump
    if refusal := unknown("heat pump with contacts", name, rules.sg_ready):
        return refusal
    if intent.state is None:
        by_hand = {pump: told for pump, told in settings.heat_pumps.items() if pump != name}
        return replace(settings, heat_pumps=by_hand)
    if why := sg_fault(intent.state):
        return refused("bad_value", why)
    if why := outside(intent.seconds, *SG_S, "s"):
        return Refusal("bad_value", "{name} is held for {range}", {"name": name, "range": why})
    told = stamp(now)
    until = told + timedelta(seconds=intent.seconds) if told is not None else None
    order = SgByHand(intent.state, until, float(intent.seconds), _told_mono_s(now))
    return replace(settings, heat_pumps={**settings.heat_pumps, name: order})


def _kept(settings: Settings, intent: KeepSearch, now: Instant) -> Settings | Refusal:
    """How far a search came is of the time at which it is told."""
    others = {name: mark for name, mark in settings.searches.items() if name != intent.bus}
    if intent.mark is None:
        return replace(settings, searches=others)
    if why := mark_fault(intent.mark):
        return refused("bad_value", why)
    mark = replace(intent.mark, told=stamp(now))
    return replace(settings, searches={**others, intent.bus: mark})


def _valued(why: Phrase | None) -> Refusal | None:
    return refused("bad_value", why) if why else None


def _with(settings: Settings, name: str, orders: ChargerSettings) -> Settings:
    return replace(settings, chargers={**settings.chargers, name: orders})


def _parked(settings: Settings, vehicle: str, charger: str) -> Settings:
    """A car stands at one charger: elsewhere it is not expected any more."""
    chargers = {
        name: replace(orders, vehicle="") if name != charger and orders.vehicle == vehicle else orders
        for name, orders in settings.chargers.items()
    }
    return replace(settings, chargers=chargers)


def _prices(rules: Rules, settings: Settings, told: PutPrices) -> Settings | Refusal:
    """Prices are taken as a whole or not at all, from whom the tariff names."""
    tariff = in_force(rules.tariff, settings.tariff)
    provider = tariff.provider if tariff else "none"
    if tariff is None or provider not in SLOTTED:
        words = "the tariff is {provider}, which takes no prices from outside"
        return Refusal("unsupported", words, {"provider": provider})
    if told.provider != provider:
        figures = {"other": repr(told.provider), "provider": provider}
        return Refusal("bad_value", "the prices are of {other}, the tariff is {provider}", figures)
    if why := fault(told.slots, tariff.periods):
        return Refusal("bad_value", "prices: {fault}", {"fault": why})
    slots = tuple(
        replace(slot, start=slot.start.astimezone(UTC), end=slot.end.astimezone(UTC)) for slot in told.slots
    )
    return replace(settings, prices=Prices(provider, slots))


def _is_record(value: object) -> bool:
    return isinstance(value, ChargerSettings)


def _told_mono_s(now: Instant) -> float | None:
    """What stands for that moment where nobody knows it."""
    return None if now.trusted else now.mono_s
