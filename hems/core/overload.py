"""The main fuse: what all cars together may draw on each line, and the pause of one charger.

Theory of operation. The law is absolute (CHG-31): `allowed = fuse - (line - what the cars draw)`, from one
picture. It subtracts what cars draw, never what they were told, so a car that follows late is not cut twice.
Where a charger measures nothing its set-point stands in for its draw, and a lowering that has not shown yet
is added to it until it shows, at most 6 s: the same error is not subtracted twice. Readings that are not one
picture, or not new, give the lower of two estimates; only what two readings in a row had free may be raised.

A charger whose minimum no longer fits is paused in the same cycle; it comes back when its minimum and 1 A
more have fitted for 60 s (CHG-33). A line above twice its fuse for 3 s, command or not, opens relays.

A car follows within seconds. A charger that draws more than it is told, acknowledged or not, while a line is
above 1.13 times its fuse for 10 s or above 1.45 times for 3 s, defies us: it is paused, and its relay opens
when the current has not fallen 3 s later (CHG-33).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from typing import Final, assert_never

from hems.core.readings import Grid
from hems.core.rules import OverloadRules
from hems.core.timing import Dwell
from hems.model.units import NO_LINES, PerLine


@dataclass(frozen=True, slots=True)
class State:
    """The last two readings' verdicts, lowerings that have not shown yet, and lines far above their fuse."""

    at_mono_s: float = -inf
    allowed_a: PerLine = NO_LINES
    previous_a: PerLine = NO_LINES
    unseen_a: PerLine = NO_LINES
    unseen_mono_s: PerLine = (-inf, -inf, -inf)
    far_above: tuple[Dwell, Dwell, Dwell] = (Dwell(), Dwell(), Dwell())


@dataclass(frozen=True, slots=True)
class Inputs:
    """The grid reading, what the cars draw on each line, and whether both were taken together."""

    grid: Grid | None
    draw_a: PerLine
    together: bool


@dataclass(frozen=True, slots=True)
class Caps:
    """Per line: what all cars together may be told, what two readings in a row allowed, danger."""

    allowed_a: PerLine
    steady_a: PerLine
    tripped: tuple[bool, bool, bool]


def step(
    rules: OverloadRules, fuse_a: PerLine, state: State, inputs: Inputs, now_s: float
) -> tuple[State, Caps]:
    """One cycle of the law; without a reading the last verdict stands."""
    grid = inputs.grid
    if grid is None:
        tripped = _tripped(rules, state.far_above, now_s)
        return state, Caps(state.allowed_a, _lower(state.allowed_a, state.previous_a), tripped)
    unseen_a = _still_unseen(rules, fuse_a, state, grid.line_a, now_s)
    verdict_a = _verdict(fuse_a, grid.line_a, inputs.draw_a, unseen_a)
    new = grid.at_mono_s != state.at_mono_s
    previous_a = state.allowed_a if new else state.previous_a
    allowed_a = verdict_a if new and inputs.together else _lower(verdict_a, state.allowed_a)
    far_above = (
        state.far_above[0].step(grid.line_a[0] > rules.trip_factor * fuse_a[0], now_s),
        state.far_above[1].step(grid.line_a[1] > rules.trip_factor * fuse_a[1], now_s),
        state.far_above[2].step(grid.line_a[2] > rules.trip_factor * fuse_a[2], now_s),
    )
    kept_a = verdict_a if new else state.allowed_a
    known = State(grid.at_mono_s, kept_a, previous_a, unseen_a, state.unseen_mono_s, far_above)
    return known, Caps(allowed_a, _lower(allowed_a, previous_a), _tripped(rules, far_above, now_s))


def lowered(state: State, lowered_a: PerLine, now_s: float) -> State:
    """Book lowerings of chargers that measure nothing: they will show in the grid reading only later."""
    if not any(lowered_a):
        return state
    unseen_a = tuple(old + more for old, more in zip(state.unseen_a, lowered_a, strict=True))
    marks = tuple(now_s if more else old for old, more in zip(state.unseen_mono_s, lowered_a, strict=True))
    return State(
        state.at_mono_s,
        state.allowed_a,
        state.previous_a,
        (unseen_a[0], unseen_a[1], unseen_a[2]),
        (marks[0], marks[1], marks[2]),
        state.far_above,
    )


