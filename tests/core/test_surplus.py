from math import floor, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.core.rules import SurplusRules
from hems.core.surplus import Inputs, State, Sun, current, start_w, step
from hems.model.snapshot import BatteryReading

RULES = SurplusRules()


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
