"""Heidelberg registers against values worked out by hand from the maker's table."""

from dataclasses import replace

import pytest

from hems.sim.car import CarModel
from hems.sim.devices.heidelberg import state as state_of
from hems.sim.points import ChargePoint, charge_point
from hems.sim.scene import Device
from tests.sim.wire import QUICK, night, wired

HEIDELBERG = (Device("box", "heidelberg-energy-control", 1, relay="box", lines=("L3", "L1", "L2")),)


def test_heidelberg_registers() -> None:
    """C01: 4 version, 5 state, 6-8 dA, 9 d°C, 10-12 V, 13 lock, 14 VA, 15 and 17 VAh, high word first."""
    with wired(night(*HEIDELBERG, cars={"box": replace(QUICK, lines=1)})) as wire:
        wire.desk.order({"base_a": [0, 20, 0], "relay": {"box": True}})
        wire.wait(1.0)
        assert wire.registers(1, 4, 4, 15)[:11] == (0x0108, 4, 0, 0, 0, 251, 231, 231, 230, 1, 0)
        assert wire.write(1, 257, 0) == bytes.fromhex("06 0101 0000")
        assert wire.write(1, 261, 125) == bytes.fromhex("06 0105 007d")
        wire.wait(3600.0)
        values = wire.registers(1, 4, 4, 15)
        assert values[1:5] == (7, 125, 0, 0)
        assert values[10] == round(12.5 * (231 - 0.05 * 12.5))
        total = values[13] << 16 | values[14]
        assert total - 1_234_000 == values[11] << 16 | values[12]
        assert total - 1_234_000 == pytest.approx(2880, abs=5)
        assert wire.registers(1, 4, 100, 2) == (16, 6)
        assert wire.registers(1, 3, 257, 3) == (0, 0, 1)
        assert wire.registers(1, 3, 261, 2) == (125, 0)


def test_heidelberg_is_fed_by_any_access_and_refuses_holes() -> None:
    with wired(night(*HEIDELBERG, cars={"box": QUICK})) as wire:
        wire.desk.order({"relay": {"box": True}})
        wire.write(1, 262, 60)
        wire.write(1, 261, 100)
        for _ in range(5):
            wire.wait(10.0)
            assert wire.registers(1, 4, 6, 1) == (100,)
        assert wire.ask(1, bytes.fromhex("03 0104 0001")) == bytes.fromhex("83 02")
        assert wire.ask(1, bytes.fromhex("06 0105 003b")) == bytes.fromhex("86 03")
        wire.wait(14.0)
        assert wire.desk.truth()["ev_a"]["box"][0] == 10.0
        wire.wait(2.0)
        assert wire.desk.truth()["ev_a"]["box"][0] == 6.0


@pytest.mark.parametrize(
    ("plugged", "drawn_a", "closed", "limit_a", "state"),
    [
        (False, 0.0, True, 0.0, 2),
        (False, 0.0, True, 6.0, 3),
        (True, 0.0, True, 0.0, 4),
        (True, 0.0, False, 6.0, 4),
        (True, 0.0, True, 6.0, 5),
        (True, 6.0, True, 6.0, 7),
    ],
)
def test_heidelberg_states(plugged: bool, drawn_a: float, closed: bool, limit_a: float, state: int) -> None:
    point: ChargePoint = charge_point(HEIDELBERG[0], CarModel(), 0.0)
    point.car = replace(point.car, plugged=plugged, drawn_a=drawn_a)
    point.relay_closed = closed
    assert state_of(point, limit_a) == state


def test_a_heidelberg_without_a_car_falls_silent_on_the_wire() -> None:
    """C01: silence before 258 = 4 is standby, not a fault."""
    with wired(night(Device("box", "heidelberg-energy-control", 1), cars={})) as wire:
        assert wire.registers(1, 4, 5, 1) == (2,)
        wire.wait(130.0)
        assert wire.ask(1, bytes.fromhex("04 0005 0001")) == b""
        wire.desk.order({"plug": {"box": True}})
        assert wire.write(1, 258, 4) == bytes.fromhex("06 0102 0004")
        wire.desk.order({"plug": {"box": False}})
        wire.wait(1000.0)
        assert wire.registers(1, 4, 5, 1) == (2,)
