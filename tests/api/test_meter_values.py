"""Meters, inverters and the house battery."""

from dataclasses import replace

from hems.api import meter_values as meter
from hems.api.classes import Look
from hems.model.snapshot import BatteryReading
from hems.model.view import View
from tests.api.thing_house import VIEW, fold, later, values


def with_battery(power_w: float, level_pct: float | None) -> View:
    return replace(VIEW, snapshot=replace(VIEW.snapshot, battery=BatteryReading(4999.9, power_w, level_pct)))


def test_the_grid_meter_tells_lines_and_totals() -> None:
    """API-71."""
    assert values(fold(VIEW), "grid") == {
        "connected": True,
        "currentPower": 1200.0,
        "totalEnergyConsumed": 1234.567,
        "totalEnergyProduced": 234.567,
        "currentPhaseA": 1.74,
        "currentPhaseB": 2.17,
        "currentPhaseC": 1.31,
        "voltagePhaseA": 230.1,
        "voltagePhaseB": 230.0,
        "voltagePhaseC": 231.0,
        "currentPowerPhaseA": 400.0,
        "currentPowerPhaseB": 500.0,
        "currentPowerPhaseC": 300.0,
    }


def test_a_circuit_has_its_own_totals_and_the_lines_it_is_on() -> None:
    """API-71: the first line is there in any case, for clients read it unasked."""
    assert values(fold(VIEW), "shed") == {
        "connected": True,
        "currentPower": 50.0,
        "totalEnergyConsumed": 123.456,
        "totalEnergyProduced": 0.0,
        "currentPhaseA": 0.0,
        "currentPhaseB": 0.22,
        "voltagePhaseA": 0.0,
    }


def test_what_feeds_the_board_is_negative_consumption() -> None:
    """API-71."""
    known = fold(VIEW)
    assert values(known, "roof") == {
        "connected": True,
        "currentPower": -3000.0,
        "totalEnergyProduced": 9876.543,
    }
    assert values(known, "cell")["currentPower"] == 800.0


def test_the_battery_tells_what_it_does() -> None:
    """API-71: idle within 50 W."""
    does = [
        values(fold(with_battery(power_w, 50.0)), "cell")["chargingState"] for power_w in (-51, -50, 50, 51)
    ]
    assert does == ["charging", "idle", "idle", "discharging"]


def test_a_level_below_ten_percent_is_critical_and_an_unknown_one_is_not() -> None:
    """API-71, API-72."""
    found = [values(fold(with_battery(0.0, level)), "cell") for level in (9.9, 10.0, None)]
    assert [one["batteryCritical"] for one in found] == [True, False, False]
    assert [one["batteryLevel"] for one in found] == [10, 10, 0]


def test_a_silent_meter_measures_nothing_but_keeps_voltage_and_totals() -> None:
    """API-72."""
    silent = values(fold(VIEW, later(VIEW, 60.0)), "grid")
    assert silent["connected"] is False
    assert {silent[name] for name in ("currentPower", "currentPhaseA", "currentPowerPhaseB")} == {0.0}
    assert (silent["voltagePhaseA"], silent["totalEnergyConsumed"]) == (230.1, 1234.567)


def test_a_meter_that_never_answered_tells_nothing() -> None:
    """API-73."""
    unheard = replace(VIEW, snapshot=type(VIEW.snapshot)(VIEW.now))
    for name in ("grid", "roof", "cell", "shed"):
        assert not meter.meter_seen(Look(unheard, name))
        assert meter.meter_w(Look(unheard, name)) == 0.0
    assert meter.level(Look(unheard, "cell")) is None
    assert meter.critical(Look(unheard, "cell")) is None
    assert meter.consumed(Look(unheard, "shed")) is None
    assert meter.line_value("line_v", "L1")(Look(unheard, "grid")) is None


def test_a_charger_s_meter_is_no_thing_of_its_own() -> None:
    """API-71: what it measures stands at the charger."""
    assert meter.meter_reading(Look(VIEW, "wallmeter")) is None
    assert "wallmeter" not in {thing.name for thing in fold(VIEW).things.values()}
