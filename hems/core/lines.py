"""A charger's lines in one cycle: its switch, the test that finds them, what is learned (CHG-20 to 23)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from hems.core import meter, phases, pulses, sites, surplus, switching
from hems.core.cycle import Claim, Cycle
from hems.core.limits import free
from hems.core.overload import PauseStage
from hems.core.readings import floor_step
from hems.core.scene import INDEX, Scene
from hems.core.sources import event
from hems.model.instant import Instant
from hems.model.intents import ProveLines
from hems.model.ledger import Event
from hems.model.lessons import Lesson
from hems.model.units import LINES, NO_LINES, NOMINAL_V, LineName
from hems.model.why import Figure, Reason, Why

WITH_CAR: Final = ("B", "C", "D", None)
"""States in which a car may want current; ``None`` is a charger that tells none."""


@dataclass(frozen=True, slots=True)
class Lined:
    """What follows: the wish that is left, where the relay is told to stand, what is learned and told."""

    claim: Claim
    relay: int | None
    switching: switching.State
    pulses: pulses.State
    lines: phases.State
    lesson: Lesson
    events: tuple[Event, ...]


def step(
    cycle: Cycle, scenes: Sequence[Scene], scene: Scene, claim: Claim, sun_w: float | None, now: Instant
) -> Lined:
    """One charger: `claim` is its mode's wish, `sun_w` the surplus that was there for it."""
    switch, relay = scene.memory.switching, None
    if scene.charger.switchable:
        inputs = _switch_inputs(cycle, scenes, scene, sun_w)
        switch, order = switching.step(cycle.rules.switching, switch, inputs, cycle.now_s)
        relay, claim = order.lines, _switched(cycle, scene, switch, order, claim, sun_w)
    test, verdict = _tested(cycle, scenes, scene, claim)
    test_a = pulses.set_point_a(test)
    if test_a is not None:
        claim = Claim(test_a, Why(Reason.TEST, {"limit_a": test_a}))
    lines, events = scene.lines, _switch_events(cycle, scene, switch, now)
    if verdict is not None:
        verdict = _wired(scene, verdict)
        learns = verdict.lines and not _single(scene)
        lines = phases.proven(lines, verdict.lines, cycle.now_s) if learns else lines
        events += (_verdict(scene, verdict, now),)
    lesson = _taught(cycle.calls[scene.name].lesson, scene.car.name, lines.most)
    return Lined(claim, relay, switch, test, lines, lesson, events)


def _taught(lesson: Lesson, car: str, lines: tuple[LineName, ...]) -> Lesson:
    """The lesson with all lines that this car has used since it came."""
    if not lines or lesson.lines.get(car) == lines:
        return lesson
    return replace(lesson, lines={**lesson.lines, car: lines})


def _single(scene: Scene) -> bool:
    return scene.charger.switchable and switching.single(scene.memory.switching, scene.sight.lines)


def _switch_inputs(
    cycle: Cycle, scenes: Sequence[Scene], scene: Scene, sun_w: float | None
) -> switching.Inputs:
    memory, sight, mine = scene.memory, scene.sight, scene.charger
    call = cycle.calls[scene.name]
    good = cycle.trusts[scene.name].stage is meter.Stage.GOOD
    wants = scene.orders.mode != "off" and not scene.hunger.full and call.ceiling.limit_a >= mine.lowest_a
    line_a, wide = sight.line_a, scene.used.wide
    all_w = NOMINAL_V * wide * mine.lowest_a / surplus.share(cycle.rules.surplus, wide)
    return switching.Inputs(
        position=sight.lines,
        plugged=sight.status != "A",
        obeys=scene.obeys,
        zero=memory.told_a == 0.0 and sight.answers and sight.acknowledged_a == 0.0,
        current_a=None if line_a is None else max(line_a),
        stray_a=0.0 if line_a is None else max((line_a[INDEX[line]] for line in mine.lines[1:]), default=0.0),
        idle=sight.answers and sight.status in ("A", "B"),
        active=good and wants and sight.status in WITH_CAR and memory.pulses.stage is pulses.Stage.REST,
        full=scene.orders.mode == "fast" or call.demand is not None,
        several=wide > 1,
        asked=scene.orders.lines or call.ordered_lines,
        lowest_a=mine.lowest_a,
        room_a=_room_a(cycle, scenes, scene) if good else None,
        carried=None if sun_w is None or call.ordered_a is not None else sun_w / all_w,
    )


def _room_a(cycle: Cycle, scenes: Sequence[Scene], scene: Scene) -> float:
    """What all limits leave the charger on all of its lines, the others served."""
    wide = replace(scene, used=replace(scene.used, guarded=scene.charger.lines or LINES))
    path = sites.course(cycle.rules, wide, cycle.grid).over(cycle.sites).path
    others = [(cycle.courses[other.name].path, other.held_a) for other in scenes if other is not scene]
    rooms = (
        (cycle.sites[name].allowed - sum(held_a * way.get(name, 0.0) for way, held_a in others)) / cost
        for name, cost in path.items()
    )
    return min(rooms)


