from hems.core import appetite, hand, meter, overload
from hems.core.memory import fresh
from hems.model.decision import Stage
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
