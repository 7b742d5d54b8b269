"""Eastron SDM630 and SDM72DM-V2: floats in pairs of registers, even addresses and counts only."""

import struct
from typing import Final

from hems.model.loop import Clock
from hems.sim.devices.metering import FREQUENCY_HZ, Metered, advance, metered, note_currents
from hems.sim.house import House
from hems.sim.pdu import READ_HOLDING, READ_INPUT, Block, Unit
from hems.sim.scene import Device

BAUD_CODES: Final = {2400: 0.0, 4800: 1.0, 9600: 2.0, 19200: 3.0, 38400: 4.0}


def sdm_image(seen: Metered) -> bytes:
    """Input registers 0 to 79 of both SDM: floats, high word first; currents without a sign."""
    volts, watts = seen.line_v, seen.line_w
    amps, apparent = [abs(ampere) for ampere in seen.line_a], [abs(watt) for watt in watts]
    total_w, total_va = sum(watts), sum(apparent)
    factors = [-1.0 if watt < 0.0 else 1.0 for watt in (*watts, total_w)]
    return struct.pack(
        ">40f",
        *volts,
        *amps,
        *watts,
        *apparent,
        *(0.0, 0.0, 0.0),
        *factors[:3],
        *(0.0, 0.0, 0.0),
        *(sum(volts) / 3.0, 0.0, sum(amps) / 3.0, sum(amps), 0.0, total_w, 0.0, total_va, 0.0),
        *(0.0, factors[3], 0.0, 0.0, 0.0, FREQUENCY_HZ),
        *(seen.import_wh / 1000.0, seen.export_wh / 1000.0, 0.0, 0.0),
    )


def sdm630(house: House, device: Device, clock: Clock) -> Unit:
    """Eastron SDM630, with its line-to-line voltages, its total, and its serial settings."""

    def line_to_line() -> bytes:
        v1, v2, v3 = metered(house, device).line_v
        pairs = [(a * a + b * b + a * b) ** 0.5 for a, b in ((v1, v2), (v2, v3), (v3, v1))]
        return struct.pack(">4f", *pairs, sum(pairs) / 3.0)

    def total() -> bytes:
        seen = metered(house, device)
        return struct.pack(">f", (seen.import_wh + seen.export_wh) / 1000.0)

    baud = BAUD_CODES.get(house.scene.bus_of(device).baud, 2.0)
    settings = struct.pack(">6f", 0.0, float(device.unit), 0.0, 0.0, 0.0, baud)
    blocks = (
        Block(READ_INPUT, 0, 80, lambda: sdm_image(metered(house, device))),
        Block(READ_INPUT, 200, 8, line_to_line),
        Block(READ_INPUT, 342, 2, total),
        Block(READ_HOLDING, 10, 2, lambda: struct.pack(">f", 3.0)),
        Block(READ_HOLDING, 18, 12, lambda: settings),
        _serial_number(device),
    )
    return _sdm(house, device, clock, blocks)


def sdm72(house: House, device: Device, clock: Clock) -> Unit:
    """Eastron SDM72DM-V2: the same floats, and import and export power apart."""

    def powers() -> bytes:
        total_w = sum(metered(house, device).line_w)
        return struct.pack(">2f", max(0.0, total_w), max(0.0, -total_w))

    blocks = (
        Block(READ_INPUT, 0, 80, lambda: sdm_image(metered(house, device))),
        Block(READ_INPUT, 1280, 4, powers),
        _serial_number(device),
    )
    return _sdm(house, device, clock, blocks)


def _sdm(house: House, device: Device, clock: Clock, blocks: tuple[Block, ...]) -> Unit:
    return Unit(
        device.name,
        blocks,
        answer_s=(0.02, 0.06),
        max_read=80,
        even=True,
        on_access=advance(house, clock),
        on_read=note_currents(house, device, 6, 6),
    )


def _serial_number(device: Device) -> Block:
    return Block(READ_HOLDING, 64_512, 2, lambda: struct.pack(">I", 21_000_000 + device.unit))
