from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.core.phases import Inputs, State, Used, proven, step
from hems.core.rules import LinesRules
from hems.model.units import LINES, NO_LINES, LineName, PerLine

WIRING: tuple[LineName, ...] = ("L2", "L3", "L1")
ON_TWO = (0.0, 8.0, 0.2)
ON_ALL = (8.0, 8.0, 8.0)


def play(*rows: tuple[float, PerLine | None, bool], wiring: tuple[LineName, ...] = WIRING) -> Used:
    state = State()
    for now_s, line_a, plugged in rows:
        state, found = step(LinesRules(), state, Inputs(wiring, line_a, plugged), now_s)
    return found


def once(state: State | None = None, line_a: PerLine | None = None, **more: Any) -> Used:
    wiring = more.pop("wiring", WIRING)
    return step(LinesRules(), state or State(), Inputs(wiring, line_a, True, **more), 100.0)[1]


def used(
    guarded: tuple[LineName, ...],
    count: int,
    level: int,
    wide: int,
    flowing: tuple[LineName, ...] = (),
) -> Used:
    """Assumed currents flow on what is guarded, unless it is said."""
    return Used(guarded, count, level, wide, flowing or guarded)


def test_wiring_counts_until_a_car_has_shown_its_lines() -> None:
    """CHG-20 level 3: the configured lines, whatever their order."""
    assert play((0, None, True)) == used(LINES, 3, 3, 3)
    assert play((0, (0.0, 0.9, 0.0), True)) == used(LINES, 3, 3, 3)
    assert play((0, (9.0, 0.0, 0.0), True), wiring=("L2",)) == used(("L1", "L2"), 1, 3, 1)


def test_measured_lines_count_once_they_have_lasted() -> None:
    """CHG-20 level 1."""
    assert play((0, ON_TWO, True), (9.9, ON_TWO, True)).level == 3
    assert play((0, ON_TWO, True), (10, ON_TWO, True)) == used(("L2",), 1, 1, 1)


def test_learned_lines_are_remembered_until_the_car_leaves() -> None:
    """CHG-20 level 2."""
    learned = ((0.0, ON_TWO, True), (10.0, ON_TWO, True))
    assert play(*learned, (11, (0.0, 0.0, 0.0), True), (99, None, True)) == used(LINES, 1, 2, 1, ("L2",))
    assert play(*learned, (11, (0.0, 0.0, 0.0), True)) == used(("L2",), 1, 2, 1)
    assert play(*learned, (11, None, False)) == used(LINES, 3, 3, 3)
    assert play(*learned, (11, None, False), (12, None, True)) == used(LINES, 3, 3, 3)


def test_a_line_that_begins_to_draw_counts_at_once() -> None:
    learned = ((0.0, (0.0, 8.0, 0.0), True), (10.0, (0.0, 8.0, 0.0), True))
    assert play(*learned, (11, (8.0, 8.0, 0.0), True)) == used(("L1", "L2"), 2, 1, 2)


def test_a_line_that_stops_counts_until_the_new_picture_has_lasted() -> None:
    learned = ((0.0, ON_ALL, True), (10.0, ON_ALL, True))
    on_one = (8.0, 0.0, 0.0)
    assert play(*learned, (11, on_one, True)) == used(LINES, 3, 1, 3)
    assert play(*learned, (11, on_one, True), (21, on_one, True)) == used(("L1",), 1, 1, 1)


@pytest.mark.parametrize(("line_a", "count"), [(None, 1), ((8.0, 8.0, 0.0), 2)])
def test_nothing_known_guards_all_lines_and_reckons_with_one(line_a: PerLine | None, count: int) -> None:
    """CHG-20 level 4: never just phase A."""
    assert play((0, line_a, True), wiring=()) == used(LINES, count, 4, count)


def test_all_that_a_car_used_since_it_came_is_its_lesson() -> None:
    """CHG-20: a car that ends on one line is no one-line car."""
    state = State()
    for now_s, line_a in ((0, ON_ALL), (10, ON_ALL), (11, ON_TWO), (21, ON_TWO)):
        state, _ = step(LinesRules(), state, Inputs(WIRING, line_a, True), now_s)
    assert (state.learned, state.most) == (("L2",), LINES)


def test_an_unnamed_cars_former_lines_are_for_surplus_only() -> None:
    """CHG-20 level 2: the next car nobody named may be another one."""
    assert once(known=("L2",)) == used(LINES, 1, 2, 1)
    assert once(line_a=(0.0, 0.0, 0.0), known=("L2",)) == used(LINES, 1, 2, 1)


def test_a_named_cars_former_lines_protect_while_the_charger_measures() -> None:
    """CHG-20 level 2: a line that was not expected counts in the cycle in which it draws."""
    assert once(line_a=(0.0, 0.0, 0.0), known=("L2",), named=True) == used(("L2",), 1, 2, 1)
    assert once(line_a=(0.0, 8.0, 8.0), known=("L2",), named=True) == used(("L2", "L3"), 2, 2, 2)
    assert once(known=("L2",), named=True) == used(LINES, 1, 2, 1, ("L2",))


