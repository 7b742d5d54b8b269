"""Therma V registers and bits against values worked out by hand from the maker's page."""

from hems.sim.scene import Device
from tests.sim.wire import night, wired


def test_lg_bits_and_registers_each_in_their_own_space() -> None:
    """H01: coils 0 to 6, compressor at discrete 3; a missing sensor is -64.9."""
    with wired(night(Device("pump", "lg-therma-v", 33), cars={})) as wire:
        assert wire.ask(33, bytes.fromhex("01 0000 0007")) == bytes.fromhex("01 01 03")
        assert wire.ask(33, bytes.fromhex("02 0000 000e")) == bytes.fromhex("02 02 00 00")
        wire.wait(400.0)
        assert wire.ask(33, bytes.fromhex("02 0000 000e")) == bytes.fromhex("02 02 0a 00")
        assert wire.registers(33, 4, 0, 7) == (0, 2, 300, 350, 350, 480, 0x10000 - 649)
        assert wire.registers(33, 4, 24, 12)[0::11] == (round(90 * 0.55), 1120)
        assert wire.registers(33, 3, 0, 2) == (4, 0)
        assert wire.ask(33, bytes.fromhex("05 0002 ff00")) == bytes.fromhex("05 0002 ff00")
        assert wire.write(33, 9, 3) == bytes.fromhex("06 0009 0003")
        assert wire.ask(33, bytes.fromhex("01 0000 0007")) == bytes.fromhex("01 01 07")
        assert wire.registers(33, 3, 9, 1) == (3,)
        assert wire.ask(33, bytes.fromhex("0f 0006 0002 01 03")) == bytes.fromhex("8f 02")
        assert wire.ask(33, bytes.fromhex("10 0000 0001 02 0004")) == bytes.fromhex("90 01")
