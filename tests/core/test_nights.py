"""Targets and their plans, through whole nights on a bench."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hems.core.tariff import TariffRules, Window
from hems.model.decision import ChargingState
from hems.model.plans import Plan
from hems.model.prices import Prices
from hems.model.settings import Target, VehicleSettings
from hems.model.why import Reason
from tests.core.bench import Car
from tests.core.nights import EVENING, FULL_W, MORNING, SPOT, WINDOWS, ZONE, Night, by_morning, hourly, night

DIPS = [0.3, 0.3, 0.3, 0.1, 0.3, 0.3, 0.3, 0.05, 0.3, 0.3, 0.3, 0.3]
"""From 18:00: 21:00 is cheap, 01:00 is cheapest."""

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
WAITS = (0.0, Reason.WAITING_CHEAP, ChargingState.IDLE)
CHEAP = (16.0, Reason.CHEAP_PRICE, ChargingState.SPOT_MARKET)
TIME = (16.0, Reason.TARGET_TIME, ChargingState.TIME_REQUIREMENT)
DONE = (0.0, Reason.SURPLUS_LOW, ChargingState.IDLE)


def aimed(hours: float, prices: list[float] | None = None, tariff: TariffRules | None = SPOT) -> Night:
    """A car that lacks so many hours at full power by six in the morning."""
    goal = by_morning(energy_wh=hours * FULL_W)
    return night(tariff, DIPS if prices is None else prices, mode="surplus_target", target=goal)


def plan_of(house: Night) -> Plan:
    plan = house.one().plan
    assert plan is not None
    return plan


def faces(house: Night) -> list[str]:
    """When the plan begins and ends its pieces, by the wall clock."""
    return [
        f"{slot.start.astimezone(ZONE):%H:%M}-{slot.end.astimezone(ZONE):%H:%M}"
        for slot in plan_of(house).slots
    ]


def test_a_night_at_the_cheapest_hours() -> None:
    """CHG-91, CHG-92: waits, charges in its two hours, and is silent when the need is met."""
    house = aimed(2.0)
    house.run(4)
    assert faces(house) == ["21:00-22:00", "01:00-02:00"]
    assert house.row()[1:] == WAITS
    assert house.one().why.figures["seconds_left"] == pytest.approx(3 * 3600.0 - 240.0)
    assert house.at(EVENING + 3 * HOUR + 2 * MINUTE)[1:] == CHEAP
    assert house.at(EVENING + 4 * HOUR + MINUTE)[1:] == WAITS
    assert house.at(EVENING + 7 * HOUR + 30 * MINUTE)[1:] == CHEAP
    assert house.at(EVENING + 8 * HOUR + 3 * MINUTE)[1:] == DONE
    assert house.one().need_wh == 0.0
    assert house.one().plan is None
    assert house.plans <= 4
    assert not house.events


def test_no_prices_one_piece_as_late_as_safe() -> None:
    """CHG-92, CHG-93: two hours and a margin of 10 min + 12 min before six."""
    house = aimed(2.0, [])
    house.run(4)
    assert faces(house) == ["03:38-05:38"]
    assert house.at(MORNING - 2 * HOUR - 23 * MINUTE)[1:] == WAITS
    assert house.at(MORNING - 2 * HOUR - 20 * MINUTE)[1:] == TIME
    assert house.at(MORNING - 20 * MINUTE)[2:] == TIME[1:]
    assert house.at(MORNING - 8 * MINUTE)[1:] == DONE


def test_a_tariff_of_windows_charges_off_peak() -> None:
    """CHG-92 with the prices of a static tariff; of equal ones the later."""
    house = aimed(2.0, [], WINDOWS)
    house.run(4)
    assert faces(house) == ["03:38-05:38"]
    assert [slot.eur_kwh for slot in plan_of(house).slots] == [0.20]
    short = TariffRules("static", "peak", (Window("off_peak", 22 * 60, 24 * 60),))
    early = aimed(1.0, [], short)
    early.run(4)
    assert faces(early) == ["23:00-00:00"]
    assert [(slot.eur_kwh, slot.period) for slot in plan_of(early).slots] == [(None, "off_peak")]
    assert early.at(EVENING + 5 * HOUR + 5 * MINUTE)[1:] == CHEAP


def test_a_need_as_long_as_the_night_begins_at_once() -> None:
    """CHG-92: and takes all there is."""
    house = aimed(15.0)
    house.run(5)
    assert house.row()[1:] == TIME


def test_time_presses_with_what_it_needs() -> None:
    """CHG-93: from the latest start on; what the sun brought meanwhile lets it ask for less."""
    house = aimed(2.0, [])
    house.at(MORNING - 2 * HOUR - 5 * MINUTE)
    goal = by_morning(energy_wh=2.0 * FULL_W)
    house.order_all(mode="surplus_target", target=replace(goal, energy_wh=1.55 * FULL_W))
    house.run(4)
    (_, limit_a, code, state), figures = house.row(), house.one().why.figures
    assert (code, state) == TIME[1:]
    assert limit_a < 16.0
    assert limit_a == pytest.approx(
        float(figures["need_wh"]) * 3600.0 / float(figures["seconds_left"]) / 690.0, abs=1.0
    )
    assert house.at(MORNING)[1:] == DONE


def test_a_missed_deadline_is_told_once_and_charging_goes_on() -> None:
    """CHG-93: 20 min later."""
    house = aimed(13.0)
    assert house.at(MORNING + 19 * MINUTE)[1:] == TIME
    assert not house.events
    house.at(MORNING + 40 * MINUTE)
    assert [(event.kind, event.key) for event in house.events] == [("target_missed", "garage")]
    assert house.at(MORNING + 58 * MINUTE)[1:] == TIME
    assert house.at(MORNING + 65 * MINUTE)[1:] == DONE
    assert house.one().plan is None
    assert len(house.events) == 1


def test_a_full_car_misses_nothing() -> None:
    """CHG-18, CHG-93: what it does not take it does not need."""
    house = night(SPOT, DIPS, mode="surplus_target", target=by_morning())
    house.until(lambda: house.told_a() == 16.0, 999)
    house.cars["garage"].most_a = 0.0
    house.at(MORNING + 2 * HOUR)
    assert not house.events
    assert house.one().plan is None


def test_the_sun_comes_first_and_shortens_the_plan() -> None:
    """CHG-95: surplus charged before the cheap hours reduces the need."""
    house = aimed(2.0)
    house.sun_w = 1380.0 + 690.0 * 8.5
    assert house.at(EVENING + 50 * MINUTE)[1:] == (8.0, Reason.SURPLUS, ChargingState.SURPLUS)
    house.sun_w = 0.0
    assert house.at(EVENING + 3 * HOUR)[1] == 0.0
    assert plan_of(house).need_wh < 1.7 * FULL_W
    assert faces(house)[-1] == "01:00-02:00"
    assert faces(house)[0].endswith("-22:00")


def test_new_prices_make_a_new_plan_and_the_same_ones_do_not() -> None:
    """CHG-94: replanned only when what it rests on has changed."""
    house = aimed(1.0)
    house.run(100)
    assert house.plans == 1
    house.settings = replace(house.settings, prices=Prices("awattar-at", hourly(DIPS)))
    house.run(3)
    assert house.plans == 1
    house.settings = replace(
        house.settings, prices=Prices("awattar-at", hourly([*DIPS[:-3], 0.01, 0.3, 0.3]))
    )
    house.run(3)
    assert (house.plans, faces(house)) == (2, ["03:00-04:00"])
    house.settings = replace(house.settings, prices=None)
    house.run(30)
    assert house.plans == 2


def test_tomorrows_prices_are_waited_for() -> None:
    """CHG-92: only what cannot wait is planned while they are unknown."""
    house = aimed(1.0, [0.3, 0.3, 0.25, 0.3])
    house.run(4)
    assert not faces(house)
    assert plan_of(house).later_s == pytest.approx(3600.0)
    house.settings = replace(house.settings, prices=Prices("awattar-at", hourly(DIPS)))
    house.run(2)
    assert faces(house) == ["01:00-02:00"]


@pytest.mark.parametrize("away_s", [0.0, 1800.0])
def test_a_plan_is_taken_up_by_the_next_run(away_s: float) -> None:
    """CHG-94: unchanged in the middle of a piece; prices come a little after the start.

    What could not be charged in the meantime changes it, once there are prices to plan with.
    """
    house = aimed(2.0)
    house.at(EVENING + 3 * HOUR + 10 * MINUTE)
    plan, prices = plan_of(house), house.settings.prices
    house.restart(away_s)
    house.settings = replace(house.settings, prices=None)
    house.run(5)
    assert plan_of(house) is plan
    assert house.row()[1:] == CHEAP
    house.settings = replace(house.settings, prices=prices)
    house.run(5)
    assert (plan_of(house) is plan) is (away_s == 0.0)
    assert house.row()[1:] == CHEAP
    house.at(MORNING)
    assert house.one().need_wh == 0.0
    assert not house.events


def test_a_plan_on_other_prices_is_not_taken_up() -> None:
    """CHG-94: its inputs changed while nobody ran."""
    for prices in (
        hourly([0.3] * 8 + [0.02] * 4),
        hourly([*DIPS, 0.1]),
        hourly([0.2, *DIPS[1:7], 0.06, *DIPS[8:]]),
    ):
        house = aimed(1.0)
        house.run(4)
        house.restart()
        house.settings = replace(house.settings, prices=Prices("awattar-at", prices))
        house.run(4)
        assert house.plans == 2


def test_a_late_target_is_taken_up_by_the_next_run() -> None:
    """CHG-93, CHG-94: charging goes on to the goal."""
    house = aimed(14.0)
    house.at(MORNING + 5 * MINUTE)
    house.restart()
    house.run(5)
    assert house.row()[1:] == TIME
    other = aimed(14.0)
    other.at(MORNING + 5 * MINUTE)
    other.order_all(mode="surplus_target", target=Target(MORNING - HOUR, energy_wh=FULL_W))
    other.restart()
    other.run(5)
    assert other.row()[1:] == DONE


def test_a_weekly_target_comes_again() -> None:
    """CHG-94: the day after; what was charged by one deadline counts nothing for the next."""
    goal = by_morning(energy_wh=FULL_W, repeat_days=(2, 3))
    house = night(None, mode="surplus_target", target=goal)
    house.at(MORNING)
    assert house.one().need_wh == 0.0
    house.at(MORNING + 5 * MINUTE)
    assert plan_of(house).deadline == (MORNING + 24 * HOUR).astimezone(UTC)
    assert house.at(MORNING + 23 * HOUR)[1:] == TIME
    house.at(MORNING + 24 * HOUR)
    assert house.counted_wh == pytest.approx(2 * FULL_W, rel=0.01)


@pytest.mark.parametrize(
    "eve", [datetime(2026, 3, 28, 18, tzinfo=ZONE), datetime(2026, 10, 24, 18, tzinfo=ZONE)]
)
def test_clock_changes_move_no_deadline(eve: datetime) -> None:
    """CHG-94: seven by the clock of the morning on which it was turned."""
    goal = Target(eve.replace(hour=7), energy_wh=FULL_W, repeat_days=(7,))
    house = night(None, begins=eve, mode="surplus_target", target=goal)
    house.run(3)
    assert plan_of(house).deadline.astimezone(ZONE).hour == 7
    house.at(plan_of(house).deadline)
    assert house.one().need_wh == 0.0
    assert not house.events


def test_a_car_that_takes_less_is_planned_with_what_it_takes() -> None:
    """CHG-93: at the first piece its power is seen, and the rest is begun earlier."""
    house = aimed(2.0, [0.3, 0.01, *[0.3] * 10])
    house.cars["garage"] = Car(most_a=8.0)
    house.at(EVENING + HOUR + 10 * MINUTE)
    assert plan_of(house).power_w == pytest.approx(FULL_W / 2)
    house.at(MORNING)
    assert house.one().need_wh == 0.0
    assert not house.events


def test_a_level_that_is_told_anew_changes_the_plan() -> None:
    """CHG-90: and without one the plan says what it assumes."""
    house = night(SPOT, DIPS, mode="surplus_target", target=by_morning())
    house.run(4)
    assert plan_of(house).assumed == ("level",)
    assert house.one().need_wh == pytest.approx(60_000.0 / 0.9)
    told = VehicleSettings(90.0, EVENING)
    house.settings = replace(house.settings, vehicles={"zoe": told})
    house.run(2)
    assert plan_of(house).assumed == ()
    assert plan_of(house).need_wh == pytest.approx(6_000.0 / 0.9)


def test_a_target_that_changes_makes_a_new_plan() -> None:
    """CHG-94: one piece instead of two."""
    house = aimed(2.0)
    house.run(4)
    house.order_all(mode="surplus_target", target=by_morning(energy_wh=2 * FULL_W, one_piece=True))
    house.run(2)
    assert house.plans == 2
    assert faces(house) == ["01:00-02:00", "02:00-03:00"]
    house.order_all(mode="surplus")
    house.step()
    assert house.one().plan is None
    assert house.one().need_wh is None


def test_precondition_is_charged_directly_before_leaving() -> None:
    """CHG-91, CHG-92."""
    goal = by_morning(energy_wh=1.5 * FULL_W, precondition_s=1800.0)
    house = night(SPOT, DIPS, mode="surplus_target", target=goal)
    house.run(4)
    assert faces(house) == ["01:00-02:00", "05:30-06:00"]
    assert house.at(MORNING - 20 * MINUTE)[1:] == TIME
    house.at(MORNING + MINUTE)
    assert house.one().need_wh == pytest.approx(0.0, abs=200.0)
    assert house.at(MORNING + 5 * MINUTE)[1:] == DONE


def test_a_rest_too_small_for_a_start_counts_for_nothing() -> None:
    """CHG-92: no start for less than five minutes; a piece that runs is finished."""
    house = aimed(0.05)
    house.at(MORNING + HOUR)
    assert house.counted_wh == 0.0
    assert not house.events
    other = aimed(1.0)
    other.cars["garage"] = Car(most_a=15.5)
    other.at(EVENING + 8 * HOUR + 4 * MINUTE)
    assert other.one().need_wh == 0.0


def test_a_car_that_leaves_takes_its_plan_along() -> None:
    house = aimed(1.0)
    house.run(4)
    house.cars["garage"].status = "A"
    house.run(2)
    assert (house.one().plan, house.one().need_wh) == (None, None)
    house.cars["garage"].status = "C"
    house.run(2)
    assert faces(house) == ["01:00-02:00"]


def test_a_charger_that_may_not_charge_plans_nothing() -> None:
    house = aimed(1.0)
    house.order_all(mode="surplus_target", target=by_morning(energy_wh=FULL_W), user_max_a=5.0)
    house.run(4)
    assert house.one().plan is None


def test_a_far_deadline_is_planned_again_every_day() -> None:
    """CHG-92: what waits for prices is looked at anew."""
    goal = Target(EVENING + 60 * 24 * HOUR, energy_wh=FULL_W)
    house = night(WINDOWS, mode="surplus_target", target=goal)
    house.run(3)
    assert plan_of(house).later_s > 0.0
    kept = house.memory.chargers["garage"].rungs.target.kept.since_mono_s
    house.run(23 * 60)
    assert house.memory.chargers["garage"].rungs.target.kept.since_mono_s == kept
    house.run(2 * 60)
    assert house.memory.chargers["garage"].rungs.target.kept.since_mono_s > kept
