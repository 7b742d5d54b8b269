"""The whole decision on a scripted bench: one second a step."""

from itertools import pairwise

from hems.model.decision import Stage
from hems.model.snapshot import BatteryReading
from hems.model.why import Reason
from tests.core.bench import RELAY, Car, bench, charging, codes


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


def test_a_discharging_battery_is_not_the_cars() -> None:
    """CHG-12."""
    house = bench("surplus", sun_w=9000.0)
    house.step()
    house.battery = BatteryReading(house.now_s, 5000.0, 80.0)
    without = house.decision.available_w
    house.step()
    assert without is not None
    assert house.decision.available_w == without - 5000.0
