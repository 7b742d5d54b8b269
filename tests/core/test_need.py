"""What a car still lacks."""

from dataclasses import replace
from datetime import UTC, datetime
from math import inf, isfinite, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.core.need import Need, Vehicle, anchored, need, statement, vehicle
from hems.core.rules import TargetRules, VehicleRules
from hems.model.lessons import Lesson
from hems.model.settings import ChargerSettings, Target, VehicleSettings

RULES = TargetRules()
SIX = datetime(2026, 6, 23, 4, 0, tzinfo=UTC)
TOLD = datetime(2026, 6, 22, 16, 0, tzinfo=UTC)
ALL = Target(SIX)
ZOE = Vehicle("zoe", 40.0, "zoe 40 told", 60_000.0)
BASED = Lesson(base_wh=1_000, told="zoe 40 told")


@pytest.mark.parametrize(
    ("target", "car", "counted_wh", "expected"),
    [
        (ALL, ZOE, 1_000, Need(40_000.0)),
        (Target(SIX, 80.0), ZOE, 1_000, Need(24_000.0 / 0.9)),
        (ALL, ZOE, 11_000, Need(30_000.0)),
        (Target(SIX, 40.0), ZOE, 1_000, Need(0.0)),
        (ALL, ZOE, 99_000, Need(0.0)),
        (ALL, ZOE, 0, Need(40_000.0)),
        (ALL, replace(ZOE, level_pct=None), 1_000, Need(60_000.0 / 0.9, ("level",))),
        (ALL, Vehicle(), 1_000, Need(50_000.0 / 0.9, ("level", "capacity"))),
        (ALL, replace(ZOE, capacity_wh=nan), 1_000, Need(30_000.0 / 0.9, ("capacity",))),
        (Target(SIX, nan), ZOE, 1_000, Need(40_000.0)),
        (Target(SIX, 180.0), replace(ZOE, level_pct=-20.0), 1_000, Need(60_000.0 / 0.9)),
        (Target(SIX, 80.0, energy_wh=9_000.0), ZOE, 3_000, Need(7_000.0)),
        (Target(SIX, energy_wh=9_000.0), Vehicle(), 33_000, Need(0.0)),
        (Target(SIX, energy_wh=nan), ZOE, 1_000, Need(36_000.0 / 0.9)),
        (Target(SIX, energy_wh=0.0), ZOE, 1_000, Need(36_000.0 / 0.9)),
    ],
)
def test_need(target: Target, car: Vehicle, counted_wh: int, expected: Need) -> None:
    """CHG-90: (target - level) x capacity / 0.9, or energy, less what was charged; assumptions are said."""
    found = need(RULES, car, target, BASED, counted_wh)
    assert found.assumed == expected.assumed
    assert found.wh == pytest.approx(expected.wh)


def test_what_was_told_counts_before_what_is_installed() -> None:
    installed = {"zoe": VehicleRules(41_000.0, 32.0, 3, "garage"), "up": VehicleRules(32_000.0, 16.0, 2)}
    told = {"up": VehicleSettings(55.0, TOLD, max_a=10.0), "guest": VehicleSettings(nan, None, 77_000.0)}
    zoe = vehicle("garage", ChargerSettings(), installed, told)
    assert zoe == Vehicle("zoe", None, "zoe", 41_000.0, 32.0, 3)
    up = vehicle("garage", ChargerSettings(vehicle="up"), installed, told)
    assert up == Vehicle("up", 55.0, f"up 55 {TOLD.isoformat()}", 32_000.0, 10.0, 2, named=True)
    guest = vehicle("garage", ChargerSettings(vehicle="guest"), installed, told)
    assert guest == Vehicle("guest", None, "guest", 77_000.0, named=True)
    assert vehicle("yard", ChargerSettings(), installed, told) == Vehicle()
    timeless = {"up": VehicleSettings(55.0, lines=1, capacity_wh=9.0)}
    assert vehicle("yard", ChargerSettings(vehicle="up"), {}, timeless) == Vehicle(
        "up", 55.0, "up 55 ", 9.0, None, 1, named=True
    )


def test_energy_counts_from_when_a_level_was_told() -> None:
    """CHG-90: told anew, another car, another amount or another deadline: from then on."""
    lesson = anchored(Lesson(), ZOE.told, 500, gone=False)
    assert (lesson.base_wh, lesson.told) == (500, ZOE.told)
    assert anchored(lesson, ZOE.told, 900, gone=False) is lesson
    assert anchored(lesson, "zoe 60 later", 900, gone=False).base_wh == 900
    assert statement(ZOE, None, None) == statement(ZOE, ALL, SIX) == ZOE.told
    amount = Target(SIX, energy_wh=9_000.0)
    assert statement(ZOE, amount, SIX) != statement(ZOE, amount, None)
    assert statement(ZOE, amount, SIX) != statement(ZOE, replace(amount, energy_wh=9_001.0), SIX)


def test_a_count_that_begins_anew_is_counted_from_there() -> None:
    """CHG-90: without a register each run counts from 0."""
    lesson = Lesson(base_wh=22_000, told=ZOE.told)
    anew = anchored(lesson, ZOE.told, 7, gone=False)
    assert anew == replace(lesson, base_wh=7)
    assert need(RULES, ZOE, Target(SIX, energy_wh=9_000.0), anew, 1_007) == Need(8_000.0)


def test_a_level_is_not_believed_after_the_car_was_away() -> None:
    """CHG-90: nobody told what it used on the road; a level told since then is believed."""
    lesson = anchored(Lesson(), ZOE.told, 500, gone=False)
    away = anchored(lesson, ZOE.told, 900, gone=True)
    assert away.base_wh is None
    assert anchored(away, ZOE.told, 900, gone=True) is away
    back = anchored(away, ZOE.told, 950, gone=False)
    assert need(RULES, ZOE, ALL, back, 950) == Need(60_000.0 / 0.9, ("level",))
    assert anchored(back, ZOE.told, 999, gone=False) is back
    again = anchored(anchored(back, ZOE.told, 999, gone=True), ZOE.told, 999, gone=False)
    assert need(RULES, ZOE, ALL, again, 999).assumed == ("level",)
    told = anchored(away, "zoe 30 now", 950, gone=False)
    assert need(RULES, replace(ZOE, level_pct=30.0, told="zoe 30 now"), ALL, told, 950).assumed == ()


odd = st.one_of(st.none(), st.floats(), st.sampled_from([nan, inf, -inf]))


@given(odd, odd, st.floats(), odd, st.integers(-(10**12), 10**12), st.one_of(st.none(), st.integers()))
def test_any_figures_give_a_need(
    level_pct: float | None,
    capacity_wh: float | None,
    target_pct: float,
    energy_wh: float | None,
    counted_wh: int,
    base_wh: int | None,
) -> None:
    told = {"zoe": VehicleSettings(level_pct, None, capacity_wh)}
    car = vehicle("garage", ChargerSettings(vehicle="zoe"), {}, told)
    found = need(RULES, car, Target(SIX, target_pct, energy_wh), Lesson(base_wh=base_wh), counted_wh)
    assert isfinite(found.wh)
    assert found.wh >= 0.0
