"""Full current for a while, because a person wants it now (CHG-120).

It ends when its time or energy is over and when the car leaves. Its time runs on the wall clock from when it
was told, as far as both are known; in any case not longer than its whole length from when this run first saw
it. Its energy counts from when it was first seen, over restarts, or from where the count begins anew.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf

from hems.core.demand import Demand
from hems.core.readings import figure
from hems.model.decision import ChargingState
from hems.model.instant import Instant
from hems.model.settings import Boost
from hems.model.why import Reason


@dataclass(frozen=True, slots=True)
class State:
    """The boost that was seen, since when, and whether it is over."""

    boost: Boost | None = None
    since_mono_s: float = -inf
    over: bool = False


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is ordered, whether the car is gone, the charger's counted energy now and when the boost began."""

    boost: Boost | None
    gone: bool
    counted_wh: int
    base_wh: int | None
    now: Instant


@dataclass(frozen=True, slots=True)
class Boosting:
    """What follows. `ended` is true from the cycle in which the boost ends until it is no longer ordered."""

    demand: Demand | None = None
    base_wh: int | None = None
    ended: bool = False


def step(state: State, inputs: Inputs, now_s: float) -> tuple[State, Boosting]:
    """One cycle."""
    boost = inputs.boost
    if boost is None:
        return State(), Boosting()
    base_wh = inputs.base_wh
    if boost != state.boost:
        again = state.boost is not None
        state = State(boost, now_s)
        base_wh = inputs.counted_wh if base_wh is None or again else base_wh
    elif base_wh is None:
        base_wh = inputs.counted_wh
    base_wh = min(base_wh, inputs.counted_wh)
    if state.over:
        return state, Boosting(base_wh=base_wh, ended=True)
    left = _left(boost, state.since_mono_s, inputs, inputs.counted_wh - base_wh, now_s)
    if inputs.gone or not left or not all(figure > 0.0 for figure in left.values()):
        return State(boost, state.since_mono_s, over=True), Boosting(base_wh=base_wh, ended=True)
    return state, Boosting(
        Demand(inf, Reason.MANUAL_BOOST, ChargingState.MANUAL, left, at_once=True), base_wh
    )


def _left(
    boost: Boost, since_mono_s: float, inputs: Inputs, charged_wh: int, now_s: float
) -> dict[str, float]:
    """What is left of it, in s and Wh; a figure that is none leaves nothing."""
    left: dict[str, float] = {}
    if boost.energy_wh is not None:
        left["energy_left_wh"] = (figure(boost.energy_wh) or 0.0) - charged_wh
    if boost.seconds is not None:
        whole_s = figure(boost.seconds) or 0.0
        left_s = whole_s - max(0.0, now_s - since_mono_s)
        if boost.told is not None and inputs.now.trusted:
            left_s = min(left_s, whole_s - _between_s(boost.told, inputs.now.wall))
        left["seconds_left"] = left_s
    return left


def _between_s(earlier: datetime, later: datetime) -> float:
    return (later.astimezone(UTC) - earlier.astimezone(UTC)).total_seconds()
