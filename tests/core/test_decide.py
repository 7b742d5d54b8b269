"""The whole decision on a scripted bench: one second a step."""

from itertools import pairwise

import pytest

from hems.core import hand
from hems.core.rules import ChargerRules, ChargingRules, Rules
from hems.model.decision import Hand, Stage
from hems.model.settings import ChargerSettings, Mode, Settings
from hems.model.snapshot import BatteryReading
from hems.model.why import Reason
from tests.core.bench import FUSE_A, Bench, Car, bench
from tests.core.reasons import set_point_a

RELAY = ChargerRules(relay=True, watchdog_s=15.0, fail_safe_a=6.0)
ON_OFF = ChargerRules(relay=True, watchdog_s=15.0, fallback="on_off")


def charging(house: Bench, amperes: float = 16.0) -> Bench:
    house.until(lambda: house.told_a() == amperes, 60)
    house.run(5)
    return house


def codes(house: Bench, seconds: int) -> list[tuple[float, Reason]]:
    seen = []
    for _ in range(seconds):
        house.step()
        assert abs(set_point_a(house.one().why) - house.told_a()) < 1e-6
        seen.append((house.told_a(), house.one().why.code))
    return seen


def test_a_run_begins_with_nothing_and_the_minimum() -> None:
    """CHG-3: no raise before two readings; then the minimum, then 1 A a second (CHG-32)."""
    house = bench(charger=RELAY, car=Car(relay_closed=False))
    seen = [(house.step().command.chargers["garage"], house.one().why.code) for _ in range(5)]
    assert [(command.limit_a, command.relay_closed) for command, _ in seen] == [
        (0.0, False),
        (0.0, True),
        (6.0, True),
        (7.0, True),
        (8.0, True),
    ]
    assert [code for _, code in seen][:2] == [Reason.WAITING_TWO_READINGS] * 2


def test_nothing_starts_without_a_meter() -> None:
    house = bench(charger=RELAY, meter=False)
    assert set(codes(house, 100)) == {(0.0, Reason.WAITING_TWO_READINGS)}
    assert house.decision.available_w is None


@pytest.mark.parametrize("mode", ["fast", "min_surplus"])
def test_a_silent_meter_ends_charging_step_by_step_in_every_mode(mode: Mode) -> None:
    """The loss matrix: frozen, the minimum from 5 s, nothing from 12 s; back after two readings and 60 s."""
    house = charging(bench(mode, sun_w=14_000.0))
    house.meter = False
    told = codes(house, 12)
    assert [amperes for amperes, _ in told] == [16.0] * 4 + [6.0] * 7 + [0.0]
    assert {code for amperes, code in told if amperes == 6.0} == {Reason.METER_STALE}
    assert told[-1][1] is Reason.METER_LOST
    house.run(20)
    house.meter = True
    assert house.until(lambda: house.told_a() > 0.0, 100) == 62
    assert house.told_a() == 6.0


def test_no_raise_while_the_meter_is_late() -> None:
    house = charging(bench(), 8.0)
    before = house.told_a()
    house.meter = False
    house.step()
    assert (house.told_a(), house.one().why.code) == (before, Reason.WAITING_TWO_READINGS)


@pytest.mark.parametrize(("stuck_a", "opens"), [(None, False), (16.0, True)])
def test_the_relay_opens_at_15_s_if_current_still_flows(stuck_a: float | None, opens: bool) -> None:
    """The loss matrix, first row, measured."""
    house = charging(bench(charger=RELAY))
    (car,) = house.cars.values()
    house.meter, car.stuck_a = False, stuck_a
    closed = []
    for _ in range(16):
        closed.append(house.step().command.chargers["garage"].relay_closed)
    assert closed == [True] * 14 + [not opens] * 2
    assert house.one().hand is (Hand.RELAY if opens else Hand.MODBUS)
    assert house.one().why.code is Reason.METER_LOST


