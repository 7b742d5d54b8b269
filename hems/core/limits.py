"""What protection leaves of the wishes: ceiling, pause, fuses, the pace of a raise, the hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import assert_never

from hems.core import hand, meter, pulses, share
from hems.core.cycle import Claim, Cycle
from hems.core.overload import PauseStage
from hems.core.readings import floor_step
from hems.core.scene import Scene
from hems.core.sites import OPERATOR, Site
from hems.core.wishes import wish
from hems.model.intents import Acknowledge
from hems.model.why import Figure, Reason, Why

STANDING = (Reason.NO_CAR, Reason.OFF, Reason.FAULT, Reason.SEARCH)
"""Reasons that say more than that the meter is gone as well."""

LIFTED = Site(OPERATOR, Reason.OPERATOR_LIMIT, inf, inf)
"""The grid operator's limit once it is away: a charger that it stopped rests on."""


@dataclass(frozen=True, slots=True)
class Held:
    """A charger in its hand: what it is told, and where its relay stands."""

    state: hand.State
    claim: Claim
    relay_closed: bool


def protect(cycle: Cycle, scene: Scene, claim: Claim) -> Claim:
    """The ceilings of the first run, of a meter that is not trusted and of a pause.

    Defiance begins a pause in the same cycle.
    """
    told_a, lowest_a = scene.memory.told_a, scene.charger.lowest_a
    if (held := cycle.held.get(scene.name)) is not None:
        claim = claim.narrow(held.limit_a, held.why)
    trust = cycle.trusts[scene.name]
    where: dict[str, Figure] = {"circuit": trust.circuit} if trust.circuit else {}
    match trust.stage:
        case meter.Stage.WAITING:
            claim = _ceiling(claim, Why(Reason.WAITING_TWO_READINGS, {"limit_a": 0.0, **where}))
        case meter.Stage.LOST:
            claim = _ceiling(claim, Why(Reason.METER_LOST, where))
        case meter.Stage.REDUCED:
            least_a = min(told_a, lowest_a)
            figures: dict[str, Figure] = {"limit_a": least_a, "last_a": told_a, "min_a": lowest_a, **where}
            if claim.limit_a >= least_a > 0.0:
                claim = Claim(least_a, Why(Reason.METER_STALE, figures))
        case _:
            pass
    pause = scene.memory.pause
    if pause.stage is PauseStage.FREE and not scene.defies:
        return claim
    site, left_s = _blamed(cycle, scene), pause.left_s(cycle.rules.overload, cycle.now_s)
    return claim.narrow(0.0, Why(site.code, {"line": site.name, "limit_a": 0.0, "seconds_left": left_s}))


def shares(cycle: Cycle, scenes: Sequence[Scene], claims: Mapping[str, Claim]) -> dict[str, share.Share]:
    """Each charger's part of what all limits allow.

    Chargers that do not do what they are told come first with all they may draw; the others share the rest.
    """
    rooms = {name: site.allowed for name, site in cycle.sites.items()}
    deaf = [scene for scene in scenes if not scene.obeys]
    parts = (
        share.allocate(rooms, [_last_wish(cycle, scene, claims[scene.name]) for scene in deaf])
        if deaf
        else {}
    )
    for scene in deaf:
        _book(cycle, scene, rooms, scene.held_a)
    for scene in scenes:
        _book(cycle, scene, rooms, scene.defiance.extra_a if scene.obeys else 0.0)
    obeying = [_wish(cycle, scene, claims[scene.name].limit_a) for scene in scenes if scene.obeys]
    return parts | share.allocate(rooms, obeying)


