"""The machine of a search while the service runs (BUS-71): who waits for whom."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.core.rules import SearchRules
from hems.core.search import ALLOWED, Inputs, Stage, State, Verdict, step

RULES = SearchRules()
FULL = State(Stage.STOPPING, 100.0, "a", "full")
BUSY = State(Stage.SEARCHING, 100.0, "a", "full")


@pytest.mark.parametrize(
    ("before", "inputs", "now_s", "stage", "verdict"),
    [
        (State(), Inputs(), 5.0, Stage.RESTING, None),
        (State(), Inputs(still=True, ended=True, stop=True), 5.0, Stage.RESTING, None),
        (State(), Inputs("a", "live"), 5.0, Stage.SEARCHING, None),
        (State(), Inputs("a", "full", still=True), 5.0, Stage.STOPPING, None),
        (FULL, Inputs(still=False), 129.9, Stage.STOPPING, None),
        (FULL, Inputs(still=False), 130.0, Stage.RESTING, Verdict.GIVEN_UP),
        (FULL, Inputs(still=True), 130.0, Stage.SEARCHING, None),
        (FULL, Inputs(still=True, stop=True), 101.0, Stage.RESTING, Verdict.BROKEN_OFF),
        (FULL, Inputs("b", "live"), 101.0, Stage.STOPPING, None),
        (BUSY, Inputs(), 9_999.0, Stage.SEARCHING, None),
        (BUSY, Inputs("b", "live"), 101.0, Stage.SEARCHING, None),
        (BUSY, Inputs(ended=True), 101.0, Stage.RESTING, Verdict.ENDED),
        (BUSY, Inputs(ended=True, stop=True), 101.0, Stage.RESTING, Verdict.BROKEN_OFF),
    ],
)
def test_each_stage(
    before: State, inputs: Inputs, now_s: float, stage: Stage, verdict: Verdict | None
) -> None:
    """BUS-71: a line leaves control only when all stand still, 30 s at most are waited for that."""
    after, told = step(RULES, before, inputs, now_s)
    assert (after.stage, told) == (stage, verdict)
    if after.stage is before.stage:
        assert after == before
    else:
        assert after.since_mono_s == now_s
    if before.stage is not Stage.RESTING:
        assert (after.bus, after.manner) == ("a", "full"), "one search at a time"


INPUTS = st.builds(
    Inputs, st.sampled_from(["", "a", "b"]), st.sampled_from(["live", "full"]), *[st.booleans()] * 3
)


@given(st.lists(st.tuples(INPUTS, st.floats(0, 20)), max_size=40))
def test_only_allowed_transitions(course: list[tuple[Inputs, float]]) -> None:
    now_s, states = 0.0, [State()]
    for inputs, after_s in course:
        now_s += after_s
        states.append(step(RULES, states[-1], inputs, now_s)[0])
        full = states[-1].manner == "full" and states[-1].stage is Stage.SEARCHING
        if full and states[-2].stage is not Stage.SEARCHING:
            assert inputs.still
    for before, after in pairwise(states):
        assert after.stage is before.stage or after.stage in ALLOWED[before.stage]
