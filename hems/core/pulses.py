"""The test that finds out which lines a charger uses (CHG-21).

Theory of operation. When it is asked for, it is WAITING until the set-point has stood for 10 s and every line
has 4 A to spare. Then the set-point stays where it is (LOW) and goes three times 2 A down (HIGH) for 5 s, or
2 A up where it is too low for that; the seconds count from when the charger has taken it. At the end of each
stretch the grid meter is looked at: a line that followed more than half of the pulses by more than 1 A,
against the mean of the stretches before and after, is one of the charger's. A line that goes the other way
by as much is somebody's who answers the test: it hides what the charger does there, and nothing is found out.
Everything stays a wish: protection narrows it as ever, and what it narrows ends the test, as do a line above
its fuse, a car that leaves or stops charging, new orders, and another test.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf
from typing import Final, assert_never

from hems.model.units import LINES, LineName, PerLine


@dataclass(frozen=True, slots=True)
class PulsesRules:
    """The test that finds a charger's lines (CHG-21).

    `pulses` of `pulse_a` for `pulse_s`, as long apart; a line that follows more than half of them by more
    than `follow_a` is one of its lines. It begins when the set-point has stood for `steady_s` with
    `headroom_a` on every line; it waits `wait_s` for that, and `reach_s` for each set-point to be taken.
    """

    pulses: int = 3
    pulse_a: float = 2.0
    pulse_s: float = 5.0
    follow_a: float = 1.0
    headroom_a: float = 4.0
    steady_s: float = 10.0
    wait_s: float = 60.0
    reach_s: float = 10.0


class Stage(StrEnum):
    """How far the test is."""

    REST = "rest"
    WAITING = "waiting"
    LOW = "low"
    HIGH = "high"


ALLOWED: Final[Mapping[Stage, frozenset[Stage]]] = {
    Stage.REST: frozenset({Stage.WAITING}),
    Stage.WAITING: frozenset({Stage.LOW, Stage.REST}),
    Stage.LOW: frozenset({Stage.HIGH, Stage.WAITING, Stage.REST}),
    Stage.HIGH: frozenset({Stage.LOW, Stage.WAITING, Stage.REST}),
}


@dataclass(frozen=True, slots=True)
class State:
    """The stage and since when, since when its set-point is taken, and what the test is made of.

    `base_a` is the set-point it began with, `pulse_a` how far a pulse goes from there, `seen_a` the grid's
    currents at the end of each stretch.
    """

    stage: Stage = Stage.REST
    since_mono_s: float = -inf
    taken_mono_s: float | None = None
    base_a: float = 0.0
    pulse_a: float = 0.0
    seen_a: tuple[PerLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a test looks at.

    `asked`: it was asked for; `other`: another one was. `obstacle` names what forbids a test, "" = nothing.
    `told_a` has stood for `stood_s` and is `taken` when the charger acknowledged it. `top_a` is the most it
    may be told. `grid_a` are the currents at the grid meter, `spare_a` what its fullest line has free.
    """

    asked: bool
    other: bool
    obstacle: str
    told_a: float
    stood_s: float
    taken: bool
    lowest_a: float
    step_a: float
    top_a: float
    grid_a: PerLine
    spare_a: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a test ended: the lines that followed, or why it found none; `follow_a` is their mean answer."""

    lines: tuple[LineName, ...]
    because: str = ""
    follow_a: PerLine | None = None


def step(rules: PulsesRules, state: State, inputs: Inputs, now_s: float) -> tuple[State, Verdict | None]:
    """One cycle; gives the end of a test once."""
    if inputs.asked:
        return State(Stage.WAITING, now_s), None if state.stage is Stage.REST else Verdict((), "another")
    if state.stage is not Stage.REST and inputs.other:
        return State(), Verdict((), "another")
    match state.stage:
        case Stage.REST:
            return state, None
        case Stage.WAITING:
            return _waiting(rules, state, inputs, now_s)
        case Stage.LOW | Stage.HIGH:
            return _pulsing(rules, state, inputs, now_s)
        case _ as unreachable:
            assert_never(unreachable)


def set_point_a(state: State) -> float | None:
    """What a running test wants the charger to be told, ``None`` while it wants nothing."""
    match state.stage:
        case Stage.LOW:
            return state.base_a
        case Stage.HIGH:
            return state.base_a + state.pulse_a
        case _:
            return None


def _waiting(rules: PulsesRules, state: State, inputs: Inputs, now_s: float) -> tuple[State, Verdict | None]:
    """Until the set-point stands and there is room; a car at its minimum and its most has no way at all."""
    because = inputs.obstacle
    if not because and (inputs.stood_s < rules.steady_s or not inputs.taken):
        because = "unsteady"
    if not because and inputs.spare_a < rules.headroom_a:
        because = "no_room"
    pulse_a = _pulse_a(rules, inputs)
    if not because and pulse_a is None:
        because = "no_range"
    if not because and pulse_a is not None:
        return State(Stage.LOW, now_s, now_s, inputs.told_a, pulse_a), None
    if now_s - state.since_mono_s < rules.wait_s:
        return state, None
    return State(), Verdict((), because)


def _pulse_a(rules: PulsesRules, inputs: Inputs) -> float | None:
    """Down, else up, in whole steps; ``None`` where the charger's range is too small for either."""
    for pulse_a in (-rules.pulse_a, rules.pulse_a):
        highest_a = max(inputs.told_a, inputs.told_a + pulse_a)
        if inputs.lowest_a <= inputs.told_a + pulse_a and highest_a <= inputs.top_a:
            return pulse_a
    return None


