"""The register maps of the simulated devices, filled from the house.

Written by hand from what the makers' tables say, and independently of the profiles that read them: two sides
made from one table would be wrong alike. Registers a maker does not name but which lie inside a run it serves
read as zero.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from hems.model.loop import Clock
from hems.model.units import LINES
from hems.sim import heat
from hems.sim.house import ChargePoint, House
from hems.sim.pdu import (
    ACCEPTED,
    ILLEGAL_ADDRESS,
    READ_HOLDING,
    READ_INPUT,
    WRITE_MANY,
    WRITE_ONE,
    Block,
    Unit,
)
from hems.sim.scene import Bus, Device, Model

BAUD_CODES: Final = {2400: 0.0, 4800: 1.0, 9600: 2.0, 19200: 3.0, 38400: 4.0}
CURRENTS: Final = (6, 6)
"""Address and count of an SDM's three currents."""

GRID_IMPORT_WH, GRID_EXPORT_WH, CHARGER_WH, PV_WH = 4_321_000.0, 8_765_000.0, 1_234_000.0, 12_345_678.0
"""What the meters had counted before the start."""


@dataclass(frozen=True, slots=True)
class Metered:
    """What a meter sees on its three lines, in its own order; imports positive."""

    line_v: list[float]
    line_a: list[float]
    line_w: list[float]
    import_wh: float
    export_wh: float


def units(house: House, bus: Bus, clock: Clock) -> dict[int, Unit]:
    """The register maps of all devices of one serial line, by unit id."""
    return {device.unit: MAPS[device.model](house, device, clock) for device in house.scene.on(bus)}


def metered(house: House, device: Device) -> Metered:
    """What this meter sees: the grid point, or the charger it measures."""
    board, truth = house.board, house.truth
    lines = [LINES.index(line) for line in device.lines]
    line_v = [board.line_v[line] for line in lines]
    if device.measures == "grid":
        line_a, line_w = board.line_a, board.line_w
        import_wh, export_wh = GRID_IMPORT_WH + truth.import_wh, GRID_EXPORT_WH + truth.export_wh
        return Metered(
            line_v, [line_a[line] for line in lines], [line_w[line] for line in lines], import_wh, export_wh
        )
    point = house.points[device.measures]
    drawn_a = [point.drawn_a[line] for line in lines]
    drawn_w = [ampere * volt for ampere, volt in zip(drawn_a, line_v, strict=True)]
    return Metered(line_v, drawn_a, drawn_w, CHARGER_WH + point.energy_wh, 0.0)


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
        *(0.0, factors[3], 0.0, 0.0, 0.0, 50.0),
        *(seen.import_wh / 1000.0, seen.export_wh / 1000.0, 0.0, 0.0),
    )


def sdm630(house: House, device: Device, clock: Clock) -> Unit:
    """Eastron SDM630: floats in pairs of registers, even addresses and counts only."""

    def line_to_line() -> bytes:
        v1, v2, v3 = metered(house, device).line_v
        pairs = [(a * a + b * b + a * b) ** 0.5 for a, b in ((v1, v2), (v2, v3), (v3, v1))]
        return struct.pack(">4f", *pairs, sum(pairs) / 3.0)

    def total() -> bytes:
        seen = metered(house, device)
        return struct.pack(">f", (seen.import_wh + seen.export_wh) / 1000.0)

    settings = struct.pack(
        ">6f", 0.0, float(device.unit), 0.0, 0.0, 0.0, BAUD_CODES.get(house.scene.bus_of(device).baud, 2.0)
    )
    blocks = (
        Block(READ_INPUT, 0, 80, lambda: sdm_image(metered(house, device))),
        Block(READ_INPUT, 200, 8, line_to_line),
        Block(READ_INPUT, 342, 2, total),
        Block(READ_HOLDING, 10, 2, lambda: struct.pack(">f", 3.0)),
        Block(READ_HOLDING, 18, 12, lambda: settings),
        _serial_number(device),
    )
    return _meter(house, device, clock, blocks)


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
    return _meter(house, device, clock, blocks)


