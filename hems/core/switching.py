"""One or three lines: a charger's switch of lines, as an interlock (CHG-22, CHG-23).

Theory of operation. The relay that chooses the lines is not made to break a current. A change goes STOPPING
(0 A is told; it must be acknowledged and less than 1 A flow on every line for 2 s) → PAUSING (5 s more of the
same) → MOVING (the relay is told, 5 s) → VERIFYING (its position is read back) → SETTLED, and the charger
starts at its minimum. Where nothing is measured, 0 A acknowledged while the charger does not say that it
charges counts as no current after 10 s. Current that does not stop is the hand's business: it finds the stuck
contactor, and the change is off once the hand is another one. A relay is never argued with: if its position
is not the one it was told, nothing is told until its position is known again (VERIFYING), with 0 A.

A run begins VERIFYING: the relay stays where it is, and where it is found is where it is taken to be.

SETTLED on one line it changes when three minima and 5 % have been there for 300 s, back when three minima
have not been there for 300 s; whoever wants the full current gets all lines at once where the fuses carry
them. Changes are 420 s apart and at most 8 in 24 h. Two in a row that were not confirmed, or current on lines
that are switched off, lock the switch until the car leaves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import inf
from typing import Final, assert_never

from hems.core.timing import Budget, Dwell

DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class SwitchingRules:
    """How a charger changes between one line and all of its lines (CHG-22, CHG-23).

    Less than `empty_a` on every line for `empty_s` is no current; where nothing is measured it takes
    `unmeasured_s`. After `unproven_s` a change is given up. `pause_s` lies before and after the relay moves,
    whose position must then show within `verify_s`. The power must carry `margin` more than all minima, the
    fuses `spare_a` more, for `carry_s` to change to all lines, and fail to carry them for as long to change
    to one. Changes are `between_s` apart, at most `per_day` in 24 h. `tries` that were not confirmed lock it.
    """

    empty_a: float = 1.0
    empty_s: float = 2.0
    unmeasured_s: float = 10.0
    unproven_s: float = 30.0
    pause_s: float = 5.0
    verify_s: float = 10.0
    margin: float = 0.05
    spare_a: float = 1.0
    carry_s: float = 300.0
    between_s: float = 420.0
    per_day: int = 8
    tries: int = 2


class Stage(StrEnum):
    """How far a change is."""

    SETTLED = "settled"
    STOPPING = "stopping"
    PAUSING = "pausing"
    MOVING = "moving"
    VERIFYING = "verifying"


ALLOWED: Final[Mapping[Stage, frozenset[Stage]]] = {
    Stage.SETTLED: frozenset({Stage.STOPPING, Stage.VERIFYING}),
    Stage.STOPPING: frozenset({Stage.PAUSING, Stage.SETTLED, Stage.VERIFYING}),
    Stage.PAUSING: frozenset({Stage.MOVING, Stage.SETTLED, Stage.VERIFYING}),
    Stage.MOVING: frozenset({Stage.VERIFYING}),
    Stage.VERIFYING: frozenset({Stage.SETTLED}),
}


@dataclass(frozen=True, slots=True)
class State:
    """The stage and since when, and what later cycles judge by.

    `lines` is where the relay was told to stand, ``None`` while it is left alone. `failures` in a row were
    not confirmed, `tried_mono_s` is when the last change was made or given up. `room` and `sun`: the fuses,
    the surplus carry all lines. `empty`: no current flows; `stray`: some flows where none can.
    """

    stage: Stage = Stage.VERIFYING
    since_mono_s: float = -inf
    lines: int | None = None
    failures: int = 0
    tried_mono_s: float = -inf
    moves: Budget = field(default_factory=Budget)
    room: Dwell = field(default_factory=lambda: Dwell(True))
    sun: Dwell = field(default_factory=Dwell)
    empty: Dwell = field(default_factory=Dwell)
    stray: Dwell = field(default_factory=Dwell)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a change looks at.

    `position`: on how many lines the relay stands (1 or 3), ``None`` when nobody knows. `obeys`: what the
    charger is told will be done. `zero`: 0 A is told and acknowledged. `current_a` is measured on its
    strongest line, ``None`` without a measurement, `stray_a` on its second and third. `idle`: the charger
    says that it does not charge. `active`: mode and car may want current; `full`: as much as there is;
    `several`: the car uses more than one line. `asked` is what a person or an optimizer chose. `room_a`
    is what the fuses leave it on its fullest line, `carried` the surplus as a part of the power of all
    minima, ``None`` when nobody knows.
    """

    position: int | None
    plugged: bool
    obeys: bool
    zero: bool
    current_a: float | None
    stray_a: float
    idle: bool
    active: bool
    full: bool
    several: bool
    asked: int | None
    lowest_a: float
    room_a: float | None
    carried: float | None


