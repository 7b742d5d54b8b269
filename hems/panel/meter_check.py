"""Which line of the grid meter a load is on, and whether it counts the right way (PNL-66).

Theory of operation. WAITING keeps the lowest power of the last seconds on each line as what was there before
and looks for a line that moved away from it by 500 W; that line is WATCHED for 3 s. If the step stays, it is
the answer (FOUND): the line it was seen on, and whether it rose or fell. One that goes back is no answer,
nor is a fall where a load may be taken away. After 60 s there is none (NOTHING), and the person may go on
without.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf
from typing import Final, assert_never

from hems.model.units import LINES, LineName, PerLine

STEP_W: Final = 500.0
STAYS_S: Final = 3.0
PATIENCE_S: Final = 60.0
REMEMBERED_S: Final = 5.0


class Stage(StrEnum):
    """How far a check of one line is."""

    WAITING = "waiting"
    WATCHED = "watched"
    FOUND = "found"
    NOTHING = "nothing"


ALLOWED: Final[Mapping[Stage, frozenset[Stage]]] = {
    Stage.WAITING: frozenset({Stage.WATCHED, Stage.NOTHING}),
    Stage.WATCHED: frozenset({Stage.WAITING, Stage.FOUND}),
    Stage.FOUND: frozenset(),
    Stage.NOTHING: frozenset({Stage.WATCHED}),
}


@dataclass(frozen=True, slots=True)
class State:
    """The stage and since when, when the check began, the powers before (W), the line that moved, and how.

    `seen` are the readings of the last seconds: when, and the power of each line. `loaded` are the lines
    whose falls say nothing.
    """

    since_mono_s: float
    begun_mono_s: float
    stage: Stage = Stage.WAITING
    seen: tuple[tuple[float, PerLine], ...] = ()
    before_w: PerLine = (0.0, 0.0, 0.0)
    line: LineName = "L1"
    falls: bool = False
    loaded: frozenset[LineName] = frozenset()


def begin(now_s: float, loaded: Collection[LineName] = ()) -> State:
    """A check begins; a load that is there already on one of these lines may be taken away."""
    return State(now_s, now_s, loaded=frozenset(loaded))


def step(state: State, at_mono_s: float, line_w: PerLine | None, now_s: float) -> State:
    """One view; `line_w` was read at `at_mono_s`, ``None`` = the meter does not answer."""
    match state.stage:
        case Stage.WAITING | Stage.NOTHING:
            return _waiting(state, at_mono_s, line_w, now_s)
        case Stage.WATCHED:
            if line_w is None or abs(_moved_w(state, line_w)) < STEP_W:
                return replace(state, stage=Stage.WAITING, since_mono_s=now_s, seen=())
            stays = now_s - state.since_mono_s >= STAYS_S
            return replace(state, stage=Stage.FOUND, since_mono_s=now_s) if stays else state
        case Stage.FOUND:
            return state
        case _ as unreachable:
            assert_never(unreachable)


def _waiting(state: State, at_mono_s: float, line_w: PerLine | None, now_s: float) -> State:
    late = state.stage is Stage.WAITING and now_s - state.begun_mono_s >= PATIENCE_S
    if late:
        state = replace(state, stage=Stage.NOTHING, since_mono_s=now_s)
    if line_w is None or (state.seen and state.seen[-1][0] == at_mono_s):
        return state
    seen = tuple(one for one in state.seen if at_mono_s - one[0] <= REMEMBERED_S)
    jumps = _jump(seen, line_w, state.loaded)
    if jumps is None:
        return replace(state, seen=(*seen, (at_mono_s, line_w)))
    before_w, line, falls = jumps
    return replace(
        state, stage=Stage.WATCHED, since_mono_s=now_s, seen=(), before_w=before_w, line=line, falls=falls
    )


def _jump(
    seen: tuple[tuple[float, PerLine], ...], line_w: PerLine, loaded: frozenset[LineName]
) -> tuple[PerLine, LineName, bool] | None:
    """The line that moved most against any of the last readings, and whether it fell."""
    best: tuple[PerLine, LineName, bool] | None = None
    most_w = STEP_W
    for _, before_w in seen:
        for place, line in enumerate(LINES):
            moved_w = line_w[place] - before_w[place]
            taken_away = moved_w < 0.0 and line in loaded
            if most_w <= abs(moved_w) < inf and not taken_away:
                best, most_w = (before_w, line, moved_w < 0.0), abs(moved_w)
    return best


def _moved_w(state: State, line_w: PerLine) -> float:
    """How far the watched line still is from before, the way it went."""
    place = LINES.index(state.line)
    moved_w = line_w[place] - state.before_w[place]
    return max(0.0, -moved_w) if state.falls else max(0.0, moved_w)
