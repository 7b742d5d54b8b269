from math import inf

from hypothesis import given
from hypothesis import strategies as st

from hems.core.timing import Budget, Dwell, RateLimit


def test_a_dwell_counts_from_the_last_change() -> None:
    dwell = Dwell().step(False, 10.0)
    assert (dwell.held(0.0, 20.0), dwell.missed_s(20.0)) == (False, 10.0)
    dwell = dwell.step(True, 20.0).step(True, 25.0)
    assert [dwell.held(10.0, now_s) for now_s in (29.9, 30.0)] == [False, True]
    assert dwell.missed_s(99.0) == 0.0
    assert Dwell().missed_s(99.0) == 0.0


@given(st.lists(st.tuples(st.floats(0.5, 3.0), st.floats(0.1, 2.0)), min_size=2, max_size=60))
def test_a_rise_never_outruns_its_rate(steps: list[tuple[float, float]]) -> None:
    """CHG-32: over any stretch, but for the last rise and the early fifth of a second."""
    limit, now_s, rises = RateLimit(), 0.0, []
    for gap_s, amount in steps:
        now_s += gap_s
        if limit.open(now_s):
            limit = limit.rise(amount, 1.0, now_s)
            rises.append((now_s, amount))
    for first, (begin_s, _) in enumerate(rises):
        for last in range(first + 1, len(rises)):
            risen = sum(amount for _, amount in rises[first:last])
            assert risen <= rises[last][0] - begin_s + 0.2 + 1e-9


def test_a_rate_limit_lets_a_slightly_early_cycle_through() -> None:
    limit = RateLimit().rise(1.0, 1.0, 100.0)
    assert [limit.open(now_s) for now_s in (100.7, 100.85, 101.0)] == [False, True, True]


def test_a_budget_counts_its_window_and_forgets_what_it_need_not_know() -> None:
    """CHG-17."""
    budget = Budget()
    for now_s in (0.0, 10.0, 20.0, 30.0, 40.0):
        budget = budget.spend(4, now_s)
    assert budget.times_mono_s == (10.0, 20.0, 30.0, 40.0)
    assert [budget.left(4, 3600.0, now_s) for now_s in (40.0, 3610.0, 3620.0, inf)] == [0, 1, 2, 4]
    assert budget.left(2, 3600.0, 40.0) == 0