@dataclass(frozen=True, slots=True)
class Order:
    """What follows: where the relay is told to stand (``None`` = it is left alone), and whether 0 A is told.

    `seconds_left` is how long the rest of the change takes, as far as that is known.
    """

    lines: int | None
    hold: bool
    seconds_left: float


def step(rules: SwitchingRules, state: State, inputs: Inputs, now_s: float) -> tuple[State, Order]:
    """One cycle."""
    after = _stage(rules, _watched(rules, state, inputs, now_s), inputs, now_s)
    hold = after.stage is not Stage.SETTLED
    return after, Order(after.lines, hold, _seconds_left(rules, after, now_s) if hold else 0.0)


def locked(rules: SwitchingRules, state: State) -> bool:
    """Whether the lines stay as they are until the car leaves."""
    return state.failures >= rules.tries


def stays(rules: SwitchingRules, state: State, now_s: float) -> bool:
    """Whether it stands on one line and that will last: locked, out of changes, or no room for all lines."""
    spent = state.moves.left(rules.per_day, DAY_S, now_s) < 1
    cramped = state.room.missed_s(now_s) >= rules.carry_s
    return state.stage is Stage.SETTLED and state.lines == 1 and (locked(rules, state) or spent or cramped)


def single(state: State, position: int | None) -> bool:
    """Whether it is certain that no current can flow but on the first line."""
    return state.stage is Stage.SETTLED and state.lines == position == 1 and state.stray.value is not True


def moving(state: State, position: int | None) -> bool:
    """Whether the switch may stand anywhere, now or soon."""
    return state.stage is not Stage.SETTLED or position is None or state.lines != position


def _watched(rules: SwitchingRules, state: State, inputs: Inputs, now_s: float) -> State:
    """The conditions and since when they hold. What failed with a car is forgotten when it leaves."""
    on_one = state.lines == 1
    enough_a = inputs.lowest_a + (rules.spare_a if on_one else 0.0)
    enough = 1.0 + (rules.margin if on_one else 0.0)
    quiet = inputs.idle if inputs.current_a is None else inputs.current_a < rules.empty_a
    strays = on_one and state.stage is Stage.SETTLED and inputs.stray_a >= rules.empty_a
    return replace(
        state,
        since_mono_s=now_s if state.since_mono_s == -inf else state.since_mono_s,
        failures=state.failures if inputs.plugged else 0,
        room=state.room if inputs.room_a is None else state.room.step(inputs.room_a >= enough_a, now_s),
        sun=Dwell() if inputs.carried is None else state.sun.step(inputs.carried >= enough, now_s),
        empty=state.empty.step(inputs.zero and quiet, now_s),
        stray=state.stray.step(strays, now_s),
    )


def _stage(rules: SwitchingRules, state: State, inputs: Inputs, now_s: float) -> State:
    elsewhere = inputs.position is not None and inputs.position != state.lines
    match state.stage:
        case Stage.SETTLED:
            if elsewhere:
                return _enter(replace(state, lines=None), Stage.VERIFYING, now_s)
            if state.stray.held(rules.verify_s, now_s):
                return replace(state, failures=max(rules.tries, state.failures))
            return _enter(state, Stage.STOPPING, now_s) if _due(rules, state, inputs, now_s) else state
        case Stage.STOPPING | Stage.PAUSING:
            if elsewhere:
                return _enter(replace(state, lines=None), Stage.VERIFYING, now_s)
            if not (inputs.plugged and inputs.obeys):
                return _enter(state, Stage.SETTLED, now_s)
            return _emptied(rules, state, inputs, now_s)
        case Stage.MOVING | Stage.VERIFYING:
            return _verified(rules, state, inputs, now_s)
        case _ as unreachable:
            assert_never(unreachable)


