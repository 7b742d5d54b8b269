"""What one charger's mode would like, with its delays and budgets.

Theory of operation. `off`, no car, a fault, a full car, a searched line and the first run stand still (IDLE).
`fast` and `min_surplus` charge at once. `surplus` waits until there has been enough sun for the start delay
(STARTING), follows the sun (CHARGING), and when there is too little keeps the minimum for the stop delay, or
until too much has been imported (STOPPING), then rests. Between "enough" and "too little" lies a band in
which nothing restarts, so a delay begins anew only on a true reversal. A minimum on time, a rest time and
budgets of starts and switchings hold the surplus modes back; protection comes later in the cycle and waits
for none of them. A budget that has run out holds starts; a stop waits for none, or a car would be charged
through the night.

A demand (a target, a cheap hour) charges without delays; after a stop it waits for the rest and the budgets
as a start by the sun does (STARTING). When it ends and the sun does not carry on, `surplus` stands still as
soon as the minimum on time is full. A demand that waits for nothing, a boost or a target that presses, begins
and ends at once; if it ends because nobody knows the time, the minimum on time holds as well.

An optimizer's order takes the place of the sun: a current to charge with is "enough", anything below the
minimum "too little"; it starts and stops under the same delays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, inf
from typing import Final, assert_never

from hems.core.demand import Demand
from hems.core.readings import floor_step
from hems.core.rules import ChargingRules
from hems.core.surplus import Sun, current
from hems.model.decision import Stage
from hems.model.settings import KEEPING, SUNNY, Mode
from hems.model.snapshot import Status
from hems.model.why import Figure, Reason, Why

ALLOWED: Final[Mapping[Stage, frozenset[Stage]]] = {
    Stage.IDLE: frozenset({Stage.STARTING, Stage.CHARGING}),
    Stage.STARTING: frozenset({Stage.IDLE, Stage.CHARGING}),
    Stage.CHARGING: frozenset({Stage.IDLE, Stage.STOPPING}),
    Stage.STOPPING: frozenset({Stage.IDLE, Stage.CHARGING}),
}

WH_PER_WS = 1.0 / 3600.0


@dataclass(frozen=True, slots=True)
class State:
    """The stage, since when, what was imported while STOPPING.

    `demanded`: it starts or charges for a demand; `at_once`: for one that waits for nothing.
    """

    stage: Stage = Stage.IDLE
    since_mono_s: float = -inf
    import_wh: float = 0.0
    demanded: bool = False
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most a charger can be told, and which of charger, cable, car or person says so."""

    limit_a: float
    code: Reason


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the modes look at.

    `sun` is ``None`` while nobody knows the surplus; `start_w` and `stop_w` are the powers from which there
    is enough and below which there is too little. `switched_mono_s` is when the charger last started or
    stopped, `may_start` what the budgets say. `ordered_a` is an optimizer's current in the place of the
    sun's. `waiting` is said where nothing is charged for want of sun, and something else is awaited.
    `searched` is the serial line for whose search it stands still, `held` why it does in the first run.
    """

    mode: Mode
    status: Status | None
    full: bool
    next_s: float
    minimum_only: bool
    ceiling: Ceiling
    lowest_a: float
    step_a: float
    told_a: float
    sun: Sun | None
    start_w: float
    stop_w: float
    import_w: float
    elapsed_s: float
    switched_mono_s: float
    may_start: bool
    demand: Demand | None = None
    ordered_a: float | None = None
    waiting: Why | None = None
    searched: str = ""
    held: Why | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """The current the mode would like, and why it is no more."""

    wish_a: float
    why: Why


def step(rules: ChargingRules, state: State, inputs: Inputs, now_s: float) -> tuple[State, Wish]:
    """One cycle of one charger."""
    if standstill := _standstill(inputs):
        return _enter(state, Stage.IDLE, now_s), Wish(0.0, standstill)
    may_rest = inputs.mode in SUNNY - KEEPING
    if inputs.demand is not None:
        return _on_demand(rules, state, inputs, inputs.demand, may_rest, now_s)
    if may_rest:
        return _surplus(rules, state, inputs, now_s)
    wish = _all(inputs) if inputs.mode == "fast" else _follow(inputs)
    return _enter(state, Stage.CHARGING, now_s), wish


def _standstill(inputs: Inputs) -> Why | None:
    if inputs.status in ("E", "F"):
        return Why(Reason.FAULT, {"status": inputs.status})
    if inputs.status == "A":
        return Why(Reason.NO_CAR)
    if inputs.mode == "off":
        return Why(Reason.OFF)
    if inputs.searched:
        return Why(Reason.SEARCH, {"bus": inputs.searched})
    if inputs.held is not None:
        return inputs.held
    if inputs.ceiling.limit_a < inputs.lowest_a:
        return _bound(inputs)
    if inputs.full:
        return Why(Reason.CAR_FULL, {"seconds_left": inputs.next_s})
    return None


def _on_demand(
    rules: ChargingRules, state: State, inputs: Inputs, demand: Demand, may_rest: bool, now_s: float
) -> tuple[State, Wish]:
    """A demand's start; one that goes on or waits for nothing, or a mode that never rests, needs none."""
    starts = may_rest and not demand.at_once and state.stage in (Stage.IDLE, Stage.STARTING)
    wait = _wait_to_start(rules, inf, inputs, now_s) if starts else None
    stage = Stage.CHARGING if wait is None else Stage.STARTING
    since_s = state.since_mono_s if state.stage is stage else now_s
    held = State(stage, since_s, demanded=True, at_once=demand.at_once)
    return held, wait or _demanded(inputs, demand)


