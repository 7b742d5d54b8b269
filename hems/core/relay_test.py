"""Does the relay obey? A test of the path that nobody needs until everything else has failed (CHG-60).

Theory of operation. RESTING waits until somebody asks, or until a test that was chosen is due and the charger
has been free for a while: no car, held over Modbus, nothing flowing. OPENED takes the relay's position away
for 10 s and then looks: the position followed, the charger still answers, nothing flows. A car that comes
ends it at once without a verdict, and so does anything else that needs the hand. Every end closes the relay.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import inf
from typing import Final, assert_never

from hems.core.rules import RelayTestRules
from hems.core.timing import Dwell


class Stage(StrEnum):
    """Whether the relay is being tested."""

    RESTING = "resting"
    OPENED = "opened"


ALLOWED: Final[Mapping[Stage, frozenset[Stage]]] = {
    Stage.RESTING: frozenset({Stage.OPENED}),
    Stage.OPENED: frozenset({Stage.RESTING}),
}


class Verdict(StrEnum):
    """What there is to tell of a test, or of one that cannot be."""

    PASSED = "passed"
    FAILED = "failed"
    BROKEN_OFF = "broken_off"
    REFUSED = "refused"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class State:
    """The stage, since when, how long the charger has been free, how long a test has been due.

    `reminded`: that it is overdue has been told; a clock that loses its trust in between changes nothing.
    """

    stage: Stage = Stage.RESTING
    since_mono_s: float = -inf
    free: Dwell = field(default_factory=Dwell)
    due: Dwell = field(default_factory=Dwell)
    reminded: bool = False


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the test looks at.

    `obstacle` is what stands in the way, "" when nothing does. `chosen`: the monthly test is wanted;
    `age_s` is the time since the last one, ``None`` when none is known, and `dated` whether anybody can know.
    `opened` is the relay's acknowledged position, ``None`` when unknown; `flows` whether current flows or the
    charger says that it charges.
    """

    asked: bool
    chosen: bool
    age_s: float | None
    dated: bool
    obstacle: str
    opened: bool | None
    silent: bool
    flows: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether the relay is open for the test now, what there is to tell, and what was wrong or in the way."""

    open: bool
    verdict: Verdict | None = None
    because: str = ""


def step(rules: RelayTestRules, state: State, inputs: Inputs, now_s: float) -> tuple[State, Outcome]:
    """One cycle. While the wall clock is not trusted a test is made only when somebody asks."""
    fresh = inputs.age_s is not None and 0.0 <= inputs.age_s < rules.every_s
    due = state.due.step(inputs.chosen and inputs.dated and not fresh, now_s)
    reminded = state.reminded and (due.value is True or not inputs.dated)
    seen = State(state.stage, state.since_mono_s, state.free.step(not inputs.obstacle, now_s), due, reminded)
    match state.stage:
        case Stage.RESTING:
            return _rest(rules, state, seen, inputs, now_s)
        case Stage.OPENED:
            verdict, because = _judge(rules, state, inputs, now_s)
            if verdict is None:
                return seen, Outcome(True)
            rests = State(Stage.RESTING, now_s, Dwell(False, now_s), due, reminded)
            return rests, Outcome(False, verdict, because)
        case _ as unreachable:
            assert_never(unreachable)


def _rest(
    rules: RelayTestRules, state: State, seen: State, inputs: Inputs, now_s: float
) -> tuple[State, Outcome]:
    by_itself = seen.due.value is True and seen.free.held(rules.quiet_s, now_s)
    if not inputs.obstacle and (inputs.asked or by_itself):
        return replace(seen, stage=Stage.OPENED, since_mono_s=now_s), Outcome(True)
    late = inputs.age_s is not None and inputs.age_s >= rules.every_s + rules.patience_s
    overdue = seen.due.value is True and (late or seen.due.held(rules.patience_s, now_s))
    rests = replace(seen, reminded=seen.reminded or overdue)
    if inputs.asked:
        return rests, Outcome(False, Verdict.REFUSED, inputs.obstacle)
    told = overdue and not seen.reminded
    return rests, Outcome(False, Verdict.OVERDUE if told else None, inputs.obstacle if told else "")


def _judge(rules: RelayTestRules, state: State, inputs: Inputs, now_s: float) -> tuple[Verdict | None, str]:
    """The verdict of an open relay, ``None`` before its time; what flows or falls silent is one at once."""
    lasted_s = now_s - state.since_mono_s
    if inputs.silent:
        return Verdict.FAILED, "silent"
    if inputs.flows and lasted_s >= rules.follow_s:
        return Verdict.FAILED, "current"
    if inputs.obstacle and not inputs.flows:
        return Verdict.BROKEN_OFF, inputs.obstacle
    if lasted_s < rules.open_s:
        return None, ""
    return (Verdict.PASSED, "") if inputs.opened else (Verdict.FAILED, "position")
