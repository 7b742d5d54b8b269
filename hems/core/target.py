"""A car is to have so much by a deadline, as cheaply as that can be had (CHG-92 to CHG-95).

Theory of operation. Without an aim, with its need met, or without a trusted clock it is RESTING. Otherwise a
plan says in which pieces of time is charged (PLANNED); outside of them the surplus goes on, and what it
brings shortens the plan. From the latest start on time presses (PRESSING): the car gets what the time left
asks for, until the need is met or has become small enough to wait again. A deadline that has passed by 20 min
is missed, which is reported once (LATE), and charging goes on to the goal. A rest of less than 5 min of
charging is done when it can be had without a start, else it counts for nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from math import inf
from typing import Final, assert_never

from hems.core import plans
from hems.core.demand import Demand
from hems.core.need import Need
from hems.core.prices import slot_at
from hems.core.readings import figure
from hems.core.recurrence import occurrence
from hems.core.rules import Rules, TargetRules
from hems.model.decision import ChargingState
from hems.model.instant import Instant
from hems.model.plans import Plan
from hems.model.prices import Prices, Slot
from hems.model.settings import Target
from hems.model.units import NOMINAL_V
from hems.model.why import Figure, Reason, Why

DONE_WH: Final = 1.0
"""Energy is counted in whole watt-hours."""


class Stage(StrEnum):
    """How a target stands."""

    RESTING = "resting"
    PLANNED = "planned"
    PRESSING = "pressing"
    LATE = "late"


ALLOWED: Final[Mapping[Stage, frozenset[Stage]]] = {
    Stage.RESTING: frozenset({Stage.PLANNED, Stage.PRESSING}),
    Stage.PLANNED: frozenset({Stage.RESTING, Stage.PRESSING}),
    Stage.PRESSING: frozenset({Stage.RESTING, Stage.PLANNED, Stage.LATE}),
    Stage.LATE: frozenset({Stage.RESTING, Stage.PLANNED, Stage.PRESSING}),
}


@dataclass(frozen=True, slots=True)
class State:
    """The stage, since when; the target with its deadline in force, and when that was looked up.

    `drawn_w` is what the car was seen to take if less than it could, `drawn_mono_s` since when.
    """

    stage: Stage = Stage.RESTING
    since_mono_s: float = -inf
    target: Target | None = None
    deadline: datetime | None = None
    looked_mono_s: float = -inf
    kept: plans.State = field(default_factory=plans.State)
    drawn_w: float | None = None
    drawn_mono_s: float = -inf


@dataclass(frozen=True, slots=True)
class Power:
    """The most a charger can be told, on so many lines, and what its car takes of that.

    `drawn_w` is what it steadily takes if that is less, `now_w` what it takes now; `whole`: that is all there
    is.
    """

    top_a: float
    lines: int
    drawn_w: float | None = None
    now_w: float = 0.0
    whole: bool = False

    @property
    def told_w(self) -> float:
        """What it gives a car that takes all."""
        return self.top_a * self.lines * NOMINAL_V


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the target rests on; `need` is ``None`` while no car is there.

    `full`: the car takes nothing. `plan` is the one in force so far, `missed` the last deadline of which it
    was told that it is missed.
    """

    need: Need | None
    full: bool
    power: Power
    prices: Prices | None
    plan: Plan | None
    now: Instant
    missed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Aim:
    """What follows: the plan in force, a demand or what is awaited, whether the deadline was just missed."""

    plan: Plan | None = None
    demand: Demand | None = None
    waiting: Why | None = None
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """A need that is there, and how long it takes.

    `room_s` is what is left until the latest start, `over_s` what has passed since the deadline.
    """

    target: Target
    deadline: datetime
    need: Need
    watts: float
    need_s: float
    room_s: float
    over_s: float


