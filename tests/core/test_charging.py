from dataclasses import replace
from math import inf, nan
from typing import Any

import pytest

from hems.core.charging import Ceiling, Inputs, State, step
from hems.core.demand import Demand
from hems.core.rules import ChargingRules
from hems.core.surplus import Sun
from hems.model.decision import ChargingState, Stage
from hems.model.settings import Mode
from hems.model.why import Figure, Reason, Why
from tests.core.reasons import set_point_a

RULES = ChargingRules()
BASE = Inputs(
    mode="surplus",
    status="C",
    full=False,
    next_s=0.0,
    minimum_only=False,
    ceiling=Ceiling(16.0, Reason.CHARGER_MAX),
    lowest_a=6.0,
    step_a=1.0,
    told_a=0.0,
    sun=Sun(0.0, 230.0, 3),
    start_w=2070.0,
    stop_w=1970.0,
    import_w=0.0,
    elapsed_s=1.0,
    switched_mono_s=-1e9,
    may_start=True,
)


def sun(watts: float) -> Sun:
    return Sun(watts, 230.0, 3)


def after(stage: Stage, since_s: float, now_s: float, **inputs: Any) -> tuple[Stage, float, Reason]:
    state, wish = step(RULES, State(stage, since_s), replace(BASE, **inputs), now_s)
    assert abs(set_point_a(wish.why) - wish.wish_a) < 1e-9
    return state.stage, wish.wish_a, wish.why.code


def test_start_after_the_condition_has_held_60_s() -> None:
    """CHG-16, CHG-13: enough from 2,070 W on, and only below 1,970 W does the wait begin anew."""
    state = State()
    rows = [
        (0, 2069.0, Stage.IDLE, 0.0, Reason.SURPLUS_LOW),
        (1, 2070.0, Stage.STARTING, 0.0, Reason.START_DELAY),
        (30, 1990.0, Stage.STARTING, 0.0, Reason.START_DELAY),
        (61, 1990.0, Stage.STARTING, 0.0, Reason.SURPLUS_LOW),
        (62, 1960.0, Stage.IDLE, 0.0, Reason.SURPLUS_LOW),
        (63, 2100.0, Stage.STARTING, 0.0, Reason.START_DELAY),
        (122.9, 2100.0, Stage.STARTING, 0.0, Reason.START_DELAY),
        (123, 2100.0, Stage.CHARGING, 6.0, Reason.SURPLUS_LOW),
        (124, 6900.0, Stage.CHARGING, 10.0, Reason.SURPLUS),
    ]
    for now_s, watts, stage, wish_a, code in rows:
        state, wish = step(RULES, state, replace(BASE, sun=sun(watts)), now_s)
        assert (now_s, state.stage, wish.wish_a, wish.why.code) == (now_s, stage, wish_a, code)


def test_counts_down() -> None:
    _, wish = step(RULES, State(Stage.STARTING, 100.0), replace(BASE, sun=sun(3000.0)), 118.0)
    assert wish.why.text == "starts in 0:42"


def test_stop_after_180_s_at_the_minimum() -> None:
    """CHG-16: and back only when there is enough again."""
    state = State(Stage.CHARGING, 0.0)
    rows = [
        (1000, 1970.0, Stage.CHARGING, 6.0, Reason.SURPLUS_LOW),
        (1001, 1969.0, Stage.STOPPING, 6.0, Reason.STOP_DELAY),
        (1100, 2069.0, Stage.STOPPING, 6.0, Reason.STOP_DELAY),
        (1101, 2070.0, Stage.CHARGING, 6.0, Reason.SURPLUS_LOW),
        (1102, 0.0, Stage.STOPPING, 6.0, Reason.STOP_DELAY),
        (1281, 0.0, Stage.STOPPING, 6.0, Reason.STOP_DELAY),
        (1282, 0.0, Stage.IDLE, 0.0, Reason.SURPLUS_LOW),
    ]
    for now_s, watts, stage, wish_a, code in rows:
        state, wish = step(RULES, state, replace(BASE, told_a=6.0, sun=sun(watts)), now_s)
        assert (now_s, state.stage, wish.wish_a, wish.why.code) == (now_s, stage, wish_a, code)


