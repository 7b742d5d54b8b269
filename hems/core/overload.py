"""The law of a fuse: what all cars together may draw on each line, and the pause of one charger.

Theory of operation. The law is absolute (CHG-31): `allowed = fuse - (line - what the cars draw)`, from one
picture. It subtracts what cars draw, never what they were told, so a car that follows late is not cut twice.
Where a charger measures nothing its set-point stands in for its draw, and a lowering that has not shown yet
is added to it until it shows, at most 6 s: the same error is not subtracted twice. Readings that are not one
picture, or not new, give the lower of two estimates; only what two readings in a row had free may be raised.

The same law holds for any three figures of one kind: the lines of the main fuse and of a circuit, the power
of the house, the distances between lines.

A charger whose minimum no longer fits is paused in the same cycle; it comes back when its minimum and 1 A
more have fitted for 60 s (CHG-33), and no sooner after its stop. That rest doubles, up to 15 min, with each
pause within 10 min of coming back, and within an hour of the last one where the grid operator stops it; it is
short again after 30 min without one. A line above twice its fuse for 3 s, command or not, opens relays.

A car follows within seconds. A charger that draws more than it is told, acknowledged or not, while a line is
above 1.13 times its fuse for 10 s or above 1.45 times for 3 s, defies us: it is paused, and its relay opens
when the current has not fallen 3 s later (CHG-33). If the line is above its fuse by less, the excess is
booked on top of what the charger is told after 60 s, the error law again; 60 s later, if that has not helped,
it defies us too. As long as the same car stays, each such pause is twice as long as the one before.

So does a charger that measures more than it is told while what the grid operator leaves the cars is exceeded
by more than its minimum for 10 s (CHG-50), or the import that the house may have for 60 s.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import inf
from typing import Final, assert_never

from hems.core.readings import Grid
from hems.core.rules import OverloadRules
from hems.core.timing import Dwell
from hems.model.units import NO_LINES, PerLine

ENDLESS: Final[PerLine] = (inf, inf, inf)


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
    """The meter's reading, what the cars draw on each line, and whether both were taken together.

    `limit_a` is what a person allows each line; it can only be less than the fuse.
    """

    grid: Grid | None
    draw_a: PerLine
    together: bool
    limit_a: PerLine = ENDLESS


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
    limit_a = _lower(fuse_a, inputs.limit_a)
    unseen_a = _still_unseen(rules, limit_a, state, grid.line_a, now_s)
    verdict_a = _verdict(limit_a, grid.line_a, inputs.draw_a, unseen_a)
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
    rules: OverloadRules, limit_a: PerLine, state: State, line_a: PerLine, now_s: float
) -> PerLine:
    """A lowering is unseen while the line stays above its limit by as much, and no longer than 6 s."""
    if not any(state.unseen_a):
        return NO_LINES
    unseen = [
        min(old_a, max(0.0, current_a - most_a)) if now_s - mark_s < rules.repeat_s else 0.0
        for old_a, current_a, most_a, mark_s in zip(
            state.unseen_a, line_a, limit_a, state.unseen_mono_s, strict=True
        )
    ]
    return unseen[0], unseen[1], unseen[2]


def _verdict(limit_a: PerLine, line_a: PerLine, draw_a: PerLine, unseen_a: PerLine) -> PerLine:
    return (
        limit_a[0] - line_a[0] + draw_a[0] + unseen_a[0],
        limit_a[1] - line_a[1] + draw_a[1] + unseen_a[1],
        limit_a[2] - line_a[2] + draw_a[2] + unseen_a[2],
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
class Load:
    """What a charger's lines carry behind one fuse, by a reading that is fresh."""

    line_a: PerLine
    fuse_a: PerLine


@dataclass(frozen=True, slots=True)
class Defiance:
    """Since when a charger has drawn more than told on a line that is over, above, or well above, its fuse.

    `pot` and `power`: while the grid operator's limit, the limit of import is exceeded. `extra_a` is what it
    is booked with on top of what it is told, `extra_mono_s` when that last grew.
    """

    above: Dwell = field(default_factory=Dwell)
    high: Dwell = field(default_factory=Dwell)
    over: Dwell = field(default_factory=Dwell)
    extra_a: float = 0.0
    extra_mono_s: float = -inf
    pot: Dwell = field(default_factory=Dwell)
    power: Dwell = field(default_factory=Dwell)

    def overdrawn(self, rules: OverloadRules, more_s: float, now_s: float) -> bool:
        """Whether a limit of power has been exceeded for as long as that is borne, and `more_s` on top."""
        return self.pot.held(rules.pot_s + more_s, now_s) or self.power.held(rules.power_s + more_s, now_s)

    def lasted(self, rules: OverloadRules, more_s: float, now_s: float) -> bool:
        """Whether it has been so for as long as a fuse is left with it, and `more_s` on top."""
        return (
            self.above.held(rules.above_s + more_s, now_s)
            or self.high.held(rules.high_s + more_s, now_s)
            or self.over.held(2.0 * rules.over_s + more_s, now_s)
        )


