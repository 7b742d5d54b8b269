"""How soon does every charger have its set-point once the grid operator's contact limits (PNL-67)?

Theory of operation. RESTING waits until somebody asks; where a limit holds already there is nothing to see.
WAITING is given 60 s for the contact. WRITING begins with the cycle that knows of it: the chargers that hold
more than they are told in this cycle have to acknowledge it, and the slowest of them is the answer. Within
1 s the test is passed, later it is late, after 10 s unanswered. A contact that is released before ends it
without an answer. The limit itself is never touched: what is watched is what happens without a test, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import inf
from typing import Final, Literal, assert_never

from hems.core.dim import CONTACT
from hems.core.readings import figure
from hems.core.rules import DimRules
from hems.core.sources import event
from hems.model.decision import DimTest
from hems.model.instant import Instant
from hems.model.intents import Refusal
from hems.model.ledger import Event
from hems.model.runs import Figure
from hems.model.snapshot import ChargerReading

PATIENCE_S: Final = 60.0
ANSWER_S: Final = 10.0
TARGET_S: Final = 1.0


class Stage(StrEnum):
    """Whether the contact is being tested."""

    RESTING = "resting"
    WAITING = "waiting"
    WRITING = "writing"


ALLOWED: Final[Mapping[Stage, frozenset[Stage]]] = {
    Stage.RESTING: frozenset({Stage.WAITING}),
    Stage.WAITING: frozenset({Stage.WRITING, Stage.RESTING}),
    Stage.WRITING: frozenset({Stage.RESTING}),
}

Verdict = Literal["passed", "late", "unanswered", "nothing", "limited", "released"]


@dataclass(frozen=True, slots=True)
class State:
    """The stage and since when; what has yet to be acknowledged (A), the slowest so far; the last answer."""

    stage: Stage = Stage.RESTING
    since_mono_s: float = -inf
    pending_a: Mapping[str, float] = field(default_factory=dict)
    slowest_s: float | None = None
    told: DimTest | None = None


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the test looks at: who limits ("" = nobody), what each charger is told and what it answered."""

    asked: bool
    source: str
    told_a: Mapping[str, float]
    readings: Mapping[str, ChargerReading]


def fault(rules: DimRules | None) -> Refusal | None:
    """Why there is nothing to test; ``None`` if there is."""
    if rules is not None and rules.source == CONTACT:
        return None
    return Refusal("unsupported", "the grid operator has no contact here")


def step(state: State, inputs: Inputs, now: Instant, now_s: float) -> tuple[State, tuple[Event, ...]]:
    """One cycle."""
    match state.stage:
        case Stage.RESTING if not inputs.asked:
            return state, ()
        case Stage.RESTING if inputs.source:
            return _ended(state, "limited", now, now_s)
        case Stage.RESTING:
            return State(Stage.WAITING, now_s, told=DimTest("waiting")), ()
        case Stage.WAITING if inputs.source == CONTACT:
            begun = State(Stage.WRITING, now_s, inputs.told_a, told=DimTest("writing"))
            return _writing(begun, inputs, now, now_s)
        case Stage.WAITING if now_s - state.since_mono_s >= PATIENCE_S:
            return _ended(state, "nothing", now, now_s)
        case Stage.WAITING:
            return state, ()
        case Stage.WRITING:
            return _writing(state, inputs, now, now_s)
        case _ as unreachable:
            assert_never(unreachable)


def _writing(state: State, inputs: Inputs, now: Instant, now_s: float) -> tuple[State, tuple[Event, ...]]:
    begins = now_s == state.since_mono_s
    taken = {name for name, most_a in state.pending_a.items() if _holds(inputs.readings.get(name), most_a)}
    answers_s = [] if begins else [_after_s(inputs.readings[name], state, now_s) for name in taken]
    pending_a = {name: most_a for name, most_a in state.pending_a.items() if name not in taken}
    known_s = (*answers_s, *(() if state.slowest_s is None else (state.slowest_s,)))
    state = replace(state, pending_a=pending_a, slowest_s=max(known_s, default=None))
    if not pending_a:
        return _ended(state, "late" if (state.slowest_s or 0.0) > TARGET_S else "passed", now, now_s)
    if inputs.source != CONTACT:
        return _ended(state, "released", now, now_s)
    if now_s - state.since_mono_s >= ANSWER_S:
        return _ended(state, "unanswered", now, now_s)
    return state, ()


def _holds(reading: ChargerReading | None, most_a: float) -> bool:
    """Whether a charger has acknowledged no more than this."""
    held_a = figure(reading.acknowledged_a) if reading is not None else None
    return held_a is not None and held_a <= most_a


def _after_s(reading: ChargerReading, state: State, now_s: float) -> float:
    """How long after the contact the charger took it; by now where nobody knows better."""
    at_s = figure(reading.acknowledged_mono_s)
    return max(0.0, (now_s if at_s is None else min(at_s, now_s)) - state.since_mono_s)


def _ended(state: State, verdict: Verdict, now: Instant, now_s: float) -> tuple[State, tuple[Event, ...]]:
    because = next(iter(state.pending_a), "")
    told = DimTest("resting", verdict, state.slowest_s, because)
    figures: dict[str, Figure] = {} if told.seconds is None else {"seconds": round(told.seconds, 3)}
    figures |= {"because": because} if because else {}
    tested = event("dim_tested", "operator", now, verdict=verdict, **figures)
    return State(Stage.RESTING, now_s, told=told), (tested,)
