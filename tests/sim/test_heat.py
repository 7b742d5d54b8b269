from itertools import pairwise

import pytest

from hems.sim.heat import HEAT_PER_POWER, PROGRAMME, HeatPump, Operating, heat_w, power_w, row, step


def run(seed: int, seconds: int) -> list[HeatPump]:
    pump, seen = HeatPump(), []
    for second in range(1, seconds + 1):
        pump = step(pump, seed, float(second), 1.0)
        seen.append(pump)
    return seen


@pytest.mark.parametrize("seed", [1, 2])
def test_it_walks_through_the_programme_in_order(seed: int) -> None:
    seen = run(seed, 12_000)
    states = [row(pump).operating for pump in seen]
    changes = [states[0], *(b for a, b in pairwise(states) if a != b)]
    programme = [entry.operating for entry in PROGRAMME]
    assert changes[: len(programme)] == programme
    assert set(states) == set(Operating)


def test_durations_are_stretched_by_at_most_a_fifth() -> None:
    seen = run(3, 12_000)
    begins = [second for second in range(1, len(seen)) if seen[second].place != seen[second - 1].place]
    lengths = [b - a for a, b in zip([-1, *begins], begins, strict=False)]
    for length, entry in zip(lengths, PROGRAMME, strict=False):
        assert 0.8 * entry.duration_s - 1 <= length <= 1.2 * entry.duration_s + 1
    assert len({length / entry.duration_s for length, entry in zip(lengths, PROGRAMME, strict=False)}) > 3


def test_rating_and_power_stay_in_range_and_move_slowly() -> None:
    seen = run(1, 12_000)
    assert all(0 <= pump.rating <= 10_000 for pump in seen)
    assert all(abs(b.rating - a.rating) <= 150.0 for a, b in pairwise(seen))
    assert power_w(HeatPump()) == 20.0
    assert 1900.0 < max(power_w(pump) for pump in seen) <= 2020.0


def test_energies_are_the_integrals_of_the_powers() -> None:
    seen = run(1, 4000)
    before = [HeatPump(), *seen[:-1]]
    electric_wh = sum(power_w(pump) for pump in before) / 3600.0
    thermal_wh = sum(heat_w(pump) for pump in before) / 3600.0
    assert seen[-1].electric_wh - HeatPump().electric_wh == pytest.approx(electric_wh)
    assert seen[-1].thermal_wh - HeatPump().thermal_wh == pytest.approx(thermal_wh)
    assert thermal_wh > 2.0 * electric_wh
    assert HEAT_PER_POWER[Operating.DEFROST] == 0.0