def limits(
    cycle: Cycle, scenes: Sequence[Scene], claims: Mapping[str, Claim], parts: Mapping[str, share.Share]
) -> dict[str, Claim]:
    """What each charger would be told over Modbus: down at once, up at its pace."""
    climbs = [_climb(cycle, scene, parts[scene.name].limit_a) for scene in scenes if scene.obeys]
    rooms = free(cycle, scenes, {})
    eased = {name: room * cycle.sites[name].ease for name, room in rooms.items()}
    steps = share.climb(rooms, eased, climbs)
    told: dict[str, Claim] = {}
    for scene in scenes:
        claim, part = claims[scene.name], parts[scene.name]
        if not scene.obeys:
            told[scene.name] = _unheard(scene, claim, part.limit_a)
            continue
        if part.limit_a < claim.limit_a:
            claim = Claim(part.limit_a, _bound(cycle, scene, part))
        step = steps[scene.name]
        told[scene.name] = (
            claim if step.limit_a >= claim.limit_a else Claim(step.limit_a, _slow(cycle, scene, step))
        )
    return told


def free(cycle: Cycle, scenes: Sequence[Scene], limits_a: Mapping[str, float]) -> dict[str, float]:
    """What two readings in a row had free on each site, all that is held or told now booked."""
    rooms = {name: site.steady for name, site in cycle.sites.items()}
    for scene in scenes:
        booked_a = max(scene.held_a, limits_a.get(scene.name, 0.0)) + scene.defiance.extra_a
        _book(cycle, scene, rooms, booked_a + _coming_a(cycle, scene))
    return rooms


def _book(cycle: Cycle, scene: Scene, rooms: dict[str, float], booked_a: float) -> None:
    """Take so many ampere of a charger from all sites it uses."""
    for name, cost in cycle.courses[scene.name].path.items():
        rooms[name] -= booked_a * cost


def _coming_a(cycle: Cycle, scene: Scene) -> float:
    """What an unmeasured charger was raised by lately: it counts as drawn, but no meter shows it yet."""
    shows = scene.sight.line_a is not None
    lasted_s = cycle.now_s - scene.memory.told_mono_s
    return 0.0 if shows or lasted_s >= cycle.rules.overload.repeat_s else scene.memory.raised_a


def hold(
    cycle: Cycle,
    scenes: Sequence[Scene],
    claims: Mapping[str, Claim],
    parts: Mapping[str, share.Share],
    told: Mapping[str, Claim],
) -> dict[str, Held]:
    """Put every charger in its hand; relays that close book what flows through them, one after the other."""
    left = free(cycle, scenes, {name: claim.limit_a for name, claim in told.items()})
    held: dict[str, Held] = {}
    for scene in scenes:
        name, before = scene.name, scene.memory.hand
        inputs = _hand_inputs(cycle, scene, claims[name], parts[name], left)
        state, closed = hand.step(cycle.rules.hand, scene.charger, before, inputs, cycle.now_s)
        if state.stage is hand.Stage.CLOSED and before.stage is not hand.Stage.CLOSED:
            _book(cycle, scene, left, scene.closed_a)
        held[name] = Held(state, _in_hand(scene, state.stage, told[name]), closed)
    return held


def _ceiling(claim: Claim, why: Why) -> Claim:
    """Nothing at all; the reason is given even where there was nothing, unless that says more."""
    return claim if claim.why.code in STANDING else Claim(0.0, why)


def _wish(cycle: Cycle, scene: Scene, wish_a: float) -> share.Wish:
    return wish(scene, cycle.courses[scene.name], wish_a)


def _last_wish(cycle: Cycle, scene: Scene, claim: Claim) -> share.Wish:
    """What a charger that does not obey is told: no more than before, once lost its fall-back."""
    mine, path = scene.charger, cycle.courses[scene.name].path
    if scene.memory.hand.stage is hand.Stage.CLOSED:
        fallback_a = floor_step(mine.fallback_a, mine.step_a)
        return share.Wish(scene.name, path, fallback_a, mine.step_a, fallback_a)
    most_a = scene.memory.told_a
    if scene.sight.lost:
        most_a = min(most_a, mine.lowest_a if mine.fail_safe_a >= mine.lowest_a else 0.0)
    return _wish(cycle, scene, min(claim.limit_a, most_a))


