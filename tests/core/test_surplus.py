from math import floor, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.core.rules import SurplusRules
from hems.core.surplus import (
    ALLOWED,
    Inputs,
    Stage,
    State,
    Sun,
    current,
    share,
    start_w,
    step,
    withheld_w,
)
from hems.model.snapshot import BatteryReading

RULES = SurplusRules()
TINY_W = 1e-6


def available_w(
    grid_w: float | None, ev_w: float = 0.0, battery: BatteryReading | None = None
) -> float | None:
    return step(RULES, State(), Inputs(grid_w, ev_w, battery), 100.0)[1]


def test_what_is_exported_and_what_the_cars_draw_is_theirs() -> None:
    """CHG-10."""
    assert available_w(-1500.0, 2000.0) == 3500.0
    assert available_w(800.0, 2000.0) == 1200.0
    assert available_w(None, 2000.0) is None
    held = SurplusRules(reserve_w=200.0)
    assert step(held, State(), Inputs(-1500.0, 0.0, None), 100.0)[1] == 1300.0


@pytest.mark.parametrize(
    ("power_w", "level_pct", "term_w"),
    [
        (-2000.0, 95.0, 2000.0),
        (-2000.0, 89.9, 0.0),
        (-2000.0, None, 0.0),
        (700.0, 95.0, -700.0),
        (700.0, None, -700.0),
    ],
)
def test_a_nearly_full_battery_gives_way_and_no_car_drains_it(
    power_w: float, level_pct: float | None, term_w: float
) -> None:
    """CHG-12: consideration 0.9; a discharge always subtracts."""
    assert available_w(-1000.0, 0.0, BatteryReading(100.0, power_w, level_pct)) == 1000.0 + term_w


def test_a_silent_battery_is_taken_to_discharge_as_it_lately_did() -> None:
    """The loss matrix: the worst recent discharge for 60 s, nothing of what it charged."""
    state = State()
    terms = []
    for now_s, at_s, power_w in [
        (0, 0, 900.0),
        (10, 10, 300.0),
        (20, 20, -500.0),
        (31, 20, -500.0),
        (81, 20, 0.0),
    ]:
        battery = BatteryReading(at_s, power_w, 99.0)
        state, watts = step(RULES, state, Inputs(0.0, 0.0, battery), now_s)
        terms.append(watts)
    assert terms == [-900.0, -300.0, 500.0, -900.0, 0.0]
    state, _ = step(RULES, state, Inputs(0.0, 0.0, BatteryReading(200, 100.0)), 200)
    assert step(RULES, state, Inputs(0.0, 0.0, None), 205)[1] == -100.0
    assert step(RULES, state, Inputs(0.0, 0.0, BatteryReading(206, nan)), 206)[1] == -100.0


@pytest.mark.parametrize(
    ("lines", "tolerance", "watts"), [(1, 0.5, 690.0), (3, 0.5, 2070.0), (3, 0.0, 4140.0), (1, 1.0, 0.0)]
)
def test_starts_with_half_the_minimum_power(lines: int, tolerance: float, watts: float) -> None:
    """CHG-13."""
    assert start_w(SurplusRules(acquisition_tolerance=tolerance), lines, 6.0) == watts


@pytest.mark.parametrize(
    ("available_w", "last_a", "expected_a"),
    [
        (6900.0, 0.0, 10.0),
        (6899.0, 0.0, 9.0),
        (6899.0, 10.0, 10.0),
        (6211.0, 10.0, 10.0),
        (6209.0, 10.0, 8.0),
        (7589.0, 10.0, 10.0),
        (7590.0, 10.0, 11.0),
        (-500.0, 10.0, 0.0),
    ],
)
def test_an_import_of_up_to_one_step_changes_nothing(
    available_w: float, last_a: float, expected_a: float
) -> None:
    """CHG-14, CHG-15: three lines at 230 V, 1 A steps; down at once below the band, up only with export."""
    assert current(Sun(available_w, 230.0, 3), 1.0, last_a) == expected_a


@given(
    st.floats(-5e3, 3e4),
    st.sampled_from([1, 3]),
    st.sampled_from([0.1, 0.5, 1.0]),
    st.floats(215.0, 245.0),
    st.integers(0, 32),
)
def test_never_imports_more_than_a_step(
    watts: float, lines: int, step_a: float, volts: float, last: int
) -> None:
    """CHG-15: and no export is left that a step would have used."""
    last_a = float(last)
    amperes = current(Sun(watts, volts, lines), step_a, last_a)
    used_w = amperes * volts * lines
    step_w = step_a * volts * lines
    assert used_w <= max(watts, 0.0) + step_w + 1e-3
    assert amperes == last_a or used_w >= watts - step_w - 1e-3
    assert amperes == last_a or abs(amperes - floor(amperes / step_a + 1e-6) * step_a) < 1e-6


MODES = SurplusRules(battery_priority_pct=50.0, battery_buffer_pct=80.0, battery_support_w=1000.0)


