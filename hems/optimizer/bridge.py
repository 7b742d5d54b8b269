"""When the optimizer is asked for what, and how long its word holds; pure.

Theory of operation. ABSENT waits and looks again after 5, 10, 20, 40, then every 60 s (API-125). A look is a
question for its health (PROBING). READY asks (ASKING) for a plan every minute, sooner after something
changed, for the weather every six hours and for prices every hour; one question at a time. Whatever goes
wrong with a question drops the plan and leads to ABSENT; so does a plan's age, without leaving the stage.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf
from typing import Final, Literal, assert_never

from hems.model.plans import OptimizerPlan
from hems.model.surroundings import Forecast

What = Literal["health", "optimize", "weather", "tariff"]

RETRY_AFTER_S: Final = (5.0, 10.0, 20.0, 40.0, 60.0)
ANSWER_WITHIN_S: Final = 2.0
PLAN_EVERY_S: Final = 60.0
PLANS_APART_S: Final = 10.0
WEATHER_EVERY_S: Final = 6 * 3600.0
TARIFF_EVERY_S: Final = 3600.0


class Stage(StrEnum):
    """How things stand with the optimizer."""

    ABSENT = "absent"
    PROBING = "probing"
    READY = "ready"
    ASKING = "asking"


ALLOWED: Final[Mapping[Stage, frozenset[Stage]]] = {
    Stage.ABSENT: frozenset({Stage.PROBING}),
    Stage.PROBING: frozenset({Stage.READY, Stage.ABSENT}),
    Stage.READY: frozenset({Stage.ASKING, Stage.ABSENT}),
    Stage.ASKING: frozenset({Stage.READY, Stage.ABSENT}),
}


@dataclass(frozen=True, slots=True)
class State:
    """The stage, since when, what is being asked, what was learned, and when each question was put last."""

    stage: Stage = Stage.ABSENT
    since_mono_s: float = -inf
    failures: int = 0
    what: What = "health"
    number: int = 0
    plan: OptimizerPlan | None = None
    weather: tuple[Forecast, ...] = ()
    situation: object = None
    planned_mono_s: float = -inf
    weather_mono_s: float = -inf
    tariff_mono_s: float = -inf
    words: str = ""


@dataclass(frozen=True, slots=True)
class Passing:
    """A cycle has passed; `situation` is equal as long as nothing changed that a plan depends on."""

    situation: object
    wants_tariff: bool = False


@dataclass(frozen=True, slots=True)
class Learned:
    """A question was answered as it should be; what was learned by it, and what it wants to say."""

    plan: OptimizerPlan | None = None
    weather: tuple[Forecast, ...] | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """A question was not answered as it should be, or nobody is there."""

    words: str


@dataclass(frozen=True, slots=True)
class Question:
    """Put this question now; `number` tells the answers apart."""

    what: What
    number: int


Event = Passing | Learned | Failed


def step(state: State, event: Event, now_s: float) -> tuple[State, Question | None]:
    """The state after an event, and what to ask."""
    if state.plan is not None and now_s >= state.plan.until_mono_s:
        state = replace(state, plan=None)
    if isinstance(event, Failed):
        return _absent(state, event.words, now_s), None
    match state.stage:
        case Stage.ABSENT:
            due = now_s - state.since_mono_s >= _retry_s(state.failures)
            return _put(state, "health", Stage.PROBING, now_s) if due else (state, None)
        case Stage.PROBING:
            if isinstance(event, Learned):
                return replace(state, stage=Stage.READY, since_mono_s=now_s, failures=0, words=""), None
            return _waited(state, now_s)
        case Stage.READY:
            return _next(state, event, now_s) if isinstance(event, Passing) else (state, None)
        case Stage.ASKING:
            if isinstance(event, Learned):
                return _learned(state, event, now_s), None
            return _waited(state, now_s)
        case _ as unreachable:
            assert_never(unreachable)


def fresh_plan(state: State, now_s: float) -> OptimizerPlan | None:
    """The plan, as long as its word holds."""
    return state.plan if state.plan is not None and now_s < state.plan.until_mono_s else None


def _next(state: State, event: Passing, now_s: float) -> tuple[State, Question | None]:
    """The question that is due, the plan before all others."""
    since_plan_s = now_s - state.planned_mono_s
    changed = event.situation != state.situation
    if since_plan_s >= PLAN_EVERY_S or (changed and since_plan_s >= PLANS_APART_S):
        asked = replace(state, situation=event.situation, planned_mono_s=now_s)
        return _put(asked, "optimize", Stage.ASKING, now_s)
    if event.wants_tariff and now_s - state.tariff_mono_s >= TARIFF_EVERY_S:
        return _put(replace(state, tariff_mono_s=now_s), "tariff", Stage.ASKING, now_s)
    if now_s - state.weather_mono_s >= WEATHER_EVERY_S:
        return _put(replace(state, weather_mono_s=now_s), "weather", Stage.ASKING, now_s)
    return state, None


def _put(state: State, what: What, stage: Stage, now_s: float) -> tuple[State, Question]:
    number = state.number + 1
    asking = replace(state, stage=stage, since_mono_s=now_s, what=what, number=number)
    return asking, Question(what, number)


def _learned(state: State, event: Learned, now_s: float) -> State:
    ready = replace(state, stage=Stage.READY, since_mono_s=now_s)
    if state.what == "optimize":
        return replace(ready, plan=event.plan, words=event.words)
    return ready if event.weather is None else replace(ready, weather=event.weather)


def _waited(state: State, now_s: float) -> tuple[State, Question | None]:
    if now_s - state.since_mono_s < ANSWER_WITHIN_S:
        return state, None
    return _absent(state, f"no answer to {state.what} within {ANSWER_WITHIN_S:.0f} s", now_s), None


def _absent(state: State, words: str, now_s: float) -> State:
    """Gone: its plan with it; when it returns everything is asked anew."""
    return State(
        stage=Stage.ABSENT,
        since_mono_s=now_s,
        failures=state.failures + 1,
        number=state.number,
        words=words,
    )


def _retry_s(failures: int) -> float:
    return RETRY_AFTER_S[min(failures, len(RETRY_AFTER_S)) - 1] if failures else 0.0