def _switched(
    cycle: Cycle,
    scene: Scene,
    switch: switching.State,
    order: switching.Order,
    claim: Claim,
    sun_w: float | None,
) -> Claim:
    """The wish while the lines are switched; one that only the locked switch keeps from starting says so."""
    if order.hold:
        figures: dict[str, Figure] = {"limit_a": 0.0, "seconds_left": order.seconds_left, "doing": "running"}
        return claim.narrow(0.0, Why(Reason.PHASE_SWITCH, figures))
    rules, lowest_a = cycle.rules.surplus, scene.charger.lowest_a
    one_w = surplus.start_w(rules, 1, lowest_a) / surplus.share(rules, 1)
    dark = claim.limit_a == 0.0 and claim.why.code in (Reason.SURPLUS_LOW, Reason.BATTERY_FIRST)
    stays = switching.locked(cycle.rules.switching, switch) and switch.lines == 3
    if dark and stays and sun_w is not None and sun_w >= one_w:
        return Claim(0.0, Why(Reason.PHASE_SWITCH, {"limit_a": 0.0, "doing": "locked"}))
    return claim


def _switch_events(cycle: Cycle, scene: Scene, switch: switching.State, now: Instant) -> tuple[Event, ...]:
    before, rules = scene.memory.switching, cycle.rules.switching
    told: list[Event] = []
    settled = switch.stage is switching.Stage.SETTLED and before.stage is switching.Stage.VERIFYING
    if settled and before.lines is not None and before.lines == switch.lines:
        told.append(event("lines_switched", scene.name, now, lines=before.lines))
    if switch.failures > before.failures:
        told.append(event("lines_unconfirmed", scene.name, now, tries=switch.failures))
    if switching.locked(rules, switch) and not switching.locked(rules, before):
        told.append(event("lines_locked", scene.name, now, lines=switch.lines or 0))
    return tuple(told)


def _tested(
    cycle: Cycle, scenes: Sequence[Scene], scene: Scene, claim: Claim
) -> tuple[pulses.State, pulses.Verdict | None]:
    state, asked = scene.memory.pulses, ProveLines(scene.name) in cycle.errands
    if state.stage is pulses.Stage.REST and not asked:
        return state, None
    memory, sight, grid = scene.memory, scene.sight, cycle.grid
    path, left = cycle.courses[scene.name].path, free(cycle, scenes, {})
    taken = sight.acknowledged_a is not None and abs(sight.acknowledged_a - memory.told_a) < 1e-6
    inputs = pulses.Inputs(
        asked=asked,
        other=any(isinstance(errand, ProveLines) for errand in cycle.errands),
        obstacle=_obstacle(cycle, scene, claim),
        told_a=memory.told_a,
        stood_s=cycle.now_s - memory.told_mono_s,
        taken=taken,
        lowest_a=scene.charger.lowest_a,
        step_a=scene.charger.step_a,
        top_a=floor_step(cycle.calls[scene.name].ceiling.limit_a, scene.charger.step_a),
        grid_a=grid.line_a if grid is not None else NO_LINES,
        spare_a=min(left[name] / cost for name, cost in path.items()),
    )
    return pulses.step(cycle.rules.pulses, state, inputs, cycle.now_s)


def _obstacle(cycle: Cycle, scene: Scene, claim: Claim) -> str:
    """What forbids a test, "" for nothing."""
    memory, fuse_a = scene.memory, cycle.rules.fuse_a
    line_a = cycle.grid.line_a if cycle.grid is not None else fuse_a
    obstacles = {
        "meter": cycle.grid is None or cycle.trusts[scene.name].stage is not meter.Stage.GOOD,
        "overload": any(a > most_a for a, most_a in zip(line_a, fuse_a, strict=True))
        or memory.pause.stage is not PauseStage.FREE
        or scene.defies,
        "car": scene.sight.status not in ("C", "D"),
        "charger": not (scene.obeys and scene.sight.good),
        "orders": memory.mode is not None and memory.mode != scene.orders.mode,
        "standstill": claim.limit_a == 0.0,
    }
    return next((name for name, there in obstacles.items() if there), "")


def _wired(scene: Scene, verdict: pulses.Verdict) -> pulses.Verdict:
    """A line that follows although it is not wired is no answer: the wiring is to be looked at."""
    wiring = scene.charger.lines or LINES
    strange = any(line not in wiring for line in verdict.lines)
    return replace(verdict, lines=(), because="wiring") if strange else verdict


def _verdict(scene: Scene, verdict: pulses.Verdict, now: Instant) -> Event:
    figures: dict[str, Figure] = {}
    if verdict.follow_a is not None:
        figures |= {f"{line}_a": round(a, 2) for line, a in zip(LINES, verdict.follow_a, strict=True)}
    if verdict.lines:
        return event("lines_found", scene.name, now, lines=" ".join(verdict.lines), **figures)
    return event("lines_unknown", scene.name, now, because=verdict.because, **figures)
