"""Who has the say about a charger before protection: the upper rungs of the ladder, highest first.

A boost · a target · a cheap hour · an optimizer in the place of sun and target · the sun. `off` stands above
them all, `fast` needs none of them. What must outlive the run (energy counts, the plan) goes into the lesson.
"""

from dataclasses import dataclass, replace

from hems.core import boost, cheap, switching, target
from hems.core.charging import Ceiling
from hems.core.commissioning import Most
from hems.core.demand import Demand
from hems.core.memory import Rungs
from hems.core.need import Need, anchored, need, statement
from hems.core.readings import figure, floor_step
from hems.core.rules import Rules
from hems.core.scene import Scene
from hems.core.sources import event
from hems.model.decision import ChargingState
from hems.model.instant import Instant
from hems.model.intents import SetBoost
from hems.model.ledger import Event, Ledger
from hems.model.lessons import Lesson
from hems.model.plans import OptimizerPlan
from hems.model.prices import Prices, Slot
from hems.model.settings import AIMED, SUNNY
from hems.model.why import Reason, Why

WH_PER_WS = 1.0 / 3600.0
DREW_W = 500.0
"""A car that takes less hardly charges; what it draws says nothing about its power."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What all chargers' calls rest on: rules, ledger, prices, the tariff period in force with its price."""

    rules: Rules
    ledger: Ledger
    prices: Prices | None
    period: str | None
    price_ueur_kwh: int | None
    optimizer: OptimizerPlan | None
    now: Instant
    now_s: float
    elapsed_s: float


@dataclass(frozen=True, slots=True)
class Call:
    """What one charger is called to do, and what it may be told at most.

    `ordered_a` is an optimizer's current, `ordered_lines` on how many if it says so, `waiting` what is
    awaited while there is no demand. `events` and `asks` are for the journal and the settings.
    """

    ceiling: Ceiling
    rungs: Rungs
    lesson: Lesson
    demand: Demand | None = None
    ordered_a: float | None = None
    waiting: Why | None = None
    need_wh: float | None = None
    events: tuple[Event, ...] = ()
    asks: tuple[SetBoost, ...] = ()
    ordered_lines: int | None = None
    cheap_slots: tuple[Slot, ...] = ()

    def sunny(self, scene: Scene) -> bool:
        """Whether the charger follows the sun, so that what it draws is surplus."""
        return scene.orders.mode in SUNNY and self.demand is None and self.ordered_a is None


def call(basis: Basis, scene: Scene) -> Call:
    """One charger's call."""
    rungs, lesson, orders, now_s = scene.memory.rungs, scene.memory.lesson, scene.orders, basis.now_s
    gone, ceiling = scene.sight.status == "A", _ceiling(scene)
    drawn_wh = rungs.drawn_wh + scene.ev_w * basis.elapsed_s * WH_PER_WS
    counter = basis.ledger.counters.get(f"ev{scene.charger.number}.energy.all")
    counted_wh = counter.total if counter is not None else int(drawn_wh)
    wanted = boost.Inputs(orders.boost, gone, counted_wh, lesson.boost_wh, basis.now)
    boosted, boosting = boost.step(rungs.boost, wanted, now_s)
    price = cheap.Inputs(orders, basis.prices, basis.period, basis.price_ueur_kwh, basis.now)
    cheaper, cheapness = cheap.step(basis.rules.tariff, rungs.cheap, price)
    lesson = replace(lesson, boost_wh=boosting.base_wh) if lesson.boost_wh != boosting.base_wh else lesson
    aimed, lesson, lacks, aim = _aimed(basis, scene, ceiling, lesson, counted_wh)
    ordered_a: float | None = None
    ordered_lines: int | None = None
    demand, waiting = boosting.demand, None
    if orders.mode in SUNNY and demand is None:
        ordered_a, ordered_lines = _ordered(basis.optimizer, scene.name, now_s)
        heard = aim if ordered_a is None else target.Aim()
        demand, waiting = heard.demand or cheapness.demand, heard.waiting or cheapness.waiting
    called = demand.code if demand is not None else None
    return Call(
        ceiling,
        Rungs(boosted, cheaper, aimed, drawn_wh, called, called not in (None, rungs.called)),
        lesson,
        demand,
        ordered_a,
        waiting,
        lacks.wh if lacks is not None else None,
        (_missed(basis, scene, aimed, lacks),) if aim.missed else (),
        (SetBoost(scene.name, None, None),) if boosting.ended else (),
        ordered_lines,
        cheapness.slots if orders.mode in SUNNY else (),
    )


