"""This cycle as the rules see it: the site, and each charger with what it says, draws and may draw."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import floor, inf
from typing import Final

from hems.core import appetite as appetites
from hems.core import hand, overload, phases, switching
from hems.core.memory import ChargerMemory
from hems.core.need import Vehicle
from hems.core.readings import Grid, Sight, charger
from hems.core.rules import ChargerRules, OverloadRules, Rules
from hems.model.settings import ChargerSettings
from hems.model.snapshot import ChargerReading
from hems.model.units import LINES, NO_LINES, NOMINAL_V, LineName, PerLine

INDEX: Final = {line: index for index, line in enumerate(LINES)}
TURN_WH: Final = 5000.0
"""By so much energy the turn goes round among equals: half an hour at 11 kW. Who comes first gets more, and
the other may have to stop: fairness starts no car more often than about once an hour."""
MARGIN: Final = 2.0
"""A car that takes less than its offer is booked with its draw and so many times the tolerance on top, so
that an offer lowered to that booking leaves it as it is."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One charger in one cycle.

    `draw_a` is what it draws on each line, measured or, where it is not, assumed to be the least that fits
    (CHG-31: it makes room); `held_a` the most that must be reckoned with on each of its lines until it is
    proven otherwise. `obeys`: what it is told now will be done. `defies`: a
    limit that is exceeded shows that it was not; `defies_on`: a pause has not changed that.
    """

    name: str
    charger: ChargerRules
    memory: ChargerMemory
    orders: ChargerSettings
    car: Vehicle
    sight: Sight
    lines: phases.State
    used: phases.Used
    appetite: appetites.State
    hunger: appetites.Appetite
    draw_a: PerLine
    held_a: float
    obeys: bool
    defiance: overload.Defiance
    defies: bool
    defies_on: bool
    plugged_mono_s: float | None
    plugged_wh: float | None

    @property
    def peak_a(self) -> float:
        """What it draws on its strongest line."""
        return max(self.draw_a)

    @property
    def closed_a(self) -> float:
        """The most that may flow once its relay closes on a charger that is silent.

        Its own fall-back makes that its fixed current; without one it keeps the last it was given.
        """
        mine = self.charger
        if mine.watchdog_s is not None and mine.fail_safe_a == mine.fallback_a:
            return mine.fallback_a
        known = [a for a in (self.sight.acknowledged_a, self.sight.highest_a) if a is not None]
        return max(mine.fallback_a, mine.fail_safe_a, *(known or [mine.max_a]))

    @property
    def measured(self) -> bool:
        """Whether fresh figures say what it draws, at least in watt."""
        return self.sight.line_a is not None or self.sight.power_w is not None

    @property
    def ev_w(self) -> float:
        """What it draws in watt (CHG-11)."""
        measured_w = self.sight.power_w
        if measured_w is not None:
            return max(0.0, measured_w)
        sum_a = sum(self.draw_a) if self.sight.line_a is not None else self.peak_a * self.used.count
        return NOMINAL_V * sum_a

    @property
    def energy_wh(self) -> float:
        """Energy since this car was plugged in, down to whole `TURN_WH`; 0 where nothing counts it.

        It says whose turn it is: without anything to remember, the turn changes with no less than that.
        """
        if self.sight.total_wh is None or self.plugged_wh is None:
            return 0.0
        return floor((self.sight.total_wh - self.plugged_wh) / TURN_WH) * TURN_WH


def see(
    rules: Rules,
    name: str,
    memory: ChargerMemory,
    orders: ChargerSettings,
    car: Vehicle,
    reading: ChargerReading | None,
    grid: Grid | None,
    now_s: float,
) -> Scene:
    """Look at one charger."""
    mine = rules.chargers[name]
    sight = charger(reading, grid.at_mono_s if grid is not None else None, now_s, rules.hand)
    plugged = sight.status != "A"
    lines, used = phases.step(rules.lines, memory.lines, _wires(mine, memory, sight, car), now_s)
    obeys = memory.hand.stage is hand.Stage.MODBUS and sight.answers
    draw_a = _draw_a(mine, memory, sight, used.flowing, obeys)
    ordered = memory.rungs.began or (memory.mode is not None and memory.mode != orders.mode)
    afresh = not plugged or ordered
    taken_a = _taken_a(sight, obeys)
    offered = appetites.Inputs(memory.told_a, taken_a, afresh)
    hungry, hunger = appetites.step(rules.appetite, memory.appetite, offered, now_s)
    held_a = _held_a(rules, mine, memory, sight, max(draw_a), taken_a if hunger.less else None)
    came = plugged and memory.plugged_mono_s is None
    return Scene(
        name,
        mine,
        memory,
        orders,
        car,
        sight,
        lines,
        used,
        hungry,
        hunger,
        draw_a,
        held_a,
        obeys,
        memory.defiance,
        False,
        False,
        (now_s if came else memory.plugged_mono_s) if plugged else None,
        (sight.total_wh if came else memory.plugged_wh) if plugged else None,
    )


@dataclass(frozen=True, slots=True)
class Excess:
    """Watts above limits of power: the cars' pot while the grid operator limits, the import of the house."""

    pot_w: float = -inf
    power_w: float = -inf


