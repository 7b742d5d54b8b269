"""Everything that has room for a limited sum of current or power, and what each charger costs there.

A site is one figure under one limit: a line of the main fuse ("L1") or of a circuit ("garage.L2"), the import
of the house ("power"), how far one line is above another ("L1-L2"), the grid operator's pot ("operator").
Up to three like figures come from one meter and stand under one law (`overload`): they are a feed.

How far a line is above another is charged to those who draw on the higher one alone; what cars draw on the
lower one is not counted on, because they may stop. So is a charger that may draw on the higher line only: one
that measures nothing, whatever a test found, and one whose car has not shown yet that it uses both.

A circuit without a meter carries what the meters below it show and what the other chargers there draw.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Final

from hems.core import circuits, overload
from hems.core.circuits import Look
from hems.core.overload import ENDLESS
from hems.core.readings import Grid, figure, volts
from hems.core.rules import OverloadRules, Rules
from hems.core.scene import INDEX, Scene
from hems.model.units import LINES, NO_LINES, NOMINAL_V, LineName, PerLine
from hems.model.why import Reason

MAIN: Final = "main"
POWER: Final = "power"
OPERATOR: Final = "operator"
PAIRS: Final[tuple[tuple[LineName, LineName], ...]] = (
    ("L1", "L2"),
    ("L2", "L3"),
    ("L3", "L1"),
    ("L2", "L1"),
    ("L3", "L2"),
    ("L1", "L3"),
)
"""Each line above each other; three of them make a feed."""

States = Mapping[str, overload.State]


@dataclass(frozen=True, slots=True)
class Site:
    """What all cars together may be told here, in the site's own unit, and the reason it gives.

    `steady` is what two readings in a row had, `ease` the share of what is free there that one cycle may hand
    out to rises. `tripped`: what flows has been far above the fuse for too long.
    """

    name: str
    code: Reason
    allowed: float
    steady: float
    ease: float = 1.0
    tripped: bool = False

    def resume_a(self, rules: OverloadRules) -> float:
        """What must be free beyond a minimum before a pause ends; nothing where an agreed power is shared."""
        return 0.0 if self.name in (POWER, OPERATOR) else rules.resume_a


@dataclass(frozen=True, slots=True)
class Course:
    """A charger's way over the sites: what one ampere of its set-point costs, and what it draws there now."""

    path: Mapping[str, float]
    flows: Mapping[str, float]

    def over(self, sites: Mapping[str, Site]) -> "Course":
        """The way over those sites that there are."""
        return Course({name: cost for name, cost in self.path.items() if name in sites}, self.flows)


@dataclass(frozen=True, slots=True)
class Feed:
    """Up to three sites of one meter under one law; a site without a name is none.

    `fuse` is what is installed, `limit` what a person made of it. `together`: meter and chargers were read at
    one time. `meters` are the sites of the meters below by which it is known where it has none of its own;
    without any it is `exact`, what its chargers draw and nothing else. `against` are the sites on which a
    lowering takes away here.
    """

    name: str
    names: tuple[str, ...]
    code: Reason
    fuse: PerLine
    load: Grid | None
    together: bool = True
    limit: PerLine = ENDLESS
    meters: tuple[tuple[str, ...], ...] | None = None
    against: tuple[str, ...] = ("", "", "")

    @property
    def exact(self) -> bool:
        """Whether no meter is needed to know it."""
        return self.meters == ()


def course(rules: Rules, scene: Scene, grid: Grid | None) -> Course:
    """One charger's way over all sites there may be."""
    used, draw_a = scene.used.guarded, scene.draw_a
    path: dict[str, float] = dict.fromkeys(used, 1.0)
    flows: dict[str, float] = dict(zip(LINES, draw_a, strict=True))
    for circuit in circuits.above(rules, scene.charger.circuit):
        path |= {f"{circuit}.{line}": 1.0 for line in used}
        flows |= {f"{circuit}.{line}": draw_a[INDEX[line]] for line in LINES}
    line_v = grid.line_v if grid is not None else None
    path[POWER] = len(used) * max(NOMINAL_V, volts(line_v, [INDEX[line] for line in used]))
    flows[POWER] = scene.ev_w if scene.measured else NOMINAL_V * sum(draw_a)
    path[OPERATOR], flows[OPERATOR] = len(used) * NOMINAL_V, flows[POWER]
    for high, low in PAIRS:
        if high in used and (low not in used or _perhaps_without(rules, scene, low)):
            path[_over(high, low)] = 1.0
        flows[_over(high, low)] = draw_a[INDEX[high]] - draw_a[INDEX[low]]
    return Course(path, flows)


