"""The test of the grid operator's contact (PNL-67)."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.core.dim_test import ALLOWED, ANSWER_S, PATIENCE_S, Inputs, Stage, State, fault, step
from hems.core.rules import DimRules
from hems.model.decision import DimTest
from hems.model.instant import Instant
from hems.model.intents import ProveDim
from hems.model.ledger import Event
from hems.model.snapshot import ChargerReading
from tests.core.bench import WALL, bench, charging

TOLD_A = {"garage": 6.0, "carport": 0.0}


def now(second: float) -> Instant:
    return Instant(second, WALL, trusted=True)


def held(
    garage_a: float | None, at_s: float | None = None, carport_a: float = 0.0
) -> dict[str, ChargerReading]:
    return {
        "garage": ChargerReading(0.0, acknowledged_a=garage_a, acknowledged_mono_s=at_s),
        "carport": ChargerReading(0.0, acknowledged_a=carport_a, acknowledged_mono_s=0.0),
    }


CALM = Inputs(asked=False, source="", told_a={"garage": 16.0, "carport": 0.0}, readings=held(16.0))
ASKED = replace(CALM, asked=True)


def dimmed(readings: dict[str, ChargerReading], source: str = "contact") -> Inputs:
    return Inputs(asked=False, source=source, told_a=TOLD_A, readings=readings)


def course(*looks: tuple[float, Inputs]) -> tuple[State, list[Event]]:
    state, events = State(), list[Event]()
    for second, inputs in looks:
        state, told = step(state, inputs, now(second), second)
        events += told
    return state, events


@pytest.mark.parametrize(
    ("acknowledged_s", "seen_s", "verdict", "seconds"),
    [
        (10.312, 11.0, "passed", 0.312),
        (11.0, 11.0, "passed", 1.0),
        (11.4, 12.0, "late", 1.4),
        (None, 11.0, "passed", 1.0),
        (9.0, 11.0, "passed", 0.0),
        (99.0, 11.0, "passed", 1.0),
        (float("nan"), 12.0, "late", 2.0),
    ],
)
def test_the_slowest_acknowledgement_counts(
    acknowledged_s: float | None, seen_s: float, verdict: str, seconds: float
) -> None:
    """From the cycle that knows of the contact until the set-point was taken; at most 1 s."""
    state, events = course(
        (1.0, CALM), (2.0, ASKED), (10.0, dimmed(held(16.0))), (seen_s, dimmed(held(6.0, acknowledged_s)))
    )
    assert events == [Event("dim_tested", "operator", WALL, {"verdict": verdict, "seconds": seconds})]
    assert state.told is not None
    assert (state.stage, state.told.verdict) == (Stage.RESTING, verdict)


def test_two_chargers_answer_one_after_the_other() -> None:
    begun = dimmed(held(16.0, carport_a=10.0))
    one, both = dimmed(held(6.0, 10.2, carport_a=10.0)), dimmed(held(6.0, 10.2))
    late = replace(both, readings={**both.readings, "carport": ChargerReading(0.0, acknowledged_a=0.0)})
    state, events = course((2.0, ASKED), (10.0, begun), (11.0, one), (12.0, late))
    assert state.told == DimTest("resting", "late", 2.0)
    assert len(events) == 1


def test_nothing_to_lower_is_said_without_a_time() -> None:
    state, events = course((2.0, ASKED), (10.0, dimmed(held(6.0, 1.0))))
    assert state.told == DimTest("resting", "passed", None)
    assert events[0].figures == {"verdict": "passed"}


@pytest.mark.parametrize("source", ["contact", "unknown", "api"])
def test_it_does_not_begin_while_a_limit_holds(source: str) -> None:
    state, events = course((2.0, replace(ASKED, source=source)))
    assert (state.stage, events[0].figures) == (Stage.RESTING, {"verdict": "limited"})


@pytest.mark.parametrize("readings", [held(16.0), held(None), {}])
def test_a_charger_that_does_not_acknowledge_is_named(readings: dict[str, ChargerReading]) -> None:
    seconds = [10.0 + one for one in range(int(ANSWER_S) + 1)]
    state, events = course((2.0, ASKED), *((second, dimmed(readings)) for second in seconds))
    assert state.told == DimTest("resting", "unanswered", None, "garage")
    assert events[0].figures == {"verdict": "unanswered", "because": "garage"}


def test_without_the_contact_it_ends() -> None:
    begun, _ = course((2.0, ASKED), (2.0 + PATIENCE_S - 1.0, CALM), (30.0, dimmed(held(16.0), "unknown")))
    assert begun.told == DimTest("waiting")
    ended, events = step(begun, CALM, now(2.0 + PATIENCE_S), 2.0 + PATIENCE_S)
    assert ended.told == DimTest("resting", "nothing")
    assert [one.figures for one in events] == [{"verdict": "nothing"}]


def test_a_contact_that_is_released_too_soon_answers_nothing() -> None:
    state, _ = course((2.0, ASKED), (10.0, dimmed(held(16.0))), (11.0, dimmed(held(16.0), "")))
    assert state.told == DimTest("resting", "released", None, "garage")


def test_there_must_be_a_contact() -> None:
    assert fault(DimRules()) is None
    for rules in (None, DimRules(source="api")):
        refusal = fault(rules)
        assert refusal is not None
        assert refusal.code == "unsupported"


def test_through_all_rules() -> None:
    """PNL-67: while a car charges the contact limits; the answer is on record, the limit is what it was."""
    house = bench()
    house.rules = replace(house.rules, dim=DimRules(contact="dim"))
    house.contacts = {"dim": True}
    house = charging(house)
    assert house.decision.dim_test is None
    house.errands.append(ProveDim())
    assert house.step().dim_test == DimTest("waiting")
    house.contacts = {"dim": False}
    seen = [*house.step().events]
    assert house.decision.dim is not None
    assert house.decision.dim.limited
    for _ in range(3):
        seen += house.step().events
    (tested,) = [one for one in seen if one.kind == "dim_tested"]
    assert tested.figures == {"verdict": "passed", "seconds": 1.0}
    assert house.decision.dim_test == DimTest("resting", "passed", 1.0)


LOOKS = st.builds(
    Inputs,
    asked=st.booleans(),
    source=st.sampled_from(["", "contact", "contact", "unknown", "api"]),
    told_a=st.sampled_from([TOLD_A, {}, CALM.told_a]),
    readings=st.builds(held, st.none() | st.floats(), st.none() | st.floats(), st.floats()),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(LOOKS, st.floats(0.0, 30.0)), max_size=30))
def test_it_goes_its_ways_only(looks: list[tuple[Inputs, float]]) -> None:
    state, stages, second = State(), [Stage.RESTING], 0.0
    for inputs, later_s in looks:
        second += later_s
        state, events = step(state, inputs, now(second), second)
        stages.append(state.stage)
        seconds = [one.figures["seconds"] for one in events if "seconds" in one.figures]
        assert all(isinstance(one, float) and one >= 0.0 for one in seconds)
    for before, after in pairwise(stages):
        assert before is after or after in ALLOWED[before]
