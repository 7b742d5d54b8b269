"""The powers of the house that add up."""

from collections.abc import Iterable
from typing import Final

from hems.model.snapshot import BatteryReading, ChargerReading, HeatPumpReading, MeterReading, Snapshot
from hems.model.units import NOMINAL_V
from hems.model.view import Balance, Installed

FRESH_S: Final = 12.0
"""Older readings are unknown: as long as the grid meter may be silent before charging stops."""


def balance(installed: Installed, snapshot: Snapshot) -> Balance:
    """All powers of what is installed."""
    return powers(
        snapshot, installed.chargers, installed.heat_pumps, pv=installed.pv, battery=installed.battery
    )


def powers(
    snapshot: Snapshot, chargers: Iterable[str], heat_pumps: Iterable[str], *, pv: bool, battery: bool
) -> Balance:
    """All powers by the sign rule; with one term unknown the rest of the house is unknown too."""
    now_s = snapshot.now.mono_s
    grid_w = _power(snapshot.grid, now_s)
    pv_w = _power(snapshot.pv, now_s) if pv else 0.0
    battery_w = _power(snapshot.battery, now_s) if battery else 0.0
    chargers_w = {name: charger_w(snapshot.chargers.get(name), now_s) for name in chargers}
    pumps_w = {name: _power(snapshot.heat_pumps.get(name), now_s) for name in heat_pumps}
    ev_w, heat_pump_w = _sum(chargers_w.values()), _sum(pumps_w.values())
    feeding_w = _sum((grid_w, pv_w, battery_w))
    drawing_w = _sum((ev_w, heat_pump_w))
    home_w = None if feeding_w is None or drawing_w is None else feeding_w - drawing_w
    return Balance(grid_w, pv_w, battery_w, ev_w, heat_pump_w, home_w, {**chargers_w, **pumps_w})


def charger_w(reading: ChargerReading | None, now_s: float) -> float | None:
    """What a car draws in watt: measured, else its currents at nominal voltage (CHG-11)."""
    if reading is None or reading.measured_mono_s is None or now_s - reading.measured_mono_s > FRESH_S:
        return None
    if reading.power_w is None and reading.line_a is not None:
        return NOMINAL_V * sum(reading.line_a)
    return reading.power_w


def _power(reading: MeterReading | BatteryReading | HeatPumpReading | None, now_s: float) -> float | None:
    if reading is None or now_s - reading.at_mono_s > FRESH_S:
        return None
    return reading.power_w


def _sum(terms: Iterable[float | None]) -> float | None:
    known = list(terms)
    return None if None in known else sum(value for value in known if value is not None)
