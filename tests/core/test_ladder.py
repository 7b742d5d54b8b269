"""Who has the say: every mode under every demand, through whole nights on a bench."""

from dataclasses import replace
from datetime import timedelta
from math import inf, nan
from typing import Any

import pytest

from hems.core.rules import ChargerRules, ChargingRules, Rules
from hems.model.decision import ChargingState, Stage
from hems.model.intents import SetBoost
from hems.model.settings import MODES, Boost, ChargerSettings, Mode, Settings, Target, VehicleSettings
from hems.model.snapshot import Status
from hems.model.why import Reason
from tests.core.bench import FUSE_A, Bench, Car, bench
from tests.core.nights import EVENING, FULL_W, SPOT, WINDOWS, Night, by_morning, night, ordered

CHEAP_NOW = [0.1, 0.3, 0.3, 0.3, 0.3, 0.3]
OFF = (0.0, Reason.OFF, ChargingState.IDLE)
FAST = (16.0, Reason.FAST, ChargingState.MANUAL)
BOOST = (16.0, Reason.MANUAL_BOOST, ChargingState.MANUAL)
CHEAP = (16.0, Reason.CHEAP_PRICE, ChargingState.SPOT_MARKET)
ORDER = (8.0, Reason.OPTIMIZER, ChargingState.SURPLUS)
LATE = (16.0, Reason.TARGET_TIME, ChargingState.TIME_REQUIREMENT)
LOW = (0.0, Reason.SURPLUS_LOW, ChargingState.IDLE)
LEAST = (6.0, Reason.SURPLUS_LOW, ChargingState.SURPLUS)
WAITS = (0.0, Reason.WAITING_CHEAP, ChargingState.IDLE)
SUN = (10.0, Reason.SURPLUS, ChargingState.SURPLUS)

TABLE: list[tuple[str, dict[Mode, tuple[float, Reason, ChargingState]]]] = [
    ("", dict(zip(MODES, (OFF, FAST, LOW, WAITS, LEAST, LEAST), strict=True))),
    ("sun", dict(zip(MODES, (OFF, FAST, SUN, SUN, SUN, SUN), strict=True))),
    ("boost", dict(zip(MODES, (OFF, BOOST, BOOST, BOOST, BOOST, BOOST), strict=True))),
    ("boost cheap sun order late", dict(zip(MODES, (OFF, *[BOOST] * 5), strict=True))),
    ("cheap", dict(zip(MODES, (OFF, FAST, CHEAP, CHEAP, CHEAP, CHEAP), strict=True))),
    ("cheap sun order", dict(zip(MODES, (OFF, FAST, CHEAP, CHEAP, CHEAP, CHEAP), strict=True))),
    ("sun order", dict(zip(MODES, (OFF, FAST, ORDER, ORDER, ORDER, ORDER), strict=True))),
    ("order", dict(zip(MODES, (OFF, FAST, ORDER, ORDER, ORDER, ORDER), strict=True))),
    ("late", dict(zip(MODES, (OFF, FAST, LOW, LATE, LEAST, LATE), strict=True))),
    ("late cheap", dict(zip(MODES, (OFF, FAST, CHEAP, LATE, CHEAP, LATE), strict=True))),
    ("late order", dict(zip(MODES, (OFF, FAST, ORDER, ORDER, ORDER, ORDER), strict=True))),
]


@pytest.mark.parametrize(
    ("what", "mode", "expected"), [(what, mode, row[mode]) for what, row in TABLE for mode in MODES]
)
def test_the_highest_rung_that_speaks_has_the_say(
    what: str, mode: Mode, expected: tuple[float, Reason, ChargingState]
) -> None:
    """Section 1, CHG-110, CHG-120: boost, target, cheap price, optimizer in place of sun and target, sun."""
    needed_wh = 120_000.0 if "late" in what else 10_000.0
    house = night(
        SPOT,
        CHEAP_NOW,
        mode=mode,
        target=by_morning(energy_wh=needed_wh),
        cheap="cheap" in what,
        cheap_pct=10.0,
        boost=Boost(EVENING, 3600.0) if "boost" in what else None,
    )
    house.sun_w = 1380.0 + 230.0 * 3 * 10.5 if "sun" in what else 0.0
    house.rules = replace(house.rules, charging=ChargingRules(start_delay_s=30.0, min_off_s=0.0))
    if "order" in what:
        ordered(house, 8.4)
    house.run(15)
    assert house.row()[1:] == expected


