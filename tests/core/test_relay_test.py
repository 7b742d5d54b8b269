from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.core.relay_test import ALLOWED, Inputs, Outcome, Stage, State, Verdict, step
from hems.core.rules import RelayTestRules
from hems.core.timing import Dwell

RULES = RelayTestRules()
DAY_S = 86_400.0
FREE = Inputs(
    asked=False,
    chosen=True,
    age_s=None,
    dated=True,
    obstacle="",
    opened=False,
    silent=False,
    flows=False,
)
OPEN = replace(FREE, opened=True)
NOTHING = Outcome(False)


def opened(lasted_s: float, now_s: float = 1000.0) -> State:
    return State(Stage.OPENED, now_s - lasted_s, Dwell(True, 0.0))


def test_asked_for_it_begins_at_once_and_passes_after_10_s() -> None:
    """CHG-60."""
    asked = replace(FREE, chosen=False, asked=True)
    state, outcome = step(RULES, State(), asked, 1000.0)
    assert (state.stage, outcome) == (Stage.OPENED, Outcome(True))
    for now_s in (1001.0, 1009.9):
        state, outcome = step(RULES, state, OPEN, now_s)
        assert (state.stage, outcome) == (Stage.OPENED, Outcome(True))
    state, outcome = step(RULES, state, OPEN, 1010.0)
    assert (state.stage, outcome) == (Stage.RESTING, Outcome(False, Verdict.PASSED))


@pytest.mark.parametrize(
    ("lasted_s", "inputs", "verdict", "because"),
    [
        (10.0, FREE, Verdict.FAILED, "position"),
        (10.0, replace(OPEN, opened=None), Verdict.FAILED, "position"),
        (1.0, replace(OPEN, silent=True, obstacle="hand"), Verdict.FAILED, "silent"),
        (3.0, replace(OPEN, flows=True, obstacle="current"), Verdict.FAILED, "current"),
        (1.0, replace(OPEN, obstacle="car"), Verdict.BROKEN_OFF, "car"),
        (10.0, replace(OPEN, obstacle="meter"), Verdict.BROKEN_OFF, "meter"),
    ],
)
def test_what_ends_it_otherwise(lasted_s: float, inputs: Inputs, verdict: Verdict, because: str) -> None:
    """CHG-60: every end closes the relay."""
    state, outcome = step(RULES, opened(lasted_s), inputs, 1000.0)
    assert (state.stage, outcome) == (Stage.RESTING, Outcome(False, verdict, because))


def test_current_may_take_3_s_to_stop() -> None:
    flows = replace(OPEN, flows=True, obstacle="current")
    assert step(RULES, opened(2.9), flows, 1000.0)[1] == Outcome(True)


@pytest.mark.parametrize("obstacle", ["car", "hand", "meter", "current", "status", "charger"])
def test_nothing_in_the_way_or_not_at_all(obstacle: str) -> None:
    """CHG-60: never with a car there, never during anything else; whoever asked is told."""
    state, outcome = step(RULES, State(), replace(FREE, asked=True, obstacle=obstacle), 1000.0)
    assert (state.stage, outcome) == (Stage.RESTING, Outcome(False, Verdict.REFUSED, obstacle))


@pytest.mark.parametrize(
    ("inputs", "begins"),
    [
        (FREE, True),
        (replace(FREE, age_s=30 * DAY_S), True),
        (replace(FREE, age_s=30 * DAY_S - 1), False),
        (replace(FREE, age_s=-1.0), True),
        (replace(FREE, chosen=False), False),
        (replace(FREE, dated=False), False),
    ],
)
def test_every_month_by_itself_where_that_is_chosen(inputs: Inputs, begins: bool) -> None:
    """CHG-60; a last test in the future says nothing, an unknown date calls for none."""
    state, outcome = step(RULES, State(), inputs, 1000.0)
    assert outcome == NOTHING, "not before it has been free for a minute"
    state, outcome = step(RULES, state, inputs, 1060.0)
    assert outcome.open is begins


