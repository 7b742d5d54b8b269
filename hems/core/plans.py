"""The plan of a target: kept as long as it serves, made anew when what it rests on has changed (CHG-94).

That is its target, its deadline, the tariff that is chosen, the prices, more power, or, once it has lasted a
while, less power or a need that has left it by more than a few minutes: never a mere passing of time. A plan
outlives the run; the next one takes it up as it is, if the prices known then are those it rests on. Prices
that are lost hold until they end.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Final

from hems.core.need import Need
from hems.core.planning import Ask, plan
from hems.core.prices import slot_at
from hems.core.rates import Rates, rates
from hems.core.rules import PlanRules, Rules, TargetRules
from hems.core.tariff import TariffRules
from hems.model.instant import Instant
from hems.model.plans import Plan
from hems.model.prices import SLOTTED, Prices
from hems.model.settings import Target

HORIZON: Final = timedelta(days=32)
"""Rates are looked at so far ahead; what lies behind is planned when it comes nearer."""

SAME_EUR_KWH: Final = 1e-9


@dataclass(frozen=True, slots=True)
class State:
    """Tariff and prices as last told, whether they were compared with the plan, when and for what it is."""

    prices: Prices | None = None
    compared: bool = False
    since_mono_s: float = -inf
    target: Target | None = None
    tariff: TariffRules | None = None


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a plan rests on; `pressing`: there is no time to choose, so that a need may leave its plan."""

    before: Plan | None
    target: Target
    deadline: datetime
    need: Need
    watts: float
    pressing: bool
    prices: Prices | None
    now: Instant

    @property
    def need_s(self) -> float:
        """How long the need takes."""
        return self.need.wh * 3600.0 / self.watts


def step(rules: Rules, state: State, inputs: Inputs, now_s: float) -> tuple[State, Plan]:
    """The plan in force."""
    told = rules.tariff is not None and rules.tariff.provider in SLOTTED
    known = _known(rules.tariff, inputs.prices or state.prices) if told else None
    compare = not state.compared and (known is not None or not told)
    another = rules.tariff is not state.tariff and rules.tariff != state.tariff
    changed = state.compared and (another or _differ(known, state.prices))
    state = replace(state, prices=known, tariff=rules.tariff, compared=state.compared or compare)
    before, wall = inputs.before, inputs.now.wall.astimezone(UTC)
    if before is not None and (changed or not _serves(rules.target, state, before, inputs, told, now_s)):
        compare, before = False, None
    if before is not None and not compare:
        return state, before
    until, zone = min(inputs.deadline, wall + HORIZON), inputs.now.wall.tzinfo or UTC
    tariff = rates(rules.tariff, known, wall, until, zone)
    state = replace(state, since_mono_s=now_s, target=inputs.target)
    known_until = tariff.slots[-1].end if known is not None and tariff.slots else None
    if before is not None and before.known_until == known_until and _agrees(before, tariff, wall):
        return state, before
    return state, replace(_made(rules.planning, tariff, inputs, wall), known_until=known_until)


def _serves(rules: TargetRules, state: State, before: Plan, inputs: Inputs, told: bool, now_s: float) -> bool:
    """Whether a plan still serves target, deadline, power and need.

    A plan on prices that this run does not know yet is not broken for less than its deadline.
    """
    if state.target not in (None, inputs.target) or before.deadline != inputs.deadline:
        return False
    wall = inputs.now.wall.astimezone(UTC)
    if told and state.prices is None and before.known_until is not None and wall < before.known_until:
        return True
    lasted_s = now_s - state.since_mono_s
    if before.assumed != inputs.need.assumed or (before.later_s > 0.0 and inf > lasted_s >= rules.again_s):
        return False
    small_w = rules.power_share * before.power_w
    if inputs.watts > before.power_w + small_w:
        return False
    if lasted_s < rules.settle_s:
        return True
    if inputs.watts < before.power_w - small_w:
        return False
    if inputs.pressing:
        return True
    ahead = [(slot.end - max(slot.start, wall)).total_seconds() for slot in before.slots if slot.end > wall]
    return abs(sum(ahead) + before.later_s - inputs.need_s) <= rules.drift_s


def _agrees(before: Plan, tariff: Rates, wall: datetime) -> bool:
    """Whether the rates give what is left of a plan the prices that it has."""
    for slot in before.slots:
        rate = slot_at(tariff.slots, max(slot.start, wall))
        known = rate.eur_kwh if rate is not None and not tariff.ranked else None
        if slot.end > wall and (slot.eur_kwh is None) is not (known is None):
            return False
        if slot.end > wall and abs((slot.eur_kwh or 0.0) - (known or 0.0)) > SAME_EUR_KWH:
            return False
    return True


def _known(tariff: TariffRules | None, prices: Prices | None) -> Prices | None:
    """Prices of a provider that is not asked any more say nothing."""
    return (
        prices if tariff is not None and prices is not None and prices.provider == tariff.provider else None
    )


def _differ(some: Prices | None, others: Prices | None) -> bool:
    return some is not others and (some is None or others is None or some.slots != others.slots)


def _made(rules: PlanRules, tariff: Rates, inputs: Inputs, wall: datetime) -> Plan:
    target = inputs.target
    ask = Ask(inputs.need_s, inputs.deadline, target.one_piece, target.precondition_s)
    running = inputs.before.slots if inputs.before is not None else ()
    planned = plan(rules, tariff.slots, ask, running, wall)
    slots = planned.slots
    if tariff.ranked:
        slots = tuple(replace(slot, eur_kwh=None) for slot in slots)
    need = inputs.need
    return Plan(
        inputs.deadline, planned.latest_start, need.wh, inputs.watts, slots, need.assumed, planned.later_s
    )
