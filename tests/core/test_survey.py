from dataclasses import replace

import pytest

from hems.core.appliances import HeatPumpRules, SgReadyRules
from hems.core.memory import fresh
from hems.core.meter import Stage
from hems.core.rules import ChargerRules, CircuitRules, DimRules, Rules
from hems.core.survey import Survey, survey
from hems.model.instant import Instant
from hems.model.settings import Settings
from hems.model.snapshot import BatteryReading, ChargerReading, HeatPumpReading, MeterReading, Snapshot
from tests.core.bench import FUSE_A, WALL

RULES = Rules(
    FUSE_A,
    {"a": ChargerRules(circuit="garage"), "b": ChargerRules(2)},
    circuits={"garage": CircuitRules((16.0, 16.0, 16.0), metered=True)},
    heat_pumps={"hp": HeatPumpRules()},
    sg_ready={"hp": SgReadyRules(("r1", "r2"), "hp"), "old": SgReadyRules(("r3", "r4"))},
    dim=DimRules(contact="dim"),
)
GRID = MeterReading(100.0, -2000.0, line_a=(-3.0, -3.0, -3.0))
CAR = ChargerReading(100.0, status="C", measured_mono_s=100.0, line_a=(4.0, 0.0, 0.0), power_w=920.0)
PICTURE = Snapshot(
    Instant(100.0, WALL),
    GRID,
    chargers={"a": CAR},
    circuits={"garage": GRID},
    contacts={"dim": False},
    heat_pumps={"hp": HeatPumpReading(100.0, power_w=500.0)},
)


def look(picture: Snapshot, rules: Rules = RULES, now_s: float = 100.0) -> Survey:
    return survey(rules, fresh(rules), picture, Settings(), now_s)


def test_every_meter_and_charger_is_seen_once() -> None:
    seen = look(PICTURE)
    assert [scene.name for scene in seen.scenes] == ["a", "b"]
    assert (seen.trust.stage, list(seen.looks)) == (Stage.WAITING, ["garage"])
    assert {"L1", "garage.L1", "operator"} <= set(seen.sites(RULES))
    trusts = seen.trusts(RULES)
    assert (trusts["a"].stage, trusts["b"].stage) == (Stage.WAITING, Stage.WAITING)


def test_the_operator_s_pot_reckons_with_all_controllable_devices() -> None:
    """CHG-50: two chargers, a pump on the bus, another behind contacts that nobody measures."""
    assert RULES.controllable == 4
    seen = look(PICTURE)
    assert seen.limit is not None
    assert seen.limit.own_w == 2000.0 + 920.0 + 500.0
    assert seen.limit.room_w == pytest.approx(13_020.0 - 500.0 - 4200.0 + 3420.0)
    late = look(replace(PICTURE, heat_pumps={"hp": HeatPumpReading(80.0, power_w=500.0)}))
    assert late.limit is not None
    assert late.limit.room_w == pytest.approx(13_020.0 - 8400.0 + 2920.0)


def test_what_is_too_old_is_no_surplus() -> None:
    for picture in (
        replace(PICTURE, battery=BatteryReading(80.0, 100.0)),
        replace(PICTURE, grid=replace(GRID, at_mono_s=90.0)),
    ):
        limit = look(picture).limit
        assert limit is not None
        assert limit.own_w == 0.0


def test_a_record_says_how_the_house_was() -> None:
    assert look(PICTURE).readings() == {"ev_w": 920, "grid_w": -2000, "pot_w": 13020, "own_w": 3420}
    nothing = look(Snapshot(Instant(100.0, WALL)), replace(RULES, dim=None))
    assert nothing.readings() == {"ev_w": 0}
    assert (nothing.limit, nothing.fresh_grid(RULES)) == (None, None)
    assert look(PICTURE).fresh_grid(RULES) is not None
