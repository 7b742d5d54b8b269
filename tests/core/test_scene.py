"""What is booked for chargers and cars that do not do as they are told, on a scripted bench."""

from dataclasses import replace

import pytest

from hems.core.memory import fresh
from hems.core.rules import ChargerRules, Rules, VehicleRules
from hems.model.decision import Decision, Hand
from hems.model.intents import ProveLines
from hems.model.lessons import Lesson
from hems.model.settings import ChargerSettings, Settings
from hems.model.snapshot import ChargerReading
from hems.model.units import LINES, LineName
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


def proven(house: Bench) -> str:
    """Ask for a test of the lines and wait for its end; gives what came of it."""
    house.errands = [ProveLines("garage")]
    for _ in range(90):
        for told in house.step().events:
            if told.kind.startswith("lines_"):
                return str(told.figures.get("lines") or told.figures["because"])
    raise AssertionError("the test has no end")


def test_a_car_that_begins_to_use_more_lines_finds_them_guarded() -> None:
    """CHG-20, CHG-34: proven on L1, nothing is measured, and L2 has no 6 A left."""
    house = bench(car=Car(measured=False, lines=("L1",)))
    house.run(80)
    assert proven(house) == "L1"
    house.step()
    assert house.one().lines == ("L1",)
    house.base_a = (2.0, 12.0, 12.0)
    house.run(2)
    assert house.told_a() == 13.0, "what a test did not find there makes no room there"
    house.base_a = (2.0, 20.0, 20.0)
    house.run(5)
    assert (house.told_a(), house.one().why.figures["line"]) == (0.0, "L2")
    house.cars["garage"].lines = LINES
    for _ in range(120):
        house.step()
        assert max(house.line_a) <= 25.0


class Inverter(Bench):
    """A battery on L1 that takes the sum of all lines to 0, as far as its 20 A go."""

    def step(self) -> Decision:
        if self.base_a[1] < 0.0:
            sum_a = -30.0 + sum(sum(car.line_a()) for car in self.cars.values())
            self.base_a = (-10.0 - max(-20.0, min(20.0, sum_a)), *self.base_a[1:])
        return super().step()


def test_a_battery_that_balances_the_house_does_not_hide_a_line() -> None:
    """CHG-21, CHG-34: L1 seems to go down with each pulse; later the battery rests and the fuse is safe."""
    rules = Rules(FUSE_A, {"garage": ChargerRules()})
    house = Inverter(rules, {"garage": Car(measured=False)}, Settings(), (-10.0, -10.0, -10.0))
    house.order("fast", 8.0)
    house.run(60)
    assert proven(house) == "balanced"
    house.order("fast")
    house.base_a = (2.0, 2.0, 2.0)
    house.run(60)
    house.base_a = (20.0, 2.0, 2.0)
    house.run(3)
    for _ in range(120):
        house.step()
        assert max(house.line_a) <= 25.0


def test_a_welded_contactor_behind_a_pin_that_says_one_line_is_guarded() -> None:
    """CHG-22, CHG-34: nothing is measured; the second and third line have 4 A left."""
    house = bench(charger=ChargerRules(switchable=True), car=Car(measured=False, extra={"lines": 1}))
    house.settings = Settings({"garage": ChargerSettings("fast", lines=1)})
    house.base_a = (2.0, 21.0, 21.0)
    for _ in range(120):
        house.step()
        assert max(house.line_a) <= 25.0
    house.base_a = (2.0, 2.0, 2.0)
    house.run(120)
    assert house.told_a() >= 11.0


class PowerOnly(Bench):
    """Chargers that measure their power and no currents."""

    def _read(self, car: Car) -> ChargerReading | None:
        read = super()._read(car)
        return replace(read, line_a=None) if read is not None else None


def power_only(car: Car) -> PowerOnly:
    house = PowerOnly(Rules(FUSE_A, {"garage": ChargerRules()}), {"garage": car}, Settings())
    house.order("fast")
    house.run(100)
    return house


def test_no_power_is_no_draw() -> None:
    """CHG-31: measured, never commanded; at status C, 24 A of the house, told 16 A."""
    house = power_only(Car(delay_s=3))
    assert house.told_a() == 16.0
    (car,) = house.cars.values()
    car.most_a = 0.0
    house.run(30)
    house.base_a = (24.0, 24.0, 24.0)
    house.run(2)
    assert (house.told_a(), house.one().why.code) == (0.0, Reason.LINE_LIMIT)
    car.most_a = 32.0
    house.run(20)
    assert max(house.line_a) <= 25.0


@pytest.mark.parametrize(("lines", "most_a"), [(LINES, 16.0), (("L2",), 13.0)])
def test_power_alone_is_spread_so_that_it_makes_the_least_room(
    lines: tuple[LineName, ...], most_a: float
) -> None:
    """CHG-31: 16 A on three lines are that; on one they might be a third on each, and cost a little room."""
    house = power_only(Car(lines=lines))
    assert most_a <= house.told_a() <= most_a + 1.0
    house.base_a = (18.0, 18.0, 18.0)
    house.run(2)
    for _ in range(60):
        house.step()
        assert max(house.line_a) <= 25.0


def test_power_alone_tells_a_full_car() -> None:
    """CHG-18: 0 W for 120 s; what one line may take of 2 kW is booked for one that takes little."""
    house = power_only(Car(most_a=0.0))
    assert house.until(lambda: house.one().why.code is Reason.CAR_FULL, 60) > 10
    for lines, less in (("L1",), True), (LINES, False):
        house = power_only(Car(lines=lines, most_a=9.0))
        assert house.told_a() >= 13.0
        assert house.memory.chargers["garage"].appetite.less.value is less


def test_only_a_car_that_somebody_named_is_that_car() -> None:
    """CHG-20: the charger's usual one-line car serves a plan, not the fuse."""
    for vehicle, lines in (("", LINES), ("zoe", ("L1",))):
        rules = Rules(FUSE_A, {"garage": ChargerRules()}, vehicles={"zoe": VehicleRules(charger="garage")})
        car = Car(most_a=0.0)
        house = Bench(rules, {"garage": car}, Settings({"garage": ChargerSettings("fast", vehicle=vehicle)}))
        house.memory = fresh(rules, {"ev1": Lesson(lines={"zoe": ("L1",)})})
        house.base_a = (2.0, 23.0, 23.0)
        house.run(30)
        assert house.one().lines == lines
        assert (house.told_a() == 0.0) is (vehicle == "")
