"""The check of a meter's lines (PNL-66)."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.model.units import LINES, PerLine
from hems.panel.meter_check import ALLOWED, PATIENCE_S, Stage, State, begin, step

BASE_W: PerLine = (300.0, -1_500.0, 200.0)


def with_load(place: int, load_w: float) -> PerLine:
    one, two, three = (base_w + (load_w if line == place else 0.0) for line, base_w in enumerate(BASE_W))
    return one, two, three


def course(*line_w: PerLine | None) -> State:
    """One reading a second."""
    state = begin(1000.0)
    for second, powers in enumerate(line_w):
        now_s = 1000.0 + second
        state = step(state, now_s, powers, now_s)
    return state


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("load_w", [2_000.0, 600.0, -2_000.0, -600.0])
def test_a_load_is_found_where_it_is_and_which_way_it_counts(place: int, load_w: float) -> None:
    found = course(*[BASE_W] * 4, *[with_load(place, load_w)] * 4)
    assert (found.stage, found.line, found.falls) == (Stage.FOUND, LINES[place], load_w < 0.0)


@pytest.mark.parametrize("load_w", [499.0, -499.0, 0.0])
def test_a_small_one_is_none(load_w: float) -> None:
    assert course(*[BASE_W] * 4, *[with_load(0, load_w)] * 20).stage is Stage.WAITING


def test_one_that_does_not_stay_is_none() -> None:
    assert course(*[BASE_W] * 4, *[with_load(0, 2_000.0)] * 3, *[BASE_W] * 8).stage is Stage.WAITING


def test_a_slow_rise_over_readings_counts_and_drift_does_not() -> None:
    ramp = [with_load(1, 200.0 * step_) for step_ in range(6)]
    assert course(*[BASE_W] * 3, *ramp, *[ramp[-1]] * 4).stage is Stage.FOUND
    drift = [with_load(1, 20.0 * step_) for step_ in range(55)]
    assert course(*drift).stage is Stage.WAITING


def test_a_load_that_is_taken_away_is_no_answer_where_one_is_known() -> None:
    state = begin(1000.0, LINES[:1])
    for second, powers in enumerate([with_load(0, 2_000.0)] * 3 + [BASE_W] * 7 + [with_load(0, 2_000.0)] * 4):
        state = step(state, 1000.0 + second, powers, 1000.0 + second)
    assert (state.stage, state.line, state.falls) == (Stage.FOUND, "L1", False)


def test_without_a_load_it_ends_and_a_late_one_still_counts() -> None:
    quiet = [BASE_W] * (int(PATIENCE_S) + 2)
    assert course(*quiet).stage is Stage.NOTHING
    assert course(*quiet, *[with_load(2, 900.0)] * 5).stage is Stage.FOUND


def test_a_silent_meter_finds_nothing() -> None:
    assert course(*[None] * 70).stage is Stage.NOTHING
    assert course(*[BASE_W] * 3, with_load(0, 2_000.0), *[None] * 3).stage is Stage.WAITING


@settings(max_examples=100, deadline=None)
@given(st.lists(st.none() | st.tuples(*[st.floats(-1e5, 1e5)] * 3), max_size=90))
def test_it_goes_its_ways_only(line_w: list[PerLine | None]) -> None:
    state, stages = begin(1000.0), []
    for second, powers in enumerate(line_w):
        state = step(state, 1000.0 + second, powers, 1000.0 + second)
        stages.append(state.stage)
    for before, after in pairwise([Stage.WAITING, *stages]):
        assert before is after or after in ALLOWED[before]
