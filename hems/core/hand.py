"""Which hand holds a charger: Modbus, or the relay when Modbus is lost.

Theory of operation. A run begins SAFE: relay open, 0 A, until the charger answers, its setup is confirmed,
our 0 A is acknowledged and the grid meter is trusted; then MODBUS holds it and the relay stays closed. A
charger that is silent or refuses is LOST: the relay still closed, because it falls back by itself when its
own watchdog time has passed. If current flows 5 s later, or nobody knows, the relay takes over (OPEN). A
charger whose fixed current without Modbus is declared may then be switched by the relay (CLOSED), each
position at least 300 s unless there is danger. 30 s of good answers give it back to MODBUS. Current through
an open relay, or with 0 A acknowledged and no relay to open, is STUCK (CHG-61): that outlives the run, until
a person has seen it and current is known not to flow; then all begins SAFE again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from typing import Final, assert_never

from hems.core.rules import ChargerRules, HandRules
from hems.core.timing import Dwell


class Stage(StrEnum):
    """How a charger is held."""

    SAFE = "safe"
    MODBUS = "modbus"
    LOST = "lost"
    OPEN = "open"
    CLOSED = "closed"
    STUCK = "stuck"


ALLOWED: Final[Mapping[Stage, frozenset[Stage]]] = {
    Stage.SAFE: frozenset({Stage.MODBUS, Stage.OPEN, Stage.STUCK}),
    Stage.MODBUS: frozenset({Stage.LOST, Stage.OPEN, Stage.STUCK}),
    Stage.LOST: frozenset({Stage.MODBUS, Stage.OPEN}),
    Stage.OPEN: frozenset({Stage.MODBUS, Stage.CLOSED, Stage.STUCK}),
    Stage.CLOSED: frozenset({Stage.MODBUS, Stage.OPEN}),
    Stage.STUCK: frozenset({Stage.SAFE}),
}


@dataclass(frozen=True, slots=True)
class State:
    """The stage, since when, how long the charger has answered, and how long current ignores our 0 A."""

    stage: Stage = Stage.SAFE
    since_mono_s: float = -inf
    answers: Dwell = field(default_factory=Dwell)
    ignores: Dwell = field(default_factory=Dwell)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the hands look at.

    `age_s` is the age of the last answer. `flows` says whether current flows, ``None`` when nobody knows;
    `zero` that 0 A is told and acknowledged. `danger` calls for the relay, `calm` lets it go again. `wanted`,
    `fits` and `holds`: the mode wants current, the most that may flow through a closed relay fits with 1 A to
    spare, what does flow still fits. `seen`: a person has seen that the contactor is stuck.
    """

    age_s: float
    answers: bool
    good: bool
    lost: bool
    acknowledged: bool
    zero: bool
    flows: bool | None
    danger: bool
    calm: bool
    wanted: bool
    fits: bool
    holds: bool
    seen: bool = False


def stuck_alarm(charger: str) -> str:
    """The key of the alarm of a charger whose contactor does not open."""
    return f"stuck.{charger}"


def step(
    rules: HandRules, charger: ChargerRules, state: State, inputs: Inputs, now_s: float
) -> tuple[State, bool]:
    """One cycle; gives the relay's position, true when closed."""
    answers = state.answers.step(inputs.answers, now_s)
    ignores = state.ignores.step(inputs.zero and inputs.flows is True, now_s)
    seen = State(state.stage, state.since_mono_s, answers, ignores)
    stage = _stage(rules, charger, seen, inputs, now_s)
    since_s = state.since_mono_s if stage is state.stage else now_s
    closed = charger.relay and stage in (Stage.MODBUS, Stage.LOST, Stage.CLOSED)
    return State(stage, since_s, answers, ignores), closed


def _stage(rules: HandRules, charger: ChargerRules, state: State, inputs: Inputs, now_s: float) -> Stage:
    lasted_s = now_s - state.since_mono_s
    ignored = state.ignores.held(rules.stuck_s, now_s)
    forsaken = charger.relay and _forsaken(rules, charger, state, inputs, now_s)
    rested = lasted_s >= rules.back_s and state.answers.held(rules.back_s, now_s)
    back = rested and inputs.good and inputs.calm
    match state.stage:
        case Stage.SAFE:
            ready = inputs.good and inputs.acknowledged and inputs.calm
            return _first((ignored, Stage.STUCK), (ready, Stage.MODBUS), (forsaken, Stage.OPEN)) or Stage.SAFE
        case Stage.MODBUS:
            open_it = charger.relay and (ignored or inputs.danger)
            return (
                _first((open_it, Stage.OPEN), (ignored, Stage.STUCK), (inputs.lost, Stage.LOST))
                or state.stage
            )
        case Stage.LOST:
            open_it = charger.relay and (inputs.danger or (forsaken and inputs.flows is not False))
            return _first((open_it, Stage.OPEN), (inputs.good, Stage.MODBUS)) or Stage.LOST
        case Stage.OPEN:
            stuck = inputs.flows is True and lasted_s >= rules.stuck_s
            close = _may_close(rules, charger, inputs, lasted_s)
            return _first((stuck, Stage.STUCK), (back, Stage.MODBUS), (close, Stage.CLOSED)) or Stage.OPEN
        case Stage.CLOSED:
            rest = not inputs.wanted and lasted_s >= rules.relay_min_s
            danger = inputs.danger or not inputs.holds
            return _first((danger, Stage.OPEN), (back, Stage.MODBUS), (rest, Stage.OPEN)) or Stage.CLOSED
        case Stage.STUCK:
            return Stage.SAFE if inputs.seen and inputs.flows is False else Stage.STUCK
        case _ as unreachable:
            assert_never(unreachable)


def _first(*moves: tuple[bool, Stage]) -> Stage | None:
    """The stage of the first condition that is true."""
    return next((stage for true, stage in moves if true), None)


def _forsaken(rules: HandRules, charger: ChargerRules, state: State, inputs: Inputs, now_s: float) -> bool:
    """Whether the charger's own watchdog time and 5 s more have passed without it."""
    missed_s = state.answers.missed_s(now_s)
    silent_s = max(missed_s, inputs.age_s) if missed_s and inputs.age_s < inf else missed_s
    return silent_s >= (charger.watchdog_s or 0.0) + rules.relay_margin_s


def _may_close(rules: HandRules, charger: ChargerRules, inputs: Inputs, lasted_s: float) -> bool:
    silent = charger.fallback == "on_off" and not inputs.answers
    return silent and inputs.wanted and inputs.fits and inputs.calm and lasted_s >= rules.relay_min_s