def test_stop_after_30_wh_were_imported() -> None:
    """CHG-16: 2,400 W for 45 s are 30 Wh; export gives none back."""
    state = State(Stage.STOPPING, 0.0)
    for second in range(1, 46):
        state, _ = step(RULES, state, replace(BASE, told_a=6.0, import_w=2400.0), float(second))
        assert state.stage is (Stage.IDLE if second == 45 else Stage.STOPPING)
        if second == 20:
            state, _ = step(RULES, state, replace(BASE, told_a=6.0, import_w=-9999.0), float(second))


def test_minimum_on_and_minimum_off() -> None:
    """CHG-16: 300 s each, counted from the last switching."""
    stopping = {"told_a": 6.0, "import_w": 0.0}
    assert after(Stage.STOPPING, 0.0, 200.0, switched_mono_s=0.0, **stopping)[2] is Reason.MIN_ON
    assert after(Stage.STOPPING, 0.0, 299.9, switched_mono_s=0.0, **stopping) == (
        Stage.STOPPING,
        6.0,
        Reason.MIN_ON,
    )
    assert after(Stage.STOPPING, 0.0, 300.0, switched_mono_s=0.0, **stopping)[0] is Stage.IDLE
    assert after(Stage.STOPPING, 0.0, 200.0, switched_mono_s=0.0, told_a=0.0)[0] is Stage.IDLE
    starting = {"sun": sun(3000.0)}
    assert after(Stage.STARTING, 0.0, 100.0, switched_mono_s=-100.0, **starting) == (
        Stage.STARTING,
        0.0,
        Reason.MIN_OFF,
    )
    assert after(Stage.STARTING, 0.0, 200.0, switched_mono_s=-100.0, **starting)[0] is Stage.CHARGING


def test_a_budget_that_runs_out_holds() -> None:
    """CHG-17: it does not start, and says so; a stop waits for none, fast does not ask."""
    assert after(Stage.STARTING, 0.0, 99.0, sun=sun(9e3), may_start=False) == (
        Stage.STARTING,
        0.0,
        Reason.BUDGET,
    )
    assert after(Stage.IDLE, 0.0, 99.0, sun=sun(9e3), may_start=False) == (Stage.STARTING, 0.0, Reason.BUDGET)
    stopped = after(Stage.STOPPING, 0.0, 999.0, told_a=6.0, may_start=False)
    assert stopped == (Stage.IDLE, 0.0, Reason.SURPLUS_LOW)
    assert after(Stage.IDLE, 0.0, 0.0, mode="fast", may_start=False)[:2] == (Stage.CHARGING, 16.0)


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ({"status": "A"}, Reason.NO_CAR),
        ({"status": "E"}, Reason.FAULT),
        ({"status": "F"}, Reason.FAULT),
        ({"mode": "off"}, Reason.OFF),
        ({"full": True, "next_s": 600.0}, Reason.CAR_FULL),
        ({"ceiling": Ceiling(5.0, Reason.USER_MAX)}, Reason.USER_MAX),
        ({"ceiling": Ceiling(0.0, Reason.CABLE_MAX)}, Reason.CABLE_MAX),
    ],
)
@pytest.mark.parametrize("mode", ["fast", "surplus", "min_surplus"])
@pytest.mark.parametrize("stage", Stage)
def test_stands_still(stage: Stage, mode: str, inputs: dict[str, Any], code: Reason) -> None:
    """CHG-2 and the modes: at once, from every stage."""
    assert after(stage, 0.0, 5.0, **{"mode": mode, "sun": sun(9e3), **inputs}) == (Stage.IDLE, 0.0, code)


@pytest.mark.parametrize(
    ("ceiling", "wish_a", "code"),
    [
        (Ceiling(16.0, Reason.CHARGER_MAX), 16.0, Reason.FAST),
        (Ceiling(13.7, Reason.CABLE_MAX), 13.0, Reason.CABLE_MAX),
        (Ceiling(10.0, Reason.USER_MAX), 10.0, Reason.USER_MAX),
    ],
)
def test_fast_takes_all_that_is_allowed(ceiling: Ceiling, wish_a: float, code: Reason) -> None:
    """CHG-14: the smallest of charger, cable and person."""
    assert after(Stage.IDLE, 0.0, 5.0, mode="fast", ceiling=ceiling) == (Stage.CHARGING, wish_a, code)