@pytest.mark.parametrize(
    ("levels", "stages"),
    [
        ([60.0, 49.9, 69.9, 70.0, 50.0], "shared battery_first battery_first shared shared"),
        ([80.0, 80.1, 60.1, 60.0, 80.0], "shared car_first car_first shared shared"),
        ([10.0, 81.0, 49.0], "battery_first car_first battery_first"),
        ([10.0, None, 60.0, nan], "battery_first shared shared shared"),
    ],
)
def test_who_comes_first_by_the_level(levels: list[float | None], stages: str) -> None:
    """CHG-12: with a hysteresis of 20 points, which never reaches over the other mode's level."""
    state, seen = State(), []
    for now_s, level_pct in enumerate(levels):
        state, _ = step(MODES, state, Inputs(0.0, 0.0, BatteryReading(now_s, 0.0, level_pct)), now_s)
        seen.append(str(state.stage))
    assert seen == stages.split()


def test_by_default_no_level_makes_either_come_first() -> None:
    for level_pct in (0.0, 50.0, 100.0):
        state, _ = step(RULES, State(), Inputs(0.0, 0.0, BatteryReading(0.0, 0.0, level_pct)), 0.0)
        assert state.stage is Stage.SHARED


@pytest.mark.parametrize(
    ("level_pct", "battery_w", "grid_w", "ev_w", "watts", "kept_w"),
    [
        (40.0, -3000.0, 0.0, 0.0, 0.0, 3000.0),
        (40.0, -3000.0, 0.0, 4000.0, 0.0, 7000.0),
        (40.0, -3000.0, -49.0, 4000.0, 0.0, 7049.0),
        (40.0, -3000.0, -50.0, 4000.0, 3950.0, 3100.0),
        (40.0, -3000.0, -2500.0, 0.0, 2400.0, 3100.0),
        (40.0, -3000.0, 200.0, 0.0, -200.0, 3000.0),
        (40.0, 0.0, 0.0, 4000.0, 0.0, 0.0),
        (40.0, 500.0, -1000.0, 0.0, 400.0, 0.0),
        (60.0, -3000.0, -500.0, 0.0, 500.0, 3000.0),
        (85.0, -3000.0, -500.0, 0.0, 4500.0, 0.0),
        (85.0, 600.0, 0.0, 0.0, 400.0, 0.0),
        (85.0, 2600.0, 0.0, 2000.0, 400.0, 0.0),
    ],
)
def test_what_the_battery_leaves_to_the_cars(
    level_pct: float, battery_w: float, grid_w: float, ev_w: float, watts: float, kept_w: float
) -> None:
    """CHG-12: first, the battery leaves what is exported but 100 W; last, it gives all and its support."""
    inputs = Inputs(grid_w, ev_w, BatteryReading(0.0, battery_w, level_pct))
    state, available = step(MODES, State(), inputs, 0.0)
    assert available == watts
    assert withheld_w(MODES, state, inputs, 0.0) == kept_w


def test_nobody_knows_what_a_silent_battery_keeps() -> None:
    state, _ = step(MODES, State(), Inputs(0.0, 0.0, BatteryReading(0.0, -900.0, 40.0)), 0.0)
    silent = Inputs(-1000.0, 500.0, BatteryReading(0.0, -900.0, 40.0))
    assert step(MODES, state, silent, 20.0)[1] == 1500.0
    assert withheld_w(MODES, state, silent, 20.0) == 0.0
    assert withheld_w(MODES, state, Inputs(None, 0.0, BatteryReading(0.0, -900.0, 40.0)), 0.0) == 0.0


def test_the_poorest_line_counts_where_lines_are_billed_one_by_one() -> None:
    """CHG-10: times three for all lines; a charger has its own lines' part."""
    rules = SurplusRules(per_line=True, reserve_w=30.0)
    inputs = Inputs(-4000.0, 1000.0, None, (-2000.0, -1500.0, -500.0), (1000.0, 0.0, 0.0))
    assert step(rules, State(), inputs, 0.0)[1] == 1470.0
    assert step(RULES, State(), inputs, 0.0)[1] == 5000.0
    assert step(rules, State(), Inputs(-4000.0, 1000.0, None), 0.0)[1] == 4970.0
    assert [share(rules, lines) for lines in (1, 3)] == [1 / 3, 1.0]
    assert share(RULES, 1) == 1.0


@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.floats(-9e3, 9e3)),
            st.floats(0, 9e3),
            st.floats(-9e3, 9e3),
            st.one_of(st.none(), st.floats(0, 100)),
        ),
        max_size=20,
    )
)
def test_only_allowed_and_never_more_than_there_is(
    seconds: list[tuple[float | None, float, float, float | None]],
) -> None:
    """CHG-12: whatever the level, no car gets more than exported, drawn, charged and granted together."""
    state = State()
    for now_s, (grid_w, ev_w, battery_w, level_pct) in enumerate(seconds):
        before = state
        inputs = Inputs(grid_w, ev_w, BatteryReading(now_s, battery_w, level_pct))
        state, available = step(MODES, state, inputs, now_s)
        assert state.stage is before.stage or state.stage in ALLOWED[before.stage]
        if grid_w is None:
            assert available is None
            continue
        assert available is not None
        assert available <= ev_w - grid_w - battery_w + 1000.0 + TINY_W
        if state.stage is not Stage.CAR_FIRST:
            assert available <= ev_w - grid_w - battery_w + TINY_W
