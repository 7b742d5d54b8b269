"""The test that finds a charger's lines, by itself."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.core.pulses import ALLOWED, Inputs, PulsesRules, Stage, State, Verdict, set_point_a, step
from hems.model.units import PerLine

RULES = PulsesRules()
READY = Inputs(
    asked=False,
    other=False,
    obstacle="",
    told_a=10.0,
    stood_s=60.0,
    taken=True,
    lowest_a=6.0,
    step_a=1.0,
    top_a=16.0,
    grid_a=(2.0, 12.0, 2.0),
    spare_a=4.0,
)


def play(inputs: Inputs, seconds: int, follows: tuple[float, ...] = ()) -> tuple[list[State], Verdict | None]:
    """A charger that takes each set-point at once, its lines following by these parts of it."""
    state, verdict = State(), None
    states = []
    inputs = replace(inputs, asked=True)
    for now_s in range(seconds):
        state, verdict = step(RULES, state, inputs, float(now_s))
        states.append(state)
        if verdict is not None:
            break
        told_a = set_point_a(state) or inputs.told_a
        one, two, three = (2.0 + part * told_a for part in follows or (0.0, 1.0, 0.0))
        inputs = replace(inputs, asked=False, told_a=told_a, grid_a=(one, two, three))
    return states, verdict


def test_three_pulses_of_five_seconds() -> None:
    """BUS-75: 2 A down and back, 5 s each; seven looks at the meter."""
    states, verdict = play(READY, 60)
    assert verdict == Verdict(("L2",), "", (0.0, 2.0, 0.0))
    order = [state.stage for state in states]
    assert order[:2] == [Stage.WAITING, Stage.LOW]
    assert order[-1] is Stage.REST
    assert order.count(Stage.HIGH) == 18
    assert {state.base_a for state in states[1:-1]} == {10.0}
    assert {set_point_a(state) for state in states} == {None, 10.0, 8.0}


@pytest.mark.parametrize(
    ("told_a", "most_a", "least_a"), [(14.0, 14.0, 12.0), (8.0, 8.0, 6.0), (7.0, 9.0, 7.0), (6.0, 8.0, 6.0)]
)
def test_up_where_there_is_no_way_down(told_a: float, most_a: float, least_a: float) -> None:
    """BUS-75."""
    states, verdict = play(replace(READY, told_a=told_a), 60)
    wanted = [wish for state in states if (wish := set_point_a(state)) is not None]
    assert (max(wanted), min(wanted)) == (most_a, least_a)
    assert verdict is not None
    assert verdict.lines == ("L2",)


def test_no_way_at_all() -> None:
    states, verdict = play(replace(READY, told_a=7.0, top_a=8.0), 90)
    assert verdict == Verdict((), "no_range")
    assert len(states) == 61


@pytest.mark.parametrize(
    ("trouble", "because"),
    [
        ({"obstacle": "car"}, "car"),
        ({"stood_s": 9.0}, "unsteady"),
        ({"taken": False}, "unsteady"),
        ({"spare_a": 3.9}, "no_room"),
    ],
)
def test_it_waits_a_minute_for_its_conditions(trouble: dict[str, Any], because: str) -> None:
    states, verdict = play(replace(READY, **trouble), 90)
    assert {state.stage for state in states[:-1]} == {Stage.WAITING}
    assert (verdict, len(states)) == (Verdict((), because), 61)


@pytest.mark.parametrize(
    ("follows", "lines"),
    [
        ((1.0, 1.0, 1.0), ("L1", "L2", "L3")),
        ((0.5, 1.0, 0.0), ("L2",)),
        ((0.0, 0.0, 0.0), ()),
        ((-0.5, 0.0, 0.6), ("L3",)),
    ],
)
def test_only_more_than_an_ampere_is_an_answer(follows: tuple[float, ...], lines: tuple[str, ...]) -> None:
    """CHG-21."""
    _, verdict = play(READY, 60, follows)
    assert verdict is not None
    assert (verdict.lines, verdict.because) == (lines, "" if lines else "no_answer")


def test_a_line_that_goes_the_other_way_makes_the_others_unknown() -> None:
    """CHG-21: a battery that balances the sum of the lines takes it back on its own."""
    _, verdict = play(READY, 60, (-2.0, 1.0, 1.0))
    assert verdict == Verdict((), "balanced", (-4.0, 2.0, 2.0))


def test_a_set_point_above_its_most_is_no_place_to_begin() -> None:
    """CHG-21: down would be a pulse back to what is not allowed."""
    _, verdict = play(replace(READY, told_a=12.0, top_a=10.0), 90)
    assert verdict == Verdict((), "no_range")


def test_a_lamp_in_one_pulse_is_no_line() -> None:
    """BUS-75: more than half of the pulses must agree."""
    state = State(Stage.LOW, 60.0, 60.0, 10.0, 2.0)
    calm, lit, dark = (2.0, 12.0, 2.0), (2.0, 14.0, 4.0), (2.0, 12.0, 0.0)
    for low_a, high_a in ((calm, lit), (calm, (2.0, 14.0, 2.0)), (dark, (2.0, 12.0, 0.0))):
        state = replace(state, seen_a=(*state.seen_a, low_a, high_a))
    last = replace(READY, grid_a=calm)
    _, verdict = step(RULES, state, last, 66.0)
    assert verdict is not None
    assert verdict.lines == ("L2",)


def pulsing(stage: Stage = Stage.HIGH, taken_mono_s: float | None = 5.0) -> State:
    return State(stage, 4.0, taken_mono_s, 10.0, 2.0)


@pytest.mark.parametrize(
    ("state", "change", "because"),
    [
        (pulsing(), {"obstacle": "meter"}, "meter"),
        (pulsing(), {"told_a": 12.0, "top_a": 11.9}, "orders"),
        (State(Stage.HIGH, 4.0, 5.0, 10.0, -2.0), {"told_a": 8.0, "top_a": 9.9}, "orders"),
        (pulsing(), {"told_a": 11.0}, "held_back"),
        (pulsing(), {"told_a": 12.0, "taken": False}, "held_back"),
        (pulsing(taken_mono_s=None), {"told_a": 11.0}, "held_back"),
        (pulsing(), {"other": True, "told_a": 12.0}, "another"),
        (State(Stage.WAITING, 4.0), {"other": True}, "another"),
    ],
)
def test_what_ends_it(state: State, change: dict[str, Any], because: str) -> None:
    """CHG-21: at once; a set-point that is not taken within 10 s as well."""
    now = replace(READY, **change)
    assert step(RULES, state, now, 14.0) == (State(), Verdict((), because))


def test_a_set_point_has_ten_seconds_to_be_taken() -> None:
    state, verdict = step(RULES, pulsing(taken_mono_s=None), READY, 13.9)
    assert (state.taken_mono_s, verdict) == (None, None)
    state, verdict = step(RULES, state, replace(READY, told_a=12.0), 13.9)
    assert (state.taken_mono_s, verdict) == (13.9, None)


def test_asked_again_it_begins_anew() -> None:
    again = replace(READY, asked=True)
    assert step(RULES, pulsing(), again, 9.0) == (State(Stage.WAITING, 9.0), Verdict((), "another"))
    assert step(RULES, State(), again, 9.0) == (State(Stage.WAITING, 9.0), None)
    assert step(RULES, State(), READY, 9.0) == (State(), None)


amperes = st.sampled_from([0.0, 2.0, 9.0, 12.0, 40.0])
lines: st.SearchStrategy[PerLine] = st.tuples(amperes, amperes, amperes)
anything = st.builds(
    Inputs,
    asked=st.sampled_from([False, False, False, True]),
    other=st.sampled_from([False, False, False, False, True]),
    obstacle=st.sampled_from(["", "", "", "", "car"]),
    told_a=st.sampled_from([0.0, 6.0, 8.0, 10.0, 12.0, 16.0]),
    stood_s=st.sampled_from([0.0, 60.0]),
    taken=st.sampled_from([True, True, False]),
    lowest_a=st.just(6.0),
    step_a=st.just(1.0),
    top_a=st.sampled_from([0.0, 10.0, 16.0]),
    grid_a=lines,
    spare_a=st.sampled_from([-1.0, 2.0, 9.0]),
)


@given(st.lists(st.tuples(anything, st.sampled_from([1.0, 5.0, 61.0])), max_size=60))
def test_whatever_happens_it_ends_and_stays_in_range(rows: list[tuple[Inputs, float]]) -> None:
    """CHG-21: only moves that are allowed, a set-point between minimum and most, one end per test."""
    state, now_s, open_tests = State(), 0.0, 0
    for inputs, gap_s in rows:
        now_s += gap_s
        before = state
        state, verdict = step(RULES, before, inputs, now_s)
        assert state.stage is before.stage or state.stage in ALLOWED[before.stage]
        open_tests += inputs.asked - (verdict is not None)
        assert open_tests == (state.stage is not Stage.REST)
        wanted_a = set_point_a(state)
        assert wanted_a is None or 6.0 <= wanted_a <= inputs.top_a