@dataclass(frozen=True, slots=True)
class Picture:
    """What the feeds are made of: the readings of one cycle, the chargers and their courses by name."""

    rules: Rules
    now_s: float
    grid: Grid | None
    looks: Mapping[str, Look]
    scenes: Sequence[Scene]
    courses: Mapping[str, Course]
    measured_mono_s: Mapping[str, float | None]


def feeds(picture: Picture, line_limit_a: float | None = None) -> list[Feed]:
    """All feeds of the house; `line_limit_a` lowers each line of the main fuse where it is above 0."""
    rules, grid = picture.rules, picture.grid
    together = _together(picture, grid, picture.scenes)
    most_a = figure(line_limit_a) or 0.0
    limit_a = (most_a, most_a, most_a) if most_a > 0.0 else ENDLESS
    found = [Feed(MAIN, LINES, Reason.LINE_LIMIT, rules.fuse_a, grid, together, limit_a)]
    found += [_circuit(picture, name) for name in rules.circuits]
    if rules.power_limit_w is not None:
        load = replace(grid, line_a=(grid.power_w, 0.0, 0.0)) if grid is not None else None
        most_w = (rules.power_limit_w, inf, inf)
        found.append(Feed(POWER, (POWER, "", ""), Reason.POWER_LIMIT, most_w, load, together))
    if rules.imbalance_a is not None:
        found += [_apart(rules.imbalance_a, grid, together, pairs) for pairs in (PAIRS[:3], PAIRS[3:])]
    return found


def step(
    rules: OverloadRules, states: States, feeds: Iterable[Feed], courses: Iterable[Course], now_s: float
) -> tuple[dict[str, overload.State], dict[str, overload.Caps]]:
    """One cycle of the law on every feed: its state, and what it leaves."""
    courses = list(courses)
    after: dict[str, overload.State] = {}
    caps: dict[str, overload.Caps] = {}
    for feed in feeds:
        inputs = overload.Inputs(feed.load, _sum(courses, feed.names), feed.together, feed.limit)
        before = states.get(feed.name, overload.State())
        after[feed.name], caps[feed.name] = overload.step(rules, feed.fuse, before, inputs, now_s)
    return after, caps


def rooms(rules: OverloadRules, feeds: Iterable[Feed], caps: Mapping[str, overload.Caps]) -> dict[str, Site]:
    """The sites of all feeds by name."""
    found: dict[str, Site] = {}
    for feed in feeds:
        cap, ease = caps[feed.name], 1.0 if feed.exact else rules.ease
        fused = feed.code in (Reason.LINE_LIMIT, Reason.CIRCUIT_LIMIT)
        for name, allowed, steady, tripped in zip(
            feed.names, cap.allowed_a, cap.steady_a, cap.tripped, strict=True
        ):
            if name:
                found[name] = Site(name, feed.code, allowed, steady, ease, fused and tripped)
    return found


def lowered(
    states: States, feeds: Iterable[Feed], less: Iterable[tuple[Course, float]], now_s: float
) -> dict[str, overload.State]:
    """Book what chargers that measure nothing were lowered by: no meter shows it yet."""
    less = list(less)
    after = dict(states)
    for feed in feeds:
        for names in (feed.names,) if feed.meters is None else feed.meters:
            less_here = [
                sum(
                    less_a * (course.path.get(name, 0.0) - course.path.get(other, 0.0))
                    for course, less_a in less
                )
                for name, other in zip(names, feed.against, strict=True)
            ]
            booked = (less_here[0], less_here[1], less_here[2])
            after[feed.name] = overload.lowered(after[feed.name], booked, now_s)
    return after


def loads(feeds: Iterable[Feed], chain: Sequence[str], fresh_s: float, now_s: float) -> list[overload.Load]:
    """What the fuses above a charger carry, as far as a fresh reading says so."""
    fuses = (MAIN, *chain)
    return [
        overload.Load(feed.load.line_a, feed.fuse)
        for feed in feeds
        if feed.name in fuses and feed.load is not None and now_s - feed.load.at_mono_s <= fresh_s
    ]


