"""Lambda registers against values worked out by hand from the published tables."""

import struct

from hems.sim.scene import Device
from tests.sim.wire import Wire, night, scene, wired


def surplus(wire: Wire, value: int) -> bytes:
    return wire.ask(4, struct.pack(">BHHBh", 16, 102, 1, 2, value))


def test_lambda_registers() -> None:
    """H04: 1003 operating state, 1010 rating in 0.01 %, 1012 W, 1020 and 1022 Wh high word first."""
    with wired(scene()) as wire:
        assert wire.registers(4, 3, 1003, 1) == (0,)
        assert wire.registers(4, 3, 1020, 2) == (2_345_000 >> 16, 2_345_000 & 0xFFFF)
        wire.wait(400.0)
        block = wire.registers(4, 3, 1000, 24)
        assert block[3] == 1
        assert block[10] == 5500
        assert block[12] == 20 + 1100
        assert block[11] == round(4.2 * 1100 / 100)
        assert block[13] == round(100 * 4.2 * 1100 / 1120)
        electric_wh = block[20] << 16 | block[21]
        assert 2_345_000 + 50 < electric_wh < 2_345_000 + 130
        assert wire.registers(4, 3, 103, 1) == (1120,)
        assert wire.registers(4, 3, 0, 5)[2] == 215


def test_lambda_takes_the_surplus_by_function_16_only() -> None:
    with wired(scene()) as wire:
        assert surplus(wire, -1500) == bytes.fromhex("10 0066 0001")
        assert wire.registers(4, 3, 102, 1) == (0x10000 - 1500,)
        assert wire.desk.truth()["first_write_mono_s"] is not None
        assert wire.write(4, 102, 5) == bytes.fromhex("86 01")
        assert wire.ask(4, bytes.fromhex("10 0067 0001 02 0001")) == bytes.fromhex("90 02")
        assert wire.ask(4, bytes.fromhex("10 0066 0002 04 0001 0001")) == bytes.fromhex("90 02")


def test_a_lambda_misses_a_surplus_that_is_not_renewed() -> None:
    """H04: the manager reports an error after minutes; a value renewed in time, or never told, is none."""
    with wired(scene()) as wire:
        wire.wait(600.0)
        assert wire.registers(4, 3, 100, 2) == (0, 1)
        order = struct.pack(">BHHBh", 16, 102, 1, 2, 1500)
        for _ in range(3):
            wire.ask(4, order)
            wire.wait(170.0)
            assert wire.registers(4, 3, 100, 3) == (0, 1, 1500)
        wire.wait(20.0)
        assert wire.registers(4, 3, 100, 3) == (1, 3, 1500)
        wire.desk.order({"fault": {"kind": "restart", "device": "pump", "value": 1}})
        wire.wait(1.0)
        assert wire.registers(4, 3, 100, 3) == (0, 1, 0)


def test_a_lambda_that_forgets_acknowledges_its_surplus_all_the_same() -> None:
    with wired(night(Device("pump", "lambda-eul", 4, forgets=True))) as wire:
        assert surplus(wire, 1500) == bytes.fromhex("10 0066 0001")
        assert wire.registers(4, 3, 102, 1) == (0,)


def test_a_lambda_of_later_firmware_turns_its_words() -> None:
    pump = Device("pump", "lambda-eul", 4, low_word_first=True)
    with wired(night(pump)) as wire:
        assert wire.registers(4, 3, 1020, 2) == (2_345_000 & 0xFFFF, 2_345_000 >> 16)
        assert wire.registers(4, 3, 1022, 2) == (9_876_000 & 0xFFFF, 9_876_000 >> 16)
