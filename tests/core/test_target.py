"""The machine of a target, cycle by cycle; what becomes of it in a night is told in `test_nights`."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf, isnan, nan
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.core import target
from hems.core.need import Need
from hems.core.rules import ChargerRules, Rules
from hems.core.target import ALLOWED, Aim, Inputs, Power, Stage, State, look, step
from hems.core.tariff import TariffRules
from hems.model.instant import Instant
from hems.model.plans import Plan
from hems.model.prices import Prices, Slot
from hems.model.settings import Target
from hems.model.why import Reason
from tests.core.bench import FUSE_A
from tests.core.nights import EVENING, MORNING, SPOT, WINDOWS, ZONE, by_morning

HOUR = timedelta(hours=1)


def inputs(need: Need | None, wall: datetime, **more: Any) -> Inputs:
    return replace(Inputs(need, False, Power(16.0, 3), None, None, Instant(0.0, wall)), **more)


def begun(need: Need, wall: datetime, goal: Target, **more: Any) -> tuple[State, Aim]:
    """The first cycle of a target."""
    rules = Rules(FUSE_A)
    state = look(rules.target, State(), goal, None, Instant(0.0, wall), 0.0)
    return step(rules, state, inputs(need, wall, **more), 0.0)


def test_it_never_asks_for_less_than_the_minimum() -> None:
    """CHG-93, on the machine itself: a need that fell to a little while time pressed."""
    rules = Rules(FUSE_A)
    state = look(rules.target, State(), by_morning(energy_wh=1e9), None, Instant(0.0, MORNING - HOUR), 0.0)
    state, aim = step(rules, state, inputs(Need(50_000.0), MORNING - HOUR), 0.0)
    assert state.stage is Stage.PRESSING
    assert aim.demand is not None
    assert aim.demand.limit_a > 16.0
    state, aim = step(rules, state, inputs(Need(6_900.0), MORNING - HOUR), 1.0)
    assert state.stage is Stage.PRESSING
    assert aim.demand is not None
    assert aim.demand.limit_a == pytest.approx(6_900.0 / 690.0 * 3600.0 / (3000.0 - 0.1 * 2250.0), rel=1e-6)
    state, aim = step(rules, state, inputs(Need(3_000.0), MORNING - HOUR), 2.0)
    assert state.stage is Stage.PLANNED


def test_a_later_deadline_ends_being_late() -> None:
    """CHG-93: of the same target, when the clock is set back."""
    rules, goal = Rules(FUSE_A), by_morning(energy_wh=1e9)
    state, _ = begun(Need(50_000.0), MORNING - HOUR, goal)
    late = inputs(Need(50_000.0), MORNING + HOUR)
    state, aim = step(rules, state, late, 1.0)
    assert (state.stage, aim.missed) == (Stage.LATE, True)
    state, aim = step(rules, state, late, 2.0)
    assert (state.stage, aim.missed) == (Stage.LATE, False)
    pressing, _ = step(rules, state, inputs(Need(50_000.0), MORNING - HOUR), 3.0)
    assert pressing.stage is Stage.PRESSING
    planned, _ = step(rules, state, inputs(Need(5_000.0), MORNING - 6 * HOUR), 3.0)
    assert planned.stage is Stage.PLANNED


def test_a_piece_without_a_price_is_charged_for_the_time() -> None:
    """CHG-92: nothing is cheap about it."""
    wall = (MORNING - 6 * HOUR).astimezone(UTC)
    state, aim = begun(Need(11_040.0), wall, by_morning())
    assert aim.plan is not None
    plan = replace(aim.plan, slots=(Slot(wall, wall + HOUR),))
    _, aim = step(Rules(FUSE_A), state, inputs(Need(11_040.0), wall, plan=plan), 1.0)
    assert aim.demand is not None
    assert (aim.demand.code, aim.demand.limit_a) == (Reason.TARGET_TIME, inf)


def test_deadlines_are_looked_up_once_a_minute() -> None:
    """CHG-94: a clock that is corrected brings another one."""
    rules, goal = Rules(FUSE_A).target, by_morning(repeat_days=(2, 3))
    state = look(rules, State(), goal, None, Instant(0.0, MORNING - HOUR), 0.0)
    assert state.deadline == MORNING
    earlier = Instant(0.0, MORNING - 8 * 24 * HOUR)
    assert look(rules, state, goal, None, earlier, 59.0) is state
    assert look(rules, state, goal, None, earlier, 60.0).deadline == MORNING - 7 * 24 * HOUR


figures = st.one_of(st.sampled_from([nan, inf, -inf, 0.0, -1.0, 1e300]), st.floats(0, 200_000))
moments = st.datetimes(datetime(1971, 1, 1), datetime(2199, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)
near = st.integers(-30, 90).map(lambda hours: MORNING + hours * HOUR)
slots = st.lists(st.tuples(near, st.integers(0, 7200), figures), max_size=4).map(
    lambda rows: tuple(
        Slot(at.astimezone(UTC), (at + timedelta(seconds=s)).astimezone(UTC), eur) for at, s, eur in rows
    )
)
targets = st.builds(
    Target,
    st.one_of(near, moments),
    figures,
    st.one_of(st.none(), figures),
    st.sampled_from([(), (1,), (2, 6), (0, 9)]),
    st.booleans(),
    figures,
)
cycles = st.tuples(
    st.one_of(near, near, moments),
    st.one_of(st.none(), targets),
    st.one_of(st.none(), figures.filter(lambda wh: not isnan(wh) and wh < inf)),
    st.booleans(),
    st.booleans(),
    st.one_of(st.none(), st.builds(Prices, st.just("awattar-at"), slots)),
    figures,
    st.one_of(st.none(), figures),
    st.floats(0.0, 100_000.0),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(cycles, min_size=1, max_size=6), st.sampled_from([SPOT, WINDOWS, None]))
def test_any_target_is_borne(story: list[tuple[Any, ...]], tariff: TariffRules | None) -> None:
    """Total over odd figures and times; no other transition than in the table."""
    rules = Rules(FUSE_A, {"garage": ChargerRules()}, tariff=tariff)
    state, now_s = State(), 0.0
    plan: Plan | None = None
    for wall, goal, wh, trusted, full, prices, top_a, drawn_w, later_s in story:
        now_s += later_s
        now = Instant(now_s, wall.astimezone(ZONE), trusted)
        state = look(rules.target, state, goal, plan, now, now_s)
        given_ = inputs(
            None if wh is None else Need(max(0.0, wh)),
            wall,
            full=full,
            power=Power(top_a, 3, drawn_w),
            prices=prices,
            plan=plan,
            now=now,
        )
        before = state.stage
        state, aim = target.step(rules, state, given_, now_s)
        assert state.stage is before or state.stage in ALLOWED[before]
        assert aim.demand is None or not isnan(aim.demand.limit_a)
        assert aim.demand is None or aim.demand.limit_a >= 0.0
        plan = aim.plan


def test_what_a_car_was_seen_to_take() -> None:
    """CHG-18: less at once, still less after a while; forgotten when it takes more, or all, or leaves."""
    rules, goal = Rules(FUSE_A), by_morning(energy_wh=1e9)
    state, _ = begun(Need(50_000.0), EVENING, goal)
    story: list[tuple[float, Power, float | None]] = [
        (1.0, Power(16.0, 3, None, 8_000.0), None),
        (2.0, Power(16.0, 3, 8_000.0, 8_000.0), 8_000.0),
        (3.0, Power(16.0, 3, None, 0.0), 8_000.0),
        (4.0, Power(16.0, 3, 7_500.0, 7_500.0), 8_000.0),
        (301.0, Power(16.0, 3, 5_000.0, 5_000.0), 8_000.0),
        (302.0, Power(16.0, 3, 5_000.0, 5_000.0), 5_000.0),
        (303.0, Power(16.0, 3, 8_000.0, 8_000.0), 8_000.0),
        (304.0, Power(16.0, 3, 5_000.0, 5_000.0), 8_000.0),
        (603.0, Power(16.0, 3, 1_000.0, 1_000.0), 1_000.0),
        (604.0, Power(16.0, 3, None, 1_050.0), 1_000.0),
        (605.0, Power(16.0, 3, None, 4_140.0), None),
        (606.0, Power(16.0, 3, 9_990.0, 9_990.0), 9_990.0),
        (607.0, Power(16.0, 3, 10_400.0, 10_400.0, whole=True), None),
        (608.0, Power(16.0, 3, 0.0, 0.0), None),
    ]
    for now_s, power, expected in story:
        state, _ = step(rules, state, inputs(Need(50_000.0), EVENING, power=power), now_s)
        assert state.drawn_w == expected, now_s
    state, _ = step(rules, state, inputs(Need(50_000.0), EVENING, power=Power(16.0, 3, 900.0)), 700.0)
    state, _ = step(rules, state, inputs(None, EVENING, power=Power(16.0, 3, 900.0)), 701.0)
    assert state.drawn_w is None


def test_a_miss_that_was_told_is_not_told_again() -> None:
    """CHG-93: by a former run, or before the clock lost its trust."""
    rules, goal = Rules(FUSE_A), by_morning(energy_wh=1e9)
    for told in (MORNING, MORNING - HOUR, None):
        state, _ = begun(Need(50_000.0), MORNING - HOUR, goal)
        state, aim = step(rules, state, inputs(Need(50_000.0), MORNING + HOUR, missed=told), 1.0)
        assert (state.stage, aim.missed) == (Stage.LATE, told != MORNING)