def _climb(cycle: Cycle, scene: Scene, share_a: float) -> share.Climb:
    return share.Climb(
        scene.name,
        cycle.courses[scene.name].path,
        scene.charger.lowest_a,
        scene.charger.step_a,
        scene.memory.told_a,
        share_a,
        _most_a(cycle, scene),
    )


def _most_a(cycle: Cycle, scene: Scene) -> float | None:
    """By how much a charger may rise now; ``None`` when it may neither rise nor start."""
    acknowledged_a = scene.sight.acknowledged_a
    taken = acknowledged_a is None or abs(acknowledged_a - scene.memory.told_a) < scene.charger.step_a
    if not (cycle.trusts[scene.name].may_raise and scene.sight.good and taken):
        return None
    if not (scene.memory.rise.open(cycle.now_s) and _settled(cycle, scene)):
        return 0.0
    return max(cycle.rules.overload.rise_a_s, scene.charger.step_a)


def _settled(cycle: Cycle, scene: Scene) -> bool:
    """Whether the car has followed its last set-point: seen, or long enough ago.

    A test of the lines began with more room than its pulses take and waits for each of them itself.
    """
    if pulses.set_point_a(scene.memory.pulses) is not None:
        return True
    lasted_s, sunny = cycle.now_s - scene.memory.told_mono_s, cycle.calls[scene.name].sunny(scene)
    if scene.sight.line_a is None:
        sunny_s = cycle.rules.surplus.settled_s if sunny else 0.0
        return lasted_s >= max(cycle.rules.overload.repeat_s, sunny_s)
    if not sunny or lasted_s >= cycle.rules.surplus.settled_s:
        return True
    return abs(scene.peak_a - scene.memory.told_a) <= cycle.rules.surplus.settled_a


def _bound(cycle: Cycle, scene: Scene, part: share.Share) -> Why:
    """The site that has no more for a charger."""
    figures: dict[str, Figure] = {
        "line": part.site,
        "limit_a": part.limit_a,
        "room_a": part.room_a,
        "min_a": scene.charger.lowest_a,
        "step_a": scene.charger.step_a,
    }
    return Why(cycle.sites[part.site].code, figures)


def _blamed(cycle: Cycle, scene: Scene) -> Site:
    """Who holds a charger that is paused: the cause, unless that has room again where another has none."""
    path = cycle.courses[scene.name].path
    tightest = min((cycle.sites[name] for name in path), key=lambda site: site.allowed / path[site.name])
    cause = LIFTED if scene.memory.pause.site == OPERATOR else tightest
    if scene.memory.pause.site in path:
        cause = cycle.sites[scene.memory.pause.site]
    rules, lowest_a = cycle.rules.overload, scene.charger.lowest_a
    roomy = cause.allowed >= (lowest_a + cause.resume_a(rules)) * path.get(cause.name, 1.0)
    least = (lowest_a + tightest.resume_a(rules)) * path[tightest.name]
    return tightest if roomy and tightest.allowed < least else cause


def _slow(cycle: Cycle, scene: Scene, step: share.Share) -> Why:
    """Why a set-point is still below its share."""
    told_a = scene.memory.told_a
    if not cycle.trusts[scene.name].may_raise:
        return Why(Reason.WAITING_TWO_READINGS, {"limit_a": step.limit_a})
    if step.site and step.limit_a == (floor_step(step.room_a, scene.charger.step_a) if told_a else 0.0):
        return _bound(cycle, scene, step)
    return Why(Reason.SETTLING, {"limit_a": step.limit_a, "last_a": told_a, "rise_a": step.limit_a - told_a})


