"""Heat pumps: the surplus they are told, their SG-Ready contacts, and what they keep from cars behind them.

A pump stands in the queue for surplus by its priority, with the same one behind the cars (CHG-102). One that
is asked for keeps what it does not draw yet, for as long as a pump takes to follow; after that it has what it
draws, so the sun is not kept from a car for a pump that has no use for it. A car in front that only waits for
the sun is left its start, when the pump giving way would make that enough.

A surplus value (CHG-100) follows the surplus. When that breaks off, the last value stays for as long as two
writes may be apart, so that a cloud is no drop to 0; it is 0 without the grid meter or the pump.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import inf
from typing import Final

from hems.core import meter, sg_ready
from hems.core.appliances import HeatPumpRules, SgReadyRules
from hems.core.readings import figure
from hems.core.rules import Rules
from hems.core.timing import Dwell
from hems.model.decision import HeatPumpDecision
from hems.model.instant import Instant
from hems.model.intents import SetHeatPump
from hems.model.settings import SgByHand
from hems.model.snapshot import HeatPumpReading
from hems.model.why import Reason, Why

CONTACTS: Final = "sg_ready."
"""In the queue a pair of contacts goes by its name with this before it: a pump may have the same name."""

POSITIONS: Final[Mapping[sg_ready.Stage, tuple[bool, bool]]] = {
    sg_ready.Stage.NORMAL: (False, False),
    sg_ready.Stage.RECOMMENDED: (False, True),
    sg_ready.Stage.FORCED: (True, True),
    sg_ready.Stage.LOCKED: (True, False),
}
"""Contact 1 and contact 2, true = energised; without current the pump does what it wants."""

BLIND: Final[Mapping[meter.Stage, Reason]] = {
    meter.Stage.WAITING: Reason.WAITING_TWO_READINGS,
    meter.Stage.LOST: Reason.METER_LOST,
}
"""Stages of the grid meter in which nobody can answer for any surplus."""


@dataclass(frozen=True, slots=True)
class Told:
    """The last surplus there was for a pump, and when; whether it is told any, and since when."""

    offer_w: float = 0.0
    at_mono_s: float = -inf
    asked: Dwell = field(default_factory=Dwell)


@dataclass(frozen=True, slots=True)
class Contacts:
    """The machine of two contacts, and what a person wants since when it was first seen."""

    machine: sg_ready.State
    order: SgByHand | None = None
    order_mono_s: float = -inf


@dataclass(frozen=True, slots=True)
class State:
    """Pumps that are told a value and pairs of contacts, by name."""

    told: Mapping[str, Told] = field(default_factory=dict)
    contacts: Mapping[str, Contacts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taker:
    """A pump in the queue for surplus, and what it keeps from those behind it."""

    name: str
    priority: int
    keeps_w: float


@dataclass(frozen=True, slots=True)
class Offer:
    """What is left at a pump's turn, and with how much a car in front of it that waits would start."""

    left_w: float
    awaited_w: float = 0.0

    def with_draw(self, draw_w: float) -> float:
        """What the pump may draw altogether; less the start of the car in front where that makes it one."""
        whole_w = self.left_w + draw_w
        return whole_w - self.awaited_w if whole_w >= self.awaited_w else whole_w


@dataclass(frozen=True, slots=True)
class Inputs:
    """What came out of the queue (nothing: nobody knows), how the meter is trusted, and what else speaks."""

    offers: Mapping[str, Offer]
    trust: meter.Stage
    readings: Mapping[str, HeatPumpReading]
    orders: Mapping[str, SgByHand]
    dimmed: bool


@dataclass(frozen=True, slots=True)
class Heat:
    """The outcome for all pumps: for the panel, for the wires, for the settings."""

    decisions: Mapping[str, HeatPumpDecision]
    surplus_w: Mapping[str, float]
    relays: Mapping[str, bool]
    asks: tuple[SetHeatPump, ...]


def takers(
    rules: Rules, state: State, readings: Mapping[str, HeatPumpReading], now_s: float
) -> tuple[Taker, ...]:
    """The pumps in the queue for surplus; one that is told a value and has contacts keeps only once."""
    queue = []
    for name, mine in rules.sg_ready.items():
        known = state.contacts.get(name)
        new = known is not None and known.machine.asked and now_s - known.machine.since_mono_s < mine.hold_s
        draw_w = _draw_w(_fresh(readings, mine.heat_pump, mine.fresh_s, now_s), 0.0)
        keeps_w = max(0.0, mine.power_w - draw_w) if new else 0.0
        queue.append(Taker(CONTACTS + name, mine.priority, keeps_w))
    twice = {mine.heat_pump for mine in rules.sg_ready.values()}
    for name, pump in rules.heat_pumps.items():
        asked = state.told.get(name, Told()).asked
        new = asked.value is True and now_s - asked.since_mono_s < pump.patience_s and name not in twice
        draw_w = _draw_w(_fresh(readings, name, pump.fresh_s, now_s), 0.0)
        queue.append(Taker(name, pump.priority, max(0.0, pump.power_w - draw_w) if new else 0.0))
    return tuple(queue)


