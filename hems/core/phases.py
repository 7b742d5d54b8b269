"""Which lines a charger uses (CHG-20).

Measured currents say it best, and what they said is remembered until the car leaves; before that the wiring
says it. Where nothing is known protection assumes all lines and surplus one. A line that begins to draw
counts at once; one that stops counts until the new picture has lasted.
"""

from dataclasses import dataclass
from math import inf

from hems.core.rules import LinesRules
from hems.model.units import LINES, LineName, PerLine


@dataclass(frozen=True, slots=True)
class State:
    """Lines learned from this car, and the picture that may replace them."""

    learned: tuple[LineName, ...] = ()
    drawn: tuple[LineName, ...] = ()
    since_mono_s: float = -inf


@dataclass(frozen=True, slots=True)
class Inputs:
    """The wiring in the configuration, the charger's fresh currents and whether a car is there."""

    wiring: tuple[LineName, ...]
    line_a: PerLine | None
    plugged: bool


@dataclass(frozen=True, slots=True)
class Used:
    """The lines protection guards, how many surplus reckons with, and from which level of CHG-20."""

    guarded: tuple[LineName, ...]
    count: int
    level: int


def step(rules: LinesRules, state: State, inputs: Inputs, now_s: float) -> tuple[State, Used]:
    """One cycle of learning."""
    if not inputs.plugged:
        return State(), _unlearned(inputs.wiring, ())
    drawn = _drawn(rules, inputs.line_a)
    since_s = state.since_mono_s if drawn == state.drawn else now_s
    learned = drawn if drawn and now_s - since_s >= rules.learn_s else state.learned
    known = State(learned, drawn, since_s)
    if not learned:
        return known, _unlearned(inputs.wiring, drawn)
    used = _together(learned, drawn)
    return known, Used(used, len(used), 1 if drawn else 2)


def _drawn(rules: LinesRules, line_a: PerLine | None) -> tuple[LineName, ...]:
    if line_a is None:
        return ()
    return tuple(line for line, current_a in zip(LINES, line_a, strict=True) if current_a > rules.drawn_a)


def _unlearned(wiring: tuple[LineName, ...], drawn: tuple[LineName, ...]) -> Used:
    if not wiring:
        return Used(LINES, max(1, len(drawn)), 4)
    return Used(_together(wiring, drawn), len(wiring), 3)


def _together(some: tuple[LineName, ...], others: tuple[LineName, ...]) -> tuple[LineName, ...]:
    return tuple(line for line in LINES if line in some or line in others)
