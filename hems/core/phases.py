"""Which lines a charger uses (CHG-20).

What is measured while its car is there says it best (level 1, remembered until the car leaves: 2); before
that what this vehicle showed here earlier (2), then the wiring (3). Where nothing is known protection assumes
all lines and surplus one (4). A line that begins to draw counts at once; one that stops counts until the new
picture has lasted.

Protection relies on all that only while the charger measures its currents, so that a line which draws
although it was not expected counts in the same cycle; and on an earlier car's lines only for a vehicle that
somebody named. Everything else it guards by the wiring, all lines where that is not known: a test may have
been wrong, a car may begin to use more lines, a contactor may be welded. Surplus reckons with what was
learned. A charger that falls silent may come back with another car, so what this car showed is forgotten.

What an unmeasured charger is taken to draw makes room on a line, so it is reckoned to flow on as few of them
as anything says: those that this or the named car showed, the one that is switched on, else all of them.

A measuring charger that is switched to one line guards and reckons with that one; while it is being switched
it guards all of them. What it draws then says nothing about the car.
"""

from dataclasses import dataclass, replace
from math import inf

from hems.core.rules import LinesRules
from hems.model.units import LINES, LineName, PerLine


@dataclass(frozen=True, slots=True)
class State:
    """Lines learned from this car, the picture that may replace them, and all it has used since it came."""

    learned: tuple[LineName, ...] = ()
    drawn: tuple[LineName, ...] = ()
    since_mono_s: float = -inf
    most: tuple[LineName, ...] = ()


@dataclass(frozen=True, slots=True)
class Inputs:
    """The wiring in the configuration, the charger's fresh currents and whether its car is still there.

    `known` are the lines of the vehicle on a former day, `named` whether somebody said which it is, `bound`
    on how many lines it can charge at most. `single`: the switch stands on the first line; `moving`: nobody
    knows where it stands.
    """

    wiring: tuple[LineName, ...]
    line_a: PerLine | None
    plugged: bool
    known: tuple[LineName, ...] = ()
    named: bool = False
    bound: int = 3
    single: bool = False
    moving: bool = False


@dataclass(frozen=True, slots=True)
class Used:
    """The lines protection guards, how many surplus reckons with, and from which level of CHG-20.

    `wide` is how many there are when the charger has all its lines. `flowing` are those on which a current
    that nobody measures is taken to flow.
    """

    guarded: tuple[LineName, ...]
    count: int
    level: int
    wide: int
    flowing: tuple[LineName, ...]


def step(rules: LinesRules, state: State, inputs: Inputs, now_s: float) -> tuple[State, Used]:
    """One cycle of learning."""
    drawn = _drawn(rules, inputs.line_a)
    state = _learn(rules, state, inputs, drawn, now_s) if inputs.plugged else State()
    used = _used(inputs, state.learned, drawn)
    if inputs.single:
        lines = _together(inputs.wiring[:1] or LINES, drawn)
        used = Used(lines, len(lines), 1 if drawn else 3, used.wide, lines)
    if inputs.moving or inputs.line_a is None:
        used = replace(used, guarded=_together(inputs.wiring or LINES, (*used.flowing, *drawn)))
    return state, used


def proven(state: State, lines: tuple[LineName, ...], now_s: float) -> State:
    """A test has shown which lines this car uses."""
    return State(lines, lines, now_s, _together(state.most, lines))


def _learn(
    rules: LinesRules, state: State, inputs: Inputs, drawn: tuple[LineName, ...], now_s: float
) -> State:
    if inputs.single or inputs.moving:
        return State(state.learned, (), now_s, state.most)
    since_s = state.since_mono_s if drawn == state.drawn else now_s
    learned = drawn if drawn and now_s - since_s >= rules.learn_s else state.learned
    return State(learned, drawn, since_s, _together(state.most, learned))


def _used(inputs: Inputs, learned: tuple[LineName, ...], drawn: tuple[LineName, ...]) -> Used:
    if learned:
        lines = _together(learned, drawn)
        return Used(lines, len(lines), 1 if drawn else 2, len(lines), lines)
    wiring = inputs.wiring or LINES
    known = _together(tuple(line for line in inputs.known if line in wiring), drawn)
    if any(line in wiring for line in inputs.known):
        guarded = known if inputs.named else _together(wiring, drawn)
        return Used(guarded, len(known), 2, len(known), guarded)
    guarded = _together(wiring, drawn)
    if not inputs.wiring:
        return Used(guarded, max(1, len(drawn)), 4, max(1, len(drawn)), guarded)
    count = max(min(len(inputs.wiring), inputs.bound), len(drawn))
    return Used(guarded, count, 3, count, guarded)


def _drawn(rules: LinesRules, line_a: PerLine | None) -> tuple[LineName, ...]:
    if line_a is None:
        return ()
    return tuple(line for line, current_a in zip(LINES, line_a, strict=True) if current_a > rules.drawn_a)


def _together(some: tuple[LineName, ...], others: tuple[LineName, ...]) -> tuple[LineName, ...]:
    return tuple(line for line in LINES if line in some or line in others)
