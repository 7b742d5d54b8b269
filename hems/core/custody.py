"""What came of the hands: a stuck contactor is told and kept, the relay is tested (CHG-60, CHG-61)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from hems.core import hand, meter, relay_test
from hems.core.cycle import Cycle
from hems.core.limits import Held
from hems.core.relay_test import Verdict
from hems.core.scene import Scene
from hems.core.sources import event, stamp
from hems.model.intents import Acknowledge, ProveRelay
from hems.model.ledger import Event
from hems.model.lessons import Lesson
from hems.model.runs import Figure
from hems.model.snapshot import Snapshot

CARS: Final = ("B", "C", "D")
"""States in which a car is there."""


@dataclass(frozen=True, slots=True)
class Custody:
    """One charger after its hand: where its relay stands, its test, its lesson, and what there is to tell."""

    relay_closed: bool
    test: relay_test.State
    lesson: Lesson
    events: tuple[Event, ...]


def keep(cycle: Cycle, scene: Scene, held: Held, snapshot: Snapshot, lesson: Lesson) -> Custody:
    """One charger; its relay's position is only ever narrowed."""
    lesson, events = _stuck(cycle, scene, held, snapshot, lesson)
    if not scene.charger.relay:
        return Custody(held.relay_closed, scene.memory.relay_test, lesson, events)
    inputs = _inputs(cycle, scene, held, snapshot, lesson)
    test, outcome = relay_test.step(cycle.rules.relay_test, scene.memory.relay_test, inputs, cycle.now_s)
    told = _tested(scene, outcome, inputs, snapshot, lesson)
    if outcome.verdict in (Verdict.PASSED, Verdict.FAILED):
        tested = stamp(snapshot.now) or lesson.relay_tested
        lesson = replace(lesson, relay_tested=tested, relay_failed=outcome.verdict is Verdict.FAILED)
    return Custody(held.relay_closed and not outcome.open, test, lesson, (*events, *told))


def _stuck(
    cycle: Cycle, scene: Scene, held: Held, snapshot: Snapshot, lesson: Lesson
) -> tuple[Lesson, tuple[Event, ...]]:
    """The alarm of a contactor that does not open, from the first moment until it is released."""
    stuck, key = held.state.stage is hand.Stage.STUCK, hand.stuck_alarm(scene.name)
    figures: dict[str, Figure] = {} if scene.sight.line_a is None else {"current_a": scene.peak_a}
    if stuck is not lesson.stuck:
        kind = "alarm_raised" if stuck else "alarm_cleared"
        return replace(lesson, stuck=stuck), (event(kind, key, snapshot.now, **figures),)
    if stuck and Acknowledge(key) in cycle.errands:
        return lesson, (event("alarm_kept", key, snapshot.now, **figures),)
    return lesson, ()


def _inputs(cycle: Cycle, scene: Scene, held: Held, snapshot: Snapshot, lesson: Lesson) -> relay_test.Inputs:
    sight, now = scene.sight, stamp(snapshot.now)
    closed = snapshot.relays.get(scene.charger.relay_name)
    flows = scene.sight.line_a is not None and scene.peak_a > cycle.rules.hand.flow_a
    return relay_test.Inputs(
        asked=ProveRelay(scene.name) in cycle.errands,
        chosen=scene.charger.relay_test,
        age_s=(now - lesson.relay_tested).total_seconds() if now and lesson.relay_tested else None,
        dated=now is not None,
        obstacle=_obstacle(cycle, scene, held, flows),
        opened=None if closed is None else not closed,
        silent=sight.lost,
        flows=flows or sight.status in ("C", "D"),
    )


def _obstacle(cycle: Cycle, scene: Scene, held: Held, flows: bool) -> str:
    """What stands in the way of a test, "" for nothing; an enable input taken away may show as a fault."""
    begun = scene.memory.relay_test.stage is relay_test.Stage.OPENED
    ready = scene.sight.good and scene.sight.acknowledged_a == 0.0
    obstacles: Mapping[str, bool] = {
        "hand": held.state.stage is not hand.Stage.MODBUS,
        "car": scene.sight.status in CARS or held.claim.limit_a > 0.0,
        "status": scene.sight.status != "A" and not begun,
        "charger": not ready and not begun,
        "current": flows,
        "meter": cycle.trust.stage is not meter.Stage.GOOD,
    }
    return next((name for name, there in obstacles.items() if there), "")


def _tested(
    scene: Scene,
    outcome: relay_test.Outcome,
    inputs: relay_test.Inputs,
    snapshot: Snapshot,
    lesson: Lesson,
) -> tuple[Event, ...]:
    """What a test has to say; a relay that fails is an alarm until a test is passed."""
    if outcome.verdict is None:
        return ()
    name, now, key = scene.name, snapshot.now, f"relay_test.{scene.name}"
    figures: dict[str, Figure] = {"because": outcome.because} if outcome.because else {}
    if outcome.verdict is Verdict.OVERDUE:
        return (event("relay_test_due", name, now, **figures),)
    if scene.sight.line_a is not None:
        figures["current_a"] = scene.peak_a
    ended = event("relay_tested", name, now, verdict=str(outcome.verdict), **figures)
    match outcome.verdict:
        case Verdict.FAILED if not lesson.relay_failed:
            return ended, event("alarm_raised", key, now, **figures)
        case Verdict.PASSED if lesson.relay_failed:
            return ended, event("alarm_cleared", key, now)
        case _:
            return (ended,)
