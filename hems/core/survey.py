"""One look at everything: how far each meter is trusted, what each charger does, what every limit leaves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hems.core import circuits, meter, overload, readings, sites
from hems.core.circuits import Look
from hems.core.memory import Memory
from hems.core.need import vehicle
from hems.core.readings import Grid
from hems.core.rules import Rules
from hems.core.scene import Scene, heed, see
from hems.core.sites import Course, Feed, Picture, Site
from hems.model.settings import Settings
from hems.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Survey:
    """The site in one cycle, before anything is decided.

    `laws` are the states of the law on each feed, `caps` what it leaves there.
    """

    now_s: float
    grid: Grid | None
    meter_state: meter.State
    trust: meter.Trust
    looks: Mapping[str, Look]
    scenes: Sequence[Scene]
    courses: Mapping[str, Course]
    feeds: Sequence[Feed]
    laws: Mapping[str, overload.State]
    caps: Mapping[str, overload.Caps]

    def sites(self, rules: Rules) -> dict[str, Site]:
        """All that has room for a sum of current or power, by name."""
        return sites.rooms(rules.overload, self.feeds, self.caps)

    def trusts(self, rules: Rules) -> dict[str, meter.Trust]:
        """How far the meters above each charger are trusted together."""
        return {
            scene.name: circuits.trust(self.trust, self.looks, circuits.above(rules, scene.charger.circuit))
            for scene in self.scenes
        }


def survey(rules: Rules, memory: Memory, snapshot: Snapshot, settings: Settings, now_s: float) -> Survey:
    """Read the whole picture once."""
    grid = readings.grid(snapshot.grid, now_s, rules.meter)
    meter_state, trust = meter.step(rules.meter, memory.meter, grid.at_mono_s if grid else None, now_s)
    looks = circuits.look(rules, memory.circuits, snapshot.circuits, now_s)
    scenes = _scenes(rules, memory, snapshot, settings, grid, now_s)
    courses = {scene.name: sites.course(rules, scene, grid) for scene in scenes}
    measured_mono_s = {name: reading.measured_mono_s for name, reading in snapshot.chargers.items()}
    picture = Picture(rules, now_s, grid, looks, scenes, courses, measured_mono_s)
    feeds = sites.feeds(picture, settings.chosen.get("line_limit_a"))
    laws, caps = sites.step(rules.overload, memory.feeds, feeds, courses.values(), now_s)
    heeded = [_heeded(rules, scene, feeds, now_s) for scene in scenes]
    return Survey(now_s, grid, meter_state, trust, looks, heeded, courses, feeds, laws, caps)


def _heeded(rules: Rules, scene: Scene, feeds: Sequence[Feed], now_s: float) -> Scene:
    chain = circuits.above(rules, scene.charger.circuit)
    return heed(rules.overload, scene, sites.loads(feeds, chain, rules.meter.fresh_s, now_s), now_s)


def _scenes(
    rules: Rules,
    memory: Memory,
    snapshot: Snapshot,
    settings: Settings,
    grid: readings.Grid | None,
    now_s: float,
) -> list[Scene]:
    return [
        see(
            rules,
            name,
            memory.chargers[name],
            settings.charger(name),
            vehicle(name, settings.charger(name), rules.vehicles, settings.vehicles),
            snapshot.chargers.get(name),
            grid,
            now_s,
        )
        for name in rules.chargers
    ]