def _surplus(rules: ChargingRules, state: State, inputs: Inputs, now_s: float) -> tuple[State, Wish]:
    enough, too_little = _sunny(inputs)
    match state.stage:
        case Stage.IDLE:
            if not enough:
                return state, _low(inputs, 0.0)
            wait = _wait_to_start(rules, 0.0, inputs, now_s)
            return _enter(state, Stage.STARTING, now_s), wait or _low(inputs, 0.0)
        case Stage.STARTING:
            if too_little or (state.demanded and not enough):
                return _enter(state, Stage.IDLE, now_s), _low(inputs, 0.0)
            waited_s = 0.0 if state.demanded else now_s - state.since_mono_s
            wait = _wait_to_start(rules, waited_s, inputs, now_s)
            if wait is not None or not enough:
                return _enter(state, Stage.STARTING, now_s), wait or _low(inputs, 0.0)
            return _enter(state, Stage.CHARGING, now_s), _follow(inputs)
        case Stage.CHARGING:
            if state.demanded and not enough:
                kept = _after_demand(rules, state, inputs, now_s)
                return (state, kept) if kept else (_enter(state, Stage.IDLE, now_s), _low(inputs, 0.0))
            if not too_little:
                return _enter(state, Stage.CHARGING, now_s), _follow(inputs)
            wait = _wait_to_stop(rules, State(), 0.0, inputs, now_s)
            return _enter(state, Stage.STOPPING, now_s), wait or _low(inputs, inputs.lowest_a)
        case Stage.STOPPING:
            if enough:
                return _enter(state, Stage.CHARGING, now_s), _follow(inputs)
            import_wh = state.import_wh + max(0.0, inputs.import_w) * inputs.elapsed_s * WH_PER_WS
            longer = State(state.stage, state.since_mono_s, import_wh)
            wait = _wait_to_stop(rules, longer, now_s - state.since_mono_s, inputs, now_s)
            if wait is not None:
                return longer, wait
            return _enter(state, Stage.IDLE, now_s), _low(inputs, 0.0)
        case _ as unreachable:
            assert_never(unreachable)


def _sunny(inputs: Inputs) -> tuple[bool, bool]:
    """Whether there is enough to charge with, and whether there is too little; in between neither."""
    if inputs.ordered_a is not None:
        enough = inputs.ordered_a >= inputs.lowest_a
        return enough, not enough
    if inputs.sun is None:
        return False, False
    return inputs.sun.available_w >= inputs.start_w, inputs.sun.available_w < inputs.stop_w


def _wait_to_start(rules: ChargingRules, waited_s: float, inputs: Inputs, now_s: float) -> Wish | None:
    """What holds a start back, ``None`` when nothing does."""
    delay_s = rules.start_delay_s - waited_s
    rest_s = rules.min_off_s - (now_s - inputs.switched_mono_s)
    if not inputs.may_start:
        return Wish(0.0, Why(Reason.BUDGET, {"limit_a": 0.0}))
    if delay_s <= 0.0 and rest_s <= 0.0:
        return None
    code = Reason.START_DELAY if delay_s >= rest_s else Reason.MIN_OFF
    return Wish(0.0, Why(code, {"seconds_left": max(delay_s, rest_s)}))


def _wait_to_stop(
    rules: ChargingRules, state: State, waited_s: float, inputs: Inputs, now_s: float
) -> Wish | None:
    """What keeps the minimum, ``None`` when nothing does."""
    delay_s = rules.stop_delay_s - waited_s if state.import_wh < rules.stop_import_wh else 0.0
    on_s = rules.min_on_s - (now_s - inputs.switched_mono_s) if inputs.told_a > 0.0 else 0.0
    if delay_s <= 0.0 and on_s <= 0.0:
        return None
    code = Reason.STOP_DELAY if delay_s >= on_s else Reason.MIN_ON
    return Wish(inputs.lowest_a, Why(code, {"limit_a": inputs.lowest_a, "seconds_left": max(delay_s, on_s)}))