def evse_wb(house: House, device: Device, clock: Clock) -> Unit:
    """EVSE-WB: holding registers 1000 to 1007 and 2000 to 2017; measures nothing."""
    point = house.points[device.name]
    holding = point.charger.holding

    def state() -> bytes:
        limit_a = point.charger.offered_a(clock.mono_s())
        car = point.car
        status = 1 if not car.plugged else 3 if car.drawn_a > 0.0 else 2
        pilot = 2 if limit_a > 0.0 else 1
        return struct.pack(">8H", holding[1000], int(limit_a), status, 20, holding[1004], 18, pilot, 0)

    def settings() -> bytes:
        return struct.pack(">18H", *(holding.get(address, 0) for address in range(2000, 2018)))

    return Unit(
        device.name,
        (Block(READ_HOLDING, 1000, 8, state), Block(READ_HOLDING, 2000, 18, settings)),
        answer_s=(0.02, 0.05),
        writes_by=frozenset({WRITE_ONE, WRITE_MANY}),
        write=_charger_write(house, point, clock),
        on_access=_charger_access(house, point, clock),
    )


def heidelberg(house: House, device: Device, clock: Clock) -> Unit:
    """Heidelberg Energy Control: inputs 4 to 18, holdings 257 to 262; apparent power and energy."""
    point = house.points[device.name]
    charger = point.charger
    sites = [LINES.index(line) for line in device.lines]

    def inputs() -> bytes:
        volts = [house.board.line_v[site] for site in sites]
        amps = [point.drawn_a[site] for site in sites]
        power_va = sum(volt * ampere for volt, ampere in zip(volts, amps, strict=True))
        return struct.pack(
            ">2H3Hh3HHHII",
            *(0x0108, heidelberg_state(point, charger.offered_a(clock.mono_s()))),
            *(round(10.0 * ampere) for ampere in amps),
            *(251, *(round(volt) for volt in volts)),
            *(int(point.relay_closed), round(power_va)),
            *(int(point.energy_wh), int(CHARGER_WH + point.energy_wh)),
        )

    def registers(first: int, count: int) -> Callable[[], bytes]:
        return lambda: struct.pack(f">{count}H", *(charger.holding[first + place] for place in range(count)))

    return Unit(
        device.name,
        (
            Block(READ_INPUT, 4, 15, inputs),
            Block(READ_INPUT, 100, 2, lambda: struct.pack(">2H", device.max_a, 6)),
            Block(READ_HOLDING, 257, 3, registers(257, 3)),
            Block(READ_HOLDING, 261, 2, registers(261, 2)),
        ),
        answer_s=(0.02, 0.05),
        writes_by=frozenset({WRITE_ONE, WRITE_MANY}),
        write=_charger_write(house, point, clock),
        on_access=_charger_access(house, point, clock),
    )


def heidelberg_state(point: ChargePoint, limit_a: float) -> int:
    """Register 5: A1 2, A2 3, B1 4, B2 5, C2 7; the first of a pair where the box allows nothing."""
    if point.car.plugged and point.car.drawn_a > 0.0:
        return 7
    allowed = limit_a > 0.0 and point.relay_closed
    return (4 if point.car.plugged else 2) + allowed


def lambda_eul(house: House, device: Device, clock: Clock) -> Unit:
    """Lambda EU-L: ambient, energy manager and first heat pump; single registers written by function 16."""
    surplus = [0]

    def manager() -> bytes:
        return struct.pack(">hHHhh", 0, 1, surplus[0], round(house.board.pump_w), 0)

    def pump() -> bytes:
        state = house.pump or heat.HeatPump()
        power_w, heat_w = heat.power_w(state), heat.heat_w(state)
        return struct.pack(
            ">HhHHhhhhhHHhhhhhh3Hii",
            *(0, 0, int(state.rating > 0.0), heat.row(state).operating),
            *(3500, 3000, 1200, 800, 450, 0),
            *(round(state.rating), round(heat_w / 100.0), round(power_w), round(100.0 * heat_w / power_w)),
            *(0, 0, 0, 0, 0, 0),
            *(int(state.electric_wh), int(state.thermal_wh)),
        )

    def write(address: int, values: tuple[int, ...]) -> int:
        if address != 102 or len(values) != 1:
            return ILLEGAL_ADDRESS
        surplus[0] = values[0]
        house.note_write(clock.mono_s())
        return ACCEPTED

    return Unit(
        device.name,
        (
            Block(READ_HOLDING, 0, 5, lambda: struct.pack(">hHhhh", 0, 1, 215, 198, 203)),
            Block(READ_HOLDING, 100, 5, manager),
            Block(READ_HOLDING, 1000, 24, pump),
        ),
        answer_s=(0.03, 0.06),
        writes_by=frozenset({WRITE_MANY}),
        write=write,
        on_access=_advance(house, clock),
    )


