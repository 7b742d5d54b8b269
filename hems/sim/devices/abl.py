"""ABL eMH1 on an ASCII line: whole blocks only, silence where others refuse, asleep after a second of it."""

import struct
from dataclasses import replace
from typing import Final

from hems.model.loop import Clock
from hems.sim.chargers import ABL_DUTY, ABL_MODIFY
from hems.sim.devices.charging import Box, box
from hems.sim.house import House
from hems.sim.pdu import READ_HOLDING, WRITE_MANY, Block, Unit
from hems.sim.scene import Device

WAKE_AFTER_S: Final = 1.0
FIRMWARE: Final = 0x0123
METER_FITTED: Final = 1 << 5
EV_CONNECTED, DUTY_REDUCED, EN2, EN1 = 1 << 15, 1 << 14, 1 << 13, 1 << 12
ENABLED: Final = 0xA1


def emh(house: House, device: Device, clock: Clock) -> Unit:
    """eMH1 with a current sensor; each block's first byte is overwritten by the low byte of its address."""
    its = box(house, device, clock)
    held = its.point.charger

    def long_status() -> bytes:
        duty = held.holding[ABL_DUTY]
        word = (EV_CONNECTED if its.point.car.plugged else 0) | EN2 | EN1 | duty
        return struct.pack(">5H", state(its), word, *(round(10.0 * ampere) for ampere in its.line_a))

    def short_status() -> bytes:
        return bytes((0, state(its), *(round(ampere) for ampere in its.line_a), 0))

    def limit() -> bytes:
        return struct.pack(">5H", 0, 0, 0, held.holding[ABL_DUTY], 0)

    serial = f"_2W22{device.unit:05d}".encode().ljust(16, b"\0")
    rows = {
        (0x0001, 2): lambda: struct.pack(">2H", device.unit, FIRMWARE | METER_FITTED),
        (0x0003, 1): lambda: bytes(2),
        (0x0006, 2): lambda: bytes(4),
        (0x000F, 5): limit,
        (0x002E, 5): long_status,
        (0x0033, 3): short_status,
        (0x0050, 8): lambda: serial,
    }
    blocks = (Block(READ_HOLDING, at, count, image, whole=True) for (at, count), image in rows.items())
    unit = its.unit(tuple(blocks), frozenset({WRITE_MANY}), (0.01, 0.03))
    return replace(unit, start=">", wake_after_s=WAKE_AFTER_S, curt=True, low_address=True, found=True)


def state(its: Box) -> int:
    """The state byte, whose hexadecimal digits are its name: E0, A1, B1 or B2, C2."""
    order = its.point.charger.holding[ABL_MODIFY]
    if order != ENABLED:
        return order
    if not its.point.car.plugged:
        return 0xA1
    if its.point.car.drawn_a > 0.0:
        return 0xC2
    return 0xB2 if its.offered_a > 0.0 else 0xB1