def _hand_inputs(
    cycle: Cycle, scene: Scene, claim: Claim, part: share.Share, left: Mapping[str, float]
) -> hand.Inputs:
    rules, sight, trust = cycle.rules, scene.sight, cycle.trusts[scene.name]
    path = cycle.courses[scene.name].path
    flows = _flows(scene, rules.hand.flow_a)
    tripped = any(cycle.sites[name].tripped for name in path)
    unseen = trust.stage is meter.Stage.LOST and trust.age_s >= rules.meter.relay_s
    own_a = scene.held_a if scene.memory.hand.stage is hand.Stage.OPEN else 0.0
    spare_a = min(left[name] / cost for name, cost in path.items()) + own_a
    return hand.Inputs(
        age_s=sight.age_s,
        answers=sight.answers,
        good=sight.good,
        lost=sight.lost,
        acknowledged=sight.acknowledged_a is not None,
        zero=scene.memory.told_a == 0.0 and sight.answers and sight.acknowledged_a == 0.0,
        flows=flows,
        danger=(tripped or unseen or scene.defies_on) and flows is not False,
        calm=trust.stage is meter.Stage.GOOD and not tripped and not scene.memory.pause.resting,
        wanted=claim.limit_a > 0.0 and scene.name not in cycle.held,
        fits=trust.may_raise and spare_a >= scene.closed_a + rules.hand.spare_a,
        holds=part.limit_a > 0.0 and _carried(cycle, scene),
        seen=Acknowledge(hand.stuck_alarm(scene.name)) in cycle.errands,
    )


def _carried(cycle: Cycle, scene: Scene) -> bool:
    """Whether each site may carry what flows through a closed relay, its fixed current at least."""
    course = cycle.courses[scene.name]
    return all(
        cycle.sites[name].allowed >= max(course.flows[name], scene.charger.fallback_a * cost)
        for name, cost in course.path.items()
    )


def _flows(scene: Scene, flow_a: float) -> bool | None:
    if scene.sight.line_a is not None:
        return scene.peak_a > flow_a
    return False if scene.sight.answers and scene.sight.status in ("A", "B") else None


def _unheard(scene: Scene, claim: Claim, limit_a: float) -> Claim:
    """The set-point of a charger that does not do what it is told; once out of hand that is what matters."""
    in_hand = scene.memory.hand.stage in (hand.Stage.SAFE, hand.Stage.MODBUS) and not scene.sight.lost
    if limit_a == claim.limit_a and (in_hand or claim.why.code in (*STANDING, Reason.METER_LOST)):
        return claim
    return Claim(limit_a, Why(_out_of_hand(scene), {"limit_a": limit_a}))


def _out_of_hand(scene: Scene) -> Reason:
    """Why a charger does not do what it is told."""
    match scene.memory.hand.stage:
        case hand.Stage.SAFE:
            return Reason.WAITING_TWO_READINGS if scene.sight.good else Reason.CHARGER_LOST
        case hand.Stage.MODBUS | hand.Stage.LOST:
            return Reason.CHARGER_LOST
        case hand.Stage.OPEN | hand.Stage.CLOSED:
            return Reason.RELAY_FALLBACK
        case hand.Stage.STUCK:
            return Reason.STUCK_CONTACTOR
        case _ as unreachable:
            assert_never(unreachable)


def _in_hand(scene: Scene, stage: hand.Stage, claim: Claim) -> Claim:
    """The set-point in this hand."""
    match stage:
        case hand.Stage.SAFE | hand.Stage.MODBUS | hand.Stage.LOST:
            return claim
        case hand.Stage.OPEN:
            return claim.narrow(0.0, Why(Reason.RELAY_FALLBACK, {"limit_a": 0.0}))
        case hand.Stage.CLOSED:
            fallback_a = floor_step(scene.charger.fallback_a, scene.charger.step_a)
            return Claim(fallback_a, Why(Reason.RELAY_FALLBACK, {"limit_a": fallback_a}))
        case hand.Stage.STUCK:
            return Claim(0.0, Why(Reason.STUCK_CONTACTOR))
        case _ as unreachable:
            assert_never(unreachable)
