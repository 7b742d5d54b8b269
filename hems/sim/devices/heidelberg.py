"""Heidelberg Energy Control: inputs 4 to 18, holdings 257 to 262; apparent power and energy."""

import struct

from hems.model.loop import Clock
from hems.sim.devices.charging import box, holdings
from hems.sim.devices.metering import CHARGER_WH
from hems.sim.house import House
from hems.sim.pdu import READ_HOLDING, READ_INPUT, WRITE_MANY, WRITE_ONE, Block, Unit
from hems.sim.points import ChargePoint
from hems.sim.scene import Device

LAYOUT, TEMPERATURE_DC = 0x0108, 251


def energy_control(house: House, device: Device, clock: Clock) -> Unit:
    """The register layout V1.0.8."""
    its = box(house, device, clock)
    point = its.point

    def inputs() -> bytes:
        return struct.pack(
            ">2H3Hh3HHHII",
            *(LAYOUT, state(point, its.offered_a)),
            *(round(10.0 * ampere) for ampere in its.line_a),
            *(TEMPERATURE_DC, *(round(volt) for volt in its.line_v)),
            *(int(point.relay_closed), round(sum(its.line_w))),
            *(int(point.energy_wh), int(CHARGER_WH + point.energy_wh)),
        )

    blocks = (
        Block(READ_INPUT, 4, 15, inputs),
        Block(READ_INPUT, 100, 2, lambda: struct.pack(">2H", device.max_a, 6)),
        holdings(its, READ_HOLDING, 257, 3),
        holdings(its, READ_HOLDING, 261, 2),
    )
    return its.unit(blocks, frozenset({WRITE_ONE, WRITE_MANY}), (0.02, 0.05))


def state(point: ChargePoint, limit_a: float) -> int:
    """Register 5: A1 2, A2 3, B1 4, B2 5, C2 7; the first of a pair where the box allows nothing."""
    if point.car.plugged and point.car.drawn_a > 0.0:
        return 7
    allowed = limit_a > 0.0 and point.relay_closed
    return (4 if point.car.plugged else 2) + allowed
