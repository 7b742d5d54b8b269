"""EM24 registers against values worked out by hand from the maker's table."""

import struct

import pytest

from hems.sim.scene import Device
from tests.sim.wire import night, wired


def signed(low: int, high: int) -> int:
    return int.from_bytes(struct.pack(">2H", high, low), "big", signed=True)


def test_em24_integers_come_low_word_first_eleven_registers_at_most() -> None:
    """M08: 0.1 V, 0.001 A, 0.1 W, 0.1 kWh; -2315.0 W is 0xFFFFA592 and its low word stands first."""
    with wired(night(Device("grid", "gavazzi-em24", 1, measures="grid"))) as wire:
        wire.desk.order({"base_a": [-10, 4, 0]})
        wire.wait(2.0)
        assert wire.registers(1, 3, 0, 6) == (2315, 0, 2308, 0, 2310, 0)
        assert wire.registers(1, 4, 12, 6) == (10_000, 0, 4000, 0, 0, 0)
        assert wire.registers(1, 3, 18, 2) == (0xA592, 0xFFFF)
        total = wire.registers(1, 3, 40, 2)
        assert signed(*total) == pytest.approx(-13_918, abs=2)
        assert wire.registers(1, 3, 55, 1) == (500,)
        assert wire.registers(1, 3, 11, 1) == (71,)
        assert wire.registers(1, 3, 10, 2)[1] == 0
        assert signed(*wire.registers(1, 3, 62, 2)) == 43_210
        assert signed(*wire.registers(1, 3, 66, 2)) == 33_210
        assert signed(*wire.registers(1, 3, 92, 2)) == pytest.approx(87_650, abs=1)
        assert len(wire.registers(1, 3, 0, 11)) == 11
        assert wire.ask(1, bytes.fromhex("03 0000 000c")) == bytes.fromhex("83 03")
        assert wire.ask(1, bytes.fromhex("03 0053 000c")) == bytes.fromhex("83 03")
        assert wire.ask(1, bytes.fromhex("03 005d 0002")) == bytes.fromhex("83 02")
        assert wire.registers(1, 3, 0x1101, 2) == (7, 0)
        assert wire.registers(1, 3, 0x110A, 2) == (1, 1)
        assert wire.registers(1, 3, 0x1300, 2) == (0x4252, 0x3030)
