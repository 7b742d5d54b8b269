"""Which register map every simulated model has; the maps themselves are in `devices`."""

from collections.abc import Callable, Mapping
from typing import Final

from hems.model.loop import Clock
from hems.sim.devices.abb import b23
from hems.sim.devices.abl import emh
from hems.sim.devices.eastron import sdm72, sdm630
from hems.sim.devices.evracing import evse_wb
from hems.sim.devices.gavazzi import em24
from hems.sim.devices.heidelberg import energy_control
from hems.sim.devices.lambda_eul import eul
from hems.sim.devices.lg import therma_v
from hems.sim.devices.mennekes import amtron_compact
from hems.sim.devices.sunspec import sunspec
from hems.sim.house import House
from hems.sim.pdu import Unit
from hems.sim.scene import Bus, Device, Model

MAPS: Final[Mapping[Model, Callable[[House, Device, Clock], Unit]]] = {
    "abb-b23": b23,
    "abl-emh": emh,
    "eastron-sdm630": sdm630,
    "eastron-sdm72dm-v2": sdm72,
    "evse-wb": evse_wb,
    "gavazzi-em24": em24,
    "heidelberg-energy-control": energy_control,
    "lambda-eul": eul,
    "lg-therma-v": therma_v,
    "mennekes-amtron-compact": amtron_compact,
    "sunspec": sunspec,
}


def units(house: House, bus: Bus, clock: Clock) -> dict[int, Unit]:
    """The register maps of all devices of one serial line, by unit id."""
    return {device.unit: MAPS[device.model](house, device, clock) for device in house.scene.on(bus)}