def test_a_car_in_between_begins_the_quiet_time_anew() -> None:
    state, _ = step(RULES, State(), FREE, 1000.0)
    state, _ = step(RULES, state, replace(FREE, obstacle="car"), 1030.0)
    state, _ = step(RULES, state, FREE, 1031.0)
    assert step(RULES, state, FREE, 1090.0)[1] == NOTHING
    assert step(RULES, state, FREE, 1091.0)[1] == Outcome(True)


def test_after_an_end_it_rests_again() -> None:
    """A test that was broken off is not begun again in the next cycle."""
    state, _ = step(RULES, opened(5.0), replace(OPEN, obstacle="car"), 1000.0)
    state, outcome = step(RULES, state, FREE, 1001.0)
    assert outcome == NOTHING
    assert step(RULES, state, FREE, 1061.0)[1] == Outcome(True)


@pytest.mark.parametrize(("age_s", "waits_s"), [(None, DAY_S), (31 * DAY_S - 60, 60.0), (31 * DAY_S, 0.0)])
def test_what_cannot_be_tested_is_told_once(age_s: float | None, waits_s: float) -> None:
    """CHG-60: more than 31 days after the last test, or a day after it was first due."""
    state, told = State(), []
    for now_s in (0.0, waits_s - 1, waits_s, waits_s + 1):
        if now_s < 0.0:
            continue
        aged_s = None if age_s is None else age_s + now_s
        inputs = replace(FREE, age_s=aged_s, obstacle="car")
        state, outcome = step(RULES, state, inputs, now_s)
        told += [now_s] if outcome.verdict is Verdict.OVERDUE else []
    assert told == [waits_s]
    assert step(RULES, state, replace(FREE, obstacle="car", asked=True), 9e9)[1].verdict is Verdict.REFUSED


def test_a_test_that_was_made_may_be_overdue_again() -> None:
    state = State(due=Dwell(True, 0.0), reminded=True)
    state, _ = step(RULES, state, replace(FREE, age_s=5.0, obstacle="car"), 10.0)
    assert not state.reminded


@given(
    st.lists(
        st.tuples(
            st.booleans(),
            st.sampled_from(["", "", "", "car", "hand"]),
            st.sampled_from([True, False, None]),
            st.booleans(),
            st.booleans(),
            st.floats(-1.0, 1e9) | st.just(float("nan")),
        ),
        max_size=40,
    )
)
def test_only_allowed_moves_and_never_open_with_something_in_the_way(
    days: list[tuple[bool, str, bool | None, bool, bool, float]],
) -> None:
    """CHG-60: whatever comes, the relay is open only in its stage, at most 10 s and a cycle."""
    state, now_s = State(), 0.0
    for asked, obstacle, is_open, silent, flows, age_s in days:
        now_s += 2.0
        before = state
        inputs = Inputs(asked, True, age_s, True, obstacle, is_open, silent, flows)
        state, outcome = step(RULES, state, inputs, now_s)
        assert state.stage is before.stage or state.stage in ALLOWED[before.stage]
        assert outcome.open is (state.stage is Stage.OPENED)
        assert not (outcome.open and silent and before.stage is Stage.OPENED)
        if outcome.open:
            assert now_s - state.since_mono_s < RULES.open_s
            assert not obstacle or flows


def test_what_is_overdue_is_told_once_however_often_the_clock_loses_its_trust() -> None:
    """CHG-60."""
    state, told = State(), 0
    for minute in range(120):
        dated = minute % 2 == 0
        late = replace(FREE, age_s=40 * DAY_S if dated else None, dated=dated, obstacle="car")
        state, outcome = step(RULES, state, late, minute * 60.0)
        told += outcome.verdict is Verdict.OVERDUE
    assert told == 1
    state, _ = step(RULES, state, replace(FREE, age_s=5.0), 7200.0)
    assert not state.reminded
