"""What a car does with what it is offered (CHG-18).

Theory of operation. A car that draws nothing while it is offered a current is REFUSING, after 120 s FULL:
its offer is withdrawn and its share is free for others. Every 15 min it is woken with the minimum, at most
three times; a car that draws, leaves, or gets new orders starts afresh. A car that takes more than 1 A less
than its offer for 60 s is booked with what it draws.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from typing import Final, assert_never

from hems.core.rules import AppetiteRules
from hems.core.timing import Dwell


class Stage(StrEnum):
    """What the car does."""

    TAKING = "taking"
    REFUSING = "refusing"
    FULL = "full"


ALLOWED: Final[Mapping[Stage, frozenset[Stage]]] = {
    Stage.TAKING: frozenset({Stage.REFUSING}),
    Stage.REFUSING: frozenset({Stage.TAKING, Stage.FULL}),
    Stage.FULL: frozenset({Stage.TAKING}),
}


@dataclass(frozen=True, slots=True)
class State:
    """The stage, how often the car was woken, and whether it takes less than its offer."""

    stage: Stage = Stage.TAKING
    since_mono_s: float = -inf
    wakes: int = 0
    less: Dwell = field(default_factory=Dwell)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the car was told and what it draws on its strongest line, ``None`` where nobody knows.

    `afresh`: it is new, gone, or has new orders, or something began to be demanded.
    """

    told_a: float
    drawn_a: float | None
    afresh: bool


@dataclass(frozen=True, slots=True)
class Appetite:
    """What follows: `next_s` seconds until a full car is woken, 0 when it will not be."""

    full: bool
    less: bool
    minimum_only: bool
    next_s: float


def step(rules: AppetiteRules, state: State, inputs: Inputs, now_s: float) -> tuple[State, Appetite]:
    """One cycle."""
    none = inputs.drawn_a is not None and inputs.drawn_a <= rules.none_a
    less = inputs.drawn_a is not None and inputs.told_a - inputs.drawn_a > rules.less_a
    draws = inputs.drawn_a is not None and not none
    stage = Stage.TAKING if inputs.afresh else _stage(rules, state, inputs.told_a > 0.0, none, draws, now_s)
    since_s = state.since_mono_s if stage is state.stage else now_s
    wakes = state.wakes + (state.stage is Stage.FULL and stage is Stage.TAKING)
    if inputs.afresh or draws:
        wakes = 0
    dwell = state.less.step(less and inputs.told_a > 0.0, now_s)
    full = stage is Stage.FULL
    left_s = max(0.0, rules.wake_s - (now_s - since_s)) if full and wakes < rules.wakes else 0.0
    return State(stage, since_s, wakes, dwell), Appetite(
        full, dwell.held(rules.less_s, now_s), wakes > 0, left_s
    )


def _stage(rules: AppetiteRules, state: State, offered: bool, none: bool, draws: bool, now_s: float) -> Stage:
    lasted_s = now_s - state.since_mono_s
    match state.stage:
        case Stage.TAKING:
            return Stage.REFUSING if offered and none else Stage.TAKING
        case Stage.REFUSING:
            if not (offered and none):
                return Stage.TAKING
            return Stage.FULL if lasted_s >= rules.full_s else Stage.REFUSING
        case Stage.FULL:
            wake = lasted_s >= rules.wake_s and state.wakes < rules.wakes
            return Stage.TAKING if wake or draws else Stage.FULL
        case _ as unreachable:
            assert_never(unreachable)
