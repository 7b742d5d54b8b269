"""One look at everything: how far each meter is trusted, what each charger does, what every limit leaves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

from hems.core import circuits, dim, heat, meter, overload, readings, sg_ready, sites
from hems.core.circuits import Look
from hems.core.memory import Memory
from hems.core.need import vehicle
from hems.core.readings import Grid
from hems.core.rules import DimRules, Rules
from hems.core.scene import Excess, Scene, heed, see
from hems.core.sites import Course, Feed, Picture, Site
from hems.core.sources import stamp
from hems.model.runs import Figure
from hems.model.settings import Settings
from hems.model.snapshot import Snapshot
from hems.model.why import Reason


@dataclass(frozen=True, slots=True)
class Survey:
    """The site in one cycle, before anything is decided.

    `laws` are the states of the law on each feed, `caps` what it leaves there. `limit` is the grid
    operator's, ``None`` where nobody may limit.
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
    dim_state: dim.State
    limit: dim.Limit | None

    def sites(self, rules: Rules) -> dict[str, Site]:
        """All that has room for a sum of current or power, by name."""
        rooms = sites.rooms(rules.overload, self.feeds, self.caps)
        if self.limit is not None and self.limit.dim.limited:
            rooms[sites.OPERATOR] = Site(
                sites.OPERATOR,
                Reason.OPERATOR_LIMIT,
                self.limit.room_w,
                self.limit.steady_w,
                rules.overload.ease if self.limit.own_w else 1.0,
            )
        return rooms

    def trusts(self, rules: Rules) -> dict[str, meter.Trust]:
        """How far the meters above each charger are trusted together."""
        return {
            scene.name: circuits.trust(
                rules, self.trust, self.looks, circuits.above(rules, scene.charger.circuit)
            )
            for scene in self.scenes
        }

    def fresh_grid(self, rules: Rules) -> Grid | None:
        """The grid reading, ``None`` once it is too old to reckon with."""
        return self.grid if self.trust.age_s <= rules.meter.reduce_s else None

    def readings(self) -> dict[str, Figure]:
        """What a record of the grid operator's limit says of the house; whole watts."""
        figures: dict[str, Figure] = {"ev_w": round(sum(scene.ev_w for scene in self.scenes))}
        if self.grid is not None:
            figures["grid_w"] = round(self.grid.power_w)
        if self.limit is not None:
            figures["pot_w"] = round(self.limit.dim.limit_w)
            figures["own_w"] = round(self.limit.own_w)
        return figures


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
    dim_state, limit = memory.dim, None
    ev_w = sum(scene.ev_w for scene in scenes)
    if rules.dim is not None:
        seen_w = grid.power_w if grid is not None and trust.age_s <= rules.meter.reduce_s else None
        own_ev_w = sum(scene.ev_w for scene in scenes if scene.measured)
        pumps_w = _pumps_w(rules, rules.dim, memory.heat, snapshot, now_s)
        inputs = _limiting(rules, rules.dim, snapshot, settings, pumps_w, own_ev_w, seen_w, now_s)
        dim_state, limit = dim.step(rules.dim, memory.dim, inputs, now_s)
    excess = _excess(rules, grid, limit, ev_w, now_s)
    heeded = [_heeded(rules, scene, courses[scene.name], feeds, excess, now_s) for scene in scenes]
    return Survey(
        now_s,
        grid,
        meter_state,
        trust,
        looks,
        heeded,
        courses,
        feeds,
        laws,
        caps,
        dim_state,
        limit,
    )


def _limiting(
    rules: Rules,
    mine: DimRules,
    snapshot: Snapshot,
    settings: Settings,
    pumps_w: Sequence[float | None],
    ev_w: float,
    grid_w: float | None,
    now_s: float,
) -> dim.Inputs:
    """What the grid operator's limit looks at; readings count for as long as they are fresh."""
    battery = snapshot.battery
    fresh = battery is not None and now_s - battery.at_mono_s <= mine.fresh_s
    return dim.Inputs(
        devices=rules.controllable,
        contact=snapshot.contacts.get(mine.contact),
        message=settings.operator,
        wall=stamp(snapshot.now),
        pumps_w=pumps_w,
        ev_w=ev_w,
        grid_w=grid_w,
        battery=battery is not None,
        battery_w=readings.figure(battery.power_w) if battery is not None and fresh else None,
    )


def _pumps_w(
    rules: Rules, mine: DimRules, state: heat.State, snapshot: Snapshot, now_s: float
) -> list[float | None]:
    """What each pump draws, ``None`` where nobody knows; one that its contacts have locked for long, nothing.

    Contacts of a pump on the bus are that pump's.
    """
    drawn_w: dict[str, float | None] = {}
    for name in rules.heat_pumps:
        pump = snapshot.heat_pumps.get(name)
        fresh = pump is not None and now_s - pump.at_mono_s <= mine.fresh_s
        drawn_w[name] = readings.figure(pump.power_w) if pump is not None and fresh else None
    for name, pair in rules.sg_ready.items():
        owner = pair.heat_pump if pair.heat_pump in rules.heat_pumps else f"{heat.CONTACTS}{name}"
        if drawn_w.get(owner) is None:
            known, stands = state.contacts.get(name), [snapshot.relays.get(relay) for relay in pair.relays]
            drawn_w[owner] = 0.0 if known is not None and _locked(mine, known, stands, now_s) else None
    return list(drawn_w.values())


def _locked(mine: DimRules, known: heat.Contacts, stands: Sequence[bool | None], now_s: float) -> bool:
    """Whether two contacts have told their pump for long not to run, both acknowledged."""
    lasted = now_s - known.machine.since_mono_s >= mine.locked_s
    stage = known.machine.stage
    return stage is sg_ready.Stage.LOCKED and lasted and tuple(stands) == heat.POSITIONS[stage]


def _excess(rules: Rules, grid: Grid | None, limit: dim.Limit | None, ev_w: float, now_s: float) -> Excess:
    """By how much limits of power are exceeded, the import by a fresh reading."""
    fresh = grid is not None and now_s - grid.at_mono_s <= rules.meter.fresh_s
    most_w = rules.power_limit_w
    return Excess(
        ev_w - limit.room_w if limit is not None else -inf,
        grid.power_w - most_w if grid is not None and fresh and most_w is not None else -inf,
    )


def _heeded(
    rules: Rules, scene: Scene, course: Course, feeds: Sequence[Feed], excess: Excess, now_s: float
) -> Scene:
    chain = circuits.above(rules, scene.charger.circuit)
    loads = sites.loads(feeds, chain, rules.meter.fresh_s, now_s)
    return heed(rules.overload, scene, loads, excess, course.path[sites.POWER], now_s)


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
