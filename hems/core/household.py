"""What else lives behind the main fuse, in the chargers' cycle: the house's battery, heat pumps and loads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hems.core import heat, loads, surplus
from hems.core.cycle import Cycle
from hems.core.heat import Heat, Offer
from hems.core.memory import Memory
from hems.core.readings import Grid, volts
from hems.core.scene import Scene
from hems.core.wishes import Wished
from hems.model.settings import Settings
from hems.model.snapshot import BatteryReading, Snapshot
from hems.model.units import LINES, PerLine


@dataclass(frozen=True, slots=True)
class Home:
    """The cycle as the chargers have it now, what the pumps are told, and which loads may run."""

    cycle: Cycle
    heat_state: heat.State
    heat: Heat
    loads_state: loads.State

    @property
    def running(self) -> dict[str, bool]:
        """Which loads may run, by name."""
        return {name: load.stage is loads.Stage.RUNNING for name, load in self.loads_state.loads.items()}

    @property
    def relays(self) -> dict[str, bool]:
        """The relays of loads and pumps, true = energised."""
        rules, running = self.cycle.rules.loads, self.running
        return {**{load.relay: running[name] for name, load in rules.items()}, **self.heat.relays}


def sky(grid: Grid | None, drawing: Sequence[Scene], battery: BatteryReading | None) -> surplus.Inputs:
    """What says how much sun there is; `drawing` are the chargers that follow it."""
    ev_w = sum(scene.ev_w for scene in drawing)
    if grid is None:
        return surplus.Inputs(None, ev_w, battery)
    draw_a = [sum(scene.draw_a[line] for scene in drawing) for line in range(len(LINES))]
    return surplus.Inputs(
        grid.power_w,
        ev_w,
        battery,
        _watts(grid, grid.line_a),
        _watts(grid, (draw_a[0], draw_a[1], draw_a[2])),
    )


def step(
    cycle: Cycle,
    memory: Memory,
    scenes: Sequence[Scene],
    wished: Wished,
    offers: Mapping[str, Offer],
    snapshot: Snapshot,
    settings: Settings,
) -> Home:
    """One cycle of pumps and loads; what loads take is no longer there for the chargers."""
    rules, now_s = cycle.rules, cycle.now_s
    dimmed = cycle.dim is not None and cycle.dim.limited
    seen = heat.Inputs(offers, cycle.trust.stage, snapshot.heat_pumps, settings.heat_pumps, dimmed)
    heat_state, told = heat.step(rules, memory.heat, seen, snapshot.now, now_s)
    if not rules.loads:
        return Home(cycle, heat_state, told, memory.loads)
    rooms = _rooms(cycle, scenes, wished)
    loads_state, booked = loads.step(
        rules.loads, rules.shedding, memory.loads, loads.Inputs(cycle.trust, rooms), now_s
    )
    sites = {
        name: replace(
            site,
            allowed=site.allowed - booked.allowed.get(name, 0.0),
            steady=site.steady - booked.steady.get(name, 0.0),
        )
        for name, site in cycle.sites.items()
    }
    return Home(replace(cycle, sites=sites), heat_state, told, loads_state)


def _watts(grid: Grid, line_a: PerLine) -> PerLine:
    one, two, three = (current_a * volts(grid.line_v, [line]) for line, current_a in enumerate(line_a))
    return one, two, three


def _rooms(cycle: Cycle, scenes: Sequence[Scene], wished: Wished) -> dict[str, loads.Room]:
    """The room at each site of a load; a charger that wants any current keeps its minimum."""
    found = {
        name: loads.Room(site.allowed, site.steady)
        for name, site in cycle.sites.items()
        if name in (*LINES, loads.POWER)
    }
    for scene in scenes:
        lowest_a = scene.charger.lowest_a
        wanted_a = lowest_a if wished[scene.name][1].limit_a >= lowest_a else 0.0
        least_a, beside_a = (wanted_a, wanted_a) if scene.obeys else (scene.peak_a, scene.held_a)
        for site, cost in cycle.courses[scene.name].path.items():
            if room := found.get(site):
                found[site] = replace(
                    room,
                    minima=room.minima + cost * least_a,
                    beside=room.beside + cost * beside_a,
                    held=room.held + cost * scene.held_a,
                )
    return found
