"""What each charger's mode would like, the sun handed on from the first in turn to the last (CHG-41)."""

from collections.abc import Sequence
from math import inf
from typing import Final

from hems.core import charging, surplus
from hems.core.cycle import Claim, Cycle
from hems.core.heat import Offer, Taker
from hems.core.ladder import Call
from hems.core.readings import volts
from hems.core.rules import ChargingRules
from hems.core.scene import INDEX, Scene
from hems.core.share import Wish
from hems.core.sites import Course
from hems.model.decision import Stage
from hems.model.settings import AIMED
from hems.model.why import Reason, Why

HOUR_S = 3600.0
DAY_S = 86400.0

SUNLESS: Final = (Reason.SURPLUS_LOW, Reason.WAITING_CHEAP)
"""Reasons to stand still that end with enough sun."""

Wished = dict[str, tuple[charging.State, Claim, float | None]]
"""By charger: its machine, its wish, and the watts of sun that were there for it."""


def wishes(cycle: Cycle, scenes: Sequence[Scene]) -> tuple[Wished, dict[str, Offer]]:
    """The charging machine of every charger, in turn, and what is left when it is a heat pump's."""
    left_w, awaited_w = cycle.available_w, 0.0
    wished: Wished = {}
    offers: dict[str, Offer] = {}
    queue: list[Scene | Taker] = [*scenes, *cycle.takers]
    for one in sorted(queue, key=_turn):
        if isinstance(one, Taker):
            if left_w is not None:
                offers[one.name] = Offer(left_w, awaited_w)
                left_w -= min(max(0.0, left_w), one.keeps_w)
            continue
        sun = _sun(cycle, one, left_w)
        state, wish = charging.step(
            cycle.rules.charging, one.memory.charging, _inputs(cycle, one, sun), cycle.now_s
        )
        wished[one.name] = state, Claim(wish.wish_a, _named(cycle, one, sun, wish.why)), left_w
        if left_w is not None and cycle.calls[one.name].sunny(one):
            left_w -= _taken_w(one, state.stage, wish.wish_a, sun) / surplus.share(
                cycle.rules.surplus, one.used.count
            )
            awaited_w += _awaited_w(cycle, one, wish)
    return wished, offers


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


def _turn(one: Scene | Taker) -> tuple[int, bool, float, float, str]:
    """Whose turn it is; a heat pump comes after the chargers of its priority (CHG-102)."""
    if isinstance(one, Taker):
        return -one.priority, True, 0.0, 0.0, one.name
    plugged_mono_s = one.plugged_mono_s if one.plugged_mono_s is not None else inf
    return -one.charger.priority, False, plugged_mono_s, one.energy_wh, one.name


def _named(cycle: Cycle, scene: Scene, sun: surplus.Sun | None, why: Why) -> Why:
    """Too little sun only because the house's battery has it is a reason of its own (CHG-12)."""
    if sun is None or why.code is not Reason.SURPLUS_LOW:
        return why
    withheld_w = cycle.withheld_w * surplus.share(cycle.rules.surplus, scene.used.count)
    first = sun.available_w < _start_w(cycle, scene) <= sun.available_w + withheld_w
    return Why(Reason.BATTERY_FIRST, why.figures) if first else why


def _awaited_w(cycle: Cycle, scene: Scene, wish: charging.Wish) -> float:
    """The surplus with which a charger would start that stands still for want of it."""
    if wish.wish_a > 0.0 or wish.why.code not in SUNLESS:
        return 0.0
    return _start_w(cycle, scene) / surplus.share(cycle.rules.surplus, scene.used.count)


def _start_w(cycle: Cycle, scene: Scene) -> float:
    return surplus.start_w(cycle.rules.surplus, scene.used.count, scene.charger.lowest_a)


def _sun(cycle: Cycle, scene: Scene, left_w: float | None) -> surplus.Sun | None:
    if left_w is None:
        return None
    line_v = cycle.grid.line_v if cycle.grid is not None else None
    volts_v = volts(line_v, [INDEX[line] for line in scene.used.guarded])
    share = surplus.share(cycle.rules.surplus, scene.used.count)
    return surplus.Sun(left_w * share, volts_v, scene.used.count)


def _inputs(cycle: Cycle, scene: Scene, sun: surplus.Sun | None) -> charging.Inputs:
    rules, memory, call = cycle.rules, scene.memory, cycle.calls[scene.name]
    held = cycle.held.get(scene.name)
    start_w = _start_w(cycle, scene)
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
        may_start=starts >= 1 and switchings >= 2 + _kept(delays, scene, call),
        demand=call.demand,
        ordered_a=call.ordered_a,
        waiting=call.waiting,
        searched=cycle.searched.get(scene.name, ""),
        held=held.why if held is not None and held.limit_a <= 0.0 else None,
    )


def _kept(delays: ChargingRules, scene: Scene, call: Call) -> int:
    """Switchings of the day that the sun leaves to the demands that the charger's orders may still make."""
    orders = scene.orders
    awaited = orders.cheap or orders.off_peak or (orders.mode in AIMED and orders.target is not None)
    return delays.contactor_kept if awaited and call.demand is None else 0


def _taken_w(scene: Scene, stage: Stage, wish_a: float, sun: surplus.Sun | None) -> float:
    """What the charger leaves to nobody behind it: its wish as far as the fuses and the car let it come true.

    One that is about to start keeps its minimum; one that cannot be told anything keeps what it draws.
    """
    if not scene.obeys or scene.hunger.less or sun is None:
        return scene.ev_w
    if stage is Stage.STARTING:
        wish_a = scene.charger.lowest_a
    return min(wish_a, max(0.0, scene.memory.cap_a)) * sun.volts * sun.lines
