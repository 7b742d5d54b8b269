"""Whose turn it is among cars plugged in together: it goes round by energy (CHG-40, CHG-41)."""

from itertools import pairwise

import pytest

from hems.core.rules import ChargerRules, Rules
from hems.core.scene import TURN_WH
from hems.model.settings import Settings
from tests.core.bench import FUSE_A, Bench, Car

HOUR_S = 3600


class Pair:
    """Two cars on alike chargers that follow the sun, plugged in at once, each with a meter of its own."""

    def __init__(self, sun_w: float, tick_s: float) -> None:
        rules = Rules(FUSE_A, {"a": ChargerRules(), "b": ChargerRules()})
        self.house = Bench(rules, {"a": Car(), "b": Car()}, Settings(), sun_w=sun_w, tick_s=tick_s)
        self.house.order("surplus")
        self.charged_wh = {"a": 0.0, "b": 0.0}

    def step(self) -> tuple[float, float]:
        """One tick; what each is told."""
        house = self.house
        for name, car in house.cars.items():
            self.charged_wh[name] += sum(car.line_a()) * 230.0 * house.tick_s / HOUR_S
            car.extra = {"total_wh": round(self.charged_wh[name], 1)}
        told = house.step().chargers
        return told["a"].limit_a, told["b"].limit_a


@pytest.mark.parametrize("sun_w", [9000.0, 14_000.0, 16_000.0])
def test_equals_do_not_change_places_all_the_time(sun_w: float) -> None:
    """CHG-40: with sun for one car, or for one and a half, within an hour."""
    pair, tick_s = Pair(sun_w, 2.0), 2.0
    told_a = [pair.step() for _ in range(int(HOUR_S / tick_s))]
    first = [a > b for a, b in told_a if a != b]
    assert 1 <= sum(was is not now for was, now in pairwise(first)) <= 3
    for one in zip(*told_a, strict=True):
        assert sum(was == 0 < now for was, now in pairwise(one)) <= 2
    assert sum(was != now for was, now in pairwise(told_a)) <= 40


def test_over_a_day_equals_get_the_same() -> None:
    """CHG-40: never further apart than what the turn goes round by, and a little."""
    pair, tick_s = Pair(14_000.0, 3.0), 3.0
    for _ in range(int(6 * HOUR_S / tick_s)):
        pair.step()
        apart_wh = abs(pair.charged_wh["a"] - pair.charged_wh["b"])
        assert apart_wh <= 1.1 * TURN_WH
    assert min(pair.charged_wh.values()) > 25_000
