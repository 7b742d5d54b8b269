import pytest

from hems.core.overload import PauseStage
from hems.core.rules import ChargerRules, CircuitRules, DimRules, Rules
from hems.model.decision import Hand
from hems.model.settings import Settings
from tests.core.bench import RELAY, Bench, Car, bench, charging


def test_a_start_and_a_stop_are_counted_and_dated() -> None:
    """CHG-17."""
    house = charging(bench(), 8.0)
    memory = house.memory.chargers["garage"]
    assert (len(memory.starts.times_mono_s), len(memory.switchings.times_mono_s)) == (1, 1)
    house.order("off")
    house.step()
    memory = house.memory.chargers["garage"]
    assert (len(memory.starts.times_mono_s), len(memory.switchings.times_mono_s)) == (1, 2)
    assert memory.switched_mono_s == memory.told_mono_s == house.now_s


def test_how_far_a_set_point_rose_is_known_until_it_changes_again() -> None:
    house = bench()
    raised = []
    for _ in range(5):
        house.step()
        raised.append((house.told_a(), house.memory.chargers["garage"].raised_a))
    assert raised == [(0.0, 0.0), (0.0, 0.0), (6.0, 6.0), (7.0, 1.0), (8.0, 1.0)]
    house.base_a = (18.0, 2.0, 2.0)
    house.step()
    assert house.memory.chargers["garage"].raised_a == 0.0


@pytest.mark.parametrize("cause", ["contact", "car"])
def test_a_pause_ends_with_the_car_and_a_minute_after_its_cause(cause: str) -> None:
    """CHG-33, CHG-50."""
    rules = Rules((63.0, 63.0, 63.0), {"a": ChargerRules()}, dim=DimRules(contact="dim", limit_w=3000.0))
    house = Bench(rules, {"a": Car()}, Settings(), contacts={"dim": True})
    house.order("fast")
    house.run(30)
    house.contacts = {"dim": False}
    house.run(2)
    stages = [house.memory.chargers["a"].pause.stage]
    if cause == "contact":
        house.contacts = {"dim": True}
    else:
        house.cars["a"].status = "A"
    house.run(60 if cause == "contact" else 1)
    stages.append(house.memory.chargers["a"].pause.stage)
    house.step()
    stages.append(house.memory.chargers["a"].pause.stage)
    between = PauseStage.RETURNING if cause == "contact" else PauseStage.FREE
    assert stages == [PauseStage.PAUSED, between, PauseStage.FREE]


def test_a_pause_that_a_fuse_caused_outlives_no_car_but_every_other_change() -> None:
    rules = Rules(
        (63.0, 63.0, 63.0),
        {"a": ChargerRules(circuit="garage")},
        circuits={"garage": CircuitRules((16.0, 16.0, 16.0), metered=True)},
    )
    house = Bench(rules, {"a": Car()}, Settings(), behind_a={"garage": (0.0, 0.0, 0.0)})
    house.order("fast")
    house.run(30)
    house.behind_a = {"garage": (12.0, 0.0, 0.0)}
    house.run(2)
    pause = house.memory.chargers["a"].pause
    assert (pause.stage, pause.site) == (PauseStage.PAUSED, "garage.L1")
    house.behind_a = {"garage": (0.0, 0.0, 0.0)}
    assert house.until(lambda: house.told_a() > 0.0, 80) == 62


def test_what_is_booked_and_shown_of_a_charger_that_nobody_hears() -> None:
    """The last it may draw, by the hand that holds it; blind protection allows nothing."""
    house = charging(bench(charger=RELAY, car=Car(measured=False)), 8.0)
    (car,) = house.cars.values()
    booked_a = house.one().booked_a
    car.answers = False
    house.run(8)
    assert (house.one().booked_a, house.one().hand) == (booked_a, Hand.MODBUS)
    house.meter = False
    house.run(30)
    assert (house.one().cap_a, house.one().hand) == (0.0, Hand.RELAY)