def test_the_relay_opens_at_15_s_if_nobody_knows_whether_current_flows() -> None:
    house = charging(bench(charger=RELAY, car=Car(measured=False)), 6.0)
    house.meter = False
    assert house.until(lambda: not house.decision.command.chargers["garage"].relay_closed, 30) == 15
    house.meter = True
    assert house.until(lambda: house.decision.command.chargers["garage"].relay_closed, 200) == 62


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


@pytest.mark.parametrize(("measured", "stuck_a", "seconds"), [(True, 16.0, 20), (False, None, 20)])
def test_the_relay_ends_a_lost_charger(measured: bool, stuck_a: float | None, seconds: int) -> None:
    """The loss matrix: its watchdog of 15 s and 5 s more; back after 30 s of good answers (CHG-71)."""
    house = charging(bench(charger=RELAY, car=Car(measured=measured)), 6.0)
    (car,) = house.cars.values()
    car.answers, car.stuck_a = False, stuck_a
    assert house.until(lambda: house.one().hand is Hand.RELAY, 60) == seconds
    assert (house.told_a(), house.one().why.code) == (0.0, Reason.RELAY_FALLBACK)
    car.answers, car.stuck_a = True, None
    assert house.until(lambda: house.one().hand is Hand.MODBUS, 60) == 31
    house.run(3)
    assert house.told_a() >= 6.0


def test_a_charger_that_refuses_three_writes_is_lost() -> None:
    house = charging(bench(charger=RELAY))
    (car,) = house.cars.values()
    car.extra = {"refusals": 3}
    car.stuck_a = 16.0
    assert house.until(lambda: house.one().why.code is Reason.CHARGER_LOST, 3) == 1
    assert house.until(lambda: house.one().hand is Hand.RELAY, 60) == 20


def test_a_charger_out_of_hand_says_so_whatever_the_sun_does() -> None:
    house = bench("surplus", charger=RELAY)
    house.run(5)
    assert house.one().why.code is Reason.SURPLUS_LOW
    (car,) = house.cars.values()
    car.answers = False
    house.run(8)
    assert house.one().why.code is Reason.CHARGER_LOST
    house.order("off")
    house.step()
    assert house.one().why.code is Reason.OFF


def test_a_charger_that_is_not_set_up_is_not_raised() -> None:
    house = charging(bench(), 8.0)
    before = house.told_a()
    (car,) = house.cars.values()
    car.extra = {"ready": False}
    assert codes(house, 2) == [(before, Reason.SETTLING)] * 2


def test_a_raise_waits_until_the_last_one_is_acknowledged() -> None:
    house = charging(bench(), 8.0)
    (car,) = house.cars.values()
    car.acknowledges = False
    before = house.told_a()
    assert [amperes for amperes, _ in codes(house, 3)] == [before + 1.0] * 3
    car.acknowledges = True
    house.run(2)
    assert house.told_a() == before + 2.0


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


def test_the_pace_of_a_raise_does_not_depend_on_the_cycle() -> None:
    """CHG-32: 1 A per second at four cycles a second as well."""
    house = bench(tick_s=0.25)
    house.until(lambda: house.told_a() == 6.0, 20)
    told = [house.step().chargers["garage"].limit_a for _ in range(24)]
    assert told[0] <= 7.0
    assert all(after - before <= 1.0 for before, after in zip(told, told[4:], strict=False))
    assert told[-1] >= 11.0


def test_measurements_that_are_not_one_picture_raise_no_cap() -> None:
    """CHG-31: a car's current 0.8 s older than the meter's may hide that it has stopped."""
    house = charging(bench(base_a=(9.0, 9.0, 9.0)), 15.0)
    (car,) = house.cars.values()
    cap_a = house.one().cap_a
    car.late_s = 0.8
    house.base_a = (-6.0, -6.0, -6.0)
    house.step()
    assert house.one().cap_a == cap_a
    car.late_s = 0.0
    house.step()
    assert house.one().cap_a == cap_a + 15.0