def _pulsing(rules: PulsesRules, state: State, inputs: Inputs, now_s: float) -> tuple[State, Verdict | None]:
    wanted_a = state.base_a + (state.pulse_a if state.stage is Stage.HIGH else 0.0)
    reached = inputs.taken and abs(inputs.told_a - wanted_a) < inputs.step_a / 2.0
    if because := _broken(rules, state, inputs, reached, now_s):
        return State(), Verdict((), because)
    if state.taken_mono_s is None:
        taken_s = now_s if reached else None
        return replace(state, taken_mono_s=taken_s), None
    if now_s - state.taken_mono_s < rules.pulse_s:
        return state, None
    seen_a = (*state.seen_a, inputs.grid_a)
    if len(seen_a) > 2 * rules.pulses:
        return State(), _verdict(rules, state.pulse_a, seen_a)
    stage = Stage.LOW if state.stage is Stage.HIGH else Stage.HIGH
    return State(stage, now_s, None, state.base_a, state.pulse_a, seen_a), None


def _broken(rules: PulsesRules, state: State, inputs: Inputs, reached: bool, now_s: float) -> str:
    """What ends a test before its time, "" for nothing."""
    if inputs.obstacle:
        return inputs.obstacle
    if max(state.base_a, state.base_a + state.pulse_a) > inputs.top_a:
        return "orders"
    if state.taken_mono_s is not None and not reached:
        return "held_back"
    late = state.taken_mono_s is None and now_s - state.since_mono_s >= rules.reach_s
    return "held_back" if late else ""


def _verdict(rules: PulsesRules, pulse_a: float, seen_a: tuple[PerLine, ...]) -> Verdict:
    """Low and high stretches take turns; each pulse is judged against both its neighbours."""
    sign = 1.0 if pulse_a > 0.0 else -1.0
    answers_a = [
        [
            sign * (seen_a[high][line] - (seen_a[high - 1][line] + seen_a[high + 1][line]) / 2.0)
            for high in range(1, len(seen_a) - 1, 2)
        ]
        for line in range(len(LINES))
    ]
    one, two, three = (sum(answer_a) / len(answer_a) for answer_a in answers_a)
    if any(_mostly([-one_a for one_a in answer_a], rules.follow_a) for answer_a in answers_a):
        return Verdict((), "balanced", (one, two, three))
    found = tuple(
        name for name, answer_a in zip(LINES, answers_a, strict=True) if _mostly(answer_a, rules.follow_a)
    )
    return Verdict(found, "" if found else "no_answer", (one, two, three))


def _mostly(answer_a: list[float], more_a: float) -> bool:
    """Whether more than half of the pulses were followed by more than that."""
    return 2 * sum(one_a > more_a for one_a in answer_a) > len(answer_a)