def step(rules: Rules, state: State, inputs: Inputs, now: Instant, now_s: float) -> tuple[State, Heat]:
    """One cycle of all pumps."""
    contacts, signalled = {}, {}
    asks: tuple[SetHeatPump, ...] = ()
    for name, mine in rules.sg_ready.items():
        known = _ordered(state.contacts.get(name), inputs.orders.get(name), now_s)
        left_s = _left_s(known, now, now_s)
        if left_s is not None and left_s <= 0.0:
            asks += (SetHeatPump(name, None),)
        look = _look(mine, name, known, left_s, inputs, now_s)
        machine, why = sg_ready.step(mine, known.machine, look, now_s)
        contacts[name] = replace(known, machine=machine)
        signalled[name] = HeatPumpDecision(why, machine.stage.value)
    told, valued = {}, {}
    for name, pump in rules.heat_pumps.items():
        if pump.surplus == "off":
            continue
        told[name], why = _tell(pump, state.told.get(name, Told()), name, inputs, now_s)
        offer_w = told[name].offer_w
        surplus_w = -offer_w if pump.surplus == "negative" and offer_w else offer_w
        valued[name] = replace(signalled.get(name) or HeatPumpDecision(why), surplus_w=surplus_w)
    heat = Heat(
        {**signalled, **valued},
        {name: one.surplus_w for name, one in valued.items() if one.surplus_w is not None},
        _relays(rules, contacts),
        asks,
    )
    return State(told, contacts), heat


def _relays(rules: Rules, contacts: Mapping[str, Contacts]) -> dict[str, bool]:
    return {
        relay: position
        for name, mine in rules.sg_ready.items()
        for relay, position in zip(mine.relays, POSITIONS[contacts[name].machine.stage], strict=True)
    }


def _ordered(before: Contacts | None, order: SgByHand | None, now_s: float) -> Contacts:
    """The contacts with what a person wants, since when that is known; a run begins with NORMAL."""
    known = before or Contacts(sg_ready.State(sg_ready.Stage.NORMAL, now_s))
    return known if order == known.order else replace(known, order=order, order_mono_s=now_s)


def _left_s(known: Contacts, now: Instant, now_s: float) -> float | None:
    """How much longer an order lasts: until its end, no longer than its length in this run (CHG-122).

    A clock that nobody trusts can only shorten it.
    """
    if known.order is None:
        return None
    left_s = (figure(known.order.seconds) or 0.0) - (now_s - known.order_mono_s)
    until = known.order.until
    return left_s if until is None else min(left_s, (until - now.wall).total_seconds())


def _look(
    mine: SgReadyRules, name: str, known: Contacts, left_s: float | None, inputs: Inputs, now_s: float
) -> sg_ready.Inputs:
    """What the machine of two contacts looks at; a draw that nothing measures is taken to be as asked."""
    reading = _fresh(inputs.readings, mine.heat_pump, mine.fresh_s, now_s)
    offer, order = inputs.offers.get(CONTACTS + name), None
    if known.order is not None and left_s is not None and left_s > 0.0:
        order = sg_ready.Order(sg_ready.Stage(known.order.state), left_s)
    draw_w = _draw_w(reading, mine.power_w if known.machine.asked else 0.0)
    silent = Reason.CHARGER_LOST if mine.heat_pump and reading is None else None
    return sg_ready.Inputs(
        None if offer is None else offer.with_draw(draw_w),
        _runs(mine, reading),
        order,
        inputs.dimmed,
        BLIND.get(inputs.trust, silent),
    )


def _tell(pump: HeatPumpRules, before: Told, name: str, inputs: Inputs, now_s: float) -> tuple[Told, Why]:
    """The surplus a pump is told, without its sign, and why."""
    reading, offer = _fresh(inputs.readings, name, pump.fresh_s, now_s), inputs.offers.get(name)
    blind = BLIND.get(inputs.trust, Reason.CHARGER_LOST if reading is None else None)
    draw_w = _draw_w(reading, 0.0)
    own_w = draw_w if pump.with_own_draw else 0.0
    offer_w = offer.with_draw(draw_w) - draw_w + own_w if offer is not None else 0.0
    left_s = pump.keep_s - (now_s - before.at_mono_s)
    if blind is not None:
        told, why = Told(), Why(blind, {"offer_w": 0.0})
    elif offer_w > 0.0:
        told, why = Told(offer_w, now_s), Why(Reason.SURPLUS, {"offer_w": offer_w})
    elif left_s > 0.0:
        told, why = before, Why(Reason.STOP_DELAY, {"offer_w": before.offer_w, "seconds_left": left_s})
    else:
        told, why = Told(), Why(Reason.SURPLUS_LOW, {"offer_w": 0.0})
    return replace(told, asked=before.asked.step(told.offer_w > 0.0, now_s)), why


def _fresh(
    readings: Mapping[str, HeatPumpReading], name: str, fresh_s: float, now_s: float
) -> HeatPumpReading | None:
    reading = readings.get(name)
    return reading if reading is not None and now_s - reading.at_mono_s <= fresh_s else None


def _draw_w(reading: HeatPumpReading | None, unknown_w: float) -> float:
    """What a pump draws, as far as it says so."""
    power_w = figure(reading.power_w) if reading is not None else None
    return max(0.0, power_w) if power_w is not None else unknown_w


def _runs(mine: SgReadyRules, reading: HeatPumpReading | None) -> bool | None:
    """Whether the compressor runs; ``None`` where nothing shows it."""
    if reading is None:
        return None
    if reading.compressor_rating is not None:
        return reading.compressor_rating > 0
    power_w = figure(reading.power_w)
    return None if power_w is None else power_w >= mine.runs_w
