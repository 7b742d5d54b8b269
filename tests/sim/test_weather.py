import pytest

from hems.sim.weather import EDGE_S, WEATHERS, Weather, clear_sky, pv_fraction

HOUR = range(3600)


def test_the_june_sun_rises_and_sets() -> None:
    assert clear_sky(13.2) == pytest.approx(1.0)
    assert clear_sky(12.0) == pytest.approx(0.967, abs=0.002)
    assert clear_sky(2.0) == 0.0
    assert clear_sky(23.0) == 0.0
    assert 0.0 < clear_sky(6.0) < 0.4


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sunny_is_nearly_full_with_modest_edges(seed: int) -> None:
    values = [pv_fraction("sunny", seed, second) for second in HOUR]
    assert min(values[:150]) > 0.94
    assert 0.6 < min(values) < 0.9
    assert sum(value > 0.94 for value in values) > 3000


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_cloudy_stays_between_5_and_20_pct(seed: int) -> None:
    values = [pv_fraction("cloudy", seed, second) / clear_sky(12.0 + second / 3600) for second in HOUR]
    assert 0.05 <= min(values) < 0.1
    assert 0.15 < max(values) <= 0.2


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_mixed_has_fast_edges_between_20_and_100_pct(seed: int) -> None:
    values = [pv_fraction("mixed", seed, second) / clear_sky(12.0 + second / 3600) for second in HOUR]
    assert 0.2 <= min(values) < 0.3
    assert 0.9 < max(values) <= 1.0
    edges = [abs(values[i + int(EDGE_S)] - values[i]) for i in range(len(values) - int(EDGE_S))]
    assert max(edges) > 0.5


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_windy_clouds_are_the_mixed_ones_in_haste(seed: int) -> None:
    """Most levels are gone again before a car of three seconds has followed and settled."""
    values = [pv_fraction("windy", seed, second) for second in HOUR]
    turns = sum(abs(values[i + 2] - values[i]) > 0.3 for i in range(0, len(values) - 2, 12))
    assert 80 < turns < 220
    assert 0.15 < min(values) < 0.3
    assert 0.9 < max(values) <= 1.0


@pytest.mark.parametrize("weather", WEATHERS)
def test_weather_depends_on_seed_and_time_alone(weather: Weather) -> None:
    first = [pv_fraction(weather, 5, second) for second in range(100)]
    assert first == [pv_fraction(weather, 5, second) for second in range(100)]
    assert first != [pv_fraction(weather, 6, second) for second in range(100)]


def test_night_gives_nothing() -> None:
    assert pv_fraction("sunny", 1, 12 * 3600.0) == 0.0
    assert pv_fraction("sunny", 1, 24 * 3600.0) > 0.9
