"""What each charger's mode would like, the sun handed on from the first in turn to the last (CHG-41)."""

from collections.abc import Sequence
from math import inf

from hems.core import charging, surplus
from hems.core.cycle import Claim, Cycle
from hems.core.readings import volts
from hems.core.scene import INDEX, Scene
from hems.core.share import Wish
from hems.core.sites import Course
from hems.model.decision import Stage

HOUR_S = 3600.0
DAY_S = 86400.0

Wished = dict[str, tuple[charging.State, Claim, float | None]]
"""By charger: its machine, its wish, and the watts of sun that were there for it."""


def wishes(cycle: Cycle, scenes: Sequence[Scene]) -> Wished:
    """The charging machine of every charger, in turn."""
    left_w = cycle.available_w
    wished: Wished = {}
    for scene in sorted(scenes, key=_turn):
        sun = _sun(cycle, scene, left_w)
        state, wish = charging.step(
            cycle.rules.charging, scene.memory.charging, _inputs(cycle, scene, sun), cycle.now_s
        )
        wished[scene.name] = state, Claim(wish.wish_a, wish.why), left_w
        if left_w is not None and cycle.calls[scene.name].sunny(scene):
            left_w -= _taken_w(scene, state.stage, wish.wish_a, sun)
    return wished


def wish(scene: Scene, course: Course, wish_a: float) -> Wish:
    """A charger's wish as it is shared out under all limits."""
    less = scene.hunger.less and wish_a > scene.held_a
    return Wish(
        scene.name,
        course.path,
        scene.charger.lowest_a,
        scene.charger.step_a,
        wish_a,
        scene.held_a if less else inf,
        scene.charger.priority,
        scene.plugged_mono_s if scene.plugged_mono_s is not None else inf,
        scene.energy_wh,
    )


def _turn(scene: Scene) -> tuple[int, float, float, str]:
    plugged_mono_s = scene.plugged_mono_s if scene.plugged_mono_s is not None else inf
    return -scene.charger.priority, plugged_mono_s, scene.energy_wh, scene.name


def _sun(cycle: Cycle, scene: Scene, left_w: float | None) -> surplus.Sun | None:
    if left_w is None:
        return None
    line_v = cycle.grid.line_v if cycle.grid is not None else None
    volts_v = volts(line_v, [INDEX[line] for line in scene.used.guarded])
    return surplus.Sun(left_w, volts_v, scene.used.count)


def _inputs(cycle: Cycle, scene: Scene, sun: surplus.Sun | None) -> charging.Inputs:
    rules, memory, call = cycle.rules, scene.memory, cycle.calls[scene.name]
    start_w = surplus.start_w(rules.surplus, scene.used.count, scene.charger.lowest_a)
    delays = rules.charging
    starts = memory.starts.left(delays.starts_per_hour, HOUR_S, cycle.now_s)
    switchings = memory.switchings.left(delays.contactor_per_day, DAY_S, cycle.now_s)
    return charging.Inputs(
        mode=scene.orders.mode,
        status=scene.sight.status,
        full=scene.hunger.full,
        next_s=scene.hunger.next_s,
        minimum_only=scene.hunger.minimum_only,
        ceiling=call.ceiling,
        lowest_a=scene.charger.lowest_a,
        step_a=scene.charger.step_a,
        told_a=memory.told_a,
        sun=sun,
        start_w=start_w,
        stop_w=start_w - rules.surplus.too_little_w,
        import_w=cycle.grid.power_w if cycle.grid is not None else 0.0,
        elapsed_s=cycle.elapsed_s,
        switched_mono_s=memory.switched_mono_s,
        may_start=starts >= 1 and switchings >= 2,
        may_stop=switchings >= 1,
        demand=call.demand,
        ordered_a=call.ordered_a,
        waiting=call.waiting,
    )


def _taken_w(scene: Scene, stage: Stage, wish_a: float, sun: surplus.Sun | None) -> float:
    """What the charger leaves to nobody behind it: its wish as far as the fuses and the car let it come true.

    One that is about to start keeps its minimum; one that cannot be told anything keeps what it draws.
    """
    if not scene.obeys or scene.hunger.less or sun is None:
        return scene.ev_w
    if stage is Stage.STARTING:
        wish_a = scene.charger.lowest_a
    return min(wish_a, max(0.0, scene.memory.cap_a)) * sun.volts * sun.lines
