"""Loads that are switched off before cars are (CHG-36).

Theory of operation. A load RUNS until a line above its fuse, cars left out, or cars whose minima do not fit,
or have hardly more for a while, need its current; then it is SHED, the first of the file first, only loads on
the lines in need, as many as their currents cover. Cars are not waited for: one whose minimum does not fit is
paused in the same cycle, and shedding gives the room back. A load comes back after a rest, which doubles
while it is shed again soon after it came back, the last of the file first, when its whole current and clearly
more to spare than shedding asks for have fitted on each of its lines, all minima booked, for a minute: first
the cars hear that its current is spoken for (RETURNING); when what flows leaves room for all of it, it RUNS
again. A run begins WAITING, everything off, until two readings in a row have room for it.

What was shed or came back lately is booked until the meter can show it: the same need is not met twice, and
no car rises into the current of a load that has just come back. While the meter is silent or not trusted
nothing moves: a load is no car, it has its own breaker, and cars stop by then.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import inf
from typing import Final, assert_never

from hems.core import meter
from hems.core.appliances import LoadRules, SheddingRules
from hems.core.timing import Dwell
from hems.model.units import NOMINAL_V

POWER: Final = "power"
"""The site that is the import of the whole house, in watt; all others are lines, in ampere."""

SEEN: Final = (meter.Stage.GOOD, meter.Stage.RETURNING)
"""Stages of the grid meter in which its readings are reason enough to shed."""

TINY: Final = 1e-6


class Stage(StrEnum):
    """Whether a load may run."""

    WAITING = "waiting"
    RUNNING = "running"
    SHED = "shed"
    RETURNING = "returning"


ALLOWED: Final[Mapping[Stage, frozenset[Stage]]] = {
    Stage.WAITING: frozenset({Stage.RETURNING}),
    Stage.RUNNING: frozenset({Stage.SHED}),
    Stage.SHED: frozenset({Stage.RETURNING}),
    Stage.RETURNING: frozenset({Stage.RUNNING, Stage.SHED}),
}


BACK: Final = (Stage.RETURNING, Stage.RUNNING)


@dataclass(frozen=True, slots=True)
class Load:
    """The stage of one load and since when; `roomy`: its current fits beside all minima.

    `times` counts how often in a row it was shed soon after it had come back; 0 before it was ever shed.
    """

    stage: Stage = Stage.WAITING
    since_mono_s: float = -inf
    roomy: Dwell = field(default_factory=Dwell)
    times: int = 0

    def rest_s(self, shedding: SheddingRules) -> float:
        """How long it stays shed at least."""
        return min(shedding.rest_most_s, shedding.rest_s * 2.0 ** min(max(self.times - 1, 0), 30))


@dataclass(frozen=True, slots=True)
class State:
    """All loads by name, and since when cars have been pinched at each site."""

    loads: Mapping[str, Load] = field(default_factory=dict)
    pinched: Mapping[str, Dwell] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Room:
    """What one site has for cars and loads, in the site's unit.

    `allowed` is what all cars may draw by the last reading, `steady` by the last two. `minima` are those of
    all cars that want any current; a car that does not do what it is told counts with what it draws, in
    `beside` with all it may draw. `held` is what all cars may be drawing now.
    """

    allowed: float
    steady: float
    minima: float = 0.0
    beside: float = 0.0
    held: float = 0.0


@dataclass(frozen=True, slots=True)
class Inputs:
    """How the grid meter is trusted, and the room at each site by its name."""

    trust: meter.Trust
    rooms: Mapping[str, Room]


@dataclass(frozen=True, slots=True)
class Booked:
    """What loads take from the cars at each site: of all they may draw, and of what they may rise by."""

    allowed: Mapping[str, float] = field(default_factory=dict)
    steady: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Look:
    """What one load looks at: the meter, room beside all minima and beside what flows, and its turn."""

    trusted: bool
    new: bool
    beside_minima: bool
    beside_flow: bool
    its_turn: bool


def step(
    rules: Mapping[str, LoadRules], shedding: SheddingRules, state: State, inputs: Inputs, now_s: float
) -> tuple[State, Booked]:
    """One cycle of all loads, and what they take from the cars."""
    pinched = _pinched(shedding, state, inputs, now_s)
    loads = {name: state.loads.get(name, Load()) for name in rules}
    needs = _needs(shedding, pinched, inputs, now_s) if inputs.trust.stage in SEEN else {}
    shed = _shed(rules, shedding, loads, needs, now_s)
    for name in reversed(list(rules)):
        look = _look(rules, shedding, loads, name, inputs, now_s)
        loads[name] = _step(shedding, loads[name], name in shed, look, now_s)
    returning = {name: load for name, load in loads.items() if load.stage is Stage.RETURNING}
    booked = Booked(_booked(rules, shedding, returning, now_s), _booked(rules, shedding, loads, now_s))
    return State(loads, pinched), booked


def path(load: LoadRules) -> dict[str, float]:
    """What a load takes at each of its sites, in the site's unit."""
    current_a = load.power_w / (NOMINAL_V * max(1, len(load.lines)))
    return {POWER: load.power_w, **dict.fromkeys(load.lines, current_a)}


def _spare(spare_a: float, site: str) -> float:
    return spare_a * (NOMINAL_V if site == POWER else 1.0)