def test_the_relay_charges_where_that_is_declared() -> None:
    """CHG-71, on_off: 300 s open, then closed with the fixed current while it fits with 1 A to spare."""
    house = charging(bench(charger=ON_OFF, car=Car(measured=False)), 6.0)
    (car,) = house.cars.values()
    car.answers = False
    house.until(lambda: house.one().hand is Hand.RELAY, 60)
    assert house.until(lambda: house.decision.command.chargers["garage"].relay_closed, 400) == 300
    assert (house.told_a(), house.one().why.code) == (6.0, Reason.RELAY_FALLBACK)
    assert house.one().hand is Hand.RELAY
    house.run(400)
    assert house.told_a() == 6.0
    house.order("off")
    assert house.until(lambda: not house.decision.command.chargers["garage"].relay_closed, 5) == 1


def test_the_relay_waits_until_its_current_fits_and_opens_when_it_does_not() -> None:
    house = charging(bench(charger=ON_OFF, car=Car(measured=False)), 6.0)
    (car,) = house.cars.values()
    car.answers = False
    house.until(lambda: house.one().hand is Hand.RELAY, 60)
    car.stuck_a = 0.0
    house.base_a = (18.5, 2.0, 2.0)
    house.run(400)
    assert house.told_a() == 0.0
    house.base_a = (18.0, 2.0, 2.0)
    assert house.until(lambda: house.told_a() == 6.0, 5) == 2
    car.stuck_a = 6.0
    house.run(3)
    house.base_a = (20.0, 2.0, 2.0)
    assert house.until(lambda: house.told_a() == 0.0, 5) == 1
    assert not house.decision.command.chargers["garage"].relay_closed


def test_relays_that_close_together_book_what_flows_through_both() -> None:
    """CHG-34, CHG-71: room for one fixed current with 1 A to spare is not room for two."""
    rules = Rules(FUSE_A, {"a": ON_OFF, "b": ON_OFF})
    house = Bench(rules, {"a": Car(measured=False), "b": Car(measured=False)}, Settings())
    house.order("fast")
    house.run(10)
    for car in house.cars.values():
        car.answers, car.most_a = False, 6.0
    house.base_a = (12.5, 12.5, 12.5)
    house.run(350)
    assert [one.limit_a for one in house.decision.chargers.values()] == [6.0, 0.0]


def test_a_relay_that_cannot_interrupt_is_a_latched_alarm() -> None:
    """CHG-61: 10 s after the relay opened."""
    house = charging(bench(charger=RELAY))
    (car,) = house.cars.values()
    car.stuck_a = 16.0
    house.order("off")
    house.until(lambda: house.one().hand is Hand.RELAY, 30)
    assert house.until(lambda: house.one().why.code is Reason.STUCK_CONTACTOR, 30) == 10
    car.stuck_a = None
    house.order("fast")
    house.run(100)
    assert (house.told_a(), house.one().why.code) == (0.0, Reason.STUCK_CONTACTOR)
    assert house.memory.chargers["garage"].hand.stage is hand.Stage.STUCK


def test_above_twice_the_fuse_the_relay_opens_after_3_s() -> None:
    """CHG-33: the command is out at once."""
    house = charging(bench(charger=RELAY))
    house.base_a = (51.0, 2.0, 2.0)
    (car,) = house.cars.values()
    car.stuck_a = 16.0
    seen = [(house.step().command.chargers["garage"].relay_closed, house.told_a()) for _ in range(4)]
    assert seen == [(True, 0.0), (True, 0.0), (True, 0.0), (False, 0.0)]


def test_a_relay_that_would_cut_nothing_stays_closed() -> None:
    house = bench("off", charger=RELAY)
    house.run(5)
    house.base_a = (60.0, 2.0, 2.0)
    house.run(10)
    assert house.one().hand is Hand.MODBUS


