from dataclasses import replace

import pytest

from hems.core import heat, sg_ready
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


@pytest.mark.parametrize(
    ("held_s", "relays", "pumps_w"),
    [
        (60.0, {"r3": True, "r4": False}, [None, 0.0]),
        (59.9, {"r3": True, "r4": False}, [None, None]),
        (60.0, {"r3": True, "r4": True}, [None, None]),
        (60.0, {"r3": True}, [None, None]),
    ],
)
def test_a_locked_pump_takes_nothing_from_the_pot(
    held_s: float, relays: dict[str, bool], pumps_w: list[float | None]
) -> None:
    """CHG-50, CHG-101: unmeasured, its contacts acknowledged for a minute; the other one is not locked."""
    locked = sg_ready.State(sg_ready.Stage.LOCKED, 100.0 - held_s)
    normal = sg_ready.State(sg_ready.Stage.NORMAL, 0.0)
    contacts = {"old": heat.Contacts(locked), "hp": heat.Contacts(normal)}
    memory = replace(fresh(RULES), heat=heat.State(contacts=contacts))
    picture = replace(PICTURE, heat_pumps={}, relays=relays)
    limit = survey(RULES, memory, picture, Settings(), 100.0).limit
    assert limit is not None
    assert limit.room_w == pytest.approx(limit.dim.limit_w + limit.own_w - 4200.0 * pumps_w.count(None))


def test_the_operator_s_watts_are_nominal() -> None:
    """CHG-50: 6 A on three lines are 4.14 kW whatever the voltage; the house's import is what it is."""
    courses = look(replace(PICTURE, grid=replace(GRID, line_v=(240.0, 240.0, 240.0)))).courses
    assert (courses["b"].path["operator"], courses["b"].path["power"]) == (690.0, 720.0)


def test_only_what_is_measured_is_own_surplus() -> None:
    """CHG-50: a car that is only taken to draw gives nobody room above the limit."""
    own_w = []
    for reading in (CAR, replace(CAR, line_a=None), replace(CAR, line_a=None, power_w=None)):
        told = replace(reading, acknowledged_a=10.0)
        limit = look(replace(PICTURE, chargers={"a": told})).limit
        assert limit is not None
        own_w.append(limit.own_w)
    assert own_w == [2000.0 + 920.0 + 500.0] * 2 + [2000.0 + 500.0]


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
