import pytest

from hems.core.overload import (
    Caps,
    Cause,
    Defiance,
    Inputs,
    Load,
    Pause,
    PauseStage,
    State,
    defy,
    lowered,
    pause,
    step,
)
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
        state = defy(RULES, [Load((0.0, line_a, 99.0), FUSE_A)], state, (99.0, beyond_a, 0.0), now_s)
        lasted.append(state.lasted(RULES, 0.0, now_s))
        assert state.lasted(RULES, 3.0, now_s) is (lasts_s is not None and now_s >= lasts_s + 3)
    assert lasted == [lasts_s is not None and now_s >= lasts_s for now_s in range(20)]
    state = defy(RULES, [Load((0.0, 25.0, 0.0), FUSE_A)], state, (99.0, beyond_a, 0.0), 20)
    assert not state.lasted(RULES, 0.0, 99.0)


def test_a_car_that_draws_a_little_too_much_is_booked_with_it_then_defies() -> None:
    """CHG-33: 27 A on 25 A: 2 A more are booked after 60 s; another 60 s later that has not helped."""
    state, extras, lasted = Defiance(), [], []
    for now_s in range(130):
        state = defy(RULES, [Load((27.0, 0.0, 0.0), FUSE_A)], state, (3.0, 0.0, 0.0), now_s)
        extras.append(state.extra_a)
        lasted.append(state.lasted(RULES, 0.0, now_s))
    assert extras == [0.0] * 60 + [2.0] * 70
    assert lasted == [False] * 120 + [True] * 10
    state = defy(RULES, [Load((25.0, 0.0, 0.0), FUSE_A)], state, (3.0, 0.0, 0.0), 130)
    for now_s in range(131, 200):
        state = defy(RULES, [Load((26.0, 0.0, 0.0), FUSE_A)], state, (3.0, 0.0, 0.0), now_s)
    assert (state.extra_a, state.lasted(RULES, 0.0, 199)) == (3.0, False)


def test_what_is_far_above_is_not_a_matter_of_booking_more() -> None:
    state = Defiance()
    for now_s in range(200):
        state = defy(RULES, [Load((30.0, 0.0, 0.0), FUSE_A)], state, (9.0, 0.0, 0.0), now_s)
    assert (state.extra_a, state.lasted(RULES, 0.0, 199)) == (0.0, True)


def test_a_limit_below_the_fuse_binds_and_trips_nothing() -> None:
    """A person's line limit lowers what cars may have; twice the fuse is still twice the fuse."""
    far = grid(1, (30.0, 0.0, 0.0))
    inputs = Inputs(far, NO_LINES, True, (10.0, 99.0, 10.0))
    state, caps = step(RULES, FUSE_A, State(), inputs, 1.0)
    assert caps.allowed_a == (-20.0, 25.0, 10.0)
    assert not any(step(RULES, FUSE_A, state, inputs, 9.0)[1].tripped)


def test_a_pause_ends_when_there_was_room_for_60_s() -> None:
    """CHG-33."""
    rows = [
        (0, Cause(), PauseStage.FREE),
        (1, Cause("L1"), PauseStage.PAUSED),
        (50, Cause(), PauseStage.PAUSED),
        (60, Cause(roomy=True), PauseStage.RETURNING),
        (80, Cause(), PauseStage.PAUSED),
        (100, Cause(roomy=True), PauseStage.RETURNING),
        (159.9, Cause(roomy=True), PauseStage.RETURNING),
        (160, Cause(roomy=True), PauseStage.FREE),
    ]
    state = Pause()
    for now_s, cause, stage in rows:
        state = pause(RULES, state, cause, now_s)
        assert (now_s, state.stage) == (now_s, stage)


def paused(state: Pause, cause: Cause, now_s: float) -> tuple[Pause, float]:
    """The state after a pause that begins now, with room from the next second on, and how long it lasted."""
    state, end_s = pause(RULES, state, cause, now_s), now_s
    stages = [state.stage]
    while stages[-1] is not PauseStage.FREE:
        end_s += 1.0
        state = pause(RULES, state, Cause(roomy=True), end_s)
        stages.append(state.stage)
    assert stages[0] is PauseStage.PAUSED
    return state, end_s - now_s


def test_pauses_that_come_soon_after_one_another_last_longer() -> None:
    """CHG-33: 1 min, then doubled up to 15 min; as it was after 10 min of rest, short again after 30."""
    state, now_s, lasted = Pause(), 0.0, []
    for free_s in (599, 1, 100, 100, 100, 100, 600, 599, 1799, 1800, 5):
        state, pause_s = paused(state, Cause("L1"), now_s)
        lasted.append(pause_s)
        now_s += pause_s + free_s
    assert lasted == [61.0, 120.0, 240.0, 480.0, 900.0, 900.0, 900.0, 900.0, 900.0, 900.0, 61.0]


def test_a_rest_that_is_over_waits_for_a_minute_of_room() -> None:
    """CHG-33: the rest counts from the stop; room that comes and goes starts only its own minute anew."""
    state = Pause(PauseStage.FREE, 0.0, times=2)
    state = pause(RULES, state, Cause("L1"), 10.0)
    for now_s in range(11, 250):
        state = pause(RULES, state, Cause(roomy=now_s % 75 < 62), float(now_s))
        assert state.stage is not PauseStage.FREE
    assert state.left_s(RULES, 240.0) == 45.0
    assert pause(RULES, state, Cause(roomy=True), 285.0).stage is PauseStage.FREE
    assert state.left_s(RULES, 285.0) == 0.0


def test_the_grid_operator_s_pauses_count_for_an_hour() -> None:
    """CHG-50: from stop to stop."""
    state, now_s, lasted = Pause(), 0.0, []
    for next_s in (3599, 3599, 3600, 10):
        state, pause_s = paused(state, Cause("operator", by_operator=True), now_s)
        lasted.append(pause_s)
        now_s += next_s
    assert lasted == [61.0, 120.0, 240.0, 61.0]


def test_a_car_that_defies_us_rests_longer_each_time_until_it_leaves() -> None:
    """CHG-33: 5 min, 10, 20, 40, then an hour; a car that comes anew begins anew."""
    state, now_s, rests = Pause(), 0.0, []
    for _ in range(6):
        state = pause(RULES, state, Cause(defies=True), now_s)
        assert (state.stage, state.resting) == (PauseStage.PAUSED, True)
        begun_s = now_s = now_s + 1.0
        while state.stage is not PauseStage.FREE:
            state = pause(RULES, state, Cause(roomy=True), now_s)
            now_s += 1.0
        rests.append(now_s - 1.0 - begun_s)
    assert rests == [300.0, 600.0, 1200.0, 2400.0, 3600.0, 3600.0]
    state = pause(RULES, state, Cause(defies=True), now_s)
    assert pause(RULES, state, Cause(lifted=True), now_s) == Pause(since_mono_s=now_s)


def test_a_pause_for_lack_of_room_becomes_a_rest_when_the_car_does_not_obey() -> None:
    state = pause(RULES, Pause(), Cause("garage.L1"), 1.0)
    state = pause(RULES, state, Cause(defies=True), 5.0)
    assert state == Pause(PauseStage.PAUSED, 1.0, "garage.L1", 1, True, 1, 1.0)
    assert pause(RULES, state, Cause(defies=True), 6.0) is state