def test_pause_and_resume() -> None:
    """CHG-33: nothing when the minimum no longer fits; back when it and 1 A more have fitted for 60 s."""
    house = charging(bench())
    house.base_a = (20.0, 2.0, 2.0)
    house.step()
    assert (house.told_a(), house.one().why.code) == (0.0, Reason.LINE_LIMIT)
    house.base_a = (18.5, 2.0, 2.0)
    house.run(200)
    assert house.told_a() == 0.0
    house.base_a = (18.0, 2.0, 2.0)
    assert house.until(lambda: house.told_a() > 0.0, 100) == 62
    assert codes(house, 1)[0][0] == 6.0


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


def test_surplus_start_follow_stop_rest() -> None:
    """CHG-10 to CHG-16 through a sunny hour."""
    house = bench("surplus", base_a=(1.0, 1.0, 1.0))
    house.run(30)
    assert (house.told_a(), house.one().stage) == (0.0, Stage.IDLE)
    house.sun_w = 690.0 + 3000.0
    assert house.until(lambda: house.told_a() > 0.0, 90) == 61
    house.sun_w = 690.0 + 6900.0
    seen = codes(house, 60)
    assert seen[-1] == (10.0, Reason.SURPLUS)
    assert all(after - before <= 1.0 for (before, _), (after, _) in pairwise(seen))
    house.sun_w = 690.0 + 6900.0 - 650.0
    assert {amperes for amperes, _ in codes(house, 20)} == {10.0}
    house.sun_w = 690.0 + 6900.0 - 750.0
    assert codes(house, 1)[0] == (8.0, Reason.SURPLUS)
    house.sun_w = 690.0 + 1000.0
    assert codes(house, 1)[0] == (6.0, Reason.MIN_ON)
    house.run(300)
    assert (house.told_a(), house.one().stage) == (0.0, Stage.IDLE)
    house.sun_w = 9000.0
    house.run(70)
    assert (house.told_a(), house.one().why.code) == (0.0, Reason.MIN_OFF)
    house.until(lambda: house.told_a() > 0.0, 300)


def test_an_unmeasured_surplus_charger_rises_every_10_s() -> None:
    """CHG-11, CHG-15: without a measurement its set-point counts, and it settles for 10 s."""
    house = bench("surplus", car=Car(measured=False, status=None, delay_s=3), sun_w=12_000.0)
    house.until(lambda: house.told_a() == 8.0, 120)
    assert house.until(lambda: house.told_a() == 9.0, 20) == 10
    house.run(200)
    assert 13.0 <= house.told_a() <= 15.0


def test_a_discharging_battery_is_not_the_cars() -> None:
    """CHG-12."""
    house = bench("surplus", sun_w=9000.0)
    house.step()
    house.battery = BatteryReading(house.now_s, 5000.0, 80.0)
    without = house.decision.available_w
    house.step()
    assert without is not None
    assert house.decision.available_w == without - 5000.0


def test_the_sun_goes_to_the_first_in_turn_and_then_to_the_next() -> None:
    """CHG-40, CHG-41: priority first; what it cannot use is the next one's."""
    chargers = {"low": ChargerRules(lines=("L1",)), "high": ChargerRules(lines=("L2",), priority=1)}
    house = Bench(
        Rules(FUSE_A, chargers), {"low": Car(("L1",)), "high": Car(("L2",))}, Settings(), sun_w=3000.0
    )
    house.order("surplus")
    house.run(150)
    assert house.decision.chargers["high"].limit_a == 7.0
    assert house.decision.chargers["low"].limit_a == 0.0
    house.sun_w = 1380.0 + 230.0 * 24.5
    house.run(150)
    assert house.decision.chargers["high"].limit_a == 16.0
    assert house.decision.chargers["low"].limit_a == 8.0


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


@pytest.mark.parametrize(
    ("user_max_a", "cable_a", "told_a", "code"),
    [
        (9.5, None, 9.0, Reason.USER_MAX),
        (32.0, 13.0, 13.0, Reason.CABLE_MAX),
        (32.0, None, 16.0, Reason.FAST),
        (float("nan"), None, 0.0, Reason.USER_MAX),
        (5.0, None, 0.0, Reason.USER_MAX),
    ],
)
def test_the_smallest_limit_binds(
    user_max_a: float, cable_a: float | None, told_a: float, code: Reason
) -> None:
    """CHG-14."""
    house = bench(car=Car(extra={"cable_max_a": cable_a}))
    house.order("fast", user_max_a)
    assert codes(house, 40)[-1] == (told_a, code)


