"""What the states of meters, inverters and the house battery are in a view; ``None`` = unknown (API-71)."""

from collections.abc import Callable
from typing import Final, Literal

from hems.api.classes import Look, Value
from hems.api.thing_values import CRITICAL_PCT, connected, counted
from hems.api.units import amperes, kilowatt_hours, negative, volts, watts, whole_percent
from hems.model.snapshot import BatteryReading, MeterReading
from hems.model.units import LINES, LineName, PerLine
from hems.model.view import InstalledMeter

IDLE_W: Final = 50.0
"""A battery that is given or gives no more is idle."""

Quantity = Literal["line_a", "line_v", "line_power_w"]
ROUNDED: Final = {"line_a": amperes, "line_v": volts, "line_power_w": watts}


def meter(look: Look) -> InstalledMeter:
    """The meter a look is at."""
    return look.view.installed.meters[look.name]


def meter_reading(look: Look) -> MeterReading | BatteryReading | None:
    """What it last said."""
    snapshot, installed = look.view.snapshot, meter(look)
    match installed.role:
        case "grid":
            return snapshot.grid
        case "pv":
            return snapshot.pv
        case "battery":
            return snapshot.battery
        case "circuit":
            return snapshot.circuits.get(installed.of)
        case "charger":
            return None


def meter_connected(look: Look) -> bool:
    """Whether a meter answers."""
    return connected(look, meter_reading(look))


def meter_seen(look: Look) -> bool:
    """Whether a meter has ever answered."""
    return meter_reading(look) is not None


def meter_w(look: Look) -> float | None:
    """What a meter measures; 0 while it is silent."""
    reading = meter_reading(look)
    return watts(reading.power_w) if reading is not None and meter_connected(look) else 0.0


def source_w(look: Look) -> float | None:
    """What feeds the board, as negative consumption."""
    return watts(negative(meter_w(look)))


def told_by_line(quantity: Quantity) -> Callable[[Look, LineName], float | None]:
    """A quantity of one line, as a meter of the grid or of a circuit tells it."""

    def value(look: Look, line: LineName) -> float | None:
        reading = meter_reading(look)
        if not isinstance(reading, MeterReading):
            return None
        values: PerLine | None = getattr(reading, quantity)
        return None if values is None else values[LINES.index(line)]

    return value


def has_line(quantity: Quantity, line: LineName) -> Callable[[Look], bool]:
    """Whether a meter tells a quantity of this line."""
    return lambda look: quantity in meter(look).by_line and line in meter(look).lines


def line_value(quantity: Quantity, line: LineName) -> Callable[[Look], Value | None]:
    """A quantity of a line: currents and powers are 0 while the meter is silent, the voltage stays."""
    find, rounded = told_by_line(quantity), ROUNDED[quantity]

    def value(look: Look) -> Value | None:
        if quantity != "line_v" and not meter_connected(look):
            return 0.0
        return rounded(find(look, line))

    return value


def site_total(quantity: str) -> Callable[[Look], Value | None]:
    """A total of the whole site."""
    return counted(lambda look: f"site.{quantity}.all.total")


def consumed(look: Look) -> Value | None:
    """What flowed through a meter towards the house; a circuit's is the meter's own."""
    return _meter_total(look, "import")


def produced(look: Look) -> Value | None:
    """What flowed back."""
    return _meter_total(look, "export")


def _meter_total(look: Look, way: Literal["import", "export"]) -> Value | None:
    if meter(look).role == "grid":
        return kilowatt_hours(look.view.counters.get(f"site.grid_{way}.all.total"))
    reading = meter_reading(look)
    if not isinstance(reading, MeterReading):
        return None
    return kilowatt_hours(reading.import_wh if way == "import" else reading.export_wh)


def level(look: Look) -> Value | None:
    """How full the house's battery is."""
    reading = look.view.snapshot.battery
    return None if reading is None else whole_percent(reading.level_pct)


def critical(look: Look) -> Value | None:
    """Whether it is nearly empty."""
    reading = look.view.snapshot.battery
    return None if reading is None or reading.level_pct is None else reading.level_pct < CRITICAL_PCT


def battery_does(look: Look) -> Value | None:
    """What the house's battery does."""
    power_w = meter_w(look) or 0.0
    if abs(power_w) <= IDLE_W:
        return "idle"
    return "discharging" if power_w > 0.0 else "charging"