def look(
    rules: TargetRules, state: State, target: Target | None, plan: Plan | None, now: Instant, now_s: float
) -> State:
    """The state with the deadline in force, of a trusted clock: one that has passed stays until it is met."""
    if target is None:
        return State(kept=plans.State(state.kept.prices))
    deadline, wall = state.deadline, now.wall
    if target == state.target:
        passed = deadline is not None and deadline <= wall
        if passed or 0.0 <= now_s - state.looked_mono_s < rules.look_s:
            return state
        deadline = occurrence(target, wall)
    else:
        deadline = occurrence(target, wall)
        taken_up = state.target is None and plan is not None and plan.deadline <= wall
        if taken_up and plan is not None and (target.repeat_days or plan.deadline == target.deadline):
            deadline = plan.deadline
    return replace(state, target=target, deadline=deadline, looked_mono_s=now_s)


def step(rules: Rules, state: State, inputs: Inputs, now_s: float) -> tuple[State, Aim]:
    """One cycle of a target that was looked up."""
    if not inputs.now.trusted:
        waiting = Why(Reason.CLOCK_UNKNOWN, {"limit_a": 0.0})
        return _enter(state, Stage.RESTING, now_s), Aim(inputs.plan, waiting=waiting)
    state = _seen(rules.target, state, inputs, now_s)
    task = _task(rules, state, inputs)
    if task is None:
        passed = state.deadline is not None and state.deadline <= inputs.now.wall
        if passed:
            state = replace(state, deadline=None, looked_mono_s=-inf)
        return _enter(state, Stage.RESTING, now_s), Aim()
    state, planned = _planned(rules, state, inputs, task, now_s)
    stage = _stage(rules.target, state.stage, task)
    missed = stage is Stage.LATE is not state.stage and inputs.missed != task.deadline
    aim = _aim(rules, inputs, task, planned, stage)
    return _enter(state, stage, now_s), replace(aim, missed=missed)


def _seen(rules: TargetRules, state: State, inputs: Inputs, now_s: float) -> State:
    """What the car was seen to take.

    It is forgotten with the car, and once it takes all it can be told, or more than it did. Small changes
    count for nothing; that it takes still less counts after a while, for a draw may swing.
    """
    power, known_w = inputs.power, state.drawn_w
    drawn_w = power.drawn_w if power.drawn_w is not None and power.drawn_w > 0.0 else None
    more = known_w is not None and power.now_w > known_w * (1.0 + rules.power_share)
    if inputs.need is None or power.whole or more:
        drawn_w = None if inputs.need is None or power.whole else drawn_w
        return replace(state, drawn_w=drawn_w, drawn_mono_s=now_s)
    if drawn_w is None:
        return state
    if known_w is not None:
        lasted = now_s - state.drawn_mono_s >= rules.drawn_s
        if drawn_w >= known_w * (1.0 - rules.power_share) or not lasted:
            return state
    return replace(state, drawn_w=drawn_w, drawn_mono_s=now_s)


def _task(rules: Rules, state: State, inputs: Inputs) -> Task | None:
    """What is to be done; ``None`` when nothing is, or so little that it is not worth a start.

    A car that takes nothing has what it can have once its deadline has passed.
    """
    need, target, deadline = inputs.need, state.target, state.deadline
    wall = inputs.now.wall.astimezone(UTC)
    if deadline is not None and deadline <= wall and inputs.full:
        return None
    watts = inputs.power.told_w if state.drawn_w is None else min(inputs.power.told_w, state.drawn_w)
    if need is None or target is None or deadline is None or need.wh < DONE_WH or not watts > 0.0:
        return None
    need_s = need.wh * 3600.0 / watts
    last_s = rules.planning.last_s
    running = state.stage in (Stage.PRESSING, Stage.LATE) or _piece(inputs.plan, need_s, last_s, wall)
    if need_s < last_s and not running:
        return None
    left_s = (deadline - wall).total_seconds()
    kept_s = min(need_s, max(0.0, figure(target.precondition_s) or 0.0))
    margin_s = rules.planning.margin_s + rules.planning.margin_share * need_s
    before_s = max(kept_s, margin_s) + need_s - kept_s if need_s > kept_s else kept_s
    return Task(target, deadline, need, watts, need_s, left_s - before_s, -left_s)


