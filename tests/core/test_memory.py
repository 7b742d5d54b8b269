from dataclasses import replace

from hems.core import appetite, hand, meter, overload
from hems.core.memory import fresh
from hems.model.decision import Stage
from hems.model.lessons import Lesson
from tests.core.bench import RELAY, bench


def test_a_run_begins_with_every_machine_in_its_safe_stage() -> None:
    """CHG-3."""
    memory = fresh(bench(charger=RELAY).rules)
    assert memory.meter.stage is meter.Stage.WAITING
    assert memory.mono_s is None
    (charger,) = memory.chargers.values()
    assert charger.hand.stage is hand.Stage.SAFE
    assert charger.charging.stage is Stage.IDLE
    assert charger.pause.stage is overload.PauseStage.FREE
    assert charger.appetite.stage is appetite.Stage.TAKING
    assert charger.told_a == 0.0


def test_a_stuck_contactor_outlives_the_run() -> None:
    """CHG-61, CHG-3: the lesson of the former run, by the charger's number."""
    rules = bench(charger=replace(RELAY, number=2)).rules
    lesson = Lesson(stuck=True)
    memory = fresh(rules, {"ev2": lesson, "ev1": Lesson()})
    assert memory.chargers["garage"].hand.stage is hand.Stage.STUCK
    assert memory.chargers["garage"].lesson is lesson
    assert fresh(rules, {"ev1": lesson}).chargers["garage"].hand.stage is hand.Stage.SAFE