@pytest.mark.parametrize(
    ("watts", "wish_a", "code"),
    [
        (-3000.0, 6.0, Reason.SURPLUS_LOW),
        (4139.0, 6.0, Reason.SURPLUS_LOW),
        (4140.0, 6.0, Reason.SURPLUS),
        (6900.0, 10.0, Reason.SURPLUS),
        (20000.0, 16.0, Reason.CHARGER_MAX),
    ],
)
def test_min_surplus_never_falls_below_the_minimum(watts: float, wish_a: float, code: Reason) -> None:
    """No delay, no stop: the minimum while a car is there, the sun above it."""
    assert after(Stage.IDLE, 0.0, 5.0, mode="min_surplus", sun=sun(watts)) == (Stage.CHARGING, wish_a, code)


def test_without_a_meter_nothing_starts_and_nothing_is_raised() -> None:
    assert after(Stage.IDLE, 0.0, 5.0, sun=None) == (Stage.IDLE, 0.0, Reason.SURPLUS_LOW)
    assert after(Stage.STARTING, 0.0, 500.0, sun=None) == (Stage.STARTING, 0.0, Reason.SURPLUS_LOW)
    assert after(Stage.CHARGING, 0.0, 500.0, sun=None) == (Stage.CHARGING, 6.0, Reason.SURPLUS_LOW)
    assert after(Stage.IDLE, 0.0, 5.0, mode="min_surplus", sun=None)[1] == 6.0


def test_a_car_that_is_woken_is_offered_its_minimum() -> None:
    """CHG-18."""
    assert after(Stage.IDLE, 0.0, 5.0, mode="fast", minimum_only=True)[1:] == (6.0, Reason.CAR_FULL)
    assert after(Stage.IDLE, 0.0, 5.0, mode="min_surplus", minimum_only=True, sun=sun(9e3))[1] == 6.0
    assert after(Stage.CHARGING, 0.0, 5.0, minimum_only=True, sun=sun(99e3))[1] == 6.0
    low = after(Stage.CHARGING, 0.0, 5.0, minimum_only=True, sun=sun(4140.0))
    assert low == (Stage.CHARGING, 6.0, Reason.SURPLUS)


BOOST = Demand(inf, Reason.MANUAL_BOOST, ChargingState.MANUAL, {"seconds_left": 60.0}, at_once=True)
CHEAP = Demand(inf, Reason.CHEAP_PRICE, ChargingState.SPOT_MARKET)


def pressed(limit_a: float) -> Demand:
    figures = figures_for(limit_a)
    return Demand(limit_a, Reason.TARGET_TIME, ChargingState.TIME_REQUIREMENT, figures, at_once=True)


def figures_for(limit_a: float) -> dict[str, Figure]:
    """A need of an hour that takes so many ampere on three lines."""
    return {"need_wh": limit_a * 690.0, "seconds_left": 3600.0, "volts": 230.0, "lines": 3}


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("mode", ["surplus", "surplus_target", "min_surplus", "min_surplus_target", "fast"])
def test_a_demand_charges_at_once_from_every_stage(stage: Stage, mode: Mode) -> None:
    """Section 2: no delay, no budget, no sun needed."""
    held: dict[str, Any] = {"mode": mode, "demand": BOOST, "may_start": False, "sun": None}
    assert after(stage, 0.0, 5.0, **held, switched_mono_s=4.0) == (Stage.CHARGING, 16.0, Reason.MANUAL_BOOST)


@pytest.mark.parametrize("stage", [Stage.IDLE, Stage.STARTING])
def test_a_cheap_hour_starts_at_its_first_second_but_not_right_after_a_stop(stage: Stage) -> None:
    """CHG-16, CHG-17: the rest and the budget of starts hold it; without a stop before nothing does."""
    assert after(stage, 0.0, 1000.0, demand=CHEAP) == (Stage.CHARGING, 16.0, Reason.CHEAP_PRICE)
    rested = {"demand": CHEAP, "switched_mono_s": 750.0}
    assert after(stage, 0.0, 1049.0, **rested) == (Stage.STARTING, 0.0, Reason.MIN_OFF)
    assert after(stage, 0.0, 1050.0, **rested) == (Stage.CHARGING, 16.0, Reason.CHEAP_PRICE)
    spent = after(stage, 0.0, 1000.0, demand=CHEAP, may_start=False)
    assert spent == (Stage.STARTING, 0.0, Reason.BUDGET)


@pytest.mark.parametrize("stage", [Stage.CHARGING, Stage.STOPPING])
def test_a_cheap_hour_goes_on_with_what_charges(stage: Stage) -> None:
    held: dict[str, Any] = {"demand": CHEAP, "may_start": False, "switched_mono_s": 4.0, "told_a": 6.0}
    assert after(stage, 0.0, 5.0, **held) == (Stage.CHARGING, 16.0, Reason.CHEAP_PRICE)


