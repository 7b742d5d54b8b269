"""EVRacing EVSE-WB: holding registers 1000 to 1007 and 2000 to 2017; measures nothing."""

import struct

from hems.model.loop import Clock
from hems.sim.devices.charging import box, holdings
from hems.sim.house import House
from hems.sim.pdu import READ_HOLDING, WRITE_MANY, WRITE_ONE, Block, Unit
from hems.sim.scene import Device

FIRMWARE, CABLE_A = 18, 20


def evse_wb(house: House, device: Device, clock: Clock) -> Unit:
    """Set current, limit, state, cable, command, firmware, pilot; the settings from 2000 on."""
    its = box(house, device, clock)
    point = its.point

    def state() -> bytes:
        limit_a, held = its.offered_a, point.charger.holding
        status = 1 if not point.car.plugged else 3 if point.car.drawn_a > 0.0 else 2
        pilot = 2 if limit_a > 0.0 else 1
        return struct.pack(">8H", held[1000], int(limit_a), status, CABLE_A, held[1004], FIRMWARE, pilot, 0)

    blocks = (Block(READ_HOLDING, 1000, 8, state), holdings(its, READ_HOLDING, 2000, 18))
    return its.unit(blocks, frozenset({WRITE_ONE, WRITE_MANY}), (0.02, 0.05))
