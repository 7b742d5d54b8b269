import pytest

from hems.core.phases import Inputs, State, Used, step
from hems.core.rules import LinesRules
from hems.model.units import LINES, LineName, PerLine

WIRING: tuple[LineName, ...] = ("L2", "L3", "L1")


def play(*rows: tuple[float, PerLine | None, bool], wiring: tuple[LineName, ...] = WIRING) -> Used:
    state = State()
    for now_s, line_a, plugged in rows:
        state, used = step(LinesRules(), state, Inputs(wiring, line_a, plugged), now_s)
    return used


def test_wiring_counts_until_a_car_has_shown_its_lines() -> None:
    """CHG-20 level 3: the configured lines, whatever their order."""
    assert play((0, None, True)) == Used(LINES, 3, 3)
    assert play((0, (0.0, 0.9, 0.0), True)) == Used(LINES, 3, 3)
    assert play((0, (9.0, 0.0, 0.0), True), wiring=("L2",)) == Used(("L1", "L2"), 1, 3)


def test_measured_lines_count_once_they_have_lasted() -> None:
    """CHG-20 level 1."""
    one_line = (0.0, 8.0, 0.2)
    assert play((0, one_line, True), (9.9, one_line, True)).level == 3
    assert play((0, one_line, True), (10, one_line, True)) == Used(("L2",), 1, 1)


def test_learned_lines_are_remembered_until_the_car_leaves() -> None:
    """CHG-20 level 2."""
    one_line = (0.0, 8.0, 0.2)
    learned = ((0.0, one_line, True), (10.0, one_line, True))
    assert play(*learned, (11, (0.0, 0.0, 0.0), True), (99, None, True)) == Used(("L2",), 1, 2)
    assert play(*learned, (11, None, False)) == Used(LINES, 3, 3)
    assert play(*learned, (11, None, False), (12, None, True)) == Used(LINES, 3, 3)


def test_a_line_that_begins_to_draw_counts_at_once() -> None:
    learned = ((0.0, (0.0, 8.0, 0.0), True), (10.0, (0.0, 8.0, 0.0), True))
    assert play(*learned, (11, (8.0, 8.0, 0.0), True)) == Used(("L1", "L2"), 2, 1)


def test_a_line_that_stops_counts_until_the_new_picture_has_lasted() -> None:
    learned = ((0.0, (8.0, 8.0, 8.0), True), (10.0, (8.0, 8.0, 8.0), True))
    assert play(*learned, (11, (8.0, 0.0, 0.0), True)) == Used(LINES, 3, 1)
    assert play(*learned, (11, (8.0, 0.0, 0.0), True), (21, (8.0, 0.0, 0.0), True)) == Used(("L1",), 1, 1)


@pytest.mark.parametrize(("line_a", "count"), [(None, 1), ((8.0, 8.0, 0.0), 2)])
def test_nothing_known_guards_all_lines_and_reckons_with_one(line_a: PerLine | None, count: int) -> None:
    """CHG-20 level 4: never just phase A."""
    assert play((0, line_a, True), wiring=()) == Used(LINES, count, 4)
