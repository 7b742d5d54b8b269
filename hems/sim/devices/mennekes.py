"""Mennekes AMTRON Compact 2.0s: floats, high word first, a heartbeat, and a fall-back without it."""

import struct
from typing import Final

from hems.model.loop import Clock
from hems.sim.chargers import FALLBACK, Mennekes
from hems.sim.devices.charging import Box, box, holdings
from hems.sim.devices.metering import CHARGER_WH
from hems.sim.house import House
from hems.sim.pdu import READ_HOLDING, READ_INPUT, WRITE_MANY, WRITE_ONE, Block, Unit
from hems.sim.scene import Device

LAYOUT: Final = 0x0103
GRANTED: Final = 1


def amtron_compact(house: House, device: Device, clock: Clock) -> Unit:
    """Layout 1.0.3, three lines; both read functions give the same registers."""
    its = box(house, device, clock)
    box_of, point = its.point.charger, its.point
    assert isinstance(box_of, Mennekes)

    def limits() -> bytes:
        floats = struct.pack(">4f", 0.0, box_of.limit_a, device.max_a, device.max_a)
        return floats + struct.pack(">12H", *(0,) * 4, 1, 0, box_of.holding[FALLBACK], 0, 0, 2, 0, 0)

    def energies() -> bytes:
        return struct.pack(">fI", (CHARGER_WH + point.energy_wh) / 1000.0, 0)

    def session() -> bytes:
        lines = len(point.uses) if point.car.drawn_a > 0.0 else 0
        return struct.pack(">2fIH", its.offered_a, point.energy_wh / 1000.0, 0, lines)

    def failure() -> bytes:
        return struct.pack(">3H", 0, box_of.is_alone(clock.mono_s()), 0)

    def identity() -> bytes:
        serial = f"1384{device.unit:06d}".encode().ljust(16, b"\0")
        return LAYOUT.to_bytes(2, "big") + b"1.11".ljust(16, b"\0") + bytes(20) + serial

    rows = {
        (0x0000, 27): identity,
        (0x0100, 9): lambda: struct.pack(">9H", state(its), GRANTED, 0, 0, 0, 0, 0, 0, pilot(its)),
        (0x0114, 2): lambda: struct.pack(">f", its.offered_a),
        (0x0300, 20): limits,
        (0x0500, 20): lambda: struct.pack(">10f", *its.line_a, *its.line_v, *its.line_w, sum(its.line_w)),
        (0x0900, 2): lambda: struct.pack(">f", 31.5),
        (0x0B00, 7): session,
        (0x0E00, 3): failure,
        (0x1000, 4): energies,
    }
    blocks: list[Block] = []
    for function in (READ_HOLDING, READ_INPUT):
        blocks += [Block(function, at, count, image) for (at, count), image in rows.items()]
        blocks += [holdings(its, function, FALLBACK, 1), holdings(its, function, 0x0D02, 5)]
    return its.unit(tuple(blocks), frozenset({WRITE_ONE, WRITE_MANY}), (0.01, 0.03))


def state(its: Box) -> int:
    """Register 0x0100: 1 no car, 3 a car that waits, 5 charging."""
    if not its.point.car.plugged:
        return 1
    return 5 if its.point.car.drawn_a > 0.0 else 3


def pilot(its: Box) -> int:
    """Register 0x0108: A, B or C, 1 without and 2 with a current offered."""
    first = 10 if not its.point.car.plugged else 12 if its.point.car.drawn_a > 0.0 else 11
    return first + (16 if its.offered_a > 0.0 else 0)