def _still_unseen(
    rules: OverloadRules, fuse_a: PerLine, state: State, line_a: PerLine, now_s: float
) -> PerLine:
    """A lowering is unseen while the line stays above its fuse by as much, and no longer than 6 s."""
    if not any(state.unseen_a):
        return NO_LINES
    unseen = [
        min(old_a, max(0.0, current_a - limit_a)) if now_s - mark_s < rules.repeat_s else 0.0
        for old_a, current_a, limit_a, mark_s in zip(
            state.unseen_a, line_a, fuse_a, state.unseen_mono_s, strict=True
        )
    ]
    return unseen[0], unseen[1], unseen[2]


def _verdict(fuse_a: PerLine, line_a: PerLine, draw_a: PerLine, unseen_a: PerLine) -> PerLine:
    return (
        fuse_a[0] - line_a[0] + draw_a[0] + unseen_a[0],
        fuse_a[1] - line_a[1] + draw_a[1] + unseen_a[1],
        fuse_a[2] - line_a[2] + draw_a[2] + unseen_a[2],
    )


def _lower(some_a: PerLine, others_a: PerLine) -> PerLine:
    return min(some_a[0], others_a[0]), min(some_a[1], others_a[1]), min(some_a[2], others_a[2])


def _tripped(
    rules: OverloadRules, far_above: tuple[Dwell, Dwell, Dwell], now_s: float
) -> tuple[bool, bool, bool]:
    return (
        far_above[0].held(rules.trip_s, now_s),
        far_above[1].held(rules.trip_s, now_s),
        far_above[2].held(rules.trip_s, now_s),
    )


@dataclass(frozen=True, slots=True)
class Defiance:
    """Since when a charger has drawn more than told on a line that is above, or well above, its fuse."""

    above: Dwell = field(default_factory=Dwell)
    high: Dwell = field(default_factory=Dwell)

    def lasted(self, rules: OverloadRules, more_s: float, now_s: float) -> bool:
        """Whether it has been so for as long as a fuse is left with it, and `more_s` on top."""
        return self.above.held(rules.above_s + more_s, now_s) or self.high.held(rules.high_s + more_s, now_s)


def defy(
    rules: OverloadRules, fuse_a: PerLine, state: Defiance, line_a: PerLine, beyond_a: PerLine, now_s: float
) -> Defiance:
    """One cycle with a fresh reading; `beyond_a` is how much more than told may flow on each line."""
    loaded = [
        (current_a, limit_a)
        for current_a, limit_a, more_a in zip(line_a, fuse_a, beyond_a, strict=True)
        if more_a > rules.beyond_a
    ]
    above = any(current_a > rules.above_factor * limit_a for current_a, limit_a in loaded)
    high = any(current_a > rules.high_factor * limit_a for current_a, limit_a in loaded)
    return Defiance(state.above.step(above, now_s), state.high.step(high, now_s))


class PauseStage(StrEnum):
    """Whether the fuse holds one charger back."""

    FREE = "free"
    PAUSED = "paused"
    RETURNING = "returning"


ALLOWED: Final[Mapping[PauseStage, frozenset[PauseStage]]] = {
    PauseStage.FREE: frozenset({PauseStage.PAUSED}),
    PauseStage.PAUSED: frozenset({PauseStage.RETURNING}),
    PauseStage.RETURNING: frozenset({PauseStage.PAUSED, PauseStage.FREE}),
}


@dataclass(frozen=True, slots=True)
class Pause:
    """The stage of one charger's pause and since when."""

    stage: PauseStage = PauseStage.FREE
    since_mono_s: float = -inf


def pause(rules: OverloadRules, state: Pause, cut_off: bool, roomy: bool, now_s: float) -> Pause:
    """One cycle: `cut_off` when its minimum no longer fitted, `roomy` when it and 1 A more would fit."""
    match state.stage:
        case PauseStage.FREE:
            return Pause(PauseStage.PAUSED, now_s) if cut_off else state
        case PauseStage.PAUSED:
            return Pause(PauseStage.RETURNING, now_s) if roomy else state
        case PauseStage.RETURNING:
            if not roomy:
                return Pause(PauseStage.PAUSED, now_s)
            held = now_s - state.since_mono_s >= rules.resume_s
            return Pause(PauseStage.FREE, now_s) if held else state
        case _ as unreachable:
            assert_never(unreachable)