@pytest.mark.parametrize("mode", ["min_surplus", "min_surplus_target", "fast"])
def test_a_mode_that_never_rests_is_not_held_by_what_is_cheap(mode: Mode) -> None:
    held: dict[str, Any] = {"mode": mode, "demand": CHEAP, "may_start": False, "switched_mono_s": 4.0}
    assert after(Stage.IDLE, 0.0, 5.0, **held) == (Stage.CHARGING, 16.0, Reason.CHEAP_PRICE)


@pytest.mark.parametrize(
    ("watts", "stage"), [(0.0, Stage.IDLE), (2000.0, Stage.IDLE), (9000.0, Stage.STARTING)]
)
def test_what_waited_for_a_cheap_hour_waits_anew_for_the_sun(watts: float, stage: Stage) -> None:
    """CHG-16: the time waited on a demand says nothing about the sun."""
    resting = replace(BASE, demand=CHEAP, may_start=False)
    state, _ = step(RULES, State(), resting, 10.0)
    assert state == State(Stage.STARTING, 10.0, demanded=True)
    state, wish = step(RULES, state, replace(BASE, sun=sun(watts)), 280.0)
    assert (state, wish.wish_a) == (State(stage, 280.0), 0.0)


@pytest.mark.parametrize(
    ("demand", "inputs", "wish_a", "code"),
    [
        (pressed(8.2), {}, 9.0, Reason.TARGET_TIME),
        (pressed(8.2), {"step_a": 0.5}, 8.5, Reason.TARGET_TIME),
        (pressed(2.0), {}, 6.0, Reason.TARGET_TIME),
        (pressed(15.2), {}, 16.0, Reason.TARGET_TIME),
        (pressed(80.0), {}, 16.0, Reason.TARGET_TIME),
        (pressed(80.0), {"ceiling": Ceiling(13.7, Reason.VEHICLE_MAX)}, 13.0, Reason.VEHICLE_MAX),
        (pressed(8.2), {"ceiling": Ceiling(13.7, Reason.VEHICLE_MAX)}, 9.0, Reason.TARGET_TIME),
        (BOOST, {"ceiling": Ceiling(15.7, Reason.CHARGER_MAX)}, 15.0, Reason.MANUAL_BOOST),
        (BOOST, {"ceiling": Ceiling(10.0, Reason.USER_MAX)}, 10.0, Reason.USER_MAX),
        (BOOST, {"minimum_only": True}, 6.0, Reason.CAR_FULL),
        (replace(BOOST, limit_a=nan), {}, 16.0, Reason.MANUAL_BOOST),
    ],
)
def test_what_is_demanded_between_minimum_and_ceiling(
    demand: Demand, inputs: dict[str, Any], wish_a: float, code: Reason
) -> None:
    """CHG-93: whole steps upward; who bounds it is the reason."""
    assert after(Stage.IDLE, 0.0, 5.0, demand=demand, **inputs)[1:] == (wish_a, code)


@pytest.mark.parametrize("demand", [BOOST, CHEAP])
@pytest.mark.parametrize(
    ("watts", "stage", "wish_a"),
    [(0.0, Stage.IDLE, 0.0), (2069.0, Stage.IDLE, 0.0), (2070.0, Stage.CHARGING, 6.0)],
)
def test_after_a_demand_only_enough_sun_goes_on(
    demand: Demand, watts: float, stage: Stage, wish_a: float
) -> None:
    """Section 2: without the delay of other stops; only the minimum on time is kept."""
    state, _ = step(RULES, State(), replace(BASE, demand=demand), 0.0)
    assert state == State(Stage.CHARGING, 0.0, demanded=True, at_once=demand is BOOST)
    ended = replace(BASE, told_a=16.0, sun=sun(watts), switched_mono_s=0.0, may_start=False)
    state, wish = step(RULES, state, ended, 300.0)
    assert (state, wish.wish_a) == (State(stage, 300.0), wish_a)


UNDATED = Why(Reason.CLOCK_UNKNOWN, {"limit_a": 0.0})