def _pinched(shedding: SheddingRules, state: State, inputs: Inputs, now_s: float) -> dict[str, Dwell]:
    """Where cars have hardly more than their minima, and since when."""
    return {
        name: state.pinched.get(name, Dwell()).step(
            room.minima > 0.0 and room.allowed - room.minima < _spare(shedding.spare_a, name), now_s
        )
        for name, room in inputs.rooms.items()
    }


def _needs(
    shedding: SheddingRules, pinched: Mapping[str, Dwell], inputs: Inputs, now_s: float
) -> dict[str, float]:
    """What is missing at each site: for the house itself and for minima at once, for a little more later."""
    return {
        name: room.minima
        + (_spare(shedding.spare_a, name) if pinched[name].held(shedding.pinched_s, now_s) else 0.0)
        - room.allowed
        for name, room in inputs.rooms.items()
    }


def _shed(
    rules: Mapping[str, LoadRules],
    shedding: SheddingRules,
    loads: Mapping[str, Load],
    needs: Mapping[str, float],
    now_s: float,
) -> list[str]:
    """The loads to shed now, in order, until the needs are covered; what was shed lately covers some."""
    open_needs, shed = dict(needs), []
    for name, load in loads.items():
        if load.stage is Stage.SHED and now_s - load.since_mono_s < shedding.shows_s:
            _cover(open_needs, path(rules[name]))
    for name, load in loads.items():
        mine = path(rules[name])
        if load.stage is Stage.RUNNING and any(open_needs.get(site, 0.0) > TINY for site in mine):
            _cover(open_needs, mine)
            shed.append(name)
    return shed


def _cover(needs: dict[str, float], mine: Mapping[str, float]) -> None:
    for site, share in mine.items():
        if site in needs:
            needs[site] -= share


def _look(
    rules: Mapping[str, LoadRules],
    shedding: SheddingRules,
    loads: Mapping[str, Load],
    name: str,
    inputs: Inputs,
    now_s: float,
) -> Look:
    """One load among the others, of which those behind it have had their step."""
    others = {other: load for other, load in loads.items() if other != name}
    booked = _booked(rules, shedding, others, now_s)
    back_s = [load.since_mono_s for load in others.values() if load.stage in BACK]
    lines, names = set(rules[name].lines), list(rules)
    waits = any(
        loads[one].stage is Stage.SHED and lines & set(rules[one].lines)
        for one in names[names.index(name) + 1 :]
    )
    left = {
        site: inputs.rooms[site].steady - share - booked.get(site, 0.0)
        for site, share in path(rules[name]).items()
        if site in inputs.rooms
    }
    back_a = shedding.back_a if loads[name].times else shedding.spare_a
    return Look(
        trusted=inputs.trust.stage is meter.Stage.GOOD,
        new=inputs.trust.may_raise,
        beside_minima=all(
            room >= inputs.rooms[site].beside + _spare(back_a, site) for site, room in left.items()
        ),
        beside_flow=all(
            room >= inputs.rooms[site].held + _spare(shedding.spare_a, site) for site, room in left.items()
        ),
        its_turn=not waits and all(now_s - since_s >= shedding.apart_s for since_s in back_s),
    )


def _step(shedding: SheddingRules, load: Load, shed: bool, look: Look, now_s: float) -> Load:
    roomy = load.roomy
    if look.new or not look.trusted or load.stage is Stage.RUNNING:
        room = look.new and look.beside_minima and load.stage is not Stage.RUNNING
        roomy = roomy.step(room, now_s)
    stage = _next(shedding, load, roomy, shed, look, now_s)
    if stage is load.stage:
        return replace(load, roomy=roomy)
    times = load.times
    if load.stage is Stage.RUNNING:
        times = times + 1 if now_s - load.since_mono_s < shedding.again_s else 1
    return Load(stage, now_s, roomy, times)


def _next(shedding: SheddingRules, load: Load, roomy: Dwell, shed: bool, look: Look, now_s: float) -> Stage:
    match load.stage:
        case Stage.WAITING:
            return Stage.RETURNING if look.new and look.beside_minima else Stage.WAITING
        case Stage.RUNNING:
            return Stage.SHED if shed else Stage.RUNNING
        case Stage.SHED:
            rested = now_s - load.since_mono_s >= load.rest_s(shedding)
            back = rested and look.its_turn and roomy.held(shedding.room_s, now_s)
            return Stage.RETURNING if back else Stage.SHED
        case Stage.RETURNING:
            if not roomy.value:
                return Stage.SHED
            return Stage.RUNNING if look.new and look.beside_flow else Stage.RETURNING
        case _ as unreachable:
            assert_never(unreachable)


def _booked(
    rules: Mapping[str, LoadRules], shedding: SheddingRules, loads: Mapping[str, Load], now_s: float
) -> dict[str, float]:
    """What loads are about to take, something to spare on top, and what they took too lately to be seen."""
    booked: dict[str, float] = {}
    for name, load in loads.items():
        returning = load.stage is Stage.RETURNING
        unseen = load.stage is Stage.RUNNING and now_s - load.since_mono_s < shedding.shows_s
        if unseen or returning:
            for site, share in path(rules[name]).items():
                spare = _spare(shedding.spare_a, site) if returning else 0.0
                booked[site] = booked.get(site, 0.0) + share + spare
    return booked
