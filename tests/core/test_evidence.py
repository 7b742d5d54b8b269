from collections.abc import Mapping
from datetime import timedelta

from hems.core import evidence
from hems.core.evidence import Record, State
from hems.core.memory import fresh
from hems.core.rules import DimRules, Rules
from hems.model.instant import Instant
from hems.model.ledger import Event
from hems.model.runs import Figure
from tests.core.bench import WALL

NOW = Instant(100.0, WALL)
DIM = Record(4200.0, "contact")
HERE = {"grid_w": 9000, "garage.before_a": 16.0, "garage.after_a": 6.0}


def at(seconds: float) -> Instant:
    return Instant(seconds, WALL + timedelta(seconds=seconds - 100.0))


def step(
    state: State, record: Record | None, known: bool, figures: Mapping[str, Figure], now: Instant
) -> tuple[State, tuple[Event, ...]]:
    return evidence.step(DimRules(), state, record, known, figures, now, now.mono_s)


def ended(**figures: float) -> Event:
    return Event("evidence_ended", "operator", WALL, figures)


def began(**figures: float | str) -> Event:
    return Event("evidence_began", "operator", WALL, figures)


def test_a_limitation_is_one_record_with_readings_at_both_ends() -> None:
    """CHG-51."""
    state, events = step(State(), None, True, HERE, NOW)
    assert events == (), "a start ends nothing"
    assert step(state, None, True, HERE, NOW) == (state, ())
    state, events = step(state, DIM, True, HERE, NOW)
    readings = {"began.grid_w": 9000, "began.garage.before_a": 16.0, "began.garage.after_a": 6.0}
    assert events == (began(limit_w=4200.0, source="contact", **readings),)
    assert step(state, DIM, True, HERE, NOW) == (state, ())
    state, events = step(state, None, True, {"grid_w": 1}, NOW)
    assert events == (), "it may come back"
    assert step(state, None, True, HERE, at(159.0)) == (state, ())
    state, events = step(state, None, True, HERE, at(160.0))
    assert events == (ended(**{"times": 1, "ended.grid_w": 1}),), "when it was lifted, as things stood then"
    assert step(state, None, True, HERE, at(161.0)) == (state, ())


def test_a_limitation_that_comes_back_within_a_minute_is_the_same_record() -> None:
    """CHG-51: a contact that flaps fills no ring; how often it was in force is said."""
    state, events = step(State(), DIM, True, HERE, NOW)
    assert len(events) == 1
    for seconds in range(101, 996):
        record = DIM if seconds // 4 % 2 else None
        state, events = step(state, record, seconds % 3 > 0, {"grid_w": seconds}, at(float(seconds)))
        assert events == ()
    lifted_s = state.lift.mono_s if state.lift is not None else 0.0
    state, events = step(state, None, True, {}, at(lifted_s + 60.0))
    (event,) = events
    assert event.at == at(lifted_s).wall
    assert event.figures == {"times": 112, "ended.grid_w": lifted_s}


def test_another_limit_ends_the_one_before_when_that_was_lifted() -> None:
    state, _ = step(State(), DIM, True, {}, NOW)
    state, _ = step(state, None, True, {"grid_w": 1}, at(110.0))
    state, events = step(state, Record(3000.0, "api"), True, {"grid_w": 2}, at(120.0))
    assert [event.at for event in events] == [at(110.0).wall, at(120.0).wall]
    assert events[0].figures == {"times": 1, "ended.grid_w": 1}
    assert state.times == 1


def test_another_limit_is_another_record() -> None:
    state, _ = step(State(), DIM, True, {}, NOW)
    _, events = step(state, Record(3000.0, "api"), True, {}, NOW)
    assert [event.kind for event in events] == ["evidence_ended", "evidence_began"]
    assert events[0].figures == {"times": 1}
    assert events[1].figures["limit_w"] == 3000.0


def test_a_run_that_begins_limited_ends_the_old_record_and_begins_one() -> None:
    """CHG-51: a power cut in the middle leaves no record open for ever."""
    state, events = step(State(left=True), DIM, False, {}, NOW)
    assert events == (), "nobody knows yet how things stand"
    state, events = step(state, DIM, True, {}, NOW)
    assert [event.kind for event in events] == ["evidence_ended", "evidence_began"]
    assert events[0].figures == {}
    state, _ = step(state, None, True, {}, NOW)
    _, events = step(state, None, True, {}, at(160.0))
    assert [event.kind for event in events] == ["evidence_ended"], "this run's own"


def test_what_a_former_run_left_open_is_ended_once() -> None:
    """CHG-51: by an end without readings, and only where there is such a record."""
    state, events = step(State(left=True), None, True, HERE, NOW)
    assert events == (ended(),)
    assert step(state, None, True, HERE, NOW) == (state, ())
    assert fresh(Rules((25.0, 25.0, 25.0)), recording=True).evidence == State(left=True)


def test_a_record_without_a_known_time_has_none() -> None:
    _, events = step(State(), DIM, True, {}, Instant(1.0, WALL, trusted=False))
    assert {event.at for event in events} == {None}
