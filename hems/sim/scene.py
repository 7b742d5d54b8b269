"""What is simulated: the rows from which a desk is built, and the ready-made house of the demo."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from hems.model.units import LINES, LineName, PerLine
from hems.sim.car import CarModel
from hems.sim.weather import Weather

Model = Literal[
    "eastron-sdm630",
    "eastron-sdm72dm-v2",
    "evse-wb",
    "heidelberg-energy-control",
    "lambda-eul",
    "sunspec",
]


@dataclass(frozen=True, slots=True)
class Device:
    """One device on the wire.

    A meter `measures` "grid" or the charger of that name. `lines` are the site's lines in the device's own
    order. `relay`, `max_a` and `boot_a` (current after a power-up) concern chargers.
    """

    name: str
    model: Model
    unit: int
    measures: str = ""
    lines: tuple[LineName, ...] = LINES
    relay: str = ""
    max_a: int = 16
    boot_a: int = 6


@dataclass(frozen=True, slots=True)
class Scene:
    """A whole simulated installation.

    `start` gives the hour of the day, `cars` the car of each charger by name; a charger without one has no
    car. `chunk_bytes` says how answers arrive: 1 = byte by byte, 8 = as from a FIFO of eight, 0 = the whole
    frame at its end. `speed` only concerns a desk with a process of its own.
    """

    seed: int
    weather: Weather
    start: datetime
    devices: tuple[Device, ...]
    cars: Mapping[str, CarModel] = field(default_factory=dict)
    fuse_a: PerLine = (25.0, 25.0, 25.0)
    pv_peak_w: float = 9000.0
    baud: int = 9600
    bits: int = 10
    chunk_bytes: int = 1
    speed: float = 1.0


DEMO_DEVICES: Final = (
    Device("grid", "eastron-sdm630", 1, measures="grid"),
    Device("garage", "evse-wb", 2, relay="garage"),
    Device("car", "eastron-sdm72dm-v2", 3, measures="garage"),
    Device("pump", "lambda-eul", 4),
    Device("pv", "sunspec", 5),
)


def demo_house(
    seed: int, weather: Weather, start: datetime, *, speed: float = 1.0, chunk_bytes: int = 1
) -> Scene:
    """The demo's house on one line at 9600 8N1: meters, a charger with its relay, a car, a pump, a roof."""
    return Scene(
        seed=seed,
        weather=weather,
        start=start,
        devices=DEMO_DEVICES,
        cars={"garage": CarModel()},
        speed=speed,
        chunk_bytes=chunk_bytes,
    )


def to_row(scene: Scene) -> dict[str, Any]:
    """The scene in types JSON knows."""
    return asdict(scene) | {"start": scene.start.isoformat()}


def from_row(row: Mapping[str, Any]) -> Scene:
    """The scene `to_row` described; the time zone has become its offset."""
    devices = (Device(**device | {"lines": tuple(device["lines"])}) for device in row["devices"])
    return Scene(
        **dict(row)
        | {
            "start": datetime.fromisoformat(row["start"]),
            "devices": tuple(devices),
            "cars": {name: CarModel(**car) for name, car in row["cars"].items()},
            "fuse_a": tuple(row["fuse_a"]),
        }
    )