def _circuit(picture: Picture, name: str) -> Feed:
    """The lines of one circuit: by its own meter, or as the sum of what is known of all below it."""
    names, fuse_a = _lines(name), circuits.fuse_a(picture.rules, name)
    if name in picture.looks:
        grid = picture.looks[name].grid
        together = _together(picture, grid, _below(picture, name))
        return Feed(name, names, Reason.CIRCUIT_LIMIT, fuse_a, grid, together)
    below = circuits.metered_below(picture.rules, name)
    load = _summed(picture, name, below)
    together = all(_together(picture, picture.looks[one].grid, _below(picture, one)) for one in below)
    meters = tuple(_lines(one) for one in below)
    return Feed(name, names, Reason.CIRCUIT_LIMIT, fuse_a, load, together, meters=meters)


def _summed(picture: Picture, name: str, meters: Sequence[str]) -> Grid:
    """What these meters show and the chargers behind none of them draw.

    Before each of them has answered its chargers may not charge at all (`circuits.trust`).
    """
    known = [grid for meter in meters if (grid := picture.looks[meter].grid) is not None]
    behind = [scene for meter in meters for scene in _below(picture, meter)]
    others = [picture.courses[scene.name] for scene in _below(picture, name) if scene not in behind]
    one, two, three = _sum(others, _lines(name))
    for grid in known:
        one, two, three = one + grid.line_a[0], two + grid.line_a[1], three + grid.line_a[2]
    at_mono_s = min((grid.at_mono_s for grid in known), default=picture.now_s)
    return Grid(at_mono_s, 0.0, (one, two, three), None)


def _below(picture: Picture, circuit: str) -> list[Scene]:
    """The chargers on a circuit and on all that hang on it."""
    return [
        scene for scene in picture.scenes if circuit in circuits.above(picture.rules, scene.charger.circuit)
    ]


def _lines(circuit: str) -> tuple[str, str, str]:
    """The three sites of a circuit."""
    return f"{circuit}.L1", f"{circuit}.L2", f"{circuit}.L3"


def _perhaps_without(rules: Rules, scene: Scene, low: LineName) -> bool:
    """Whether it may draw on another of its lines and not on this one, as far as anybody knows."""
    line_a = scene.sight.line_a
    return line_a is None or (not scene.lines.learned and line_a[INDEX[low]] <= rules.lines.drawn_a)


def _apart(
    most_a: float, grid: Grid | None, together: bool, pairs: Sequence[tuple[LineName, LineName]]
) -> Feed:
    """How far three lines are above three others."""
    one, two, three = pairs
    load = replace(grid, line_a=_differences(grid.line_a, pairs)) if grid is not None else None
    names = (_over(*one), _over(*two), _over(*three))
    against = (_over(*one[::-1]), _over(*two[::-1]), _over(*three[::-1]))
    limit_a = (most_a, most_a, most_a)
    return Feed(names[0], names, Reason.IMBALANCE, limit_a, load, together, against=against)


def _over(high: LineName, low: LineName) -> str:
    return f"{high}-{low}"


def _differences(line_a: PerLine, pairs: Sequence[tuple[LineName, LineName]]) -> PerLine:
    one, two, three = (line_a[INDEX[high]] - line_a[INDEX[low]] for high, low in pairs)
    return one, two, three


def _together(picture: Picture, grid: Grid | None, scenes: Iterable[Scene]) -> bool:
    """Whether all that measure were read at one time with this meter."""
    times_s = [picture.measured_mono_s.get(scene.name) for scene in scenes if scene.measured]
    return grid is not None and all(
        time_s is not None and abs(time_s - grid.at_mono_s) <= picture.rules.overload.skew_s
        for time_s in times_s
    )


def _sum(courses: Iterable[Course], names: Sequence[str]) -> PerLine:
    """What all chargers draw on three sites."""
    one, two, three = NO_LINES
    for course in courses:
        one += course.flows.get(names[0], 0.0)
        two += course.flows.get(names[1], 0.0)
        three += course.flows.get(names[2], 0.0)
    return one, two, three
