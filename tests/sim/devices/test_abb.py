"""B23 registers against values worked out by hand from the maker's table."""

import struct

import pytest

from hems.sim.scene import Device
from tests.sim.wire import night, wired


def test_b23_integers_come_high_word_first() -> None:
    """M07: 0.1 V, 0.01 A, 0.01 W, 0.01 kWh of 64 bits; what it does not count reads all ones."""
    with wired(night(Device("grid", "abb-b23", 201, measures="grid"))) as wire:
        wire.desk.order({"base_a": [-10, 4, 0]})
        wire.wait(2.0)
        assert wire.registers(201, 3, 0x5B00, 6) == (0, 2315, 0, 2308, 0, 2310)
        assert wire.registers(201, 3, 0x5B0C, 6) == (0, 1000, 0, 400, 0, 0)
        total, first = struct.unpack(">2i", struct.pack(">4H", *wire.registers(201, 3, 0x5B14, 4)))
        assert (total, first) == (pytest.approx(-139_180, abs=2), pytest.approx(-231_500, abs=2))
        assert wire.registers(201, 3, 0x5B2C, 1) == (5000,)
        assert wire.registers(201, 3, 0x5B3A, 4) == (1000,) * 4
        assert wire.registers(201, 3, 0x5000, 4) == (0, 0, 432_100 >> 16, 432_100 & 0xFFFF)
        assert set(wire.registers(201, 3, 0x5460, 24)) == {0xFFFF}
        assert wire.registers(201, 3, 0x8960, 2) == (0x4232, 0x3320)
        assert len(wire.registers(201, 3, 0x8900, 2)) == 2
        assert len(wire.registers(201, 3, 0x8908, 8)) == 8
        assert wire.ask(201, bytes.fromhex("04 5b00 0002")) == bytes.fromhex("84 01")
