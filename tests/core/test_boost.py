"""A boost, cycle by cycle; what it makes of a charger is told by the ladder's tests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.core.boost import Boosting, Inputs, State, step
from hems.model.instant import Instant
from hems.model.settings import Boost

NOON = datetime(2026, 6, 21, 12, 0, tzinfo=UTC)
HOUR = Boost(NOON, 3600.0)


def after(boost: Boost | None, state: State, now_s: float, **more: Any) -> tuple[State, Boosting]:
    inputs = Inputs(boost, False, 0, None, Instant(now_s, NOON + timedelta(seconds=now_s)))
    return step(state, replace(inputs, **more), now_s)


def left_s(boosting: Boosting) -> float:
    assert boosting.demand is not None
    return float(boosting.demand.figures["seconds_left"])


def test_the_wall_clock_counts_from_when_it_was_told() -> None:
    _, boosting = after(HOUR, State(), 600.0)
    assert left_s(boosting) == 3000.0


@pytest.mark.parametrize("told", [None, NOON])
def test_without_a_clock_it_counts_from_when_it_was_first_seen(told: datetime | None) -> None:
    untrusted = Instant(600.0, NOON + timedelta(days=400), trusted=False)
    state, boosting = after(Boost(told, 3600.0), State(), 600.0, now=untrusted)
    assert left_s(boosting) == 3600.0
    later = Instant(4199.0, NOON, trusted=False)
    state, boosting = after(Boost(told, 3600.0), state, 4199.0, now=later)
    assert left_s(boosting) == 1.0
    assert after(Boost(told, 3600.0), state, 4200.0, now=later)[1].ended


def test_a_clock_that_is_set_back_makes_it_no_longer() -> None:
    state, _ = after(HOUR, State(), 0.0)
    back = Instant(3000.0, NOON - timedelta(days=1))
    assert left_s(after(HOUR, state, 3000.0, now=back)[1]) == 600.0


@pytest.mark.parametrize(
    "boost",
    [
        Boost(NOON),
        Boost(NOON, nan),
        Boost(NOON, 0.0),
        Boost(NOON, -inf),
        Boost(None, inf),
        Boost(NOON, None, nan),
        Boost(NOON, 60.0, 0.0),
    ],
)
def test_a_boost_without_a_length_is_over(boost: Boost) -> None:
    state, boosting = after(boost, State(), 0.0)
    assert (boosting.demand, boosting.ended) == (None, True)
    assert after(boost, state, 1.0)[1] == Boosting(base_wh=0, ended=True)


def test_the_earlier_end_counts() -> None:
    boost = Boost(NOON, 3600.0, 1_000.0)
    state, boosting = after(boost, State(), 0.0, counted_wh=50)
    assert boosting.base_wh == 50
    assert after(boost, state, 60.0, counted_wh=1_049, base_wh=50)[1].demand is not None
    assert after(boost, state, 60.0, counted_wh=1_050, base_wh=50)[1].ended
    assert after(boost, state, 3600.0, counted_wh=50, base_wh=50)[1].ended


def test_a_second_one_begins_anew() -> None:
    state, _ = after(Boost(None, None, 500.0), State(), 0.0, counted_wh=100)
    state, boosting = after(Boost(None, None, 700.0), state, 1.0, counted_wh=300, base_wh=100)
    assert boosting.base_wh == 300
    assert after(None, state, 2.0) == (State(), Boosting())


def test_an_equal_one_told_later_begins_anew_while_nobody_knows_the_time() -> None:
    """CHG-120: the first one's end and the second one's start may come in the same cycle."""
    untrusted = Instant(0.0, NOON, trusted=False)
    first, second = (Boost(None, 600.0, None, told_s) for told_s in (5.0, 605.0))
    state, _ = after(first, State(), 5.0, now=untrusted)
    state, boosting = after(first, state, 605.0, now=untrusted)
    assert boosting.ended
    assert after(first, state, 606.0, now=untrusted)[1].ended, "until it is gone"
    assert left_s(after(second, state, 606.0, now=untrusted)[1]) == 600.0


def test_a_count_that_begins_anew_is_counted_from_there() -> None:
    """CHG-120: without a register each run counts from 0."""
    boost = Boost(None, None, 500.0)
    state, boosting = after(boost, State(), 0.0, counted_wh=3, base_wh=22_000)
    assert boosting.base_wh == 3
    assert not after(boost, state, 9.0, counted_wh=502, base_wh=3)[1].ended
    assert after(boost, state, 9.0, counted_wh=503, base_wh=3)[1].ended


def test_an_energy_count_that_was_lost_begins_anew() -> None:
    boost = Boost(None, None, 500.0)
    state, _ = after(boost, State(), 0.0, counted_wh=100)
    assert after(boost, state, 1.0, counted_wh=300)[1].base_wh == 300


moments = st.one_of(
    st.none(), st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
)
odd = st.one_of(st.none(), st.floats(), st.sampled_from([nan, inf, -inf]))


@given(st.lists(st.tuples(st.builds(Boost, moments, odd, odd), st.floats(0, 1e9), st.booleans()), max_size=4))
def test_any_boost_is_borne(orders: list[tuple[Boost, float, bool]]) -> None:
    """Total; it never lasts longer than asked."""
    state = State()
    for boost, now_s, trusted in orders:
        state, boosting = after(boost, state, now_s, now=Instant(now_s, NOON, trusted))
        if boosting.demand is not None and boost.seconds is not None:
            assert 0.0 < left_s(boosting) <= boost.seconds
