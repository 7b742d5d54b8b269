"""Who has the sun first, the house's battery or the car, while its level rises and falls."""

from typing import Any

from hems.sim.battery import BatteryModel
from hems.sim.car import CarModel
from tests.stories.diary import Diary
from tests.stories.plots import plot
from tests.stories.stage import RaiseCurtain, Stage

FIRST: dict[str, Any] = {
    "battery_priority_pct": 40.0,
    "battery_buffer_pct": 80.0,
    "start_delay_s": 10.0,
    "min_on_s": 30.0,
    "min_off_s": 30.0,
}


def house(raise_curtain: RaiseCurtain, level_pct: float, pv_peak_w: float = 9000.0, **charging: Any) -> Stage:
    """A battery of 4 kW at this level, a three-line car, and the sun of a summer's noon."""
    battery = BatteryModel(capacity_wh=10_000.0, max_w=4000.0, level_pct=level_pct)
    stage = raise_curtain(
        plot(battery=battery, pv_peak_w=pv_peak_w, charging={**FIRST, **charging}), short=True
    )
    stage.base(1, 1, 1)
    return stage


def moved(stage: Stage, level_pct: float, seconds: float = 90) -> None:
    """Put the battery at this level and let things settle."""
    stage.battery(level_pct=level_pct)
    stage.play(seconds)


def test_a_low_battery_has_the_sun_and_the_car_what_it_leaves(raise_curtain: RaiseCurtain) -> None:
    """CHG-12: below its priority the battery takes all it can; what still goes to the grid starts the car."""
    stage = house(raise_curtain, 30.0)
    diary = Diary(stage)
    stage.play(120)
    truth = stage.truth
    assert -4001 <= truth["battery_w"] < -3500, "it charges with all it has"
    assert truth["import_wh"] < 5
    assert 6 <= truth["limit_a"]["garage"] <= 7
    stage.leave()
    stage = house(raise_curtain, 30.0, pv_peak_w=4500.0)
    diary = Diary(stage)
    stage.play(200)
    assert stage.truth["ev_wh"] == 0
    assert "battery_first" in diary.codes()
    diary.clean()


def test_levels_cross_with_their_band(raise_curtain: RaiseCurtain) -> None:
    """CHG-12: 40 % up to 60, 80 % down to 60; in between each keeps what it had."""
    stage = house(raise_curtain, 35.0, pv_peak_w=5500.0)
    diary = Diary(stage)
    stage.play(60)
    assert stage.truth["limit_a"]["garage"] == 0
    for level_pct in (45.0, 55.0):
        moved(stage, level_pct)
        assert stage.garage().why.code == "battery_first"
    moved(stage, 85.0)
    assert stage.truth["limit_a"]["garage"] >= 6
    assert stage.truth["battery_w"] >= -800, "what it charged is the car's now"
    for level_pct in (75.0, 65.0):
        moved(stage, level_pct)
        assert stage.truth["limit_a"]["garage"] >= 6
    moved(stage, 55.0, 120)
    assert stage.garage().limit_a == 6, "what the car has, it keeps; what the battery has is not the car's"
    moved(stage, 30.0, 300)
    assert stage.truth["limit_a"]["garage"] == 0
    assert stage.garage().why.code == "battery_first"
    assert stage.truth["starts"] == 1
    diary.clean()


def test_a_full_battery_supports_the_car_through_a_cloud(raise_curtain: RaiseCurtain) -> None:
    """CHG-12: up to so many watts, and never a car that lives of the battery without that."""
    drained_wh, charged_wh = {}, {}
    for support_w in (0.0, 2500.0):
        stage = house(raise_curtain, 95.0, 5500.0, battery_support_w=support_w, acquisition_tolerance=0.0)
        diary = Diary(stage)
        stage.play(150)
        before = stage.truth
        stage.draw("shade", 4, 4, 4)
        stage.play(400)
        after = stage.truth
        drained_wh[support_w] = after["battery_discharge_wh"] - before["battery_discharge_wh"]
        charged_wh[support_w] = after["ev_wh"] - before["ev_wh"]
        assert after["import_wh"] < 15
        diary.clean()
        stage.leave()
    assert charged_wh[0.0] < 0.5 * charged_wh[2500.0]
    assert drained_wh[2500.0] <= 2500 * 400 / 3600 * 1.1
    assert drained_wh[0.0] < 120, "until the stop delay is over"


def test_a_battery_hides_nothing_from_a_car_of_one_line(raise_curtain: RaiseCurtain) -> None:
    """CHG-12, CNT-75: over a level that rises from shared to full, the car is charged by sun alone."""
    battery = BatteryModel(capacity_wh=10_000.0, max_w=4000.0, level_pct=89.0)
    stage = raise_curtain(
        plot(cars=(CarModel(lines=1),), battery=battery, pv_peak_w=5000.0, charging=FIRST), short=True
    )
    diary = Diary(stage)
    stage.base(1, 1, 1)
    stage.play(5)
    stage.doze(900)
    truth, counters = stage.truth, stage.views[-1].counters
    assert truth["ev_wh"] > 400
    assert truth["battery_discharge_wh"] < 20
    assert truth["import_wh"] < 5
    assert counters["ev1.energy.solar.total"] is not None
    assert counters["ev1.energy.solar.total"] > 0.9 * truth["ev_wh"]
    diary.clean()
    diary.honest()