def _planned(rules: Rules, state: State, inputs: Inputs, task: Task, now_s: float) -> tuple[State, Plan]:
    pressing = state.stage in (Stage.PRESSING, Stage.LATE)
    basis = plans.Inputs(
        inputs.plan, task.target, task.deadline, task.need, task.watts, pressing, inputs.prices, inputs.now
    )
    kept, planned = plans.step(rules, state.kept, basis, now_s)
    return replace(state, kept=kept), planned


def _stage(rules: TargetRules, stage: Stage, task: Task) -> Stage:
    missed = task.over_s >= rules.late_s
    match stage:
        case Stage.RESTING | Stage.PLANNED:
            return Stage.PRESSING if task.room_s <= 0.0 else Stage.PLANNED
        case Stage.PRESSING:
            if task.room_s >= rules.calm_s:
                return Stage.PLANNED
            return Stage.LATE if missed else Stage.PRESSING
        case Stage.LATE:
            if missed:
                return Stage.LATE
            return Stage.PRESSING if task.room_s <= 0.0 else Stage.PLANNED
        case _ as unreachable:
            assert_never(unreachable)


def _aim(rules: Rules, inputs: Inputs, task: Task, planned: Plan, stage: Stage) -> Aim:
    """The demand of this moment, or what is awaited."""
    if stage in (Stage.PRESSING, Stage.LATE):
        return Aim(planned, _pressed(inputs.power, task))
    wall = inputs.now.wall.astimezone(UTC)
    piece = _piece(planned, task.need_s, rules.planning.last_s, wall)
    if piece is None:
        begins = next((slot.start for slot in planned.slots if slot.start > wall), planned.latest_start)
        left_s = max(0.0, (begins - wall).total_seconds())
        return Aim(planned, waiting=Why(Reason.WAITING_CHEAP, {"seconds_left": left_s}))
    figures: dict[str, Figure] = {"seconds_left": max(0.0, (piece.end - wall).total_seconds())}
    if piece.eur_kwh is not None:
        figures["price_eur_kwh"] = piece.eur_kwh
    chosen = piece.eur_kwh is not None or (rules.tariff is not None and piece.period in rules.tariff.cheap)
    if chosen:
        return Aim(planned, Demand(inf, Reason.CHEAP_PRICE, ChargingState.SPOT_MARKET, figures))
    return Aim(planned, Demand(inf, Reason.TARGET_TIME, ChargingState.TIME_REQUIREMENT, figures))


def _pressed(power: Power, task: Task) -> Demand:
    """What the time left asks for; all there is when that is short or the car takes less than it is told."""
    left_s = task.need_s + task.room_s
    figures: dict[str, Figure] = {"need_wh": task.need.wh, "seconds_left": max(0.0, left_s)}
    limit_a = inf
    if left_s > 0.0 and task.watts == power.told_w:
        figures |= {"volts": NOMINAL_V, "lines": power.lines}
        limit_a = task.need.wh * 3600.0 / left_s / (NOMINAL_V * power.lines)
    return Demand(limit_a, Reason.TARGET_TIME, ChargingState.TIME_REQUIREMENT, figures, at_once=True)


def _piece(plan: Plan | None, need_s: float, last_s: float, wall: datetime) -> Slot | None:
    """The piece of a plan that is charged in at an instant; a small rest is charged directly after one."""
    if plan is None:
        return None
    slot = slot_at(plan.slots, wall)
    if slot is not None or need_s >= last_s:
        return slot
    return slot_at(plan.slots, wall - timedelta(seconds=last_s))


def _enter(state: State, stage: Stage, now_s: float) -> State:
    return state if stage is state.stage else replace(state, stage=stage, since_mono_s=now_s)