def test_former_lines_that_are_not_wired_any_more_count_for_nothing() -> None:
    assert once(wiring=("L3",), known=("L2",), named=True) == used(("L3",), 1, 3, 1)
    assert once(wiring=(), known=("L2",)) == used(LINES, 1, 2, 1)
    assert once(wiring=(), single=True) == used(LINES, 3, 3, 1)


@pytest.mark.parametrize(("bound", "count"), [(1, 1), (2, 2), (3, 3)])
def test_the_cars_own_lines_bound_what_surplus_reckons_with(bound: int, count: int) -> None:
    """CHG-20 level 3: protection guards the wiring all the same, and more current is believed."""
    assert once(bound=bound) == used(LINES, count, 3, count)
    assert once(line_a=ON_ALL, bound=bound) == used(LINES, 3, 3, 3)
    assert once(wiring=(), bound=bound) == used(LINES, 1, 4, 1)


def test_switched_to_one_line_it_guards_the_charger_s_first() -> None:
    """CHG-22: and whatever draws nevertheless; what it could use is not forgotten."""
    assert once(line_a=NO_LINES, single=True) == used(("L2",), 1, 3, 3)
    assert once(line_a=ON_TWO, single=True) == used(("L2",), 1, 1, 3)
    assert once(line_a=ON_ALL, single=True) == used(LINES, 3, 1, 3)


def test_while_it_is_switched_all_lines_are_guarded() -> None:
    """CHG-22: also those that this car was seen not to use."""
    learned = State(("L2",), ("L2",), 0.0, ("L2",))
    assert once(learned, NO_LINES, moving=True) == used(LINES, 1, 2, 1, ("L2",))
    assert once(learned, NO_LINES, moving=False) == used(("L2",), 1, 2, 1)


@pytest.mark.parametrize("switch", [{"single": True}, {"moving": True}])
def test_a_switched_charger_says_nothing_about_its_car(switch: dict[str, Any]) -> None:
    """CHG-20, CHG-22: one line is the switch's doing."""
    state = State()
    for now_s in range(30):
        state, _ = step(LinesRules(), state, Inputs(WIRING, ON_TWO, True, **switch), float(now_s))
    assert state.learned == state.most == ()
    state, _ = step(LinesRules(), state, Inputs(WIRING, ON_TWO, True), 30.0)
    assert state.learned == ()


def test_a_test_teaches_like_a_measurement() -> None:
    """CHG-21: what surplus reckons with, and where an assumed current flows."""
    taught = proven(State(most=("L1",)), ("L2",), 100.0)
    assert taught.most == ("L1", "L2")
    assert once(taught, NO_LINES) == used(("L2",), 1, 2, 1)
    assert once(taught) == used(LINES, 1, 2, 1, ("L2",))


def test_what_is_not_measured_is_guarded_by_the_wiring() -> None:
    """CHG-20, CHG-34: a test may be wrong, a car may take more lines, a contactor may be welded."""
    assert once(single=True) == used(LINES, 1, 3, 3, ("L2",))
    assert once(proven(State(), ("L2",), 0.0), wiring=("L3",)) == used(("L2", "L3"), 1, 2, 1, ("L2",))
    assert once(proven(State(), ("L2",), 0.0), wiring=()) == used(LINES, 1, 2, 1, ("L2",))


some_lines = st.lists(st.sampled_from(LINES), unique=True, max_size=3).map(tuple)
amperes = st.sampled_from([0.0, 0.9, 1.1, 8.0])
wires = st.builds(
    Inputs,
    some_lines,
    st.one_of(st.none(), st.tuples(amperes, amperes, amperes)),
    st.booleans(),
    some_lines,
    st.booleans(),
    st.integers(1, 3),
    st.booleans(),
    st.booleans(),
)


@given(st.lists(st.tuples(wires, st.sampled_from([0.5, 1.0, 11.0])), max_size=20))
def test_what_draws_is_guarded_and_what_is_not_measured_is_not_guessed(
    rows: list[tuple[Inputs, float]],
) -> None:
    """CHG-20, CHG-34: every line with current; the whole wiring while nothing is measured."""
    state, now_s = State(), 0.0
    for inputs, gap_s in rows:
        now_s += gap_s
        state, found = step(LinesRules(), state, inputs, now_s)
        drawn = {line for line, a in zip(LINES, inputs.line_a or (), strict=False) if a > 1.0}
        assert drawn <= set(found.guarded)
        assert 1 <= found.count <= 3
        assert found.guarded
        assert found.flowing
        if inputs.line_a is None:
            assert set(found.flowing) <= set(found.guarded)
            assert set(inputs.wiring or LINES) <= set(found.guarded)
