import json

import pytest

from hems.sim.car import CarModel
from hems.sim.maps import MAPS
from hems.sim.scene import Bus, Device, demo_house, from_row, to_row
from tests.sim.wire import NOON, scene


def test_a_scene_survives_json() -> None:
    setup = scene(
        fuse_a=(25.0, 20.0, 16.0),
        cars={"garage": CarModel(lines=1, max_a=32.0)},
        devices=(Device("garage", "evse-wb", 2, lines=("L2", "L3"), relay="r"),),
    )
    assert from_row(json.loads(json.dumps(to_row(setup)))) == setup


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(TypeError, match="speeed"):
        from_row(to_row(scene()) | {"speeed": 2})


def test_the_demo_house() -> None:
    demo = demo_house(1, "mixed", NOON, speed=60.0, delivery="fifo8")
    assert [(device.name, device.model, device.unit) for device in demo.devices] == [
        ("grid", "eastron-sdm630", 1),
        ("garage", "evse-wb", 2),
        ("car", "eastron-sdm72dm-v2", 3),
        ("pump", "lambda-eul", 4),
        ("pv", "sunspec", 5),
    ]
    assert all(device.model in MAPS for device in demo.devices)
    assert demo.buses == (Bus("rs485-a", 9600, 10, "rtu", delivery="fifo8"),)
    assert demo.speed == 60.0
    assert demo.fuse_a == (25.0, 25.0, 25.0)
    assert demo.cars["garage"].plugged
    assert demo.devices[1].relay == "garage"
    assert demo.devices[2].measures == "garage"
