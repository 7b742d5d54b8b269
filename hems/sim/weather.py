"""How much of its peak power a photovoltaic roof gives: the height of the June sun, times the clouds."""

import math
from typing import Final, Literal, get_args

from hems.sim.noise import noise, wave

Weather = Literal["sunny", "cloudy", "mixed", "windy"]
WEATHERS: Final[tuple[Weather, ...]] = get_args(Weather)

LATITUDE_RAD: Final = math.radians(48.0)
DECLINATION_RAD: Final = math.radians(23.4)
SOLAR_NOON_H: Final = 13.2
"""Local summer time of the highest sun in the middle of Central Europe."""

SUNNY_BLOCK_S: Final = 600.0
MIXED_BLOCK_S: Final = 40.0
EDGE_S: Final = 4.0
WINDY_BLOCK_S: Final = 12.0
WINDY_EDGE_S: Final = 1.5


def clear_sky(hour: float) -> float:
    """Share 0..1 of the peak power under a clear June sky at the local `hour` of the day (12.5 = 12:30)."""
    angle = math.radians(15.0 * (hour - SOLAR_NOON_H))
    level = math.sin(LATITUDE_RAD) * math.sin(DECLINATION_RAD)
    swing = math.cos(LATITUDE_RAD) * math.cos(DECLINATION_RAD)
    return max(0.0, (level + swing * math.cos(angle)) / (level + swing))


def pv_fraction(weather: Weather, seed: int, elapsed_s: float, start_hour: float = 12.0) -> float:
    """Share 0..1 of the peak power, `elapsed_s` after a start at the local hour `start_hour`."""
    hour = (start_hour + elapsed_s / 3600.0) % 24.0
    return clear_sky(hour) * CLOUDS[weather](seed, elapsed_s)


def _sunny(seed: int, elapsed_s: float) -> float:
    """Nearly full; once in ten minutes one modest cloud edge, never in the first two and a half."""
    block, inside_s = divmod(elapsed_s, SUNNY_BLOCK_S)
    place = 3 * int(block)
    begin_s = 150.0 + 350.0 * noise(seed, place)
    lasts_s = 20.0 + 40.0 * noise(seed, place + 1)
    depth = 0.1 + 0.2 * noise(seed, place + 2)
    edge = min(inside_s - begin_s, begin_s + lasts_s - inside_s) / EDGE_S
    return (0.98 + 0.02 * wave(seed, elapsed_s, 30.0)) * (1.0 - depth * min(1.0, max(0.0, edge)))


def _cloudy(seed: int, elapsed_s: float) -> float:
    """A closed sky: 5 to 20 %, drifting."""
    return 0.05 + 0.15 * wave(seed, elapsed_s, 120.0)


def _mixed(seed: int, elapsed_s: float) -> float:
    """Broken clouds: every 40 s another level between 20 and 100 %, reached within four seconds."""
    return _driven(seed, elapsed_s, MIXED_BLOCK_S, EDGE_S)


def _windy(seed: int, elapsed_s: float) -> float:
    """The same clouds in a storm: another level every 12 s, faster than any car follows."""
    return _driven(seed, elapsed_s, WINDY_BLOCK_S, WINDY_EDGE_S)


def _driven(seed: int, elapsed_s: float, block_s: float, edge_s: float) -> float:
    block, inside_s = divmod(elapsed_s, block_s)
    before, after = _broken(seed, int(block) - 1), _broken(seed, int(block))
    return before + (after - before) * min(1.0, inside_s / edge_s)


def _broken(seed: int, place: int) -> float:
    """Either shade (20..45 %) or sun (75..100 %): broken clouds know little between."""
    chance = noise(seed, place)
    return 0.2 + 0.5 * chance if chance < 0.5 else 0.5 + 0.5 * chance


CLOUDS: Final = {"sunny": _sunny, "cloudy": _cloudy, "mixed": _mixed, "windy": _windy}