def test_an_ended_cheap_hour_waits_for_nothing() -> None:
    """Section 2: no stop delay without sun; with enough of it charging goes on."""
    house = night(SPOT, [0.1, 0.3], mode="surplus", cheap=True, cheap_pct=50.0)
    assert house.at(EVENING + timedelta(minutes=59))[1:] == CHEAP
    assert house.at(EVENING + timedelta(minutes=60))[1:] == LOW
    assert house.one().stage is Stage.IDLE
    bright = night(SPOT, [0.1, 0.3], mode="surplus", cheap=True, cheap_pct=50.0)
    bright.sun_w = 1380.0 + 690.0 * 7.5
    bright.at(EVENING + timedelta(minutes=59))
    assert bright.at(EVENING + timedelta(minutes=60))[1:] == (7.0, Reason.SURPLUS, ChargingState.SURPLUS)


def test_off_peak_follows_the_tariff() -> None:
    """Section 2: the switch for static tariffs, on top of a surplus mode."""
    house = night(WINDOWS, mode="surplus", off_peak=True)
    assert house.at(EVENING + timedelta(minutes=5))[1:] == LOW
    assert house.at(EVENING + timedelta(hours=4, minutes=2))[1:] == CHEAP


def test_a_car_takes_no_more_than_it_can() -> None:
    """The ladder's rung of charger, cable and car."""
    house = night(mode="fast")
    house.settings = replace(house.settings, vehicles={"zoe": VehicleSettings(max_a=13.5)})
    assert house.at(EVENING + timedelta(minutes=5))[1:3] == (13.0, Reason.VEHICLE_MAX)
    house.settings = replace(house.settings, vehicles={"zoe": VehicleSettings(max_a=nan)})
    house.step()
    assert house.row()[1:3] == (0.0, Reason.VEHICLE_MAX)


def test_a_boost_ends_by_time_and_asks_for_it_until_it_is_gone() -> None:
    """CHG-120: sixty minutes from when it was told."""
    house = night(mode="surplus", boost=Boost(EVENING - timedelta(minutes=10), 3600.0))
    assert house.at(EVENING + timedelta(minutes=49))[1:] == BOOST
    assert house.one().why.text == "boost, 1:00 left"
    asked = [house.step().asks for _ in range(6)]
    assert [asks for asks in asked if asks] == [(SetBoost("garage", None, None),)] * 6
    assert house.row()[1:] == LOW
    house.order_all(mode="surplus")
    assert house.step().asks == ()


@pytest.mark.parametrize("away_s", [0.0, 1200.0])
@pytest.mark.parametrize("told", [True, False])
def test_a_boost_survives_a_restart(told: bool, away_s: float) -> None:
    """CHG-120: by the wall clock where that is known, else at most its whole length again."""
    house = night(mode="surplus", boost=Boost(EVENING if told else None, 3600.0))
    house.run(30)
    house.restart(away_s)
    house.run(5)
    assert house.row()[1:] == BOOST
    seconds_left = float(house.one().why.figures["seconds_left"])
    assert seconds_left == pytest.approx(3600.0 - (2100.0 + away_s if told else 240.0), abs=61.0)


def test_a_boost_by_energy_counts_over_a_restart() -> None:
    """CHG-120: 5 kWh from the charger's own count."""
    house = night(mode="surplus", boost=Boost(None, None, 5_000.0))
    house.counted_wh = 1e6
    house.run(30)
    house.restart(600.0)
    house.until(lambda: bool(house.decision.asks), 200)
    assert house.counted_wh - 1e6 == pytest.approx(5_000.0, abs=100.0)
    house.order_all(mode="surplus")
    house.step()
    assert house.ledger.lessons["ev1"].boost_wh is None


