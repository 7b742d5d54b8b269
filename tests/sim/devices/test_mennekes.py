"""Mennekes registers against values worked out by hand from the maker's specification."""

import struct

import pytest

from hems.sim.scene import Device
from tests.sim.wire import Wire, night, wired


def floats(wire: Wire, address: int, count: int) -> tuple[float, ...]:
    return wire.floats(50, 3, address, count)


def test_mennekes_registers() -> None:
    """C06: floats high word first; 0x0306 proves the order; state, pilot, heartbeat, fall-back."""
    with wired(night(Device("box", "mennekes-amtron-compact", 50, boot_a=8))) as wire:
        wire.desk.order({"base_a": [0, 0, 0]})
        wire.wait(1.0)
        assert wire.registers(50, 3, 0, 3) == (0x0103, 0x312E, 0x3131)
        assert wire.registers(50, 3, 19, 2) == (0x3133, 0x3834)
        assert wire.registers(50, 3, 0x0306, 2) == (0x4180, 0)
        assert wire.registers(50, 3, 0x0E01, 1) == (1,)
        assert wire.registers(50, 3, 0x0100, 2) == (5, 1)
        assert floats(wire, 0x0500, 6) == (8.0, 8.0, 8.0)
        assert wire.write(50, 0x0D00, 0x55AA) == bytes.fromhex("06 0d00 55aa")
        order = struct.pack(">BHHBf", 16, 0x0302, 2, 4, 10.5)
        assert wire.ask(50, order) == order[:5]
        wire.wait(1.0)
        assert floats(wire, 0x0302, 2) == (10.5,)
        assert floats(wire, 0x0114, 2) == (10.5,)
        assert floats(wire, 0x0500, 20)[:3] == (10.5, 10.5, 10.5)
        assert floats(wire, 0x0500, 20)[9] == pytest.approx(3 * 10.5 * (231 - 0.05 * 10.5), rel=1e-3)
        assert wire.registers(50, 4, 0x0108, 1) == (28,)
        assert wire.registers(50, 3, 0x0B06, 1) == (3,)
        assert wire.registers(50, 3, 0x0E01, 1) == (0,)
        assert wire.write(50, 0x0D05, 0) == bytes.fromhex("06 0d05 0000")
        wire.wait(1.0)
        assert wire.registers(50, 3, 0x0100, 9)[0::8] == (3, 11)
        assert wire.registers(50, 3, 0x0D02, 5) == (0, 0, 0, 0, 0)
        wire.wait(10.0)
        assert wire.registers(50, 3, 0x0E01, 1) == (1,)
        assert floats(wire, 0x0500, 2) == (8.0,)
        wire.desk.order({"plug": {"box": False}})
        assert wire.registers(50, 3, 0x0100, 9)[0::8] == (1, 26)
        assert floats(wire, 0x1000, 2)[0] == pytest.approx(1234.0, abs=0.1)
        assert floats(wire, 0x0900, 2) == (31.5,)
        assert floats(wire, 0x0B00, 2) == (8.0,)
        assert wire.registers(50, 3, 0x030E, 1) == wire.registers(50, 3, 0x073A, 1) == (8,)
        assert wire.ask(50, bytes.fromhex("03 0d00 0001")) == bytes.fromhex("83 02")
