"""All rules in order: one snapshot in, the whole decision out. Each later rule can only narrow.

tariff · meter · fuse · surplus · modes (per charger) · ceilings and pause · share · pace · hand
"""

from collections.abc import Mapping, Sequence

from hems.core import chosen, custody, hand, ladder, lines, meter, overload, readings, sites, surplus, tariff
from hems.core.custody import Custody
from hems.core.cycle import Claim, Cycle
from hems.core.demand import charging_state
from hems.core.limits import Held, hold, limits, protect, shares
from hems.core.memory import ChargerMemory, Memory
from hems.core.rules import Rules
from hems.core.scene import Scene
from hems.core.share import Share
from hems.core.sites import Course
from hems.core.survey import survey
from hems.core.wishes import Wished, wishes
from hems.model.decision import ChargerCommand, ChargerDecision, Command, Decision, Hand
from hems.model.intents import Errand
from hems.model.ledger import Ledger
from hems.model.lessons import Lesson
from hems.model.settings import Settings
from hems.model.snapshot import Snapshot

MISSED_MAX_S = 10.0
"""A gap between two cycles is integrated over at most so long; nobody saw the rest."""

NOTHING_COUNTED = Ledger()

BY_RELAY = (hand.Stage.OPEN, hand.Stage.CLOSED, hand.Stage.STUCK)


def decide(
    rules: Rules,
    memory: Memory,
    snapshot: Snapshot,
    settings: Settings,
    ledger: Ledger = NOTHING_COUNTED,
    errands: Sequence[Errand] = (),
) -> tuple[Memory, Decision]:
    """One cycle of everything. Total: whatever the wires said, there is a decision.

    `errands` are what was asked for once since the last cycle.
    """
    now_s = readings.figure(snapshot.now.mono_s)
    if now_s is None:
        now_s = memory.mono_s or 0.0
    figures = chosen.step(memory.chosen, rules, settings.chosen)
    rules = figures.rules
    seen = survey(rules, memory, snapshot, settings, now_s)
    scenes, grid, trust = seen.scenes, seen.grid, seen.trust
    elapsed_s = min(MISSED_MAX_S, max(0.0, now_s - memory.mono_s)) if memory.mono_s is not None else 0.0
    site = ladder.Site(
        rules,
        ledger,
        settings.prices,
        *tariff.at(rules.tariff, settings.prices, snapshot.contacts, snapshot.now),
        snapshot.optimizer,
        snapshot.now,
        now_s,
        elapsed_s,
    )
    calls = {scene.name: ladder.call(site, scene) for scene in scenes}
    sky = surplus.Inputs(
        grid.power_w if grid is not None and trust.age_s <= rules.meter.reduce_s else None,
        sum(scene.ev_w for scene in scenes if calls[scene.name].sunny(scene)),
        snapshot.battery,
    )
    surplus_state, available_w = surplus.step(rules.surplus, memory.surplus, sky, now_s)
    rooms = seen.sites(rules)
    cycle = Cycle(
        rules,
        now_s,
        elapsed_s,
        grid,
        trust,
        seen.caps[sites.MAIN],
        available_w,
        errands,
        rooms,
        {name: course.over(rooms) for name, course in seen.courses.items()},
        seen.trusts(rules),
        calls,
    )

    wished = wishes(cycle, scenes)
    lined = {
        scene.name: lines.step(cycle, scenes, scene, *wished[scene.name][1:], snapshot.now)
        for scene in scenes
    }
    claims = {scene.name: protect(cycle, scene, lined[scene.name].claim) for scene in scenes}
    parts = shares(cycle, scenes, claims)
    held = hold(cycle, scenes, claims, parts, limits(cycle, scenes, claims, parts))

    kept = {
        scene.name: custody.keep(cycle, scene, held[scene.name], snapshot, lined[scene.name].lesson)
        for scene in scenes
    }

    chargers = {
        scene.name: lined[scene.name].remembered(
            _remember(
                cycle,
                scene,
                wished,
                claims[scene.name],
                parts[scene.name],
                held[scene.name],
                kept[scene.name],
            )
        )
        for scene in scenes
    }
    feeds = sites.lowered(seen.laws, seen.feeds, _lowered(cycle, scenes, held), now_s)
    decision = Decision(
        {
            scene.name: _decision(cycle, scene, wished, parts[scene.name], held[scene.name])
            for scene in scenes
        },
        Command(
            {
                name: ChargerCommand(one.claim.limit_a, kept[name].relay_closed, lined[name].relay)
                for name, one in held.items()
            }
        ),
        available_w,
        site.period,
        site.price_ueur_kwh,
        lessons=_lessons(rules, chargers, ledger),
        events=(
            *(told for one in calls.values() for told in one.events),
            *(told for one in lined.values() for told in one.events),
            *(told for one in kept.values() for told in one.events),
        ),
        asks=tuple(asked for one in calls.values() for asked in one.asks),
    )
    looks = {name: look.state for name, look in seen.looks.items()}
    return Memory(seen.meter_state, surplus_state, chargers, now_s, looks, feeds, chosen=figures), decision


