"""LG Therma V: coils and discrete inputs beside its registers, each space counted from zero."""

import struct
from typing import Final

from hems.model.loop import Clock
from hems.sim import heat
from hems.sim.devices.metering import advance
from hems.sim.heat import Operating
from hems.sim.house import House
from hems.sim.pdu import (
    ACCEPTED,
    ILLEGAL_ADDRESS,
    READ_COILS,
    READ_DISCRETE,
    READ_HOLDING,
    READ_INPUT,
    WRITE_COIL,
    WRITE_COILS,
    WRITE_ONE,
    Block,
    Unit,
)
from hems.sim.scene import Device

COILS, BITS, INPUTS, HOLDINGS = 7, 14, 36, 25
PUMP, COMPRESSOR, DEFROST, HOT_WATER = 1, 3, 4, 5
STANDBY, HEATING = 0, 2
NO_SENSOR_DC: Final = -649
TOP_RPM60: Final = 90
"""The compressor's full speed in units of 60 revolutions a minute."""


def therma_v(house: House, device: Device, clock: Clock) -> Unit:
    """One heat pump; coils and holding registers keep what is written to them."""
    coils, holding = [1, 1, *[0] * (COILS - 2)], [4, 0, 350, 0, 0, 0, 0, 0, 480, 2, *[0] * (HOLDINGS - 10)]

    def bits() -> bytes:
        pump = house.pump or heat.HeatPump()
        operating, image = heat.operating(pump), bytearray(BITS)
        image[PUMP] = operating != Operating.STANDBY
        image[COMPRESSOR] = pump.rating > 0.0
        image[DEFROST] = operating == Operating.DEFROST
        image[HOT_WATER] = operating == Operating.HOT_WATER
        return bytes(image)

    def keep(into: list[int], address: int, values: tuple[int, ...]) -> int:
        if address + len(values) > len(into):
            return ILLEGAL_ADDRESS
        into[address : address + len(values)] = values
        house.note_write(clock.mono_s())
        return ACCEPTED

    return Unit(
        device.name,
        (
            Block(READ_COILS, 0, COILS, lambda: bytes(coils)),
            Block(READ_DISCRETE, 0, BITS, bits),
            Block(READ_INPUT, 0, INPUTS, lambda: input_image(house.pump or heat.HeatPump())),
            Block(READ_HOLDING, 0, HOLDINGS, lambda: struct.pack(f">{HOLDINGS}H", *holding)),
        ),
        answer_s=(0.02, 0.05),
        writes_by=frozenset({WRITE_COIL, WRITE_COILS, WRITE_ONE}),
        write=lambda address, values: keep(holding, address, values),
        write_bits=lambda address, values: keep(coils, address, values),
        on_access=advance(house, clock),
    )


def input_image(pump: heat.HeatPump) -> bytes:
    """Input registers 0 to 35: cycle, temperatures in tenths, no solar sensor, speed, watts."""
    words = [0] * INPUTS
    words[1] = HEATING if pump.rating > 0.0 else STANDBY
    words[2:9] = [300, 350, 350, 480, NO_SENSOR_DC, 215, 200]
    words[11:14] = [2, 84, 15]
    words[24] = round(TOP_RPM60 * pump.rating / 10_000.0)
    words[35] = round(heat.power_w(pump))
    return struct.pack(f">{INPUTS}H", *(word & 0xFFFF for word in words))
