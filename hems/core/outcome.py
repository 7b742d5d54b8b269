"""What came of one charger in a cycle: what it is told, what must be remembered, what there is to show."""

from collections.abc import Iterable
from dataclasses import dataclass

from hems.core import charging, hand, meter, overload, switching
from hems.core.custody import Custody
from hems.core.cycle import Claim, Cycle
from hems.core.demand import charging_state
from hems.core.limits import Held
from hems.core.lines import Lined
from hems.core.memory import ChargerMemory
from hems.core.scene import Scene
from hems.core.share import Share
from hems.core.sites import OPERATOR, Course
from hems.model.decision import ChargerCommand, ChargerDecision, Hand
from hems.model.ledger import Event

BY_RELAY = (hand.Stage.OPEN, hand.Stage.CLOSED, hand.Stage.STUCK)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One charger on its way through the rules: its wish, what protection left, its share, its hand."""

    scene: Scene
    mode: charging.State
    wish: Claim
    lined: Lined
    claim: Claim
    part: Share
    held: Held
    kept: Custody

    @property
    def command(self) -> ChargerCommand:
        """What the edge is told."""
        return ChargerCommand(self.held.claim.limit_a, self.kept.relay_closed, self.lined.relay)

    @property
    def events(self) -> tuple[Event, ...]:
        """What there is to tell."""
        return (*self.lined.events, *self.kept.events)


def remember(cycle: Cycle, outcome: Outcome) -> ChargerMemory:
    """What the next cycle has to know of this one."""
    rules, now_s, scene, held, kept = cycle.rules, cycle.now_s, outcome.scene, outcome.held, outcome.kept
    memory, told_a, new_a = scene.memory, scene.memory.told_a, held.claim.limit_a
    starts, switchings, switched_s = memory.starts, memory.switchings, memory.switched_mono_s
    interrupted = outcome.wish.limit_a > 0.0 and new_a <= 0.0 and (told_a > 0.0 or memory.interrupted)
    if (told_a > 0.0) is not (new_a > 0.0):
        switched_s = now_s
        if not (interrupted or memory.interrupted):
            switchings = switchings.spend(rules.charging.contactor_per_day, now_s)
            starts = starts.spend(rules.charging.starts_per_hour, now_s) if new_a > 0.0 else starts
    rise = (
        memory.rise.rise(new_a - told_a, rules.overload.rise_a_s, now_s)
        if new_a > told_a > 0.0
        else memory.rise
    )
    lined = outcome.lined
    return ChargerMemory(
        charging=outcome.mode,
        lines=lined.lines,
        switching=lined.switching,
        pulses=lined.pulses,
        appetite=scene.appetite,
        pause=overload.pause(rules.overload, memory.pause, _cause(cycle, outcome), now_s),
        defiance=scene.defiance,
        hand=held.state,
        rise=rise,
        starts=starts,
        switchings=switchings,
        told_a=new_a,
        told_mono_s=memory.told_mono_s if new_a == told_a else now_s,
        switched_mono_s=switched_s,
        interrupted=interrupted,
        cap_a=outcome.part.room_a,
        raised_a=max(0.0, new_a - told_a) if new_a != told_a else memory.raised_a,
        mode=scene.orders.mode,
        plugged_mono_s=scene.plugged_mono_s,
        plugged_wh=scene.plugged_wh,
        lesson=kept.lesson,
        relay_test=kept.test,
        rungs=cycle.calls[scene.name].rungs,
    )


def lowered(cycle: Cycle, outcomes: Iterable[Outcome]) -> list[tuple[Course, float]]:
    """What chargers that measure nothing were lowered by: no meter shows it yet."""
    return [
        (cycle.courses[scene.name], less_a)
        for outcome in outcomes
        if (scene := outcome.scene).obeys
        and scene.sight.line_a is None
        and scene.peak_a > 0.0
        and (less_a := scene.memory.told_a - outcome.held.claim.limit_a) > 0.0
    ]


def decided(cycle: Cycle, outcome: Outcome) -> ChargerDecision:
    """What was decided about a charger, for every eye."""
    scene, held, wish = outcome.scene, outcome.held, outcome.wish
    call, stage = cycle.calls[scene.name], cycle.trusts[scene.name].stage
    blind = stage in (meter.Stage.WAITING, meter.Stage.LOST)
    return ChargerDecision(
        stage=outcome.mode.stage,
        hand=Hand.RELAY if scene.charger.relay and held.state.stage in BY_RELAY else Hand.MODBUS,
        wish_a=wish.limit_a,
        cap_a=0.0 if blind else max(0.0, outcome.part.room_a),
        limit_a=held.claim.limit_a,
        booked_a=max(scene.held_a, held.claim.limit_a)
        if not scene.obeys
        else max(scene.peak_a, held.claim.limit_a),
        why=held.claim.why,
        mode=scene.orders.mode,
        lines=scene.used.flowing if scene.sight.line_a is None else scene.used.guarded,
        lines_level=scene.used.level,
        state=charging_state(scene.orders.mode, call.demand, wish.limit_a, held.claim.limit_a),
        plan=call.lesson.plan,
        need_wh=call.need_wh,
        cheap_slots=call.cheap_slots,
        relay_test_due=outcome.kept.test.reminded,
        relay_failed=outcome.kept.lesson.relay_failed,
        stuck=outcome.kept.lesson.stuck,
        lines_locked=switching.locked(cycle.rules.switching, outcome.lined.switching),
    )


def _roomy(cycle: Cycle, scene: Scene, part: Share) -> bool:
    """Whether a paused charger has its minimum and a little more on its fuses, whoever is tightest."""
    rules, lowest_a = cycle.rules.overload, scene.charger.lowest_a
    path = cycle.courses[scene.name].path
    left_a = part.room_a - cycle.sites[part.site].resume_a(rules)
    spare_a = min(
        cycle.sites[name].allowed / cost - cycle.sites[name].resume_a(rules) for name, cost in path.items()
    )
    return min(left_a, spare_a) >= lowest_a


def _cause(cycle: Cycle, outcome: Outcome) -> overload.Cause:
    """What the charger's pause has to look at."""
    rules, scene, part, held = cycle.rules, outcome.scene, outcome.part, outcome.held
    lowest_a = scene.charger.lowest_a
    wanted = scene.memory.told_a > 0.0 and outcome.claim.limit_a >= lowest_a
    cut_off = scene.obeys and wanted and part.limit_a == 0.0
    defies = scene.defies or held.state.ignores.held(rules.hand.stuck_s, cycle.now_s)
    return overload.Cause(
        cut_off=part.site if cut_off else "",
        defies=defies,
        roomy=_roomy(cycle, scene, part) and not defies,
        lifted=scene.plugged_mono_s is None or held.state.stage is hand.Stage.STUCK,
        by_operator=part.site == OPERATOR,
    )