def test_a_boost_ends_with_the_car() -> None:
    """CHG-120: unplugged."""
    house = night(mode="surplus", boost=Boost(EVENING, 3600.0))
    house.run(5)
    house.cars["garage"].status = "A"
    assert house.step().asks == (SetBoost("garage", None, None),)
    house.cars["garage"].status = "C"
    house.run(5)
    assert house.row()[1:] == LOW


def test_a_target_goes_on_after_a_boost() -> None:
    """What the boost charged is needed no more."""
    prices = [0.3, 0.3, 0.3, 0.3, 0.1, 0.2, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3]
    house = night(SPOT, prices, mode="surplus_target", target=by_morning(energy_wh=2 * FULL_W))
    house.run(4)
    house.order_all(
        mode="surplus_target", target=by_morning(energy_wh=2 * FULL_W), boost=Boost(EVENING, 3600.0)
    )
    assert house.at(EVENING + timedelta(minutes=30))[1:] == BOOST
    house.order_all(mode="surplus_target", target=by_morning(energy_wh=2 * FULL_W))
    assert house.at(EVENING + timedelta(minutes=45))[1:] == WAITS
    plan = house.one().plan
    assert plan is not None
    assert plan.need_wh == pytest.approx(1.5 * FULL_W, rel=0.15)
    assert house.at(EVENING + timedelta(hours=4, minutes=5))[1:] == CHEAP


def eager(**orders: Any) -> Night:
    return night(tick_s=1.0, mode="surplus", **orders)


def test_an_optimizer_starts_and_stops_within_the_dwell_times() -> None:
    """API-124, CHG-16: 60 s to start, 300 s on, 180 s to stop; a lower current at once."""
    house = eager()
    house.step()
    ordered(house, 12.0)
    assert house.until(lambda: house.told_a() > 0.0, 90) == 61
    house.run(10)
    assert house.row()[1:3] == (12.0, Reason.OPTIMIZER)
    ordered(house, 9.0)
    house.step()
    assert house.row()[1:3] == (9.0, Reason.OPTIMIZER)
    ordered(house, 5.0)
    house.step()
    assert house.row()[1:3] == (6.0, Reason.MIN_ON)
    house.base_a = (-2.0, -2.0, -2.0)
    left_s = float(house.one().why.figures["seconds_left"])
    assert house.until(lambda: house.told_a() == 0.0, 300) == pytest.approx(left_s, abs=2.0)
    assert house.one().why.code is Reason.OPTIMIZER
    ordered(house, 12.0)
    house.run(100)
    assert house.row()[1:3] == (0.0, Reason.MIN_OFF)


def test_a_stale_plan_leaves_the_say_in_the_same_cycle() -> None:
    """API-125, CHG-110: the local rules decide."""
    house = eager(target=None)
    house.step()
    ordered(house, 12.0, for_s=100.0)
    house.run(99)
    assert house.row()[1:3] == (12.0, Reason.OPTIMIZER)
    house.step()
    assert house.one().why.code in (Reason.STOP_DELAY, Reason.MIN_ON)


@pytest.mark.parametrize("limit_a", [nan, -1.0, inf])
def test_an_order_that_is_none_leaves_the_charger_to_the_local_rules(limit_a: float) -> None:
    house = eager()
    house.step()
    ordered(house, limit_a)
    house.run(100)
    assert house.row()[1:] == LOW


def test_an_order_is_bounded_by_what_the_charger_takes() -> None:
    """API-124: `optimizer` only where its step is what bound."""
    house = eager(user_max_a=10.0)
    house.step()
    ordered(house, 32.0)
    house.run(90)
    assert house.row()[1:3] == (10.0, Reason.USER_MAX)
    other = night(tick_s=1.0, mode="min_surplus")
    other.step()
    ordered(other, 0.0)
    other.run(20)
    assert other.row()[1:3] == (6.0, Reason.OPTIMIZER)


