"""What is simulated: the rows from which a desk is built, and the ready-made house of the demo."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal

from hems.model.units import LINES, LineName, PerLine
from hems.sim.battery import BatteryModel
from hems.sim.car import CarModel
from hems.sim.delivery import Delivery
from hems.sim.faults import Fault, parse
from hems.sim.frames import Framing
from hems.sim.weather import Weather

Model = Literal[
    "abb-b23",
    "abl-emh",
    "eastron-sdm630",
    "eastron-sdm72dm-v2",
    "evse-wb",
    "gavazzi-em24",
    "heidelberg-energy-control",
    "lambda-eul",
    "lg-therma-v",
    "mennekes-amtron-compact",
    "sunspec",
]
HEAT_PUMPS: Final[frozenset[Model]] = frozenset({"lambda-eul", "lg-therma-v"})


@dataclass(frozen=True, slots=True)
class Bus:
    """One serial line; `bits` are those of a character on the wire, parity and stop bits included.

    With `echo` the near end hears its own requests. `delivery` says how what it hears reaches it.
    """

    name: str = "rs485-a"
    baud: int = 9600
    bits: int = 10
    framing: Framing = "rtu"
    echo: bool = False
    delivery: Delivery = "bytewise"


BUS: Final = Bus()


@dataclass(frozen=True, slots=True)
class Device:
    """One device on the wire of `bus` ("" = the first).

    A meter `measures` "grid", the charger of that name, or "circuit:" and the name of a circuit. `lines` are
    the site's lines in the device's own order. `relay`, `lines_relay` (energised = all lines, else the
    first), `max_a` and `boot_a` (current after a power-up) concern chargers. `models` are those a SunSpec
    device publishes after the common one, `low_word_first` a heat pump's order of its energies; one that
    `forgets` acknowledges a surplus and keeps none.
    """

    name: str
    model: Model
    unit: int
    measures: str = ""
    bus: str = ""
    lines: tuple[LineName, ...] = LINES
    relay: str = ""
    max_a: int = 16
    boot_a: int = 6
    models: tuple[int, ...] = (103,)
    low_word_first: bool = False
    lines_relay: str = ""
    forgets: bool = False


@dataclass(frozen=True, slots=True)
class Load:
    """Something that draws these amperes while its relay is energised, always without one."""

    name: str
    line_a: PerLine
    relay: str = ""


@dataclass(frozen=True, slots=True)
class Circuit:
    """A part of the house: the names of its chargers and loads, and its fuse on each line, 0 = none."""

    name: str
    members: tuple[str, ...]
    fuse_a: PerLine = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Scene:
    """A whole simulated installation.

    `start` gives the hour of the day, `cars` the car of each charger by name; a charger without one has no
    car. `sg_ready` are the relays of a heat pump's two contacts. `faults` are there from the start. `speed`
    and `exact` only concern a desk with a process of its own: an exact one spins before each piece is due,
    for measurements.
    """

    seed: int
    weather: Weather
    start: datetime
    devices: tuple[Device, ...]
    cars: Mapping[str, CarModel] = field(default_factory=dict)
    fuse_a: PerLine = (25.0, 25.0, 25.0)
    pv_peak_w: float = 9000.0
    buses: tuple[Bus, ...] = (BUS,)
    faults: tuple[Fault, ...] = ()
    speed: float = 1.0
    exact: bool = False
    battery: BatteryModel | None = None
    loads: tuple[Load, ...] = ()
    circuits: tuple[Circuit, ...] = ()
    sg_ready: tuple[str, ...] = ()

    def on(self, bus: Bus) -> tuple[Device, ...]:
        """The devices of this serial line."""
        first = self.buses[0].name
        return tuple(device for device in self.devices if (device.bus or first) == bus.name)

    def bus_of(self, device: Device) -> Bus:
        """The serial line of this device."""
        return next(bus for bus in self.buses if device in self.on(bus))

    def concerns(self, fault: Fault, bus: Bus) -> bool:
        """Whether this fault is one of this serial line."""
        here = not fault.device or any(device.name == fault.device for device in self.on(bus))
        return here and fault.bus in {"", bus.name}


DEMO_DEVICES: Final = (
    Device("grid", "eastron-sdm630", 1, measures="grid"),
    Device("garage", "evse-wb", 2, relay="garage"),
    Device("car", "eastron-sdm72dm-v2", 3, measures="garage"),
    Device("pump", "lambda-eul", 4),
    Device("pv", "sunspec", 5),
)


def demo_house(
    seed: int,
    weather: Weather,
    start: datetime,
    *,
    speed: float = 1.0,
    delivery: Delivery = "bytewise",
    faults: tuple[Fault, ...] = (),
) -> Scene:
    """The demo's house on one line at 9600 8N1: meters, a charger with its relay, a car, a pump, a roof."""
    return Scene(
        seed=seed,
        weather=weather,
        start=start,
        devices=DEMO_DEVICES,
        cars={"garage": CarModel()},
        buses=(Bus(delivery=delivery),),
        faults=faults,
        speed=speed,
    )


def with_faults(scene: Scene, texts: Sequence[str]) -> Scene:
    """The scene with these faults from its start; raises `ValueError` in one sentence for a wrong one."""
    names = {"device": [device.name for device in scene.devices], "bus": [bus.name for bus in scene.buses]}
    faults = []
    for text in texts:
        try:
            fault = parse(text)
        except ValueError as error:
            raise ValueError(f"{text}: {error}") from None
        for word, wanted in (("device", fault.device), ("bus", fault.bus)):
            if wanted and wanted not in names[word]:
                raise ValueError(f"{text}: no {word} {wanted!r}; there are {', '.join(names[word])}")
        faults.append(fault)
    return replace(scene, faults=tuple(faults))


def to_row(scene: Scene) -> dict[str, Any]:
    """The scene in types JSON knows."""
    return asdict(scene) | {"start": scene.start.isoformat()}


def from_row(row: Mapping[str, Any]) -> Scene:
    """The scene `to_row` described; the time zone has become its offset."""
    devices = (
        Device(**device | {"lines": tuple(device["lines"]), "models": tuple(device["models"])})
        for device in row["devices"]
    )
    return Scene(
        **dict(row)
        | {
            "start": datetime.fromisoformat(row["start"]),
            "devices": tuple(devices),
            "cars": {name: CarModel(**car) for name, car in row["cars"].items()},
            "fuse_a": tuple(row["fuse_a"]),
            "buses": tuple(Bus(**bus) for bus in row["buses"]),
            "faults": tuple(Fault(**fault) for fault in row["faults"]),
            "battery": None if row["battery"] is None else BatteryModel(**row["battery"]),
            "loads": tuple(Load(**load | {"line_a": tuple(load["line_a"])}) for load in row["loads"]),
            "circuits": tuple(
                Circuit(one["name"], tuple(one["members"]), tuple(one["fuse_a"])) for one in row["circuits"]
            ),
            "sg_ready": tuple(row["sg_ready"]),
        }
    )