def sunspec(house: House, device: Device, clock: Clock) -> Unit:
    """A SunSpec inverter: marker at 40000, common model of length 66, model 103, end marker."""
    maker, model = b"Desk".ljust(32, b"\0"), b"Roof 9".ljust(32, b"\0")
    serial = f"{device.unit:06d}".encode().ljust(32, b"\0")
    common = maker + model + bytes(16) + b"1.0".ljust(16, b"\0") + serial + bytes((0, device.unit, 0, 0))
    head = b"SunS" + struct.pack(">2H", 1, 66) + common
    end = struct.pack(">2H", 0xFFFF, 0)
    return Unit(
        device.name,
        (Block(READ_HOLDING, 40_000, 124, lambda: head + inverter_image(house) + end),),
        answer_s=(0.03, 0.06),
        on_access=_advance(house, clock),
    )


def inverter_image(house: House) -> bytes:
    """Model 103 with its header: A 10^-2, V 10^-1, W 10^1, Hz 10^-2; the rest is not implemented."""
    board = house.board
    amps = [round(100.0 * board.pv_w / 3.0 / volt) for volt in board.line_v]
    volts = [round(10.0 * volt) for volt in board.line_v]
    return struct.pack(
        ">2H4Hh3H3Hh2hHh2h2h2hIh6H5hHHII4I",
        *(103, 50, sum(amps), *amps, -2),
        *(NO_U16, NO_U16, NO_U16, *volts, -1),
        *(round(board.pv_w / 10.0), 1, 5000, -2),
        *(round(board.pv_w / 10.0), 1, NO_S16, NO_S16, NO_S16, NO_S16),
        *(int(PV_WH + house.truth.pv_wh), 0),
        *(NO_U16, NO_SF, NO_U16, NO_SF, NO_SF, NO_SF),
        *(412, NO_S16, NO_S16, NO_S16, -1),
        *(4 if board.pv_w > 0.0 else 2, NO_U16, 0, 0),
        *(0, 0, 0, 0),
    )


NO_U16: Final = 0xFFFF
NO_SF: Final = 0x8000
NO_S16: Final = -0x8000

MAPS: Final[Mapping[Model, Callable[[House, Device, Clock], Unit]]] = {
    "eastron-sdm630": sdm630,
    "eastron-sdm72dm-v2": sdm72,
    "evse-wb": evse_wb,
    "heidelberg-energy-control": heidelberg,
    "lambda-eul": lambda_eul,
    "sunspec": sunspec,
}


def _meter(house: House, device: Device, clock: Clock, blocks: tuple[Block, ...]) -> Unit:
    """An SDM with these blocks; the grid's tells the house when a master has learned its currents."""

    def read(address: int, count: int) -> None:
        first, three = CURRENTS
        if device.measures == "grid" and address <= first and first + three <= address + count:
            house.note_grid_reading()

    return Unit(
        device.name,
        blocks,
        answer_s=(0.02, 0.06),
        max_read=80,
        even=True,
        on_access=_advance(house, clock),
        on_read=read,
    )


def _serial_number(device: Device) -> Block:
    return Block(READ_HOLDING, 64_512, 2, lambda: struct.pack(">I", 21_000_000 + device.unit))


def _advance(house: House, clock: Clock) -> Callable[[], None]:
    return lambda: house.advance(clock.mono_s())


def _charger_access(house: House, point: ChargePoint, clock: Clock) -> Callable[[], None]:
    def access() -> None:
        house.advance(clock.mono_s())
        point.charger.touch(clock.mono_s())

    return access


def _charger_write(house: House, point: ChargePoint, clock: Clock) -> Callable[[int, tuple[int, ...]], int]:
    def write(address: int, values: tuple[int, ...]) -> int:
        code = house.write_charger(point, address, values, clock.mono_s())
        if code == ACCEPTED:
            house.note_write(clock.mono_s())
        return code

    return write
