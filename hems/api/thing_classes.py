"""Every class of things with its states: rows (API-71)."""

from collections.abc import Callable, Sequence
from typing import Final

from hems.api import car_values as car
from hems.api import charger_values as charger
from hems.api import meter_values as meter
from hems.api import pump_values as pump
from hems.api.classes import Bounds, ClassRow, Look, Read, StateRow
from hems.api.thing_values import counted
from hems.language.words import marked
from hems.model.settings import MODES
from hems.model.units import LINES
from hems.model.view import View

NO_UNIT: Final = "UnitNone"
WATT: Final = "UnitWatt"
AMPERE: Final = "UnitAmpere"
VOLT: Final = "UnitVolt"
KILOWATT_HOUR: Final = "UnitKiloWattHour"
PERCENT: Final = "UnitPercentage"

PHASES: Final = dict(zip(LINES, "ABC", strict=True))
"""What nymea calls the lines of the site."""


def _bounds(low: float, high: float) -> Callable[[Look], Bounds]:
    return lambda _: Bounds(low, high)


def _connected(read: Read) -> StateRow:
    return StateRow("connected", marked("Connected"), "Bool", NO_UNIT, False, read)


def _power(read: Read) -> StateRow:
    return StateRow("currentPower", marked("Power"), "Double", WATT, 0.0, read)


def _consumed(read: Read) -> StateRow:
    return StateRow(
        "totalEnergyConsumed", marked("Consumed"), "Double", KILOWATT_HOUR, 0.0, read, rising=True
    )


def _produced(read: Read) -> StateRow:
    return StateRow(
        "totalEnergyProduced", marked("Produced"), "Double", KILOWATT_HOUR, 0.0, read, rising=True
    )


def _capacity(read: Read) -> StateRow:
    return StateRow("capacity", marked("Battery capacity"), "Double", KILOWATT_HOUR, 0.0, read)


def _battery(level: Read, critical: Read) -> tuple[StateRow, StateRow]:
    return (
        StateRow("batteryLevel", marked("Battery level"), "Int", PERCENT, 0, level, bounds=_bounds(0, 100)),
        StateRow("batteryCritical", marked("Battery nearly empty"), "Bool", NO_UNIT, False, critical),
    )


def _plugged(read: Read) -> StateRow:
    return StateRow("pluggedIn", marked("Plugged in"), "Bool", NO_UNIT, False, read)


def _lines(read: Read) -> StateRow:
    return StateRow("phaseCount", marked("Lines in use"), "Uint", NO_UNIT, 1, read, bounds=_bounds(1, 3))


def _by_line() -> tuple[StateRow, ...]:
    """Current and voltage of the first line are always there: clients count on them."""
    rows: list[StateRow] = []
    quantities: tuple[tuple[str, str, str, meter.Quantity], ...] = (
        ("currentPhase", marked("Current"), AMPERE, "line_a"),
        ("voltagePhase", marked("Voltage"), VOLT, "line_v"),
        ("currentPowerPhase", marked("Power"), WATT, "line_power_w"),
    )
    for name, words, unit, quantity in quantities:
        for line, phase in PHASES.items():
            needed = line == "L1" and quantity != "line_power_w"
            has = (lambda _: True) if needed else meter.has_line(quantity, line)
            read = meter.line_value(quantity, line)
            rows.append(StateRow(f"{name}{phase}", words, "Double", unit, 0.0, read, line=line, has=has))
    return tuple(rows)


def _meters(*roles: str) -> Callable[[View], Sequence[str]]:
    return lambda view: [name for name, one in view.installed.meters.items() if one.role in roles]