def test_without_a_trusted_clock_target_and_cheap_slots_are_silent() -> None:
    """The loss matrix: the sun goes on; where nothing is charged the clock is the reason."""
    aim = by_morning(energy_wh=120_000.0)
    house = night(SPOT, CHEAP_NOW, mode="surplus_target", target=aim, cheap=True, cheap_pct=50.0)
    house.trusted = False
    house.run(10)
    assert house.row()[1:] == (0.0, Reason.CLOCK_UNKNOWN, ChargingState.IDLE)
    house.sun_w = 1380.0 + 690.0 * 10.5
    house.run(20)
    assert house.row()[1:] == SUN
    house.trusted = True
    house.run(3)
    assert house.row()[1:] == LATE


def test_a_clock_that_is_lost_for_a_while_costs_no_plan() -> None:
    """CHG-94."""
    house = night(SPOT, CHEAP_NOW, mode="surplus_target", target=by_morning(energy_wh=5_000.0))
    house.run(3)
    plan = house.one().plan
    house.trusted = False
    house.run(10)
    assert house.one().plan == plan
    house.trusted = True
    house.run(2)
    assert house.one().plan == plan
    assert house.plans == 1


def test_held_is_who_wishes_and_may_not() -> None:
    """A fuse that leaves nothing holds; a mode that wishes nothing is idle."""
    house = night(mode="fast")
    house.run(5)
    house.base_a = (30.0, 2.0, 2.0)
    house.step()
    assert house.row()[1:] == (0.0, Reason.LINE_LIMIT, ChargingState.HELD)


@pytest.mark.parametrize(("status", "code"), [("A", Reason.NO_CAR), ("F", Reason.FAULT)])
def test_no_demand_beats_a_fault(status: Status, code: Reason) -> None:
    """Section 1."""
    house = night(mode="surplus", boost=Boost(EVENING, 3600.0))
    house.run(5)
    house.cars["garage"] = Car(status=status)
    house.run(2)
    assert house.row()[1:3] == (0.0, code)


def test_a_charger_that_counts_nothing_is_counted_by_its_draw() -> None:
    """CHG-120 for chargers without a total: 2 kWh at 11 kW are eleven minutes."""
    house = bench("surplus")
    orders = ChargerSettings("surplus", boost=Boost(None, None, 2_000.0))
    house.settings = Settings({"garage": orders})
    assert 600 <= house.until(lambda: bool(house.decision.asks), 900) <= 680


def test_cars_on_a_demand_are_no_surplus_of_others() -> None:
    """CHG-10: what a boosted car draws is as little available as what a kettle draws."""
    house = Bench(
        Rules(FUSE_A, {"first": ChargerRules(priority=1), "boosted": ChargerRules(number=2)}),
        {"first": Car(), "boosted": Car()},
        Settings(),
        sun_w=1380.0 + 6_000.0,
    )
    house.order("surplus")
    house.run(70)
    assert house.decision.chargers["first"].limit_a == 8.0
    boosted = replace(house.settings.chargers["boosted"], boost=Boost(None, 3600.0))
    house.settings = Settings({**house.settings.chargers, "boosted": boosted})
    house.run(20)
    assert house.decision.chargers["boosted"].limit_a == 16.0
    assert house.decision.available_w == pytest.approx(6_000.0 - FULL_W)
    house.run(600)
    assert house.decision.chargers["first"].limit_a == 0.0
    house.settings = Settings({**house.settings.chargers, "boosted": ChargerSettings("off")})
    house.run(3)
    assert house.decision.available_w == pytest.approx(6_000.0)


def test_a_full_car_is_asked_again_when_something_is_demanded() -> None:
    """CHG-18: a boost, a cheap hour or a target that begins is a new order."""
    house = bench("surplus", car=Car(most_a=0.0), sun_w=9_000.0)
    house.until(lambda: house.one().why.code is Reason.CAR_FULL, 400)
    orders = ChargerSettings("surplus", boost=Boost(None, 3600.0))
    house.settings = Settings({"garage": orders})
    house.run(2)
    assert (house.told_a(), house.one().why.code) == (6.0, Reason.SETTLING)
    house.until(lambda: house.one().why.code is Reason.CAR_FULL, 200)
    house.run(600)
    assert house.one().why.code is Reason.CAR_FULL


