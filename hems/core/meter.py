"""How far a meter of the house or of a circuit can be trusted.

Theory of operation. A meter that is silent is an overload that nobody sees, so trust is lost step by step and
in every mode: no raise from 2 s on (FROZEN), the minimum at 5 s (REDUCED), nothing at 12 s (LOST). It comes
back only with two good readings at most 3 s apart, and after REDUCED or LOST only when they have lasted 60 s
(RETURNING). A run begins WAITING: nothing is raised before the first such pair (CHG-3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf
from typing import Final, assert_never

from hems.core.rules import MeterRules


class Stage(StrEnum):
    """How far the meter is trusted."""

    WAITING = "waiting"
    GOOD = "good"
    FROZEN = "frozen"
    REDUCED = "reduced"
    LOST = "lost"
    RETURNING = "returning"


ALLOWED: Final[Mapping[Stage, frozenset[Stage]]] = {
    Stage.WAITING: frozenset({Stage.GOOD}),
    Stage.GOOD: frozenset({Stage.FROZEN, Stage.REDUCED, Stage.LOST}),
    Stage.FROZEN: frozenset({Stage.GOOD, Stage.REDUCED, Stage.LOST}),
    Stage.REDUCED: frozenset({Stage.LOST, Stage.RETURNING}),
    Stage.LOST: frozenset({Stage.RETURNING}),
    Stage.RETURNING: frozenset({Stage.GOOD, Stage.REDUCED, Stage.LOST}),
}


@dataclass(frozen=True, slots=True)
class State:
    """The stage, the last good reading's time, and whether it and the one before were close enough."""

    stage: Stage = Stage.WAITING
    since_mono_s: float = -inf
    at_mono_s: float = -inf
    paired: bool = False


@dataclass(frozen=True, slots=True)
class Trust:
    """What the meter allows: `new` marks a reading that no earlier cycle has seen.

    `circuit` is the one it measures, "" for the whole house.
    """

    stage: Stage
    age_s: float
    new: bool
    may_raise: bool
    circuit: str = ""


SEVERITY: Final = (Stage.WAITING, Stage.LOST, Stage.REDUCED, Stage.RETURNING, Stage.FROZEN, Stage.GOOD)
"""Stages from the one that allows least."""


def worst(trusts: Sequence[Trust]) -> Trust:
    """What several meters allow together: as little as the worst of them; the first one on a tie."""
    if len(trusts) == 1:
        return trusts[0]
    worst = min(trusts, key=lambda one: SEVERITY.index(one.stage))
    return replace(worst, new=all(one.new for one in trusts), may_raise=all(one.may_raise for one in trusts))


def step(rules: MeterRules, state: State, at_mono_s: float | None, now_s: float) -> tuple[State, Trust]:
    """One cycle; `at_mono_s` is the time of a reading that protection can use, if there is one."""
    new = at_mono_s is not None and at_mono_s > state.at_mono_s and now_s - at_mono_s <= rules.fresh_s
    last_s = at_mono_s if new and at_mono_s is not None else state.at_mono_s
    age_s = now_s - last_s
    paired = last_s - state.at_mono_s <= rules.pair_s if new else state.paired and age_s <= rules.pair_s
    stage = _stage(rules, state, age_s, paired, now_s)
    since_s = state.since_mono_s if stage is state.stage else now_s
    may_raise = stage is Stage.GOOD and new
    return State(stage, since_s, last_s, paired), Trust(stage, age_s, new, may_raise)


def _stage(rules: MeterRules, state: State, age_s: float, paired: bool, now_s: float) -> Stage:
    match state.stage:
        case Stage.WAITING:
            return Stage.GOOD if paired else Stage.WAITING
        case Stage.GOOD | Stage.FROZEN:
            if age_s <= rules.fresh_s and paired:
                return Stage.GOOD
            return _silent(rules, age_s) or Stage.FROZEN
        case Stage.REDUCED:
            if age_s >= rules.stop_s:
                return Stage.LOST
            return Stage.RETURNING if paired else Stage.REDUCED
        case Stage.LOST:
            return Stage.RETURNING if paired else Stage.LOST
        case Stage.RETURNING:
            if silent := _silent(rules, age_s):
                return silent
            back = now_s - state.since_mono_s >= rules.back_s and age_s <= rules.fresh_s and paired
            return Stage.GOOD if back else Stage.RETURNING
        case _ as unreachable:
            assert_never(unreachable)


def _silent(rules: MeterRules, age_s: float) -> Stage | None:
    if age_s >= rules.stop_s:
        return Stage.LOST
    return Stage.REDUCED if age_s >= rules.reduce_s else None
