import pytest

from hems.core.overload import Caps, Defiance, Inputs, Pause, PauseStage, State, defy, lowered, pause, step
from hems.core.readings import Grid
from hems.core.rules import OverloadRules
from hems.model.units import NO_LINES, PerLine
from tests.core.bench import FUSE_A

RULES = OverloadRules()


def grid(at_s: float, line_a: PerLine) -> Grid:
    return Grid(at_s, 230.0 * sum(line_a), line_a, None)


def play(*rows: tuple[float, Grid | None, PerLine, bool]) -> list[Caps]:
    state, caps = State(), []
    for now_s, reading, draw_a, together in rows:
        state, cap = step(RULES, FUSE_A, state, Inputs(reading, draw_a, together), now_s)
        caps.append(cap)
    return caps


def test_subtracts_what_the_cars_draw() -> None:
    """CHG-31: allowed = fuse - (line - cars), on each line by itself."""
    (caps,) = play((1, grid(1, (30.0, 10.0, -5.0)), (16.0, 0.0, 3.0), True))
    assert caps.allowed_a == (11.0, 15.0, 33.0)


def test_a_raise_needs_two_readings_in_a_row() -> None:
    """CHG-32: what both had; and a reading seen twice is one reading."""
    low, high = grid(1, (20.0, 20.0, 20.0)), grid(2, (5.0, 5.0, 5.0))
    caps = play((1, low, NO_LINES, True), (2, high, NO_LINES, True), (3, high, NO_LINES, True))
    assert [cap.steady_a[0] for cap in caps] == [0.0, 5.0, 5.0]
    assert [cap.allowed_a[0] for cap in caps] == [5.0, 20.0, 20.0]
    again = play(
        (1, low, NO_LINES, True), (2, high, NO_LINES, True), (3, grid(3, high.line_a), NO_LINES, True)
    )
    assert again[-1].steady_a[0] == 20.0


def test_readings_that_are_not_one_picture_give_the_lower_estimate() -> None:
    """CHG-31: more than 500 ms apart."""
    first, second = grid(1, (20.0, 0.0, 0.0)), grid(2, (10.0, 0.0, 0.0))
    caps = play((1, first, (10.0, 0.0, 0.0), True), (2, second, (10.0, 0.0, 0.0), False))
    assert [cap.allowed_a[0] for cap in caps] == [15.0, 15.0]
    caps = play((1, first, (10.0, 0.0, 0.0), True), (2, second, (0.0, 0.0, 0.0), False))
    assert caps[-1].allowed_a[0] == 15.0
    caps = play((1, second, (10.0, 0.0, 0.0), True), (2, grid(2, (20.0, 0.0, 0.0)), (10.0, 0.0, 0.0), False))
    assert caps[-1].allowed_a[0] == 15.0


def test_without_a_reading_the_last_verdict_stands() -> None:
    caps = play(
        (1, None, NO_LINES, True), (2, grid(2, (5.0, 5.0, 5.0)), NO_LINES, True), (3, None, NO_LINES, True)
    )
    assert [cap.allowed_a[0] for cap in caps] == [0.0, 20.0, 20.0]
    assert caps[-1].steady_a[0] == 0.0


def test_an_unseen_lowering_counts_until_it_shows_or_6_s_have_passed() -> None:
    """CHG-31, error law: 30 A on a 25 A line, lowered by 5 A at 0 s."""
    state = lowered(State(), (5.0, 0.0, 0.0), 0.0)
    above = grid(1, (30.0, 0.0, 0.0))
    seen = step(RULES, FUSE_A, state, Inputs(above, (11.0, 0.0, 0.0), True), 1.0)
    assert seen[1].allowed_a[0] == 11.0
    late = step(RULES, FUSE_A, seen[0], Inputs(grid(6, (30.0, 0.0, 0.0)), (11.0, 0.0, 0.0), True), 6.0)
    assert late[1].allowed_a[0] == 6.0
    followed = step(RULES, FUSE_A, seen[0], Inputs(grid(2, (25.0, 0.0, 0.0)), (11.0, 0.0, 0.0), True), 2.0)
    assert followed[1].allowed_a[0] == 11.0
    worse = step(RULES, FUSE_A, seen[0], Inputs(grid(2, (33.0, 0.0, 0.0)), (11.0, 0.0, 0.0), True), 2.0)
    assert worse[1].allowed_a[0] == 8.0
    assert lowered(state, NO_LINES, 5.0) is state


@pytest.mark.parametrize(("line_a", "tripped"), [(50.0, False), (50.1, True)])
def test_a_line_above_twice_its_fuse_for_3_s(line_a: float, tripped: bool) -> None:
    """CHG-33: whatever the set-points; silence does not end it."""
    far = (0.0, line_a, 0.0)
    caps = play(
        (1, grid(1, far), NO_LINES, True),
        (3.9, grid(3.9, far), NO_LINES, True),
        (4, None, NO_LINES, True),
        (5, grid(5, (0.0, 25.0, 0.0)), NO_LINES, True),
    )
    assert [cap.tripped[1] for cap in caps] == [False, False, tripped, False]
    assert not any(cap.tripped[0] or cap.tripped[2] for cap in caps)


ABOVE, HIGH = 28.26, 36.26
"""Just above 1.13 and 1.45 times 25 A."""


@pytest.mark.parametrize(
    ("line_a", "beyond_a", "lasts_s"),
    [(ABOVE, 1.1, 10), (HIGH, 1.1, 3), (28.24, 9.0, None), (36.24, 9.0, 10), (60.0, 1.0, None)],
)
def test_defiance_lasts_as_long_as_a_fuse_is_left_with_it(
    line_a: float, beyond_a: float, lasts_s: int | None
) -> None:
    """CHG-33: above 1.13 times the fuse for 10 s or 1.45 times for 3 s, by a charger that draws too much."""
    state, lasted = Defiance(), []
    for now_s in range(20):
        state = defy(RULES, FUSE_A, state, (0.0, line_a, 99.0), (99.0, beyond_a, 0.0), now_s)
        lasted.append(state.lasted(RULES, 0.0, now_s))
        assert state.lasted(RULES, 3.0, now_s) is (lasts_s is not None and now_s >= lasts_s + 3)
    assert lasted == [lasts_s is not None and now_s >= lasts_s for now_s in range(20)]
    state = defy(RULES, FUSE_A, state, (0.0, 25.0, 0.0), (99.0, beyond_a, 0.0), 20)
    assert not state.lasted(RULES, 0.0, 99.0)


def test_a_pause_ends_when_there_was_room_for_60_s() -> None:
    """CHG-33."""
    rows = [
        (0, False, False, PauseStage.FREE),
        (1, True, False, PauseStage.PAUSED),
        (50, False, False, PauseStage.PAUSED),
        (60, False, True, PauseStage.RETURNING),
        (80, False, False, PauseStage.PAUSED),
        (100, False, True, PauseStage.RETURNING),
        (159.9, False, True, PauseStage.RETURNING),
        (160, False, True, PauseStage.FREE),
    ]
    state = Pause()
    for now_s, cut_off, roomy, stage in rows:
        state = pause(RULES, state, cut_off, roomy, now_s)
        assert (now_s, state.stage) == (now_s, stage)
