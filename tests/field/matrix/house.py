"""Real fields over simulated houses, tick by tick, in virtual time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self
from unittest.mock import patch

from hems.clock import ManualClock
from hems.field.device import Device
from hems.field.field import Field
from hems.field.line import Line, Stage
from hems.field.pins import Pins
from hems.field.profile import Framing
from hems.field.profiles import PROFILES
from hems.model import site
from hems.model.decision import ChargerCommand, Command
from hems.model.snapshot import Snapshot
from hems.model.view import FieldHealth
from hems.reactor import Reactor
from hems.sim import scene
from hems.sim.car import CarModel
from hems.sim.delivery import Delivery
from hems.sim.desk import Desk
from hems.sim.faults import Fault
from hems.sim.ports import PairPlace
from hems.sim.slave import Slave
from tests.field.matrix.rig import START, opener

GRID: Final = site.Meter(name="grid", bus="a", unit=1, profile="eastron-sdm630", role="grid")
GARAGE: Final = site.Charger(
    name="garage", number=1, bus="a", unit=2, profile="evse-wb", accept_no_failsafe=True
)
FAR_GARAGE: Final = site.Charger(
    name="garage", number=1, bus="b", unit=2, profile="evse-wb", accept_no_failsafe=True
)
BOX: Final = site.Charger(name="box", number=2, bus="a", unit=4, profile="heidelberg-energy-control")
PV: Final = site.Meter(name="pv", bus="a", unit=5, profile="eastron-sdm630", role="pv")
MODELS: Final[dict[str, scene.Model]] = {
    "eastron-sdm630": "eastron-sdm630",
    "evse-wb": "evse-wb",
    "heidelberg-energy-control": "heidelberg-energy-control",
}


@dataclass(frozen=True)
class Change:
    """A line entered a stage."""

    stage: Stage
    at_mono_s: float


class House:
    """A field and its house; `picture` is the last snapshot, `changes` every stage of every line.

    `look` is called whenever a line enters another stage.
    """

    def __init__(
        self,
        *devices: site.Device,
        framing: Framing = "rtu",
        echo: bool = False,
        delivery: Delivery = "bytewise",
        faults: Sequence[Fault] = (),
    ) -> None:
        self.clock = ManualClock(START)
        self.loop = Reactor(self.clock)
        names = sorted({device.bus for device in devices})
        chargers = [device for device in devices if isinstance(device, site.Charger)]
        setting = scene.Scene(
            seed=1,
            weather="sunny",
            start=START,
            devices=tuple(_simulated(device) for device in devices),
            cars={charger.name: CarModel() for charger in chargers},
            buses=tuple(
                scene.Bus(name=name, framing=framing, echo=echo, delivery=delivery) for name in names
            ),
            faults=tuple(faults),
        )
        self.places = {name: PairPlace() for name in names}
        self.desk = Desk(setting, self.places, self.loop, self.clock)
        config = site.Config(
            site=site.Site(name="house", time_zone="UTC", main_fuse_a=(25, 25, 25)),
            buses=tuple(
                site.Bus(name=name, port=f"port-{name}", framing=framing, echo="no") for name in names
            ),
            meters=tuple(device for device in devices if isinstance(device, site.Meter)),
            chargers=tuple(chargers),
        )
        openers = {name: opener(place) for name, place in self.places.items()}
        self.field = Field(
            config, PROFILES, self.loop, self.clock, Pins({}), lambda bus: openers[bus.name](bus)
        )
        self.look: Callable[[], None] = lambda: None
        self.changes: dict[str, list[Change]] = {name: [] for name in names}
        for agenda in self.field._agendas:
            self._note(agenda.line)
        self.start_s = self.clock.mono_s()
        self.ticks = 0
        self.picture = self.tick()

    def _note(self, line: Line) -> None:
        enter, changes = line._enter, self.changes[line.bus.name]

        def noted(stage: Stage, now_s: float) -> None:
            changes.append(Change(stage, now_s))
            self.look()
            enter(stage, now_s)

        patch.object(line, "_enter", noted).start()

    def slave(self, bus: str = "a") -> Slave:
        return self.desk.slaves[bus]

    def line(self, bus: str = "a") -> Line:
        return next(agenda.line for agenda in self.field._agendas if agenda.line.bus.name == bus)

    def device(self, name: str) -> Device:
        return self.field._devices[name]

    def held_a(self, charger: str) -> float:
        """The current its pilot offers in truth."""
        return self.desk.house.points[charger].charger.offered_a(self.clock.mono_s())

    def health(self) -> FieldHealth:
        return self.field.health(self.clock.now())

    def strike(self, fault: Fault) -> None:
        self.desk.inject(fault)

    def tick(self, **limits_a: float) -> Snapshot:
        """Read, act, and turn the loop until the next tick."""
        now = self.clock.now()
        self.picture = self.field.read(now)
        command = Command({name: ChargerCommand(limit, limit > 0) for name, limit in limits_a.items()})
        self.field.act(command, self.clock.now())
        self.ticks += 1
        self.loop.run_until(self.start_s + self.ticks)
        self.desk.house.advance(self.clock.mono_s())
        return self.picture

    def run(self, ticks: int, **limits_a: float) -> Snapshot:
        for _ in range(ticks):
            self.tick(**limits_a)
        return self.picture

    def held_s(self, request_end_s: float, bus: str = "a") -> float:
        """How long after a request its line was not free again."""
        free = (change.at_mono_s for change in self.changes[bus] if change.stage in ("hush", "absent"))
        return next(at_s for at_s in free if at_s > request_end_s) - request_end_s

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave; a request into the silence on any line is a failure."""
        early = {name: bus.early for name, bus in self.health().buses.items()}
        self.field.close()
        self.desk.close()
        self.loop.close()
        if error is None:
            assert not any(early.values()), f"requests before the silence had passed: {early}"


def _simulated(device: site.Device) -> scene.Device:
    measures = "grid" if isinstance(device, site.Meter) else ""
    return scene.Device(device.name, MODELS[device.profile], device.unit, measures=measures, bus=device.bus)