def _after_demand(rules: ChargingRules, state: State, inputs: Inputs, now_s: float) -> Wish | None:
    """The minimum until the minimum on time is full; ``None`` when it is, or the demand waits for nothing."""
    timeless = inputs.waiting is not None and inputs.waiting.code is Reason.CLOCK_UNKNOWN
    if state.at_once and not timeless:
        return None
    return _wait_to_stop(rules, state, inf, inputs, now_s)


def _follow(inputs: Inputs) -> Wish:
    """As much as the sun carries or an optimizer orders, between the minimum and the ceiling."""
    if inputs.ordered_a is not None:
        return _ordered(inputs, floor_step(inputs.ordered_a, inputs.step_a))
    if inputs.sun is None:
        return _low(inputs, inputs.lowest_a)
    sun_a = current(inputs.sun, inputs.step_a, inputs.told_a)
    if sun_a >= inputs.ceiling.limit_a:
        return _at_most_minimum(inputs, Wish(_top_a(inputs), _bound(inputs)))
    if sun_a < inputs.lowest_a:
        return _low(inputs, inputs.lowest_a)
    figures: dict[str, Figure] = {
        "limit_a": sun_a,
        "available_w": inputs.sun.available_w,
        "volts": inputs.sun.volts,
        "lines": inputs.sun.lines,
        "step_a": inputs.step_a,
        "last_a": inputs.told_a,
    }
    return _at_most_minimum(inputs, Wish(sun_a, Why(Reason.SURPLUS, figures)))


def _ordered(inputs: Inputs, ordered_a: float) -> Wish:
    if ordered_a >= inputs.ceiling.limit_a:
        return _at_most_minimum(inputs, Wish(_top_a(inputs), _bound(inputs)))
    if ordered_a < inputs.lowest_a:
        return _low(inputs, inputs.lowest_a)
    return _at_most_minimum(inputs, Wish(ordered_a, Why(Reason.OPTIMIZER, {"limit_a": ordered_a})))


def _demanded(inputs: Inputs, demand: Demand) -> Wish:
    """What is demanded in whole steps upward, between the minimum and the ceiling."""
    top_a = _top_a(inputs)
    limit_a = top_a
    if demand.limit_a < top_a:
        whole_a = round(ceil(demand.limit_a / inputs.step_a - 1e-9) * inputs.step_a, 6)
        limit_a = max(inputs.lowest_a, whole_a)
    why = _bound(inputs)
    if limit_a < top_a or why.code is Reason.CHARGER_MAX:
        figures = {"limit_a": limit_a, "ceiling_a": inputs.ceiling.limit_a}
        why = Why(demand.code, {**why.figures, **figures, **demand.figures})
    return _at_most_minimum(inputs, Wish(limit_a, why))


def _all(inputs: Inputs) -> Wish:
    """The most that charger, cable and person allow."""
    why = _bound(inputs)
    if why.code is Reason.CHARGER_MAX:
        why = Why(Reason.FAST, why.figures)
    return _at_most_minimum(inputs, Wish(_top_a(inputs), why))


def _at_most_minimum(inputs: Inputs, wish: Wish) -> Wish:
    """A car that is being woken is offered its minimum."""
    if not inputs.minimum_only or wish.wish_a <= inputs.lowest_a:
        return wish
    return Wish(inputs.lowest_a, Why(Reason.CAR_FULL, {"limit_a": inputs.lowest_a, "seconds_left": 0.0}))


def _top_a(inputs: Inputs) -> float:
    return floor_step(inputs.ceiling.limit_a, inputs.step_a)


def _bound(inputs: Inputs) -> Why:
    figures = {"limit_a": inputs.ceiling.limit_a, "min_a": inputs.lowest_a, "step_a": inputs.step_a}
    return Why(inputs.ceiling.code, figures)


def _low(inputs: Inputs, limit_a: float) -> Wish:
    """Too little sun: nothing, or the minimum where that is kept."""
    if inputs.ordered_a is not None:
        return Wish(limit_a, Why(Reason.OPTIMIZER, {"limit_a": limit_a}))
    if inputs.waiting is not None and limit_a <= 0.0:
        return Wish(0.0, inputs.waiting)
    figures: dict[str, Figure] = {"limit_a": limit_a, "start_w": inputs.start_w}
    if inputs.sun is not None:
        figures["available_w"] = inputs.sun.available_w
    return Wish(limit_a, Why(Reason.SURPLUS_LOW, figures))


def _enter(state: State, stage: Stage, now_s: float) -> State:
    return state if stage is state.stage and not state.demanded else State(stage, now_s)