def test_budgets_hold_over_a_cloudy_hour() -> None:
    """CHG-17: four starts an hour, and ten a day with their stops; then it waits and says so."""
    quick = ChargingRules(start_delay_s=5.0, stop_delay_s=5.0, min_on_s=10.0, min_off_s=10.0)
    rules = Rules(FUSE_A, {"garage": ChargerRules()}, charging=quick)
    house = Bench(rules, {"garage": Car()}, Settings({"garage": ChargerSettings("surplus")}))
    starts, said, last_a = [], set(), 0.0
    for second in range(8000):
        house.sun_w = 9000.0 if second % 120 < 60 else 0.0
        house.step()
        said.add(house.one().why.code)
        if house.told_a() > last_a == 0.0:
            starts.append(house.now_s)
        last_a = house.told_a()
    assert len(starts) == 10
    assert all(later - earlier >= 3600.0 for earlier, later in zip(starts, starts[4:], strict=False))
    assert Reason.BUDGET in said


def test_switchings_of_a_day_are_a_budget_too() -> None:
    """CHG-17: with the last two gone it neither starts nor, while charging, stops."""
    quick = ChargingRules(
        start_delay_s=1.0,
        stop_delay_s=1.0,
        min_on_s=1.0,
        min_off_s=1.0,
        starts_per_hour=20,
        contactor_per_day=5,
    )
    rules = Rules(FUSE_A, {"garage": ChargerRules()}, charging=quick)
    house = Bench(rules, {"garage": Car()}, Settings({"garage": ChargerSettings("surplus")}))
    switchings, last_a = 0, 0.0
    for second in range(600):
        house.sun_w = 9000.0 if second % 60 < 30 else 0.0
        house.step()
        switchings += (house.told_a() > 0.0) is not (last_a > 0.0)
        last_a = house.told_a()
    assert switchings == 4
    assert house.one().why.code in (Reason.BUDGET, Reason.SURPLUS_LOW)


def test_a_stop_without_budget_keeps_the_minimum() -> None:
    """CHG-17: two pauses of the fuse have used it up; safety waits for no budget, comfort does."""
    quick = ChargingRules(start_delay_s=1.0, stop_delay_s=1.0, min_on_s=1.0, contactor_per_day=5)
    rules = Rules(FUSE_A, {"garage": ChargerRules()}, charging=quick)
    house = Bench(rules, {"garage": Car()}, Settings({"garage": ChargerSettings("surplus")}), sun_w=9000.0)
    for _ in range(2):
        house.until(lambda: house.told_a() > 0.0, 90)
        house.base_a = (40.0, -18.0, -18.0)
        assert house.until(lambda: house.told_a() == 0.0, 5) == 1
        house.base_a = (2.0, 2.0, 2.0)
    house.until(lambda: house.told_a() > 0.0, 90)
    house.sun_w = 0.0
    house.run(30)
    assert (house.told_a(), house.one().why.code) == (6.0, Reason.BUDGET)


def test_energy_since_plug_in_decides_between_equals() -> None:
    """CHG-40: of two cars plugged in together the one that got less goes first."""
    rules = Rules((9.0, 9.0, 9.0), {"a": ChargerRules(), "b": ChargerRules()})
    house = Bench(rules, {"a": Car(), "b": Car()}, Settings(), base_a=(2.0, 2.0, 2.0))
    house.order("off")
    house.cars["a"].extra = house.cars["b"].extra = {"total_wh": 100.0}
    house.run(2)
    house.cars["a"].extra = {"total_wh": 300.0}
    house.order("fast")
    house.run(5)
    assert [one.limit_a for one in house.decision.chargers.values()] == [0.0, 6.0]
