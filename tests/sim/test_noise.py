from itertools import pairwise

from hems.sim.noise import noise, wave


def test_the_same_place_gives_the_same_number() -> None:
    assert noise(3, 5) == noise(3, 5)
    assert noise(3, 5) != noise(3, 6)
    assert noise(3, 5) != noise(4, 5)


def test_numbers_are_evenly_spread() -> None:
    numbers = [noise(1, place) for place in range(2000)]
    assert all(0.0 <= number < 1.0 for number in numbers)
    for tenth in range(10):
        assert 150 <= sum(tenth / 10 <= number < (tenth + 1) / 10 for number in numbers) <= 250


def test_a_wave_meets_its_levels_and_has_no_edges() -> None:
    assert wave(2, 30.0, 10.0) == noise(2, 3)
    steps = [wave(2, 0.1 * tick, 10.0) for tick in range(1000)]
    assert max(abs(b - a) for a, b in pairwise(steps)) < 0.02