CLASSES: Final = (
    ClassRow(
        "energymeter",
        marked("Energy meter"),
        ("energymeter", "smartmeter", "connectable"),
        (
            _connected(meter.meter_connected),
            _power(meter.meter_w),
            _consumed(meter.consumed),
            _produced(meter.produced),
            *_by_line(),
        ),
        names=_meters("grid", "circuit"),
        seen=meter.meter_seen,
    ),
    ClassRow(
        "inverter",
        marked("Solar inverter"),
        ("solarinverter", "smartmeterproducer", "smartmeter", "connectable"),
        (
            _connected(meter.meter_connected),
            _power(meter.source_w),
            _produced(meter.site_total("pv")),
        ),
        names=_meters("pv"),
        seen=meter.meter_seen,
    ),
    ClassRow(
        "battery",
        marked("Battery"),
        ("energystorage", "battery", "smartmeter", "connectable"),
        (
            _connected(meter.meter_connected),
            _power(meter.source_w),
            _capacity(lambda _: None),
            *_battery(meter.level, meter.critical),
            StateRow(
                "chargingState",
                marked("Battery state"),
                "String",
                NO_UNIT,
                "idle",
                meter.battery_does,
                possible=("idle", "charging", "discharging"),
            ),
        ),
        names=_meters("battery"),
        seen=meter.meter_seen,
    ),
    ClassRow(
        "evcharger",
        marked("Charger"),
        ("evcharger", "power", "smartmeterconsumer", "smartmeter", "connectable"),
        (
            _connected(charger.charger_connected),
            StateRow(
                "power",
                marked("Charging allowed"),
                "Bool",
                NO_UNIT,
                True,
                lambda look: charger.orders(look).mode != "off",
                action=marked("Allow charging"),
            ),
            StateRow(
                "maxChargingCurrent",
                marked("Maximum current"),
                "Double",
                AMPERE,
                6.0,
                charger.most_a,
                bounds=charger.charger_bounds,
                action=marked("Set the maximum current"),
            ),
            StateRow(
                "chargingMode",
                marked("Charging mode"),
                "String",
                NO_UNIT,
                "surplus",
                lambda look: charger.orders(look).mode,
                possible=MODES,
                action=marked("Set the charging mode"),
            ),
            _plugged(charger.status_is(charger.PLUGGED)),
            StateRow("charging", marked("Charging"), "Bool", NO_UNIT, False, charger.is_charging),
            _lines(charger.lines_used),
            StateRow(
                "desiredPhaseCount",
                marked("Lines wanted"),
                "Uint",
                NO_UNIT,
                3,
                charger.lines_wanted,
                has=lambda look: charger.charger(look).switchable,
                bounds=_bounds(1, 3),
                possible=(1, 3),
                action=marked("Set the number of lines"),
            ),
            StateRow(
                "sessionEnergy", marked("Session energy"), "Double", KILOWATT_HOUR, 0.0, charger.session_kwh
            ),
            _power(charger.charger_w),
            _consumed(counted(charger.charger_key)),
            StateRow("chargingLimit", marked("Current it is told"), "Double", AMPERE, 0.0, charger.limit_a),
            StateRow("why", marked("Why"), "String", NO_UNIT, "", charger.why),
        ),
        names=lambda view: tuple(view.installed.chargers),
        seen=lambda look: charger.charger_reading(look) is not None,
    ),
    ClassRow(
        "vehicle",
        marked("Car"),
        ("electricvehicle", "battery"),
        (
            *_battery(car.car_level, car.car_critical),
            _capacity(car.car_kwh),
            _plugged(car.car_plugged),
            StateRow(
                "maxChargingCurrent",
                marked("Maximum current"),
                "Uint",
                AMPERE,
                16,
                car.car_most_a,
                has=car.has_most_a,
                bounds=_bounds(*car.MOST_A),
                declared=True,
            ),
            _lines(car.car_lines),
        ),
        names=lambda view: tuple(view.installed.vehicles),
    ),
    ClassRow(
        "heatpump",
        marked("Heat pump"),
        ("heatpump", "smartmeterconsumer", "smartmeter", "connectable"),
        (
            _connected(pump.pump_connected),
            StateRow(
                "sgReadyMode",
                marked("SG-Ready"),
                "String",
                NO_UNIT,
                "Low",
                pump.sg_mode,
                has=pump.has_contacts,
                possible=tuple(pump.SG_WORDS.values()),
                action=marked("Set SG-Ready"),
            ),
            _power(pump.pump_w),
            _consumed(counted(pump.pump_key)),
        ),
        names=pump.pumps,
        seen=pump.pump_seen,
        with_state={"sgReadyMode": "smartgridheatpump"},
    ),
)
"""All of them; a device belongs to the one whose `names` have it."""
