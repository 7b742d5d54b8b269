"""What any simulated meter sees of the house."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hems.model.loop import Clock
from hems.model.units import LINES, PerLine
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
    truth = house.truth
    circuit = circuit_of(device)
    if device.measures == "grid":
        seen_a, seen_w = house.board.line_a, house.board.line_w
        import_wh, export_wh = GRID_IMPORT_WH + truth.import_wh, GRID_EXPORT_WH + truth.export_wh
    else:
        seen_a = house.loads()[circuit] if circuit else house.points[device.measures].drawn_a
        first, second, third = (
            ampere * volt for ampere, volt in zip(seen_a, house.board.line_v, strict=True)
        )
        seen_w, export_wh = (first, second, third), 0.0
        import_wh = (
            CIRCUIT_WH + truth.circuit_wh.get(circuit, 0.0)
            if circuit
            else CHARGER_WH + house.points[device.measures].energy_wh
        )
    line_v, line_a, line_w = (_own(device, values) for values in (house.board.line_v, seen_a, seen_w))
    return Metered(line_v, line_a, line_w, import_wh, export_wh)


def _own(device: Device, values: PerLine) -> list[float]:
    """The site's lines in the meter's own order, and nothing on terminals that are not connected."""
    return [*(values[LINES.index(line)] for line in device.lines), 0.0, 0.0][: len(LINES)]


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
