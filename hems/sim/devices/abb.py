"""ABB B23: integers, high word first, energies of 64 bits; what it does not know reads all ones."""

import struct
from typing import Final

from hems.model.loop import Clock
from hems.sim.devices.metering import FREQUENCY_HZ, Metered, advance, metered, note_currents
from hems.sim.house import House
from hems.sim.pdu import READ_HOLDING, Block, Unit
from hems.sim.scene import Device

INSTANT: Final = 0x5B00
COUNT: Final = 62
LINE_ENERGIES: Final = 24


def b23(house: House, device: Device, clock: Clock) -> Unit:
    """ABB B23: instantaneous values at 0x5B00, totals at 0x5000, none of the lines' energies."""

    def totals() -> bytes:
        seen = metered(house, device)
        return struct.pack(">2Q", round(seen.import_wh / 10.0), round(seen.export_wh / 10.0))

    blocks = (
        Block(READ_HOLDING, INSTANT, COUNT, lambda: b23_image(metered(house, device))),
        Block(READ_HOLDING, 0x5000, 8, totals),
        Block(READ_HOLDING, 0x5460, LINE_ENERGIES, lambda: b"\xff" * 2 * LINE_ENERGIES),
        Block(READ_HOLDING, 0x8900, 2, lambda: struct.pack(">I", 4_200_000 + device.unit)),
        Block(READ_HOLDING, 0x8908, 8, lambda: b"B2.21.0".ljust(16, b"\0")),
        Block(READ_HOLDING, 0x8960, 6, lambda: b"B23 112-100".ljust(12)),
    )
    return Unit(
        device.name,
        blocks,
        answer_s=(0.02, 0.05),
        on_access=advance(house, clock),
        on_read=note_currents(house, device, INSTANT + 12, 6),
    )


def b23_image(seen: Metered) -> bytes:
    """From 0x5B00: tenths of V, hundredths of A and W, thousandths of the power factor."""
    words = [0] * COUNT
    values = {
        **{2 * i: 10.0 * volt for i, volt in enumerate(seen.line_v)},
        **{12 + 2 * i: 100.0 * abs(ampere) for i, ampere in enumerate(seen.line_a)},
        20: 100.0 * sum(seen.line_w),
        **{22 + 2 * i: 100.0 * watt for i, watt in enumerate(seen.line_w)},
    }
    for offset, value in values.items():
        whole = round(value) & 0xFFFF_FFFF
        words[offset], words[offset + 1] = whole >> 16, whole & 0xFFFF
    words[44] = round(100.0 * FREQUENCY_HZ)
    words[58:62] = [1000] * 4
    return struct.pack(f">{COUNT}H", *words)
