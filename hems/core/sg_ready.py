"""What the two SG-Ready contacts of a heat pump say (CHG-101).

Theory of operation. Enough surplus for 5 min recommends the pump to run, much more forces it where that is
wanted; too little for as long takes it back (NORMAL). Every state lasts 10 min; what was asked for is not
taken back before the compressor has run 20 min, nor asked again before it has rested 10 min, and at most
three times an hour. Where nothing shows the compressor our own requests stand for it. Between the states lie
5 min of the opposite, so a cloud changes nothing.

A limit of the grid operator locks the pump at once and as long as it holds; without the grid meter or the
pump the contacts fall to NORMAL at once. What a person wants comes at once as well, save that a start waits
for the compressor's rest and the hour's budget; it never outlasts the operator's limit. LOCKED always ends in
NORMAL.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, assert_never

from hems.core.appliances import SgReadyRules
from hems.core.timing import Budget, Dwell
from hems.model.why import Figure, Reason, Why

HOUR_S: Final = 3600.0


class Stage(StrEnum):
    """The four states of the contacts; the words are those of the settings."""

    NORMAL = "normal"
    RECOMMENDED = "recommended"
    FORCED = "forced"
    LOCKED = "locked"


ALLOWED: Final[Mapping[Stage, frozenset[Stage]]] = {
    Stage.NORMAL: frozenset({Stage.RECOMMENDED, Stage.FORCED, Stage.LOCKED}),
    Stage.RECOMMENDED: frozenset({Stage.NORMAL, Stage.FORCED, Stage.LOCKED}),
    Stage.FORCED: frozenset({Stage.NORMAL, Stage.RECOMMENDED, Stage.LOCKED}),
    Stage.LOCKED: frozenset({Stage.NORMAL}),
}

ASKED: Final = (Stage.RECOMMENDED, Stage.FORCED)
"""States that ask the compressor to run."""


@dataclass(frozen=True, slots=True)
class State:
    """The stage and since when; the sun for each request, whether the pump runs, the latest requests."""

    stage: Stage
    since_mono_s: float
    enough: Dwell = field(default_factory=Dwell)
    plenty: Dwell = field(default_factory=Dwell)
    running: Dwell = field(default_factory=Dwell)
    starts: Budget = field(default_factory=Budget)

    @property
    def asked(self) -> bool:
        """Whether the pump is asked to run."""
        return self.stage in ASKED


@dataclass(frozen=True, slots=True)
class Order:
    """What a person wants, and for how much longer."""

    stage: Stage
    left_s: float


@dataclass(frozen=True, slots=True)
class Inputs:
    """Surplus for the pump, its own draw in it (``None``: not known now), and what else speaks.

    `runs` is ``None`` where nothing shows the compressor. `blind` says why nobody can answer for the sun or
    the pump, ``None`` when somebody can.
    """

    available_w: float | None
    runs: bool | None = None
    order: Order | None = None
    dimmed: bool = False
    blind: Reason | None = None


def step(rules: SgReadyRules, state: State, inputs: Inputs, now_s: float) -> tuple[State, Why]:
    """One cycle: what the contacts say from now on, and why."""
    state = _look(rules, state, inputs, now_s)
    stage = _next(rules, state, inputs, now_s)
    if stage is not state.stage:
        begins = stage in ASKED and not state.asked
        starts = state.starts.spend(rules.starts_per_hour, now_s) if begins else state.starts
        state = replace(state, stage=stage, since_mono_s=now_s, starts=starts)
    code, left_s = _reason(rules, state, inputs, now_s)
    figures: dict[str, Figure] = {"sg": state.stage.value, "offer_w": inputs.available_w or 0.0}
    if code is Reason.SURPLUS:
        figures["least_w"] = _least_w(rules, state.stage)
    if left_s is not None:
        figures["seconds_left"] = left_s
    return state, Why(code, figures)


def _look(rules: SgReadyRules, state: State, inputs: Inputs, now_s: float) -> State:
    """The conditions as they are now; what is not known just now stays as it was."""
    enough, plenty, running = state.enough, state.plenty, state.running
    if inputs.blind is not None:
        enough, plenty = enough.step(False, now_s), plenty.step(False, now_s)
    elif inputs.available_w is not None:
        enough = enough.step(inputs.available_w >= rules.recommended_w, now_s)
        plenty = plenty.step(
            rules.forced_w is not None and inputs.available_w >= _least_w(rules, Stage.FORCED), now_s
        )
    running = running.step(inputs.runs, now_s) if inputs.runs is not None else Dwell()
    return replace(state, enough=enough, plenty=plenty, running=running)


def _next(rules: SgReadyRules, state: State, inputs: Inputs, now_s: float) -> Stage:
    if inputs.dimmed:
        return Stage.LOCKED
    wanted = _wanted(rules, state, inputs, now_s)
    at_once = inputs.order is not None or inputs.blind is not None
    match state.stage:
        case Stage.NORMAL:
            waits = wanted in ASKED and _start_wait(rules, state, inputs, now_s) is not None
            return Stage.NORMAL if waits else wanted
        case Stage.RECOMMENDED | Stage.FORCED:
            if wanted is state.stage or at_once:
                return wanted
            return wanted if _kept_s(rules, state, wanted, now_s) <= 0.0 else state.stage
        case Stage.LOCKED:
            over = at_once or _hold_s(rules, state, now_s) <= 0.0
            return Stage.NORMAL if over and wanted is not Stage.LOCKED else Stage.LOCKED
        case _ as unreachable:
            assert_never(unreachable)


def _wanted(rules: SgReadyRules, state: State, inputs: Inputs, now_s: float) -> Stage:
    """What a person or the sun wants; a blind rule wants nothing but a lock that a person wants."""
    order = inputs.order
    if order is not None and (inputs.blind is None or order.stage is Stage.LOCKED):
        return order.stage
    if inputs.blind is not None:
        return Stage.NORMAL
    if _lasts(rules, state.plenty, state.stage is Stage.FORCED, now_s):
        return Stage.FORCED
    return Stage.RECOMMENDED if _lasts(rules, state.enough, state.asked, now_s) else Stage.NORMAL


def _lasts(rules: SgReadyRules, condition: Dwell, asked: bool, now_s: float) -> bool:
    """Whether it has held long enough to ask, or not failed long enough to take that back."""
    if asked:
        return condition.value is not None and condition.missed_s(now_s) < rules.surplus_s
    return condition.held(rules.surplus_s, now_s)


def _hold_s(rules: SgReadyRules, state: State, now_s: float) -> float:
    return rules.hold_s - (now_s - state.since_mono_s)


def _start_wait(
    rules: SgReadyRules, state: State, inputs: Inputs, now_s: float
) -> tuple[Reason, float] | None:
    """What keeps a request back, and for how long; ``None`` when nothing does."""
    rest_s = 0.0 if inputs.order is not None else _hold_s(rules, state, now_s)
    if state.running.value is not True:
        rested_s = state.running.missed_s(now_s) if inputs.runs is False else now_s - state.since_mono_s
        rest_s = max(rest_s, rules.min_rest_s - rested_s)
    if rest_s > 0.0:
        return Reason.MIN_OFF, rest_s
    if state.starts.left(rules.starts_per_hour, HOUR_S, now_s) < 1:
        return Reason.BUDGET, HOUR_S - (now_s - min(state.starts.times_mono_s, default=now_s))
    return None


def _kept_s(rules: SgReadyRules, state: State, wanted: Stage, now_s: float) -> float:
    """How long a request must still be kept; a weaker one only as long as every state."""
    kept_s = _hold_s(rules, state, now_s)
    if wanted in ASKED or state.running.value is False:
        return kept_s
    since_s = state.running.since_mono_s if state.running.value else state.since_mono_s
    return max(kept_s, rules.min_run_s - (now_s - since_s))


def _reason(rules: SgReadyRules, state: State, inputs: Inputs, now_s: float) -> tuple[Reason, float | None]:
    """Why the contacts say what they say, and how long yet where that is known."""
    order = inputs.order
    if inputs.dimmed:
        return Reason.OPERATOR_LIMIT, None
    if order is not None and order.stage is state.stage:
        return Reason.MANUAL_BOOST, order.left_s
    match state.stage:
        case Stage.LOCKED:
            return Reason.MIN_OFF, max(0.0, _hold_s(rules, state, now_s))
        case Stage.NORMAL:
            return _not_yet(rules, state, inputs, now_s)
        case Stage.RECOMMENDED | Stage.FORCED:
            return _still(rules, state, now_s)
        case _ as unreachable:
            assert_never(unreachable)


def _not_yet(rules: SgReadyRules, state: State, inputs: Inputs, now_s: float) -> tuple[Reason, float | None]:
    """Why nothing is asked for."""
    if inputs.blind is not None:
        return inputs.blind, None
    if inputs.order is None and not state.enough.value:
        return Reason.SURPLUS_LOW, None
    delay_s = rules.surplus_s - (now_s - state.enough.since_mono_s) if inputs.order is None else 0.0
    code, left_s = _start_wait(rules, state, inputs, now_s) or (Reason.START_DELAY, 0.0)
    return (Reason.START_DELAY, delay_s) if delay_s >= left_s else (code, left_s)


def _still(rules: SgReadyRules, state: State, now_s: float) -> tuple[Reason, float | None]:
    """Why something is asked for."""
    condition = state.plenty if state.stage is Stage.FORCED else state.enough
    if condition.value:
        return Reason.SURPLUS, None
    delay_s = rules.surplus_s - condition.missed_s(now_s)
    wanted = Stage.RECOMMENDED if state.stage is Stage.FORCED and state.enough.value else Stage.NORMAL
    kept_s = _kept_s(rules, state, wanted, now_s)
    return (Reason.STOP_DELAY, delay_s) if delay_s >= kept_s else (Reason.MIN_ON, kept_s)


def _least_w(rules: SgReadyRules, stage: Stage) -> float:
    """The surplus from which this state is due."""
    return rules.forced_w if stage is Stage.FORCED and rules.forced_w is not None else rules.recommended_w
