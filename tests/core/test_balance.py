"""The powers of the house add up, and what is unknown stays unknown."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hems.core.balance import balance, charger_w
from hems.model.instant import Instant
from hems.model.snapshot import BatteryReading, ChargerReading, HeatPumpReading, MeterReading, Snapshot
from hems.model.view import Balance, Installed, InstalledCharger

NOW = Instant(100.0, datetime(2026, 6, 21, 12, tzinfo=UTC))
CHARGER = InstalledCharger(number=1, min_a=6, max_a=16, step_a=1, relay=True)
ALL = Installed("Home", (25.0, 25.0, 25.0), {"garage": CHARGER}, {"pump": 1}, pv=True, battery=True)
SNAPSHOT = Snapshot(
    NOW,
    grid=MeterReading(99.5, -1500.0),
    pv=MeterReading(99.0, 6000.0),
    battery=BatteryReading(99.0, -800.0),
    chargers={"garage": ChargerReading(99.5, measured_mono_s=99.5, power_w=2100.0)},
    heat_pumps={"pump": HeatPumpReading(98.0, power_w=600.0)},
)


def test_home_is_what_is_left() -> None:
    things_w = {"garage": 2100.0, "pump": 600.0}
    assert balance(ALL, SNAPSHOT) == Balance(-1500.0, 6000.0, -800.0, 2100.0, 600.0, 1000.0, things_w)


@pytest.mark.parametrize(
    ("change", "term"),
    [
        ({"grid": None}, "grid_w"),
        ({"grid": MeterReading(87.9, 1.0)}, "grid_w"),
        ({"pv": None}, "pv_w"),
        ({"battery": BatteryReading(80.0, 1.0)}, "battery_w"),
        ({"chargers": {}}, "ev_w"),
        ({"heat_pumps": {"pump": HeatPumpReading(99.0, power_w=None)}}, "heat_pump_w"),
    ],
)
def test_an_unknown_term_makes_home_unknown(change: dict[str, object], term: str) -> None:
    shown = balance(ALL, replace(SNAPSHOT, **change))  # type: ignore[arg-type]
    assert getattr(shown, term) is None
    assert shown.home_w is None


def test_what_is_not_installed_counts_as_nothing() -> None:
    bare = Installed("Home", (25.0, 25.0, 25.0), {})
    assert balance(bare, Snapshot(NOW, grid=MeterReading(100.0, 700.0))) == Balance(
        700.0, 0.0, 0.0, 0, 0, 700.0
    )


@pytest.mark.parametrize(
    ("reading", "watts"),
    [
        (None, None),
        (ChargerReading(100.0), None),
        (ChargerReading(100.0, measured_mono_s=87.0, power_w=5.0), None),
        (ChargerReading(100.0, measured_mono_s=88.0, power_w=5.0), 5.0),
        (ChargerReading(100.0, measured_mono_s=100.0, line_a=(6.0, 6.0, 0.0)), 2760.0),
    ],
)
def test_charger_power_is_measured_or_worked_out(reading: ChargerReading | None, watts: float | None) -> None:
    """CHG-11."""
    assert charger_w(reading, 100.0) == watts
