"""Carlo Gavazzi EM24: 32-bit integers, low word first, at most eleven registers a read, either function."""

import struct
from typing import Final

from hems.model.loop import Clock
from hems.sim.devices.metering import FREQUENCY_HZ, Metered, advance, metered, note_currents
from hems.sim.house import House
from hems.sim.pdu import READ_HOLDING, READ_INPUT, WRITE_ONE, Block, Unit
from hems.sim.scene import Device

MOST_REGISTERS: Final = 11
MODEL: Final = 71
COUNT: Final = 94
RESET_WH: Final = 1_000_000.0
"""What had been counted when the partial counter was set to zero."""
APPLICATION_H: Final = 7


def em24(house: House, device: Device, clock: Clock) -> Unit:
    """EM24-DIN in application H; register 11 read alone is the model, else the last voltage's high word."""

    def image() -> bytes:
        return em24_image(metered(house, device))

    model, settings = struct.pack(">H", MODEL), struct.pack(">2H", APPLICATION_H, 0)
    serial = f"BR{device.unit:06d}".encode().ljust(14, b"\0")
    blocks = [
        block
        for function in (READ_HOLDING, READ_INPUT)
        for block in (
            Block(function, 11, 1, lambda: model, whole=True),
            Block(function, 0, COUNT, image),
            Block(function, 0x1101, 2, lambda: settings),
            Block(function, 0x110A, 2, lambda: struct.pack(">2H", device.unit, 1)),
            Block(function, 0x1300, 7, lambda: serial),
        )
    ]
    return Unit(
        device.name,
        tuple(blocks),
        answer_s=(0.03, 0.06),
        writes_by=frozenset({WRITE_ONE}),
        max_read=MOST_REGISTERS,
        on_access=advance(house, clock),
        on_read=note_currents(house, device, 12, 6),
    )


def em24_image(seen: Metered) -> bytes:
    """Registers 0 to 93: V and W and kWh in tenths, A in thousandths; kWh in at 62, the partial one at 66."""
    words = [0] * COUNT
    volts, watts = seen.line_v, seen.line_w
    v1, v2, v3 = volts
    pairs = [(a * a + b * b + a * b) ** 0.5 for a, b in ((v1, v2), (v2, v3), (v3, v1))]
    apparent = sum(abs(watt) for watt in watts)
    values = {
        **{2 * i: 10.0 * volt for i, volt in enumerate((*volts, *pairs))},
        **{12 + 2 * i: 1000.0 * abs(ampere) for i, ampere in enumerate(seen.line_a)},
        **{18 + 2 * i: 10.0 * watt for i, watt in enumerate(watts)},
        36: 10.0 * sum(volts) / 3.0,
        40: 10.0 * sum(watts),
        42: 10.0 * apparent,
        62: seen.import_wh / 100.0,
        66: (seen.import_wh - RESET_WH) / 100.0,
        **{70 + 2 * i: seen.import_wh / 300.0 for i in range(3)},
        92: seen.export_wh / 100.0,
    }
    for address, value in values.items():
        whole = round(value) & 0xFFFF_FFFF
        words[address], words[address + 1] = whole & 0xFFFF, whole >> 16
    words[50:54] = [1000] * 4
    words[55] = round(10.0 * FREQUENCY_HZ)
    return struct.pack(f">{COUNT}H", *words)
