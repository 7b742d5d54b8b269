"""Every model of a scene has its map, each on its own line."""

from typing import get_args

from hems.clock import ManualClock
from hems.sim.house import House
from hems.sim.maps import MAPS, units
from hems.sim.scene import Bus, Device, Model
from tests.sim.wire import NOON, scene


def test_every_model_has_a_map() -> None:
    assert set(MAPS) == set(get_args(Model))


def test_each_line_has_its_own_units() -> None:
    first, second = Bus("a"), Bus("b")
    devices = (
        Device("grid", "abb-b23", 1),
        Device("roof", "sunspec", 1, bus="b"),
        Device("pump", "lg-therma-v", 33),
    )
    clock = ManualClock(NOON)
    house = House(scene(buses=(first, second), devices=devices), clock.mono_s())
    found = [
        {number: unit.name for number, unit in units(house, bus, clock).items()} for bus in (first, second)
    ]
    assert found == [{1: "grid", 33: "pump"}, {1: "roof"}]
