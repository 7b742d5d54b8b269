"""Every class, its interfaces and its states."""

import pytest

from hems.api.actions import ACTIONS
from hems.api.classes import Look, thing_class
from hems.api.integration_types import ENUMS
from hems.api.thing_classes import CLASSES
from tests.api.thing_house import VIEW, fold

PYTHON = {"Bool": bool, "Int": int, "Uint": int, "Double": float, "String": str}

INTERFACES = {
    "energymeter": ["energymeter", "smartmeter", "connectable"],
    "inverter": ["solarinverter", "smartmeterproducer", "smartmeter", "connectable"],
    "battery": ["energystorage", "battery", "smartmeter", "connectable"],
    "evcharger": ["evcharger", "power", "smartmeterconsumer", "smartmeter", "connectable"],
    "vehicle": ["electricvehicle", "battery"],
    "heatpump": ["smartgridheatpump", "heatpump", "smartmeterconsumer", "smartmeter", "connectable"],
}

TABLE = """
energymeter connected Bool UnitNone
energymeter currentPower Double UnitWatt
energymeter totalEnergyConsumed Double UnitKiloWattHour
energymeter totalEnergyProduced Double UnitKiloWattHour
energymeter currentPhaseA Double UnitAmpere
energymeter currentPhaseB Double UnitAmpere
energymeter currentPhaseC Double UnitAmpere
energymeter voltagePhaseA Double UnitVolt
energymeter voltagePhaseB Double UnitVolt
energymeter voltagePhaseC Double UnitVolt
energymeter currentPowerPhaseA Double UnitWatt
energymeter currentPowerPhaseB Double UnitWatt
energymeter currentPowerPhaseC Double UnitWatt
inverter connected Bool UnitNone
inverter currentPower Double UnitWatt
inverter totalEnergyProduced Double UnitKiloWattHour
battery connected Bool UnitNone
battery currentPower Double UnitWatt
battery capacity Double UnitKiloWattHour
battery batteryLevel Int UnitPercentage
battery batteryCritical Bool UnitNone
battery chargingState String UnitNone
evcharger connected Bool UnitNone
evcharger power Bool UnitNone w
evcharger maxChargingCurrent Double UnitAmpere w
evcharger chargingMode String UnitNone w
evcharger pluggedIn Bool UnitNone
evcharger charging Bool UnitNone
evcharger phaseCount Uint UnitNone
evcharger desiredPhaseCount Uint UnitNone w
evcharger sessionEnergy Double UnitKiloWattHour
evcharger currentPower Double UnitWatt
evcharger totalEnergyConsumed Double UnitKiloWattHour
evcharger chargingLimit Double UnitAmpere
evcharger why String UnitNone
vehicle batteryLevel Int UnitPercentage
vehicle batteryCritical Bool UnitNone
vehicle capacity Double UnitKiloWattHour
vehicle pluggedIn Bool UnitNone
vehicle maxChargingCurrent Uint UnitAmpere
vehicle phaseCount Uint UnitNone
heatpump connected Bool UnitNone
heatpump sgReadyMode String UnitNone w
heatpump currentPower Double UnitWatt
heatpump totalEnergyConsumed Double UnitKiloWattHour
"""


def test_every_state_has_its_type_and_unit() -> None:
    """API-71."""
    told = [
        " ".join((row.name, state.name, state.type, state.unit, *(["w"] if state.action else [])))
        for row in CLASSES
        for state in row.states
    ]
    assert told == TABLE.strip().splitlines()


def test_every_class_has_its_interfaces() -> None:
    """API-71."""
    ranges = fold(VIEW).ranges
    assert {row.name: thing_class(row, ranges[row.name])["interfaces"] for row in CLASSES} == INTERFACES


@pytest.mark.parametrize("row", CLASSES, ids=lambda row: row.name)
def test_every_first_value_is_of_its_type(row: object) -> None:
    """API-72: before anything is known."""
    for state in next(one for one in CLASSES if one is row).states:
        assert type(state.first) is PYTHON[state.type], state.name
        assert not state.possible or state.first in state.possible
        assert state.unit in ENUMS["Unit"]
        assert all(type(one) is PYTHON[state.type] for one in state.possible)


def test_every_state_that_can_be_set_has_its_action_and_no_other() -> None:
    """API-74."""
    writable = {(row.name, state.name) for row in CLASSES for state in row.states if state.action}
    assert writable == ACTIONS.keys()


def test_each_device_belongs_to_one_class() -> None:
    """API-70."""
    names = [name for row in CLASSES for name in row.names(VIEW)]
    assert sorted(names) == sorted(
        ["grid", "shed", "roof", "cell", "garage", "carport", "zoe", "bike", "pump", "attic"]
    )
    assert all(row.seen(Look(VIEW, name)) for row in CLASSES for name in row.names(VIEW))
