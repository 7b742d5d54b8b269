from dataclasses import replace
from typing import Any

import pytest

from hems.core.charging import Ceiling, Inputs, State, step
from hems.core.rules import ChargingRules
from hems.core.surplus import Sun
from hems.model.decision import Stage
from hems.model.why import Reason
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
    may_stop=True,
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
    """CHG-17: it neither starts nor stops, and says so; fast does not ask."""
    assert after(Stage.STARTING, 0.0, 99.0, sun=sun(9e3), may_start=False) == (
        Stage.STARTING,
        0.0,
        Reason.BUDGET,
    )
    assert after(Stage.IDLE, 0.0, 99.0, sun=sun(9e3), may_start=False) == (Stage.STARTING, 0.0, Reason.BUDGET)
    held = after(Stage.STOPPING, 0.0, 999.0, told_a=6.0, may_stop=False)
    assert held == (Stage.STOPPING, 6.0, Reason.BUDGET)
    assert after(Stage.STOPPING, 0.0, 999.0, told_a=0.0, may_stop=False)[0] is Stage.IDLE
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
