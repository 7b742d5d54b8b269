"""What a household draws on each line: standby, a fridge, a kettle, an oven."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from hems.model.units import PerLine
from hems.sim.noise import noise, wave

DAY_S: Final = 86_400.0
STANDBY_W: Final = (200.0, 500.0)
"""Least and most standby power of a line."""


@dataclass(frozen=True, slots=True)
class Use:
    """An appliance in use once a day: on `line` (0..2) from `from_s` to `until_s` after the start.

    With `period_s` it is switched by its thermostat: on for the first `duty` of every period.
    """

    line: int
    power_w: float
    from_s: float
    until_s: float
    period_s: float = 0.0
    duty: float = 1.0

    def is_on(self, day_s: float) -> bool:
        """Whether it draws at this second of the day."""
        if not self.from_s <= day_s < self.until_s:
            return False
        return not self.period_s or (day_s - self.from_s) % self.period_s < self.duty * self.period_s


@lru_cache(maxsize=8)
def day_of(seed: int) -> tuple[Use, ...]:
    """One day's uses: the fridge all day, a kettle every one to three hours, the oven once."""
    uses = [Use(2, 90.0, 0.0, DAY_S, period_s=2700.0, duty=0.35)]
    kettle_s, place = 120.0 + 480.0 * noise(seed, 0), 1
    while kettle_s < DAY_S:
        uses.append(Use(1, 2000.0, kettle_s, kettle_s + 150.0))
        kettle_s += 3600.0 * (1.0 + 2.0 * noise(seed, place))
        place += 1
    oven_s = 3600.0 * (5.0 + 2.0 * noise(seed, place))
    uses.append(Use(0, 2300.0, oven_s, oven_s + 480.0))
    uses.append(Use(0, 2300.0, oven_s + 480.0, oven_s + 3180.0, period_s=120.0, duty=0.4))
    return tuple(uses)


def household_w(seed: int, elapsed_s: float) -> PerLine:
    """Active power of the household on L1, L2, L3; all of it draws."""
    watts = [_standby_w(seed, line, elapsed_s) for line in range(3)]
    day_s = elapsed_s % DAY_S
    for use in day_of(seed):
        if use.is_on(day_s):
            watts[use.line] += use.power_w
    return watts[0], watts[1], watts[2]


def _standby_w(seed: int, line: int, elapsed_s: float) -> float:
    least_w, most_w = STANDBY_W
    own = noise(seed, -1 - line)
    share = 0.8 * own + 0.2 * wave(seed + 1 + line, elapsed_s, 7.0)
    return least_w + (most_w - least_w) * share