def first_charge(call: Call, most: Most | None) -> Call:
    """A charger's call in the first run: its first charge stands above everything else (PNL-70)."""
    if most is None or most.limit_a <= 0.0:
        return call
    demand = Demand(most.limit_a, most.why.code, ChargingState.MANUAL, most.why.figures, at_once=True)
    return replace(call, demand=demand, ordered_a=None, ordered_lines=None, waiting=None)


def _aimed(
    basis: Basis, scene: Scene, ceiling: Ceiling, lesson: Lesson, counted_wh: int
) -> tuple[target.State, Lesson, Need | None, target.Aim]:
    """The target's machine with the energy it counts from; without a trusted clock all stays as it was."""
    rules, state, now = basis.rules, scene.memory.rungs.target, basis.now
    wanted = scene.orders.target if scene.orders.mode in AIMED else None
    gone = scene.sight.status == "A"
    if now.trusted or wanted is None:
        state = target.look(rules.target, state, wanted, lesson.plan, now, basis.now_s)
    if now.trusted or wanted is None or gone:
        lesson = anchored(lesson, statement(scene.car, wanted, state.deadline), counted_wh, gone)
    if wanted is None:
        return state, _planned(lesson, target.Aim()), None, target.Aim()
    lacks = None if gone or not now.trusted else need(rules.target, scene.car, wanted, lesson, counted_wh)
    power = _power(basis, scene, ceiling)
    inputs = target.Inputs(lacks, scene.hunger.full, power, basis.prices, lesson.plan, now, lesson.missed)
    state, aim = target.step(rules, state, inputs, basis.now_s)
    if aim.missed:
        lesson = replace(lesson, missed=state.deadline)
    return state, _planned(lesson, aim), lacks, aim


def _planned(lesson: Lesson, aim: target.Aim) -> Lesson:
    return lesson if lesson.plan == aim.plan else replace(lesson, plan=aim.plan)


def _power(basis: Basis, scene: Scene, ceiling: Ceiling) -> target.Power:
    """What the charger can give, and what its car takes of it if that is steadily less.

    A switch that stays on one line makes it the power of one.
    """
    mine, rules, told_a = scene.charger, basis.rules, scene.memory.told_a
    top_a = floor_step(ceiling.limit_a, mine.step_a) if ceiling.limit_a >= mine.lowest_a else 0.0
    all_told = 0.0 < top_a <= told_a
    less = scene.hunger.less and all_told and scene.ev_w >= DREW_W
    whole = all_told and scene.peak_a >= told_a - rules.appetite.less_a
    stays = scene.orders.lines == 1 or switching.stays(rules.switching, scene.memory.switching, basis.now_s)
    lines = 1 if mine.switchable and stays else scene.used.wide
    return target.Power(top_a, lines, scene.ev_w if less else None, scene.ev_w, whole)


def _ceiling(scene: Scene) -> Ceiling:
    """The smallest of charger, cable, car and person; a figure that is none of a current allows nothing."""
    limits = (
        (scene.sight.cable_max_a, Reason.CABLE_MAX),
        (scene.car.max_a, Reason.VEHICLE_MAX),
        (scene.orders.user_max_a, Reason.USER_MAX),
    )
    ceiling = Ceiling(scene.charger.max_a, Reason.CHARGER_MAX)
    for limit_a, code in limits:
        if limit_a is not None and not limit_a >= ceiling.limit_a:
            ceiling = Ceiling(limit_a if limit_a > 0.0 else 0.0, code)
    return ceiling


def _ordered(plan: OptimizerPlan | None, name: str, now_s: float) -> tuple[float | None, int | None]:
    """Current and lines of the step of now in a fresh plan; ``None`` where there is none (API-124)."""
    if plan is None or not now_s < plan.until_mono_s:
        return None, None
    steps = plan.steps.get(name, ())
    step = next((step for step in steps if step.start_mono_s <= now_s < step.end_mono_s), None)
    known_a = figure(step.limit_a) if step is not None else None
    if step is None or known_a is None or known_a < 0.0:
        return None, None
    return known_a, step.lines if step.lines in (1, 3) else None


def _missed(basis: Basis, scene: Scene, state: target.State, lacks: Need | None) -> Event:
    by = state.deadline.isoformat() if state.deadline is not None else ""
    need_wh = round(lacks.wh) if lacks is not None else 0
    return event("target_missed", scene.name, basis.now, deadline=by, need_wh=need_wh)
