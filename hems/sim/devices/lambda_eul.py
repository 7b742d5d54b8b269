"""Lambda EU-L: ambient, energy manager and first heat pump; single registers written by function 16."""

import struct
from typing import Final

from hems.model.loop import Clock
from hems.sim import heat
from hems.sim.devices.metering import advance
from hems.sim.house import House
from hems.sim.pdu import ACCEPTED, ILLEGAL_ADDRESS, READ_HOLDING, WRITE_MANY, Block, Unit
from hems.sim.scene import Device

SURPLUS: Final = 102
PATIENCE_S: Final = 180.0
"""A surplus that was told once and is not renewed for so long is an error; the maker says "minutes"."""
AUTOMATIC, FAILED = 1, 3
STALE_ERROR: Final = 1


class Manager:
    """The energy manager: the surplus it was told, and when."""

    def __init__(self) -> None:
        self.surplus = 0
        self.told_s: float | None = None

    def restart(self) -> None:
        """It was told nothing yet."""
        self.surplus, self.told_s = 0, None

    def misses(self, mono_s: float) -> bool:
        """Whether the surplus is too old."""
        return self.told_s is not None and mono_s - self.told_s > PATIENCE_S


def eul(house: House, device: Device, clock: Clock) -> Unit:
    """One heat pump; `low_word_first` turns the words of its energies, as later firmware does."""
    told = Manager()

    def manager() -> bytes:
        stale = told.misses(clock.mono_s())
        state, error = (FAILED, STALE_ERROR) if stale else (AUTOMATIC, 0)
        return struct.pack(">hHHhh", error, state, told.surplus, round(house.board.pump_w), 0)

    def write(address: int, values: tuple[int, ...]) -> int:
        if address != SURPLUS or len(values) != 1:
            return ILLEGAL_ADDRESS
        told.surplus, told.told_s = 0 if device.forgets else values[0], clock.mono_s()
        house.note_write(clock.mono_s())
        return ACCEPTED

    return Unit(
        device.name,
        (
            Block(READ_HOLDING, 0, 5, lambda: struct.pack(">hHhhh", 0, 1, 215, 198, 203)),
            Block(READ_HOLDING, 100, 5, manager),
            Block(READ_HOLDING, 1000, 24, lambda: pump_image(house.pump, device.low_word_first)),
        ),
        answer_s=(0.03, 0.06),
        writes_by=frozenset({WRITE_MANY}),
        write=write,
        on_access=advance(house, clock),
        on_restart=told.restart,
    )


def pump_image(pump: heat.HeatPump | None, low_word_first: bool) -> bytes:
    """Registers 1000 to 1023: state, temperatures, rating, kW, W, COP, energies of 32 bits in Wh."""
    state = pump or heat.HeatPump()
    power_w, heat_w = heat.power_w(state), heat.heat_w(state)
    energies = [divmod(int(energy_wh), 1 << 16) for energy_wh in (state.electric_wh, state.thermal_wh)]
    words = [word for pair in energies for word in (reversed(pair) if low_word_first else pair)]
    return struct.pack(
        ">HhHHhhhhhHHhhhhhh3H4H",
        *(0, 0, int(state.rating > 0.0), heat.operating(state)),
        *(3500, 3000, 1200, 800, 450, 0),
        *(round(state.rating), round(heat_w / 100.0), round(power_w), round(100.0 * heat_w / power_w)),
        *(0, 0, 0, 0, 0, 0),
        *words,
    )