def heed(
    rules: OverloadRules,
    scene: Scene,
    loads: Sequence[overload.Load],
    excess: Excess,
    ampere_w: float,
    now_s: float,
) -> Scene:
    """The charger with what the limits above it say of its obedience; `loads` and `excess` are fresh.

    `ampere_w` is what one ampere of its set-point comes to.
    """
    if scene.plugged_mono_s is None:
        return replace(scene, defiance=overload.Defiance())
    defiance = scene.defiance
    if loads:
        beyond_a = _beyond_a(scene.charger, scene.memory, scene.sight, scene.used.guarded, scene.held_a)
        defiance = overload.defy(rules, loads, defiance, beyond_a, now_s)
    beyond = scene.measured and scene.ev_w > (scene.memory.told_a + rules.beyond_a) * ampere_w
    least_w = scene.charger.lowest_a * ampere_w
    pot = defiance.pot.step(beyond and excess.pot_w > least_w, now_s)
    power = defiance.power.step(beyond and excess.power_w > least_w, now_s)
    if pot is not defiance.pot or power is not defiance.power:
        defiance = replace(defiance, pot=pot, power=power)
    lasted = [
        (bool(loads) and defiance.lasted(rules, more_s, now_s)) or defiance.overdrawn(rules, more_s, now_s)
        for more_s in (0.0, rules.fall_s)
    ]
    if defiance is scene.defiance and lasted == [scene.defies, scene.defies_on]:
        return scene
    return replace(scene, defiance=defiance, defies=lasted[0], defies_on=lasted[1])


def _wires(mine: ChargerRules, memory: ChargerMemory, sight: Sight, car: Vehicle) -> phases.Inputs:
    """What is known about the lines; a charger that is lost may come back with another car."""
    return phases.Inputs(
        mine.lines,
        sight.line_a,
        sight.status != "A" and not sight.lost,
        memory.lesson.lines.get(car.name, ()),
        car.named,
        car.lines or len(LINES),
        mine.switchable and switching.single(memory.switching, sight.lines),
        mine.switchable and switching.moving(memory.switching, sight.lines),
    )


def on_lines(lines: tuple[LineName, ...], current_a: float) -> PerLine:
    """The same current on each of these lines."""
    return (
        current_a if "L1" in lines else 0.0,
        current_a if "L2" in lines else 0.0,
        current_a if "L3" in lines else 0.0,
    )


def _relay_open(mine: ChargerRules, memory: ChargerMemory) -> bool:
    return mine.relay and memory.hand.stage in (hand.Stage.SAFE, hand.Stage.OPEN, hand.Stage.STUCK)


def _draw_a(
    mine: ChargerRules, memory: ChargerMemory, sight: Sight, flowing: tuple[LineName, ...], obeys: bool
) -> PerLine:
    """Measured, else what must be assumed: a charger nobody hears still draws its last current.

    Power alone bounds it, spread over all lines on which it may flow: nobody knows of more on any of them.
    """
    if sight.line_a is not None:
        return sight.line_a
    if _relay_open(mine, memory) or (sight.answers and sight.status in ("A", "B")):
        return NO_LINES
    assumed_a = memory.told_a if obeys else max(memory.told_a, sight.acknowledged_a or 0.0)
    if sight.power_w is not None:
        assumed_a = min(assumed_a, max(0.0, sight.power_w) / (NOMINAL_V * len(flowing)))
    return on_lines(flowing, assumed_a)


def _beyond_a(
    mine: ChargerRules, memory: ChargerMemory, sight: Sight, guarded: tuple[LineName, ...], held_a: float
) -> PerLine:
    """By how much more than told it loads each line; endless where nothing says whether 0 A were heard."""
    if sight.line_a is not None:
        one, two, three = sight.line_a
        return one - memory.told_a, two - memory.told_a, three - memory.told_a
    if _relay_open(mine, memory) or (sight.answers and sight.status in ("A", "B")):
        return NO_LINES
    return on_lines(guarded, held_a - memory.told_a if memory.told_a else inf)


def _taken_a(sight: Sight, obeys: bool) -> float | None:
    """The most the car takes on a line; a charger without a status cannot tell a full car from none."""
    if not obeys or sight.status is None:
        return None
    if sight.line_a is not None:
        return max(sight.line_a)
    if sight.power_w is not None:
        return sight.power_w / NOMINAL_V
    return 0.0 if sight.status == "B" else None


def _held_a(
    rules: Rules,
    mine: ChargerRules,
    memory: ChargerMemory,
    sight: Sight,
    peak_a: float,
    less_a: float | None,
) -> float:
    """The highest of what it was told, what it acknowledged, what it may hold and what it draws.

    `less_a` is the most a car takes that has not taken its offer for a while.
    """
    if _relay_open(mine, memory):
        return peak_a
    held_a = max(memory.told_a, sight.acknowledged_a or 0.0, sight.highest_a or 0.0, peak_a)
    return held_a if less_a is None else min(held_a, less_a + MARGIN * rules.appetite.less_a)