def defy(
    rules: OverloadRules, loads: Sequence[Load], state: Defiance, beyond_a: PerLine, now_s: float
) -> Defiance:
    """One cycle with fresh readings; `beyond_a` is how much more than told may flow on each line."""
    loaded = [
        (current_a, fuse_a)
        for load in loads
        for current_a, fuse_a, more_a in zip(load.line_a, load.fuse_a, beyond_a, strict=True)
        if more_a > rules.beyond_a
    ]
    above = any(current_a > rules.above_factor * fuse_a for current_a, fuse_a in loaded)
    high = any(current_a > rules.high_factor * fuse_a for current_a, fuse_a in loaded)
    excess_a = max((current_a - fuse_a for current_a, fuse_a in loaded), default=0.0)
    dwells = (
        state.above.step(above, now_s),
        state.high.step(high, now_s),
        state.over.step(excess_a > 0.0, now_s),
    )
    seen = state
    if dwells != (state.above, state.high, state.over):
        seen = replace(state, above=dwells[0], high=dwells[1], over=dwells[2])
    once = seen.over.held(rules.over_s, now_s) and seen.extra_mono_s < seen.over.since_mono_s
    if not once or seen.lasted(rules, 0.0, now_s):
        return seen
    return replace(seen, extra_a=seen.extra_a + excess_a, extra_mono_s=now_s)


class PauseStage(StrEnum):
    """Whether a limit holds one charger back."""

    FREE = "free"
    PAUSED = "paused"
    RETURNING = "returning"


ALLOWED: Final[Mapping[PauseStage, frozenset[PauseStage]]] = {
    PauseStage.FREE: frozenset({PauseStage.PAUSED}),
    PauseStage.PAUSED: frozenset({PauseStage.RETURNING, PauseStage.FREE}),
    PauseStage.RETURNING: frozenset({PauseStage.PAUSED, PauseStage.FREE}),
}


@dataclass(frozen=True, slots=True)
class Pause:
    """The stage of one charger's pause and since when; the site that had no room, "" where none is to blame.

    `defied` counts the pauses of the same car that were its own doing, `resting` marks this one as such.
    `times` counts pauses that came soon after one another, `began_mono_s` is when the last one began.
    """

    stage: PauseStage = PauseStage.FREE
    since_mono_s: float = -inf
    site: str = ""
    defied: int = 0
    resting: bool = False
    times: int = 0
    began_mono_s: float = -inf

    def left_s(self, rules: OverloadRules, now_s: float) -> float:
        """In how long it ends if there is room from now on, or has been while RETURNING."""
        roomy_s = now_s - self.since_mono_s if self.stage is PauseStage.RETURNING else 0.0
        rested_s = now_s - self.began_mono_s
        rest_s = min(rules.pause_most_s, rules.resume_s * 2.0 ** min(max(self.times - 1, 0), 30))
        return max(0.0, self._lasts_s(rules) - roomy_s, rest_s - rested_s)

    def _lasts_s(self, rules: OverloadRules) -> float:
        """For how long there must be room before it ends."""
        if not self.resting:
            return rules.resume_s
        return max(rules.resume_s, min(rules.rest_most_s, rules.rest_s * 2.0 ** min(self.defied - 1, 30)))


@dataclass(frozen=True, slots=True)
class Cause:
    """What a pause looks at.

    `cut_off` names the site without room for the charger's minimum, "" when it fitted; `by_operator`: that
    is the grid operator's. `defies`: the charger does not do what it is told. `roomy`: its minimum and 1 A
    more would fit. `lifted`: the car has gone.
    """

    cut_off: str = ""
    defies: bool = False
    roomy: bool = False
    lifted: bool = False
    by_operator: bool = False


def pause(rules: OverloadRules, state: Pause, cause: Cause, now_s: float) -> Pause:
    """One cycle of one charger's pause."""
    if cause.lifted:
        return Pause(since_mono_s=state.since_mono_s if state.stage is PauseStage.FREE else now_s)
    if cause.defies and not state.resting:
        since_s = state.since_mono_s if state.stage is PauseStage.PAUSED else now_s
        return replace(
            state, stage=PauseStage.PAUSED, since_mono_s=since_s, defied=state.defied + 1, resting=True
        )
    match state.stage:
        case PauseStage.FREE:
            if not cause.cut_off:
                return state
            times = _times(rules, state, cause, now_s)
            return Pause(PauseStage.PAUSED, now_s, cause.cut_off, state.defied, False, times, now_s)
        case PauseStage.PAUSED:
            return replace(state, stage=PauseStage.RETURNING, since_mono_s=now_s) if cause.roomy else state
        case PauseStage.RETURNING:
            if not cause.roomy:
                return replace(state, stage=PauseStage.PAUSED, since_mono_s=now_s)
            if state.left_s(rules, now_s) > 0.0:
                return state
            return replace(state, stage=PauseStage.FREE, since_mono_s=now_s, site="", resting=False)
        case _ as unreachable:
            assert_never(unreachable)


def _times(rules: OverloadRules, state: Pause, cause: Cause, now_s: float) -> int:
    """How many pauses have come soon after one another, with the one that begins now."""
    free_s = now_s - state.since_mono_s
    operated = cause.by_operator and now_s - state.began_mono_s < rules.again_operator_s
    if operated or free_s < rules.again_s:
        return state.times + 1
    return max(1, state.times) if free_s < rules.calm_s else 1