def _due(rules: SwitchingRules, state: State, inputs: Inputs, now_s: float) -> bool:
    """Whether a change is wanted and may begin now."""
    may = inputs.plugged and inputs.obeys and inputs.active
    rested = now_s - state.tried_mono_s >= rules.between_s and state.moves.left(rules.per_day, DAY_S, now_s)
    if state.lines is None or not may or not rested or locked(rules, state):
        return False
    if inputs.asked is not None:
        return inputs.asked != state.lines
    if not inputs.several:
        return False
    if state.lines == 1:
        sunny = inputs.full or state.sun.held(rules.carry_s, now_s)
        return sunny and state.room.held(rules.carry_s, now_s)
    dark = not inputs.full and state.sun.missed_s(now_s) >= rules.carry_s
    return dark or state.room.missed_s(now_s) >= rules.carry_s


def _emptied(rules: SwitchingRules, state: State, inputs: Inputs, now_s: float) -> State:
    """On the way to the move: no current for so long, then a pause without current; else it is given up."""
    lasted_s = now_s - state.since_mono_s
    empty = state.empty.held(
        rules.unmeasured_s if inputs.current_a is None else rules.empty_s,
        now_s,
    )
    if state.stage is Stage.STOPPING and not empty:
        return state if lasted_s < rules.unproven_s else _given_up(state, now_s)
    if state.stage is Stage.STOPPING:
        return _enter(state, Stage.PAUSING, now_s)
    if not empty:
        return _given_up(state, now_s)
    if lasted_s < rules.pause_s:
        return state
    moves = state.moves.spend(rules.per_day, now_s)
    moved = replace(state, lines=3 if state.lines == 1 else 1, tried_mono_s=now_s, moves=moves)
    return _enter(moved, Stage.MOVING, now_s)


def _verified(rules: SwitchingRules, state: State, inputs: Inputs, now_s: float) -> State:
    """Once the relay was told, or where it is found.

    It is left alone at once when current flows, or may, while it has not moved yet.
    """
    lasted_s = now_s - state.since_mono_s
    there = inputs.position == state.lines
    if state.lines is None:
        known = replace(state, lines=inputs.position)
        waits = inputs.position is None and lasted_s < rules.verify_s
        return state if waits else _enter(known, Stage.SETTLED, now_s)
    if not there and state.empty.value is not True:
        return _enter(_failed(state, now_s), Stage.VERIFYING, now_s)
    if state.stage is Stage.MOVING:
        return state if lasted_s < rules.pause_s else _enter(state, Stage.VERIFYING, now_s)
    if there:
        return _enter(replace(state, failures=0), Stage.SETTLED, now_s)
    return state if lasted_s < rules.verify_s else _enter(_failed(state, now_s), Stage.VERIFYING, now_s)


def _given_up(state: State, now_s: float) -> State:
    """Nothing was moved, and the lines are what they were."""
    tried = replace(state, failures=state.failures + 1, tried_mono_s=now_s)
    return _enter(tried, Stage.SETTLED, now_s)


def _failed(state: State, now_s: float) -> State:
    return replace(state, lines=None, failures=state.failures + 1, tried_mono_s=now_s)


def _seconds_left(rules: SwitchingRules, state: State, now_s: float) -> float:
    lasted_s = now_s - state.since_mono_s
    match state.stage:
        case Stage.STOPPING:
            return rules.empty_s + 2.0 * rules.pause_s
        case Stage.PAUSING:
            return max(0.0, 2.0 * rules.pause_s - lasted_s)
        case Stage.MOVING:
            return max(0.0, rules.pause_s - lasted_s)
        case _:
            return 0.0


def _enter(state: State, stage: Stage, now_s: float) -> State:
    return replace(state, stage=stage, since_mono_s=now_s)