@pytest.mark.parametrize(
    ("demand", "waiting", "kept"),
    [
        (CHEAP, None, True),
        (CHEAP, UNDATED, True),
        (BOOST, None, False),
        (BOOST, Why(Reason.WAITING_CHEAP, {"seconds_left": 99.0}), False),
        (BOOST, UNDATED, True),
        (pressed(9.0), None, False),
        (pressed(9.0), UNDATED, True),
    ],
)
def test_a_short_demand_keeps_the_minimum_until_its_time_is_full(
    demand: Demand, waiting: Why | None, kept: bool
) -> None:
    """CHG-16: a tariff contact that flaps moves no contactor; a person and a need met stop at once."""
    state, _ = step(RULES, State(), replace(BASE, demand=demand), 0.0)
    ended = replace(BASE, told_a=16.0, switched_mono_s=0.0, waiting=waiting)
    state, wish = step(RULES, state, ended, 30.0)
    assert (state.stage, wish.wish_a) == ((Stage.CHARGING, 6.0) if kept else (Stage.IDLE, 0.0))
    if kept:
        assert wish.why == Why(Reason.MIN_ON, {"limit_a": 6.0, "seconds_left": 270.0})
        assert step(RULES, state, replace(ended, demand=CHEAP, told_a=6.0), 35.0)[1].wish_a == 16.0
        assert step(RULES, state, replace(ended, told_a=6.0), 300.0)[0].stage is Stage.IDLE


@pytest.mark.parametrize("mode", ["min_surplus", "fast"])
def test_after_a_demand_other_modes_go_on(mode: Mode) -> None:
    state, wish = step(RULES, State(Stage.CHARGING, 0.0, demanded=True), replace(BASE, mode=mode), 30.0)
    assert (state, wish.wish_a > 0.0) == (State(Stage.CHARGING, 30.0), True)


@pytest.mark.parametrize(
    ("ordered_a", "wish_a", "code"),
    [
        (10.6, 10.0, Reason.OPTIMIZER),
        (6.0, 6.0, Reason.OPTIMIZER),
        (16.0, 16.0, Reason.CHARGER_MAX),
        (32.0, 16.0, Reason.CHARGER_MAX),
    ],
)
def test_an_order_takes_the_place_of_the_sun(ordered_a: float, wish_a: float, code: Reason) -> None:
    """API-124: with or without sun, at once once it charges."""
    for light in (None, sun(0.0), sun(20_000.0)):
        held = after(Stage.CHARGING, 0.0, 5.0, ordered_a=ordered_a, sun=light)
        assert held == (Stage.CHARGING, wish_a, code)


def test_an_order_starts_and_stops_under_the_delays() -> None:
    """CHG-15 to CHG-17: an order below the minimum counts as none."""
    state = State()
    rows = [
        (0, 9.0, 0.0, Stage.STARTING, 0.0, Reason.START_DELAY),
        (59, 9.0, 0.0, Stage.STARTING, 0.0, Reason.START_DELAY),
        (60, 9.0, 0.0, Stage.CHARGING, 9.0, Reason.OPTIMIZER),
        (61, 5.9, 9.0, Stage.STOPPING, 6.0, Reason.STOP_DELAY),
        (240, 0.0, 6.0, Stage.STOPPING, 6.0, Reason.STOP_DELAY),
        (241, 0.0, 6.0, Stage.IDLE, 0.0, Reason.OPTIMIZER),
        (242, 5.9, 0.0, Stage.IDLE, 0.0, Reason.OPTIMIZER),
    ]
    for now_s, ordered_a, told_a, stage, wish_a, code in rows:
        inputs = replace(BASE, ordered_a=ordered_a, told_a=told_a, sun=sun(9e3))
        state, wish = step(RULES, state, inputs, now_s)
        assert (now_s, state.stage, wish.wish_a, wish.why.code) == (now_s, stage, wish_a, code)
    assert after(Stage.IDLE, 0.0, 5.0, mode="min_surplus", ordered_a=0.0)[1:] == (6.0, Reason.OPTIMIZER)


def test_what_is_awaited_is_said_where_nothing_is_charged() -> None:
    waiting = Why(Reason.WAITING_CHEAP, {"seconds_left": 99.0})
    assert after(Stage.IDLE, 0.0, 5.0, waiting=waiting)[1:] == (0.0, Reason.WAITING_CHEAP)
    assert after(Stage.IDLE, 0.0, 5.0, waiting=waiting, sun=sun(9e3))[1:] == (0.0, Reason.START_DELAY)
    assert after(Stage.CHARGING, 0.0, 5.0, waiting=waiting, sun=sun(2000.0))[1:] == (6.0, Reason.SURPLUS_LOW)