def test_a_car_that_leaves_while_nobody_knows_the_time_takes_its_level_along() -> None:
    """CHG-90."""
    house = night(SPOT, CHEAP_NOW, mode="surplus_target", target=by_morning(energy_wh=5_000.0))
    house.run(3)
    house.trusted = False
    house.cars["garage"].status = "A"
    house.run(2)
    assert house.ledger.lessons["ev1"].base_wh is None


def test_a_missed_deadline_is_told_once_however_often_the_clock_loses_its_trust() -> None:
    """CHG-93: and over a restart; a later deadline that is missed is told again."""
    goal = Target(EVENING + timedelta(minutes=10), energy_wh=60_000.0)
    house = night(mode="surplus_target", target=goal)
    for minute in range(90):
        house.trusted = minute % 10 < 5
        house.step()
        if minute == 60:
            house.restart()
    assert [event.kind for event in house.events] == ["target_missed"]
    house.trusted = True
    house.order_all(mode="surplus_target", target=replace(goal, deadline=EVENING + timedelta(minutes=100)))
    house.at(EVENING + timedelta(minutes=125))
    assert [event.kind for event in house.events] == ["target_missed"] * 2


def test_a_switch_that_stays_on_one_line_is_planned_with_one() -> None:
    """CHG-22, CHG-93: a further line has had no room for minutes."""
    house = night(
        mode="surplus_target", target=by_morning(energy_wh=20_000.0), charger=ChargerRules(switchable=True)
    )
    house.cars["garage"].lines = ("L1",)
    house.cars["garage"].extra = {"lines": 1}
    house.base_a = (2.0, 2.0, 20.0)
    house.run(30)
    plan = house.one().plan
    assert plan is not None
    assert plan.power_w == 3_680.0


@pytest.mark.parametrize("cold_s", [180.0, 1800.0])
def test_a_car_that_was_slow_only_at_first_is_planned_as_it_is_now(cold_s: float) -> None:
    """CHG-18, CHG-92: a cold battery takes little; what comes later is charged in the cheap hours."""
    prices = [0.01, *[0.5] * 5, *[0.05] * 6]
    house = night(SPOT, prices, mode="surplus_target", target=by_morning(energy_wh=40_000.0), tick_s=10.0)
    (car,) = house.cars.values()
    car.most_a = 4.0
    house.at(EVENING + timedelta(seconds=cold_s))
    car.most_a = 16.0
    house.run(3)
    plan = house.one().plan
    assert plan is not None
    assert plan.power_w == FULL_W
    assert house.at(EVENING + timedelta(minutes=61))[2] is Reason.WAITING_CHEAP


def test_a_draw_that_swings_makes_few_plans() -> None:
    """CHG-94, CHG-96: no plan for every swing of the car."""
    house = night(
        SPOT, [0.1, 0.2] * 6, mode="surplus_target", target=by_morning(energy_wh=60_000.0), tick_s=1.0
    )
    (car,) = house.cars.values()
    for second in range(1200):
        car.most_a = 8.0 if second // 3 % 2 else 11.0
        house.step()
    assert house.plans <= 4


def test_only_who_takes_all_there_is_has_all_its_power_again() -> None:
    """CHG-18: following a smaller offer of the sun says nothing about it."""

    def seen_w() -> float | None:
        return house.memory.chargers["garage"].rungs.target.drawn_w

    house = night(
        SPOT, [0.05, *[0.5] * 5, *[0.1] * 6], mode="surplus_target", target=by_morning(), tick_s=10.0
    )
    (car,) = house.cars.values()
    car.most_a = 14.8
    house.at(EVENING + timedelta(minutes=5))
    assert seen_w() == pytest.approx(690.0 * 14.8)
    house.sun_w = 1_380.0 + 690.0 * 6.5
    house.at(EVENING + timedelta(minutes=75))
    assert (house.told_a(), house.one().why.code) == (6.0, Reason.SURPLUS)
    assert seen_w() == pytest.approx(690.0 * 14.8)
    car.most_a, house.sun_w = 16.0, 20_000.0
    house.at(EVENING + timedelta(minutes=80))
    assert (house.told_a(), seen_w()) == (16.0, None)
