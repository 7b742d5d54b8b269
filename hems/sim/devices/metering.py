"""What any simulated meter sees of the house."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hems.model.loop import Clock
from hems.model.units import LINES
from hems.sim.house import House
from hems.sim.scene import Device

GRID_IMPORT_WH, GRID_EXPORT_WH, CHARGER_WH, PV_WH = 4_321_000.0, 8_765_000.0, 1_234_000.0, 12_345_678.0
CIRCUIT_WH: Final = 456_000.0
"""What the meters had counted before the start."""
FREQUENCY_HZ: Final = 50.0


@dataclass(frozen=True, slots=True)
class Metered:
    """What a meter sees on its three lines, in its own order; imports positive."""

    line_v: list[float]
    line_a: list[float]
    line_w: list[float]
    import_wh: float
    export_wh: float


def metered(house: House, device: Device) -> Metered:
    """What this meter sees: the grid point, a circuit, or the charger it measures."""
    board, truth = house.board, house.truth
    lines = [LINES.index(line) for line in device.lines]
    line_v = [board.line_v[line] for line in lines]
    if device.measures == "grid":
        line_a, line_w = board.line_a, board.line_w
        import_wh, export_wh = GRID_IMPORT_WH + truth.import_wh, GRID_EXPORT_WH + truth.export_wh
        return Metered(
            line_v, [line_a[line] for line in lines], [line_w[line] for line in lines], import_wh, export_wh
        )
    if circuit := circuit_of(device):
        amps = [house.loads()[circuit][line] for line in lines]
        watts = [ampere * volt for ampere, volt in zip(amps, line_v, strict=True)]
        return Metered(line_v, amps, watts, CIRCUIT_WH + truth.circuit_wh.get(circuit, 0.0), 0.0)
    point = house.points[device.measures]
    drawn_a = [point.drawn_a[line] for line in lines]
    drawn_w = [ampere * volt for ampere, volt in zip(drawn_a, line_v, strict=True)]
    return Metered(line_v, drawn_a, drawn_w, CHARGER_WH + point.energy_wh, 0.0)


def circuit_of(device: Device) -> str:
    """The circuit this meter measures; "" = none."""
    kind, _, name = device.measures.partition(":")
    return name if kind == "circuit" else ""


def note_currents(house: House, device: Device, first: int, count: int) -> Callable[[int, int], None]:
    """Tells the house when a master has learned a fuse's currents: `count` registers from `first`."""
    circuit = circuit_of(device)

    def read(address: int, length: int) -> None:
        fused = circuit or device.measures == "grid"
        if fused and address <= first and first + count <= address + length:
            house.note_reading(circuit)

    return read


def advance(house: House, clock: Clock) -> Callable[[], None]:
    """Lets the house come up to the moment of an access."""
    return lambda: house.advance(clock.mono_s())
