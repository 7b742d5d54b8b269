"""Whether electricity is cheap now: among the cheapest slots of the day, or in an off-peak period (CHG-83).

Slots need a calendar and are silent while the wall clock is not trusted; a period is known when the tariff
says so, which a contact can at any time. Prices that are lost hold until they end.
"""

from dataclasses import dataclass
from datetime import UTC, date, timedelta
from math import inf

from hems.core.demand import Demand
from hems.core.prices import slot_at
from hems.core.rates import by_slot
from hems.core.scores import cheapest_of_day
from hems.core.tariff import TariffRules
from hems.model.decision import ChargingState
from hems.model.instant import Instant
from hems.model.prices import Prices, Slot
from hems.model.settings import ChargerSettings
from hems.model.why import Figure, Reason, Why


@dataclass(frozen=True, slots=True)
class State:
    """The prices as last told, what is paid for them, and the cheapest of them on a day and the next."""

    prices: Prices | None = None
    paid: tuple[Slot, ...] = ()
    pct: float = 0.0
    day: date | None = None
    cheapest: tuple[Slot, ...] = ()
    following: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True)
class Inputs:
    """The charger's orders, the prices, and the tariff period in force with its price."""

    orders: ChargerSettings
    prices: Prices | None
    period: str | None
    price_ueur_kwh: int | None
    now: Instant


@dataclass(frozen=True, slots=True)
class Cheap:
    """A demand while it is cheap; what is awaited while it is not; the cheap slots that are known."""

    demand: Demand | None = None
    waiting: Why | None = None
    slots: tuple[Slot, ...] = ()


def step(tariff: TariffRules | None, state: State, inputs: Inputs) -> tuple[State, Cheap]:
    """One cycle."""
    orders = inputs.orders
    if tariff is None or not (orders.cheap or orders.off_peak):
        return state, Cheap()
    figures: dict[str, Figure] = {}
    if inputs.price_ueur_kwh is not None:
        figures["price_eur_kwh"] = inputs.price_ueur_kwh / 1e6
    off_peak = orders.off_peak and inputs.period in tariff.cheap
    if orders.cheap and inputs.now.trusted:
        state = _look(tariff, state, inputs)
        known = (*state.cheapest, *state.following)
        wall = inputs.now.wall.astimezone(UTC)
        slot = slot_at(state.cheapest, wall)
        if slot is not None:
            figures["seconds_left"] = (slot.end - wall).total_seconds()
            return state, Cheap(_demand(figures), slots=known)
        later = next((slot for slot in state.cheapest if slot.start > wall), None)
        if later is not None and not off_peak:
            left_s = (later.start - wall).total_seconds()
            return state, Cheap(waiting=Why(Reason.WAITING_CHEAP, {"seconds_left": left_s}), slots=known)
        return state, Cheap(_demand(figures) if off_peak else None, slots=known)
    if off_peak:
        return state, Cheap(_demand(figures))
    blind = not inputs.now.trusted and (orders.cheap or inputs.period is None)
    return state, Cheap(waiting=Why(Reason.CLOCK_UNKNOWN, {"limit_a": 0.0}) if blind else None)


def _demand(figures: dict[str, Figure]) -> Demand:
    return Demand(inf, Reason.CHEAP_PRICE, ChargingState.SPOT_MARKET, figures)


def _look(tariff: TariffRules, state: State, inputs: Inputs) -> State:
    """The cheapest slots of the day on which the slot of now began; made anew only when something changed.

    Prices of a provider that is not asked any more say nothing.
    """
    prices, wall, pct = inputs.prices or state.prices, inputs.now.wall, inputs.orders.cheap_pct
    if prices is None or prices.provider != tariff.provider:
        return State()
    zone = wall.tzinfo or UTC
    paid = state.paid if prices is state.prices else by_slot(tariff, prices, zone)
    slot = slot_at(paid, wall)
    moment = slot.start.astimezone(zone) if slot is not None else wall
    if prices is state.prices and state.day == moment.date() and state.pct == pct:
        return state
    cheapest = cheapest_of_day(paid, pct, moment)
    tomorrow = moment.replace(hour=12, fold=0) + timedelta(days=1)
    return State(prices, paid, pct, moment.date(), cheapest, cheapest_of_day(paid, pct, tomorrow))
