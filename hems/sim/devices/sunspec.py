"""A device that publishes its own map: the marker at 40000, then models of identity, length and data."""

import struct
from collections.abc import Callable, Mapping
from typing import Final

from hems.model.loop import Clock
from hems.sim import battery as batteries
from hems.sim.battery import BatteryModel
from hems.sim.devices.metering import PV_WH, advance, metered, note_currents
from hems.sim.house import House
from hems.sim.pdu import READ_HOLDING, Block, Unit
from hems.sim.scene import Device

MARKER: Final = 40_000
COMMON_LENGTH: Final = 66
NO_U16: Final = 0xFFFF
NO_SF: Final = 0x8000
NO_S16: Final = -0x8000
BATTERY: Final = BatteryModel(level_pct=55.0)
"""What a device says of a house without a battery."""
HOLDING, CONNECTED = 6, 3


def sunspec(house: House, device: Device, clock: Clock) -> Unit:
    """The common model of length 66, the models of the row, the end marker."""
    maker, model = b"Desk".ljust(32, b"\0"), b"Roof 9".ljust(32, b"\0")
    serial = f"{device.unit:06d}".encode().ljust(32, b"\0")
    common = maker + model + bytes(16) + b"1.0".ljust(16, b"\0") + serial + bytes((0, device.unit, 0, 0))
    head = b"SunS" + struct.pack(">2H", 1, COMMON_LENGTH) + common

    def image() -> bytes:
        chain = b"".join(MODELS[number](house, device) for number in device.models)
        return head + chain + struct.pack(">2H", 0xFFFF, 0)

    lengths = [len(MODELS[number](house, device)) // 2 for number in device.models]
    before = lengths[: device.models.index(203)] if 203 in device.models else lengths
    currents_at = MARKER + len(head) // 2 + sum(before) + 3
    return Unit(
        device.name,
        (Block(READ_HOLDING, MARKER, len(image()) // 2, image),),
        answer_s=(0.03, 0.06),
        on_access=advance(house, clock),
        on_read=note_currents(house, device, currents_at, 4),
    )


def inverter(house: House, device: Device) -> bytes:
    """Model 103: A 10^-2, V 10^-1, W 10^1, Hz 10^-2; the rest is not implemented."""
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


def meter(house: House, device: Device) -> bytes:
    """Model 203: A 10^-2, V 10^-1, W 10^0 with imports positive; of energies only the totals, in Wh."""
    seen = metered(house, device)
    amps = [round(100.0 * abs(ampere)) for ampere in seen.line_a]
    volts = [round(10.0 * volt) for volt in seen.line_v]
    watts = [round(watt) for watt in seen.line_w]
    rows = {2: sum(amps), 6: -2, 7: round(sum(volts) / 3.0), 15: -1, 16: 5000, 17: -2, 18: sum(watts), 22: 0}
    rows |= dict(zip((3, 4, 5, 8, 9, 10, 19, 20, 21), (*amps, *volts, *watts), strict=True))
    rows |= dict.fromkeys((*range(38, 55), 105, 106), 0)
    for at, energy_wh in ((38, seen.export_wh), (46, seen.import_wh)):
        rows[at], rows[at + 1] = divmod(int(energy_wh), 1 << 16)
    return _model(203, 105, rows, NO_S16)


def nameplate(house: House, device: Device) -> bytes:
    """Model 120: a roof of its rated power; the rest is not implemented."""
    return _model(120, 26, {2: 4, 3: round(house.scene.pv_peak_w), 4: 0})


def storage(house: House, device: Device) -> bytes:
    """Model 124: a battery's charge in percent."""
    model, now = _battery(house)
    level_pct = round(batteries.level_pct(model, now))
    rows = {
        2: round(model.max_w),
        5: 0,
        8: level_pct,
        11: HOLDING,
        12: 100,
        13: 100,
        17: 1,
        18: 0,
        22: 0,
        25: 0,
    }
    return _model(124, 24, rows)


def battery(house: House, device: Device) -> bytes:
    """Model 802: a battery; charge in percent, W 10^0, positive while it discharges."""
    model, now = _battery(house)
    level_pct, most_w = round(batteries.level_pct(model, now)), round(model.max_w)
    rows = {3: round(model.capacity_wh), 4: most_w, 5: most_w, 11: level_pct, 16: HOLDING, 22: CONNECTED}
    rows[47] = round(now.power_w)
    return _model(802, 62, rows | dict.fromkeys((53, 54, 56, 63), 0))


def _battery(house: House) -> tuple[BatteryModel, batteries.Battery]:
    """The battery of the house, or one at rest."""
    if house.scene.battery is None or house.battery is None:
        return BATTERY, batteries.fresh(BATTERY)
    return house.scene.battery, house.battery


def _model(number: int, length: int, rows: Mapping[int, int], absent: int = NO_U16) -> bytes:
    """A model with its header; `rows` are single registers by their offset from it."""
    words = [number, length, *(rows.get(offset, absent) for offset in range(2, length + 2))]
    return struct.pack(f">{len(words)}H", *(word & 0xFFFF for word in words))


def strings(house: House, device: Device) -> bytes:
    """Model 160 of two strings, each half of the roof: A 10^-2, V 10^-1, W 10^0."""
    half_w = house.board.pv_w / 2.0
    image = struct.pack(">2H4hIHH", 160, 48, -2, -1, 0, 0, 0, 2, NO_U16)
    for number in (1, 2):
        name = f"String {number}".encode().ljust(16, b"\0")
        image += struct.pack(
            ">H16s3HIIhHI", number, name, round(half_w / 4.5), 4500, round(half_w), 0, 0, 0, 4, 0
        )
    return image


MODELS: Final[Mapping[int, Callable[[House, Device], bytes]]] = {
    103: inverter,
    120: nameplate,
    124: storage,
    160: strings,
    203: meter,
    802: battery,
}
"""The models a device may publish, header included."""
