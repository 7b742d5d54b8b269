"""What is booked for chargers and cars that do not do as they are told, on a scripted bench."""

import pytest

from hems.core.rules import ChargerRules, Rules
from hems.model.decision import Hand
from hems.model.settings import ChargerSettings, Settings
from hems.model.why import Reason
from tests.core.bench import FUSE_A, RELAY, Bench, Car, bench, charging, codes


def test_a_silent_charger_keeps_its_booking_and_others_leave_it_room() -> None:
    """The loss matrix and law 4: it may still draw what it acknowledged."""
    rules = Rules(FUSE_A, {"a": ChargerRules(), "b": ChargerRules()})
    house = Bench(rules, {"a": Car(measured=False), "b": Car()}, Settings())
    house.order("fast")
    house.run(120)
    shared = {name: one.limit_a for name, one in house.decision.chargers.items()}
    assert 21.0 <= sum(shared.values()) <= 23.0
    house.cars["a"].answers = False
    house.cars["b"].most_a = 6.0
    house.run(10)
    silent = house.decision.chargers["a"]
    assert silent.booked_a == shared["a"]
    assert (silent.limit_a, silent.why.code) == (0.0, Reason.CHARGER_LOST)
    assert house.decision.chargers["b"].limit_a <= 23.0 - shared["a"]
    house.base_a = (8.0, 8.0, 8.0)
    house.step()
    assert house.decision.chargers["b"].limit_a == min(
        shared["b"], float(int(25.0 - 8.0 - shared["a"])) if 17.0 - shared["a"] >= 6.0 else 0.0
    )


@pytest.mark.parametrize(("fail_safe_a", "told_a"), [(6.0, 6.0), (0.0, 0.0)])
def test_a_lost_charger_is_told_its_fall_back_and_comes_back_at_the_minimum(
    fail_safe_a: float, told_a: float
) -> None:
    """The loss matrix, second row."""
    house = charging(bench(charger=ChargerRules(watchdog_s=15.0, fail_safe_a=fail_safe_a)))
    (car,) = house.cars.values()
    car.answers = False
    told = codes(house, 7)
    assert told[:5] == [(16.0, Reason.FAST)] * 5
    assert told[5:] == [(told_a, Reason.CHARGER_LOST)] * 2
    car.answers = True
    codes(house, 3)
    assert 6.0 <= house.told_a() <= 8.0


def test_a_charger_that_refuses_three_writes_is_lost() -> None:
    house = charging(bench(charger=RELAY))
    (car,) = house.cars.values()
    car.extra = {"refusals": 3}
    car.stuck_a = 16.0
    assert house.until(lambda: house.one().why.code is Reason.CHARGER_LOST, 3) == 1
    assert house.until(lambda: house.one().hand is Hand.RELAY, 60) == 20


def test_a_lowering_that_is_not_acknowledged_frees_nothing() -> None:
    """CHG-34: the higher of the old and the new current is booked until the charger has taken the new one."""
    rules = Rules(FUSE_A, {"a": ChargerRules(), "b": ChargerRules()})
    house = Bench(rules, {"a": Car(status="B"), "b": Car()}, Settings(), base_a=(0.5, 0.5, 0.5))
    house.settings = Settings({"a": ChargerSettings("fast"), "b": ChargerSettings("off")})
    house.until(lambda: house.decision.chargers["a"].limit_a == 16.0, 120)
    house.cars["a"].acknowledges = False
    house.settings = Settings({"a": ChargerSettings("fast", 6.0), "b": ChargerSettings("fast")})
    house.run(20)
    assert [one.limit_a for one in house.decision.chargers.values()] == [6.0, 7.0]
    house.cars["a"].acknowledges = True
    house.run(20)
    assert [one.limit_a for one in house.decision.chargers.values()] == [6.0, 16.0]


@pytest.mark.parametrize("answers", [True, False])
def test_a_raise_whose_answer_was_lost_is_booked_whether_the_charger_answers_or_not(answers: bool) -> None:
    """CHG-34: what it may hold leaves no room for another, though neither told nor acknowledged says so."""
    rules = Rules(FUSE_A, {"a": ChargerRules(), "b": ChargerRules()})
    house = Bench(rules, {"a": Car(status="B", measured=False), "b": Car()}, Settings())
    house.settings = Settings({"a": ChargerSettings("off"), "b": ChargerSettings("off")})
    house.cars["a"].extra = {"highest_a": 14.0, "unsure": True}
    house.run(5)
    house.cars["a"].answers = answers
    house.settings = Settings({"a": ChargerSettings("off"), "b": ChargerSettings("fast")})
    house.run(60)
    assert [one.limit_a for one in house.decision.chargers.values()] == [0.0, 8.0]


def test_only_the_lines_the_car_uses_hold_it() -> None:
    """CHG-20 level 1: a one-line car is not held by another line once its lines are known."""
    house = charging(bench(car=Car(lines=("L2",))))
    house.run(15)
    house.base_a = (24.0, 2.0, 24.0)
    house.run(5)
    assert house.told_a() == 16.0
    house.base_a = (24.0, 15.0, 24.0)
    house.step()
    assert house.told_a() == 10.0


def test_a_car_that_takes_less_leaves_the_rest_to_others() -> None:
    """CHG-18: booked with what it draws after 60 s."""
    rules = Rules(FUSE_A, {"a": ChargerRules(), "b": ChargerRules()})
    house = Bench(rules, {"a": Car(most_a=6.5), "b": Car()}, Settings())
    house.order("fast")
    house.run(40)
    assert house.decision.chargers["b"].limit_a <= 13.0
    house.run(90)
    assert house.decision.chargers["b"].limit_a >= 14.0
    assert house.decision.chargers["a"].limit_a == 8.0


def test_a_full_car_frees_its_share_and_is_woken() -> None:
    """CHG-18: 120 s without current, then nothing, then the minimum every 15 min."""
    house = charging(bench(car=Car()))
    (car,) = house.cars.values()
    car.status = "B"
    assert house.until(lambda: house.told_a() == 0.0, 200) == 121
    assert house.one().why.code is Reason.CAR_FULL
    assert house.until(lambda: house.told_a() > 0.0, 1000) == 900
    house.run(10)
    assert (house.told_a(), house.one().why.code) == (6.0, Reason.CAR_FULL)
    house.order("min_surplus")
    house.run(2)
    assert house.one().why.code is Reason.SURPLUS_LOW
    assert house.told_a() == 6.0


def test_a_new_car_is_a_new_car() -> None:
    house = charging(bench())
    (car,) = house.cars.values()
    car.status = "A"
    assert codes(house, 1) == [(0.0, Reason.NO_CAR)]
    assert house.memory.chargers["garage"].plugged_mono_s is None
    car.status = "B"
    house.step()
    assert house.memory.chargers["garage"].plugged_mono_s == house.now_s
