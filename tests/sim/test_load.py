from itertools import pairwise

import pytest

from hems.sim.load import DAY_S, day_of, household_w

SEEDS = (1, 2, 3)


@pytest.mark.parametrize("seed", SEEDS)
def test_standby_lies_between_200_and_500_w_per_line(seed: int) -> None:
    for second in range(100):
        for watts in household_w(seed, second)[:2]:
            assert 200.0 <= watts <= 500.0


@pytest.mark.parametrize("seed", SEEDS)
def test_a_kettle_draws_2000_w_on_l2_for_150_s(seed: int) -> None:
    kettles = [use for use in day_of(seed) if use.line == 1]
    assert 8 <= len(kettles) <= 24
    first = kettles[0]
    assert 120.0 <= first.from_s <= 600.0
    on = [second for second in range(900) if household_w(seed, second)[1] > 1500.0]
    assert len(on) == 150
    assert 2200.0 <= household_w(seed, first.from_s + 75.0)[1] <= 2500.0


@pytest.mark.parametrize("seed", SEEDS)
def test_the_oven_heats_l1_and_is_then_pulsed_by_its_thermostat(seed: int) -> None:
    whole, pulsed = (use for use in day_of(seed) if use.line == 0)
    assert all(household_w(seed, whole.from_s + s)[0] > 2400.0 for s in range(480))
    on = [household_w(seed, pulsed.from_s + s)[0] > 2400.0 for s in range(1200)]
    assert sum(on) == 480
    assert sum(a != b for a, b in pairwise(on)) == 19


def test_days_repeat_and_the_fridge_runs_on_l3() -> None:
    assert [use.line for use in day_of(1)].count(2) == 1
    kettle = day_of(1)[1]
    assert household_w(1, kettle.from_s + DAY_S + 10.0)[1] > 2000.0
    swing = {round(household_w(1, second)[2]) for second in range(0, 5400, 60)}
    assert max(swing) - min(swing) >= 90
