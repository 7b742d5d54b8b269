"""What the maps of all simulated chargers share: the way from a register to the house."""

from dataclasses import dataclass

from hems.model.loop import Clock
from hems.model.units import LINES
from hems.sim.house import House
from hems.sim.pdu import ACCEPTED, Block, Unit
from hems.sim.points import ChargePoint
from hems.sim.scene import Device


@dataclass(frozen=True, slots=True)
class Box:
    """A charger in the house as its map sees it."""

    house: House
    device: Device
    point: ChargePoint
    clock: Clock

    @property
    def offered_a(self) -> float:
        """What its pilot offers now."""
        return self.point.offered_a(self.clock.mono_s())

    @property
    def line_v(self) -> list[float]:
        """Its lines' voltages, in its own order."""
        return [self.house.board.line_v[LINES.index(line)] for line in self.device.lines]

    @property
    def line_a(self) -> list[float]:
        """What its car draws, in its own order."""
        return [self.point.drawn_a[LINES.index(line)] for line in self.device.lines]

    @property
    def line_w(self) -> list[float]:
        """Its lines' powers, in its own order."""
        return [volt * ampere for volt, ampere in zip(self.line_v, self.line_a, strict=True)]

    def access(self) -> None:
        """Somebody has spoken to it."""
        self.house.advance(self.clock.mono_s())
        self.point.charger.touch(self.clock.mono_s())

    def write(self, address: int, values: tuple[int, ...]) -> int:
        """Somebody writes its registers."""
        code = self.house.write_charger(self.point, address, values, self.clock.mono_s())
        if code == ACCEPTED:
            self.house.note_write(self.clock.mono_s())
        return code

    def unit(
        self, blocks: tuple[Block, ...], writes_by: frozenset[int], answer_s: tuple[float, float]
    ) -> Unit:
        """The charger on the wire."""
        return Unit(
            self.device.name,
            blocks,
            answer_s=answer_s,
            writes_by=writes_by,
            write=self.write,
            on_access=self.access,
            on_restart=self.point.charger.restart,
            awake=lambda: self.point.charger.is_awake(self.clock.mono_s()),
        )


def box(house: House, device: Device, clock: Clock) -> Box:
    """The charger of this row."""
    return Box(house, device, house.points[device.name], clock)


def holdings(box: Box, function: int, first: int, count: int) -> Block:
    """Writable registers as they are, 0 where there is none."""

    def image() -> bytes:
        registers = (box.point.charger.holding.get(first + place, 0) for place in range(count))
        return b"".join(register.to_bytes(2, "big") for register in registers)

    return Block(function, first, count, image)
