import pytest

from hems.core.appetite import Inputs, Stage, State, step
from hems.core.rules import AppetiteRules

RULES = AppetiteRules()
Row = tuple[float, float, float | None, Stage, int]
"""Now, told, drawn, and what must come of it: stage, wakes."""


def play(rows: list[Row], state: State | None = None) -> State:
    state = state or State()
    for now_s, told_a, drawn_a, stage, wakes in rows:
        state, appetite = step(RULES, state, Inputs(told_a, drawn_a, False), now_s)
        assert (now_s, state.stage, state.wakes) == (now_s, stage, wakes)
        assert appetite.full is (stage is Stage.FULL)
        assert appetite.minimum_only is (wakes > 0)
    return state


def full(now_s: float = 0.0) -> State:
    return State(Stage.FULL, now_s)


def test_a_car_that_takes_nothing_for_two_minutes_is_full() -> None:
    """CHG-18: and a current in between begins the time anew."""
    play(
        [
            (0, 0.0, 0.0, Stage.TAKING, 0),
            (1, 6.0, 0.0, Stage.REFUSING, 0),
            (100, 6.0, 6.0, Stage.TAKING, 0),
            (101, 6.0, 0.5, Stage.REFUSING, 0),
            (220, 6.0, 0.5, Stage.REFUSING, 0),
            (221, 6.0, 0.5, Stage.FULL, 0),
        ]
    )


def test_a_withdrawn_offer_or_an_unknown_draw_is_no_refusal() -> None:
    play(
        [
            (1, 6.0, 0.0, Stage.REFUSING, 0),
            (2, 0.0, 0.0, Stage.TAKING, 0),
            (3, 6.0, None, Stage.TAKING, 0),
        ]
    )


def test_a_full_car_is_woken_three_times() -> None:
    """CHG-18: every 15 min, one offer each, at most three."""
    state = full()
    for wake in (1, 2, 3):
        begin_s = state.since_mono_s
        state = play(
            [
                (begin_s + 899, 0.0, 0.0, Stage.FULL, wake - 1),
                (begin_s + 900, 0.0, 0.0, Stage.TAKING, wake),
                (begin_s + 901, 6.0, 0.0, Stage.REFUSING, wake),
                (begin_s + 1021, 6.0, 0.0, Stage.FULL, wake),
            ],
            state,
        )
    play([(99_999.0, 0.0, 0.0, Stage.FULL, 3)], state)


def test_a_full_car_that_draws_after_all_is_taken_at_its_word() -> None:
    play([(5, 0.0, 3.0, Stage.TAKING, 0)], State(Stage.FULL, 0.0, 2))


def test_a_missed_answer_wakes_no_full_car() -> None:
    """CHG-18: only a current that is seen, or its time, ends FULL; a wake is spent on nothing else."""
    play(
        [
            (5, 0.0, None, Stage.FULL, 0),
            (6, 0.0, 0.0, Stage.FULL, 0),
            (899, 0.0, None, Stage.FULL, 0),
            (900, 0.0, None, Stage.TAKING, 1),
        ],
        full(),
    )


@pytest.mark.parametrize("state", [full(), State(Stage.FULL, 0.0, 3), State(Stage.REFUSING, 0.0, 1)])
def test_a_new_car_or_new_orders_begin_afresh(state: State) -> None:
    state, appetite = step(RULES, state, Inputs(0.0, 0.0, True), 5.0)
    assert (state.stage, state.wakes, appetite.full) == (Stage.TAKING, 0, False)


def test_says_when_a_full_car_is_woken() -> None:
    left = [
        step(RULES, State(Stage.FULL, 0.0, wakes), Inputs(0.0, 0.0, False), 300.0)[1].next_s
        for wakes in (0, 3)
    ]
    assert left == [600.0, 0.0]


def test_a_car_that_takes_less_for_a_minute_is_known_to() -> None:
    """CHG-18: by more than 1 A, for 60 s."""
    less = []
    state = State()
    for now_s, drawn_a in [(0, 14.9), (59, 14.9), (60, 14.9), (61, 15.0), (62, 14.9)]:
        state, appetite = step(RULES, state, Inputs(16.0, drawn_a, False), now_s)
        less.append(appetite.less)
    assert less == [False, False, True, False, False]
