"""A serial line is searched for devices: who waits for whom, and when it is handed over (BUS-71).

Theory of operation. Nobody searches unasked: RESTING waits until somebody asks. A search beside the line's
work is handed on at once (SEARCHING). One for which the line leaves control must first stop the chargers that
depend on it (STOPPING): until each has acknowledged 0 A and no current flows, or its relay is open. After
30 s that is given up. SEARCHING lasts until the wires say that it has ended, or until somebody stops it.
One search at a time; durations are monotonic.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import Final, assert_never

from hems.core.rules import SearchRules
from hems.model.settings import Manner


class Stage(StrEnum):
    """Where a search stands."""

    RESTING = "resting"
    STOPPING = "stopping"
    SEARCHING = "searching"


ALLOWED: Final[Mapping[Stage, frozenset[Stage]]] = {
    Stage.RESTING: frozenset({Stage.STOPPING, Stage.SEARCHING}),
    Stage.STOPPING: frozenset({Stage.RESTING, Stage.SEARCHING}),
    Stage.SEARCHING: frozenset({Stage.RESTING}),
}


class Verdict(StrEnum):
    """How a search came to its end."""

    ENDED = "ended"
    GIVEN_UP = "given_up"
    BROKEN_OFF = "broken_off"


@dataclass(frozen=True, slots=True)
class State:
    """The stage, since when, which line it is about, and how that is searched."""

    stage: Stage = Stage.RESTING
    since_mono_s: float = -inf
    bus: str = ""
    manner: Manner = "live"


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is asked, and how things stand on the line that it is about.

    `begin` is the line to begin with ("" = none), `manner` how. `still`: all who depend on the line stand
    still. `ended`: the wires search no more.
    """

    begin: str = ""
    manner: Manner = "live"
    stop: bool = False
    still: bool = False
    ended: bool = False


def step(rules: SearchRules, state: State, inputs: Inputs, now_s: float) -> tuple[State, Verdict | None]:
    """One cycle; the verdict of a search that ends now."""
    rests = State(Stage.RESTING, now_s, state.bus, state.manner)
    match state.stage:
        case Stage.RESTING:
            if not inputs.begin:
                return state, None
            stage = Stage.STOPPING if inputs.manner == "full" else Stage.SEARCHING
            return State(stage, now_s, inputs.begin, inputs.manner), None
        case Stage.STOPPING:
            if inputs.stop:
                return rests, Verdict.BROKEN_OFF
            if inputs.still:
                return State(Stage.SEARCHING, now_s, state.bus, state.manner), None
            late = now_s - state.since_mono_s >= rules.patience_s
            return (rests, Verdict.GIVEN_UP) if late else (state, None)
        case Stage.SEARCHING:
            if inputs.stop:
                return rests, Verdict.BROKEN_OFF
            return (rests, Verdict.ENDED) if inputs.ended else (state, None)
        case _ as unreachable:
            assert_never(unreachable)
