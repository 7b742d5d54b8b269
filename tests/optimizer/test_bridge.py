"""When the optimizer is asked for what, and how long its word holds."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hems.model.plans import OptimizerPlan
from hems.model.surroundings import Forecast
from hems.optimizer.bridge import (
    ALLOWED,
    Event,
    Failed,
    Learned,
    Passing,
    Question,
    Stage,
    State,
    fresh_plan,
    step,
)

NOON = datetime(2026, 6, 21, 12, tzinfo=UTC)
ABSENT = State()
QUIET = Passing("same")
PLAN = OptimizerPlan("p", 1_300.0)


def played(*events: tuple[float, Event], state: State = ABSENT) -> tuple[State, list[Question]]:
    """The state after events at their times, and what was asked."""
    asked = []
    for now_s, event in events:
        state, question = step(state, event, now_s)
        asked += [question] if question else []
    return state, asked


READY, _ = played((1_000.0, QUIET), (1_000.1, Learned()))


def test_it_is_looked_for_at_the_start_and_then_ever_more_rarely() -> None:
    """API-120, 125: 5, 10, 20, 40, 60, 60 s."""
    state, times = State(), []
    for tenth in range(3_000):
        now_s = 1_000.0 + tenth / 10
        state, question = step(state, QUIET, now_s)
        if question is not None:
            assert question.what == "health"
            times.append(round(now_s - 1_000.0))
            state, _ = step(state, Failed("nobody"), now_s)
    assert times == [0, 5, 15, 35, 75, 135, 195, 255]
    assert state.words == "nobody"


def test_a_plan_is_asked_for_every_minute_and_sooner_after_a_change_but_10_s_apart() -> None:
    """API-120."""
    state, times = READY, []
    for second in range(1, 200):
        now_s = 1_000.0 + second
        state, question = step(state, Passing("plugged" if second > 63 else "same"), now_s)
        if question is not None and question.what == "optimize":
            times.append(second)
        if question is not None:
            state, _ = step(state, Learned(PLAN), now_s)
    assert times == [1, 61, 71, 131, 191]


def test_weather_is_asked_for_every_six_hours_and_prices_every_hour_where_they_are_wanted() -> None:
    """API-120: one question at a time, the plan first."""
    state, asked = READY, []
    for second in range(1, 8 * 3600):
        state, question = step(state, Passing("same", wants_tariff=True), 1_000.0 + second)
        if question is not None:
            asked.append((second // 3600, question.what))
            state, _ = step(state, Learned(), 1_000.0 + second)
    assert [what for _, what in asked[:3]] == ["optimize", "tariff", "weather"]
    assert [hour for hour, what in asked if what == "weather"] == [0, 6]
    assert [hour for hour, what in asked if what == "tariff"] == list(range(8))
    _, asked_plain = played(*((1_001.0 + n / 1000, QUIET) for n in range(9)), state=READY)
    assert [question.what for question in asked_plain] == ["optimize"], "no second one before the answer"


def test_nobody_is_waited_for_longer_than_two_seconds() -> None:
    """API-120, 125."""
    asking, _ = played((1_001.0, QUIET), state=READY)
    assert played((1_002.9, QUIET), state=asking)[0].stage is Stage.ASKING
    late, _ = played((1_003.0, QUIET), state=asking)
    assert (late.stage, late.failures) == (Stage.ABSENT, 1)
    probing, _ = played((1_000.0, QUIET))
    assert played((1_002.0, QUIET), state=probing)[0].stage is Stage.ABSENT


def test_whatever_goes_wrong_drops_the_plan_at_once() -> None:
    """API-125: the local rules decide in the cycle that notices it."""
    planned, _ = played((1_001.0, QUIET), (1_001.2, Learned(PLAN, words="good")), state=READY)
    assert fresh_plan(planned, 1_002.0) is PLAN
    assert planned.words == "good"
    gone, _ = played((1_062.0, QUIET), (1_062.1, Failed("status 500")), state=planned)
    assert fresh_plan(gone, 1_062.1) is None
    assert gone.words == "status 500"


def test_a_plan_grows_old_by_itself() -> None:
    """API-124: monotonic seconds since it was asked for."""
    planned, _ = played((1_001.0, QUIET), (1_001.2, Learned(PLAN)), state=READY)
    assert fresh_plan(planned, 1_299.9) is PLAN
    assert fresh_plan(planned, 1_300.0) is None
    assert step(planned, QUIET, 1_300.0)[0].plan is None


def test_an_answer_nobody_asked_for_changes_nothing() -> None:
    for state in (State(since_mono_s=999.0, failures=1), READY):
        assert step(state, Learned(PLAN), 1_000.5) == (state, None)


EVENTS = st.sampled_from(
    [QUIET, Passing("other", wants_tariff=True), Learned(), Learned(PLAN), Learned(weather=()), Failed("no")]
)


@given(st.lists(st.tuples(st.floats(0, 500), EVENTS), max_size=60))
def test_it_never_leaves_its_table(moments: list[tuple[float, Event]]) -> None:
    """API-126."""
    state, now_s = State(), 1_000.0
    for passed_s, event in moments:
        now_s += passed_s
        after, question = step(state, event, now_s)
        assert after.stage is state.stage or after.stage in ALLOWED[state.stage]
        assert (question is not None) == (after.number == state.number + 1)
        plan = fresh_plan(after, now_s)
        assert plan is None or now_s < plan.until_mono_s
        state = after


def test_a_forecast_stays_until_it_is_gone() -> None:
    slot = Forecast(NOON, NOON + timedelta(hours=1))
    weather, _ = played((1_001.0, QUIET), (1_001.1, Learned()), (1_002.0, QUIET), state=READY)
    assert weather.what == "weather"
    known, _ = played((1_002.1, Learned(weather=(slot,))), state=weather)
    assert known.weather == (slot,)
    assert played((1_003.0, Failed("gone")), state=known)[0].weather == ()
