"""The register maps that are not in the demo, against values worked out by hand from the makers' tables."""

import struct
from typing import Any

import pytest

from hems.sim.car import CarModel
from hems.sim.frames import opened, seal
from hems.sim.scene import Bus, Device, Scene
from tests.sim.wire import Wire, scene, wired

QUICK = CarModel(delay_s=0.0, rise_a_per_s=100.0)


def night(*devices: Device, **changes: Any) -> Scene:
    return scene(**{"pv_peak_w": 0.0, "devices": devices, "cars": {"box": QUICK}, **changes})


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


ABL = Bus("abl", 38_400, 11, "ascii", delivery="frame")


def ask_abl(wire: Wire, pdu: str, number: int = 1) -> bytes | None:
    """The answer's function and data; every request is sent twice, since the first may only wake the box."""
    request = seal(number, bytes.fromhex(pdu), "ascii")
    wire.send(request)
    wire.wait(0.2)
    wire.take()
    wire.send(request)
    wire.wait(0.2)
    answer = wire.take()
    assert not answer or answer.startswith(b">")
    read = opened(b":" + answer[1:], "ascii")
    return read[1] if read else None


def test_abl_blocks_states_and_currents() -> None:
    """C02: state byte in the hexadecimal text, duty in tenths of a percent, currents in 0.1 A and 1 A."""
    with wired(night(Device("box", "abl-emh", 1), buses=(ABL,))) as wire:
        wire.desk.order({"base_a": [0, 0, 0]})
        assert ask_abl(wire, "10 0014 0001 02 00A6") == bytes.fromhex("10 0014 0001")
        wire.wait(0.5)
        assert ask_abl(wire, "03 002E 0005") == bytes.fromhex("03 0A 2EC2 B0A6 0064 0064 0064")
        assert ask_abl(wire, "03 0033 0003") == bytes.fromhex("03 06 33C2 0A0A0A 00")
        assert ask_abl(wire, "03 000F 0005") == bytes.fromhex("03 0A 0F00 0000 0000 00A6 0000")
        assert ask_abl(wire, "10 0014 0001 02 03E8") == bytes.fromhex("10 0014 0001")
        wire.wait(0.5)
        assert ask_abl(wire, "03 0033 0003") == bytes.fromhex("03 06 33B1 000000 00")
        wire.desk.order({"plug": {"box": False}})
        assert ask_abl(wire, "03 002E 0005") == bytes.fromhex("03 0A 2EA1 33E8 0000 0000 0000")
        assert ask_abl(wire, "10 0005 0001 02 E0E0") == bytes.fromhex("10 0005 0001")
        assert ask_abl(wire, "03 0033 0003") == bytes.fromhex("03 06 33E0 000000 00")
        assert ask_abl(wire, "10 0005 0001 02 A1A1") == bytes.fromhex("10 0005 0001")
        wire.desk.order({"plug": {"box": True}, "fault": {"kind": "restart", "device": "box", "value": 0}})
        wire.wait(0.5)
        assert ask_abl(wire, "03 0033 0003") == bytes.fromhex("03 06 33C2 101010 00")


def test_abl_identity_silence_and_refusals() -> None:
    """C02: wrong requests meet silence, a wrong value 0x90 code 4; a read without unit finds the box."""
    with wired(night(Device("box", "abl-emh", 3), buses=(ABL,))) as wire:
        assert ask_abl(wire, "03 0001 0002", 3) == bytes.fromhex("03 04 0103 0123")
        assert ask_abl(wire, "03 0001 0002", 0) == bytes.fromhex("03 04 0103 0123")
        assert ask_abl(wire, "03 0003 0001", 3) == bytes.fromhex("03 02 0300")
        assert ask_abl(wire, "03 0006 0002", 3) == bytes.fromhex("03 04 0600 0000")
        serial = ask_abl(wire, "03 0050 0008", 3)
        assert serial is not None
        assert serial[:8] == b"\x03\x10P2W220"
        for wrong in ("03 0030 0001", "04 002E 0005", "06 0014 0064", "10 0015 0001 02 0064"):
            assert ask_abl(wire, wrong, 3) is None
        assert ask_abl(wire, "10 0014 0001 02 0001", 3) == bytes.fromhex("90 04")


def test_an_abl_asleep_loses_the_request_that_wakes_it() -> None:
    with wired(night(Device("box", "abl-emh", 1), buses=(ABL,))) as wire:
        request = seal(1, bytes.fromhex("03 0001 0002"), "ascii")
        answers = []
        for pause_s in (0.1, 0.8, 0.8, 1.2, 0.1):
            wire.send(request)
            wire.wait(pause_s)
            answers.append(bool(wire.take()))
        assert answers == [False, True, True, True, False]


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


def test_a_lambda_of_later_firmware_turns_its_words() -> None:
    pump = Device("pump", "lambda-eul", 4, low_word_first=True)
    with wired(night(pump)) as wire:
        assert wire.registers(4, 3, 1020, 2) == (2_345_000 & 0xFFFF, 2_345_000 >> 16)
        assert wire.registers(4, 3, 1022, 2) == (9_876_000 & 0xFFFF, 9_876_000 >> 16)


def test_a_sunspec_device_may_publish_several_models() -> None:
    """I01 to I06: each begins with its identity and length, the walk ends at 0xFFFF."""
    device = Device("roof", "sunspec", 5, measures="grid", models=(103, 120, 124, 160, 203, 802))
    with wired(scene(devices=(device,), pv_peak_w=9000.0)) as wire:
        wire.wait(10.0)
        at, found = 40070, {}
        while (head := wire.registers(5, 3, at, 2))[0] != 0xFFFF:
            found[head[0]] = at
            at += head[1] + 2
        assert list(found) == [103, 120, 124, 160, 203, 802]
        assert wire.registers(5, 3, found[120], 5) == (120, 26, 4, 9000, 0)
        assert wire.registers(5, 3, found[124] + 8, 4) == (55, 0xFFFF, 0xFFFF, 6)
        assert wire.registers(5, 3, found[802] + 11, 1) == (55,)
        mppt = wire.registers(5, 3, found[160], 50)
        assert mppt[:6] == (160, 48, 0xFFFE, 0xFFFF, 0, 0)
        assert (mppt[8], mppt[10], mppt[30]) == (2, 1, 2)
        assert mppt[21] == mppt[41] == pytest.approx(wire.desk.truth()["pv_w"] / 2, abs=2)
        assert mppt[19] * mppt[20] / 1000 == pytest.approx(mppt[21], rel=0.01)
        meter = wire.registers(5, 3, found[203], 107)
        line_a = wire.desk.truth()["line_a"]
        assert meter[3:6] == tuple(pytest.approx(100 * abs(ampere), abs=2) for ampere in line_a)
        watts = [value - 0x10000 if value & 0x8000 else value for value in meter[18:23]]
        assert watts[0] == pytest.approx(wire.desk.truth()["grid_w"], abs=5)
        assert (meter[6], meter[15], meter[22]) == (0xFFFE, 0xFFFF, 0)
        assert meter[46] << 16 | meter[47] == pytest.approx(4_321_000, abs=100)
        assert meter[38] << 16 | meter[39] == pytest.approx(8_765_000, abs=100)
        assert meter[105:] == (0, 0)


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
