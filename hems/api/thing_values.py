"""What is the same for the values of all kinds of things: freshness, totals, powers (API-72)."""

from collections.abc import Callable
from typing import Final

from hems.api.classes import Look, Value
from hems.api.units import kilowatt_hours, watts
from hems.model.snapshot import BatteryReading, ChargerReading, HeatPumpReading, MeterReading

FRESH_S: Final = 12.0
"""A device that was heard of within this time is connected; powers of older readings are unknown."""

CRITICAL_PCT: Final = 10.0
"""A battery below is nearly empty."""

Reading = MeterReading | BatteryReading | ChargerReading | HeatPumpReading


def connected(look: Look, reading: Reading | None) -> bool:
    """Whether a device was heard of just now; one that sleeps as its kind may is not lost."""
    if isinstance(reading, ChargerReading) and reading.asleep:
        return True
    return reading is not None and look.view.now.mono_s - reading.at_mono_s <= FRESH_S


def counted(key: Callable[[Look], str]) -> Callable[[Look], Value | None]:
    """A total of the counters."""
    return lambda look: kilowatt_hours(look.view.counters.get(key(look)))


def drawn_w(look: Look, there: bool) -> Value | None:
    """What a charger or heat pump draws; 0 while it is not `there`."""
    return watts(look.view.balance.things_w.get(look.name)) if there else 0.0
