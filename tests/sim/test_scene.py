import json

import pytest

from hems.sim.battery import BatteryModel
from hems.sim.car import CarModel
from hems.sim.faults import Fault
from hems.sim.maps import MAPS
from hems.sim.scene import Bus, Circuit, Device, Load, demo_house, from_row, to_row, with_faults
from tests.sim.wire import NOON, scene


def test_a_scene_survives_json() -> None:
    setup = scene(
        fuse_a=(25.0, 20.0, 16.0),
        cars={"garage": CarModel(lines=1, max_a=32.0)},
        devices=(Device("garage", "evse-wb", 2, lines=("L2", "L3"), relay="r", lines_relay="l"),),
        battery=BatteryModel(level_pct=20.0),
        loads=(Load("boiler", (0.0, 9.0, 0.0), "boiler"),),
        circuits=(Circuit("barn", ("garage", "boiler"), (16.0, 16.0, 0.0)),),
        sg_ready=("one", "two"),
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


def test_faults_in_words_belong_to_a_scene() -> None:
    faulty = with_faults(scene(), ["late:device=pump,value=0.4,share=0.1", "vanish:bus=rs485-a,for=3"])
    assert [fault.kind for fault in faulty.faults] == ["late", "vanish"]
    assert from_row(json.loads(json.dumps(to_row(faulty)))) == faulty
    assert all(faulty.concerns(fault, faulty.buses[0]) for fault in faulty.faults)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "late:device=boiler",
            "late:device=boiler: no device 'boiler'; there are grid, garage, car, pump, pv",
        ),
        ("vanish:bus=b", "vanish:bus=b: no bus 'b'; there are rs485-a"),
        ("loud", "loud: there is no fault 'loud'; there are silence"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=f"^{words}"):
        with_faults(scene(), [text])


def test_devices_know_their_line() -> None:
    first, second = Bus("a"), Bus("b", 38_400, 11, "ascii")
    setup = scene(
        buses=(first, second), devices=(Device("grid", "abb-b23", 1), Device("box", "abl-emh", 1, bus="b"))
    )
    assert [device.name for device in setup.on(first)] == ["grid"]
    assert [device.name for device in setup.on(second)] == ["box"]
    assert [setup.bus_of(device) for device in setup.devices] == [first, second]
    assert from_row(json.loads(json.dumps(to_row(setup)))) == setup
    box, port = Fault("late", "box"), Fault("vanish", bus="a")
    assert [setup.concerns(fault, bus) for fault in (box, port) for bus in (first, second)] == [
        *(False, True),
        *(True, False),
    ]
