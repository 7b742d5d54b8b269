"""A charger in the house: its controller, its contactors, its car."""

from dataclasses import dataclass

from hems.model.units import LINES, PerLine
from hems.sim import car as cars
from hems.sim.car import Car, CarModel
from hems.sim.chargers import CHARGERS, Charger
from hems.sim.scene import Device


@dataclass(slots=True)
class ChargePoint:
    """A charger, its relays, its car, and what went through it.

    `uses` are the site's lines (0..2) its car draws on, `reaches` those it could draw on with all its lines.
    `energised` is the coil of its relay, `relay_closed` the contact, which does not follow while `welded`.
    With `held_a` its pilot stays there whatever the controller was told.
    """

    device: Device
    charger: Charger
    model: CarModel
    car: Car
    energised: bool
    relay_closed: bool
    reaches: tuple[int, ...]
    uses: tuple[int, ...]
    energy_wh: float = 0.0
    flowing: bool = False
    starts: int = 0
    welded: bool = False
    held_a: float | None = None

    @property
    def drawn_a(self) -> PerLine:
        """What the car draws on each of the site's lines."""
        drawn_a = self.car.drawn_a
        return (
            drawn_a if 0 in self.uses else 0.0,
            drawn_a if 1 in self.uses else 0.0,
            drawn_a if 2 in self.uses else 0.0,
        )

    def offered_a(self, mono_s: float) -> float:
        """What its pilot offers."""
        return self.charger.offered_a(mono_s) if self.held_a is None else self.held_a

    def follow(self) -> None:
        """Let the contact follow its coil, unless it is welded; open it takes the mains from the car."""
        if not self.welded:
            self.relay_closed = self.energised
        if not self.relay_closed:
            self.car = cars.cut_off(self.car)

    def choose(self, all_lines: bool) -> bool:
        """Give it all its lines or only the first; whether that broke or made a current."""
        uses = self.reaches if all_lines else self.reaches[:1]
        loaded = uses != self.uses and self.car.drawn_a > 0.0
        self.uses = uses
        return loaded


def charge_point(device: Device, model: CarModel | None, mono_s: float) -> ChargePoint:
    """The charger of this row with its car, or with nothing plugged; all relays begin de-energised."""
    model = model or CarModel(plugged=False)
    charger = CHARGERS[device.model](device.boot_a, device.max_a)
    charger.plug(model.plugged, mono_s)
    reaches = tuple(LINES.index(line) for line in device.lines[: model.lines])
    uses = reaches[:1] if device.lines_relay else reaches
    closed = not device.relay
    return ChargePoint(device, charger, model, cars.parked(model), closed, closed, reaches, uses)