def _lowered(cycle: Cycle, scenes: Sequence[Scene], held: Mapping[str, Held]) -> list[tuple[Course, float]]:
    """What chargers that measure nothing were lowered by: no meter shows it yet."""
    return [
        (cycle.courses[scene.name], less_a)
        for scene in scenes
        if scene.obeys
        and scene.sight.line_a is None
        and scene.peak_a > 0.0
        and (less_a := scene.memory.told_a - held[scene.name].claim.limit_a) > 0.0
    ]


def _lessons(rules: Rules, chargers: Mapping[str, ChargerMemory], ledger: Ledger) -> dict[str, Lesson]:
    """The lessons that are not in the ledger yet."""
    lessons = {f"ev{rules.chargers[name].number}": memory.lesson for name, memory in chargers.items()}
    return {key: lesson for key, lesson in lessons.items() if lesson != ledger.lessons.get(key, Lesson())}


def _remember(
    cycle: Cycle, scene: Scene, wished: Wished, claim: Claim, part: Share, held: Held, kept: Custody
) -> ChargerMemory:
    rules, memory, now_s = cycle.rules, scene.memory, cycle.now_s
    told_a, new_a = memory.told_a, held.claim.limit_a
    starts, switchings, switched_s = memory.starts, memory.switchings, memory.switched_mono_s
    if (told_a > 0.0) is not (new_a > 0.0):
        switchings = switchings.spend(rules.charging.contactor_per_day, now_s)
        switched_s = now_s
        if new_a > 0.0:
            starts = starts.spend(rules.charging.starts_per_hour, now_s)
    rise = (
        memory.rise.rise(new_a - told_a, rules.overload.rise_a_s, now_s)
        if new_a > told_a > 0.0
        else memory.rise
    )
    return ChargerMemory(
        charging=wished[scene.name][0],
        lines=scene.lines,
        appetite=scene.appetite,
        pause=overload.pause(rules.overload, memory.pause, _cause(cycle, scene, claim, part, held), now_s),
        defiance=scene.defiance,
        hand=held.state,
        rise=rise,
        starts=starts,
        switchings=switchings,
        told_a=new_a,
        told_mono_s=memory.told_mono_s if new_a == told_a else now_s,
        switched_mono_s=switched_s,
        cap_a=part.room_a,
        raised_a=max(0.0, new_a - told_a) if new_a != told_a else memory.raised_a,
        mode=scene.orders.mode,
        plugged_mono_s=scene.plugged_mono_s,
        plugged_wh=scene.plugged_wh,
        lesson=kept.lesson,
        relay_test=kept.test,
        rungs=cycle.calls[scene.name].rungs,
    )


def _cause(cycle: Cycle, scene: Scene, claim: Claim, part: Share, held: Held) -> overload.Cause:
    """What the charger's pause has to look at."""
    rules, pause, lowest_a = cycle.rules, scene.memory.pause, scene.charger.lowest_a
    cut_off = scene.obeys and scene.memory.told_a > 0.0 and claim.limit_a >= lowest_a and part.limit_a == 0.0
    defies = scene.defies or held.state.ignores.held(rules.hand.stuck_s, cycle.now_s)
    return overload.Cause(
        cut_off=part.site if cut_off else "",
        defies=defies,
        roomy=part.room_a >= lowest_a + rules.overload.resume_a and not defies,
        lifted=scene.plugged_mono_s is None
        or held.state.stage is hand.Stage.STUCK
        or (pause.site not in ("", *cycle.sites) and not pause.resting),
    )


def _decision(cycle: Cycle, scene: Scene, wished: Wished, part: Share, held: Held) -> ChargerDecision:
    (state, wish, _), call = wished[scene.name], cycle.calls[scene.name]
    cap_a = (
        0.0
        if cycle.trusts[scene.name].stage in (meter.Stage.WAITING, meter.Stage.LOST)
        else max(0.0, part.room_a)
    )
    return ChargerDecision(
        stage=state.stage,
        hand=Hand.RELAY if scene.charger.relay and held.state.stage in BY_RELAY else Hand.MODBUS,
        wish_a=wish.limit_a,
        cap_a=cap_a,
        limit_a=held.claim.limit_a,
        booked_a=max(scene.held_a, held.claim.limit_a)
        if not scene.obeys
        else max(scene.peak_a, held.claim.limit_a),
        why=held.claim.why,
        mode=scene.orders.mode,
        lines=scene.used.guarded,
        lines_level=scene.used.level,
        state=charging_state(scene.orders.mode, call.demand, wish.limit_a, held.claim.limit_a),
        plan=call.lesson.plan,
        need_wh=call.need_wh,
    )
