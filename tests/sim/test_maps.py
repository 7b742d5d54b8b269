"""Register maps against values worked out by hand from the makers' tables."""

import struct
from dataclasses import replace
from typing import Any

import pytest

from hems.sim.car import CarModel
from hems.sim.devices.heidelberg import state as heidelberg_state
from hems.sim.frames import seal
from hems.sim.house import ChargePoint, charge_point
from hems.sim.scene import Device, Scene
from tests.sim.wire import Wire, scene, wired

QUICK = CarModel(delay_s=0.0, rise_a_per_s=100.0)
METERS = (
    Device("grid", "eastron-sdm630", 1, measures="grid"),
    Device("garage", "evse-wb", 2, boot_a=0),
    Device("car", "eastron-sdm72dm-v2", 3, measures="garage", lines=("L3", "L1", "L2")),
)


def night(**changes: Any) -> Scene:
    return scene(**{"pv_peak_w": 0.0, "devices": METERS, "cars": {"garage": QUICK}, **changes})


def f32(text: str) -> float:
    """A float as it stands on the wire: big-endian, high word first."""
    return float(struct.unpack(">f", bytes.fromhex(text))[0])


def test_sdm_floats_come_high_word_first() -> None:
    """M01: 230.0 V is 0x43660000, 20.0 A is 0x41A00000, 4600 W is 0x458FC000."""
    with wired(night()) as wire:
        wire.desk.order({"base_a": [20, 0, 0]})
        wire.wait(2.0)
        assert wire.registers(1, 4, 0, 2) == (0x4366, 0x0000)
        assert wire.registers(1, 4, 6, 2) == (0x41A0, 0x0000)
        assert wire.registers(1, 4, 12, 2) == (0x458F, 0xC000)
    assert f32("43660000") == 230.0


def test_sdm630_tells_magnitudes_and_signed_powers_while_exporting() -> None:
    with wired(night()) as wire:
        wire.desk.order({"base_a": [-10, 4, 0]})
        wire.wait(2.0)
        values = wire.floats(1, 4, 0, 80)
        volts, amps, watts, apparent = values[0:3], values[3:6], values[6:9], values[9:12]
        assert volts == pytest.approx((231.5, 230.8, 231.0))
        assert amps == pytest.approx((10.0, 4.0, 0.0), abs=1e-5)
        assert watts == pytest.approx((-2315.0, 923.2, 0.0), abs=0.01)
        assert apparent == pytest.approx((2315.0, 923.2, 0.0), abs=0.01)
        assert values[15:18] == (-1.0, 1.0, 1.0)
        assert values[21] == pytest.approx(231.1)
        assert values[23:25] == pytest.approx((14.0 / 3.0, 14.0))
        assert values[26] == pytest.approx(-1391.8)
        assert values[28] == pytest.approx(3238.2)
        assert values[31] == -1.0
        assert values[35] == 50.0


def test_sdm630_totals_count_kwh_each_way() -> None:
    with wired(night()) as wire:
        wire.desk.order({"base_a": [10, 0, 0]})
        wire.wait(1800.0)
        wire.desk.order({"base_a": [-20, 0, 0]})
        wire.wait(1800.0)
        imported, exported = wire.floats(1, 4, 72, 4)
        assert imported == pytest.approx(4321.0 + 1.1525, abs=0.002)
        assert exported == pytest.approx(8765.0 + 2.32, abs=0.002)
        assert wire.floats(1, 4, 342, 2)[0] == pytest.approx(13086.0 + 3.4725, abs=0.003)


def test_sdm630_settings_and_other_blocks() -> None:
    with wired(night()) as wire:
        wire.desk.order({"base_a": [0, 0, 0]})
        wire.wait(1.0)
        assert wire.floats(1, 4, 200, 8) == pytest.approx((400.1037,) * 4, abs=0.01)
        assert wire.floats(1, 3, 10, 2) == (3.0,)
        assert wire.floats(1, 3, 18, 4) == (0.0, 1.0)
        assert wire.floats(1, 3, 28, 2) == (2.0,)
        assert wire.registers(1, 3, 64512, 2) == (0x0140, 0x6F41)


@pytest.mark.parametrize(
    ("pdu", "answer"),
    [
        ("04 0001 0002", "84 02"),
        ("04 0000 0003", "84 02"),
        ("04 0050 0002", "84 02"),
        ("04 0000 0052", "84 03"),
        ("03 0000 0002", "83 02"),
        ("10 0014 0002 04 4000 0000", "90 01"),
        ("01 0000 0001", "81 01"),
    ],
)
def test_sdm_refusals(pdu: str, answer: str) -> None:
    with wired(night()) as wire:
        assert wire.ask(1, bytes.fromhex(pdu)) == bytes.fromhex(answer)


def test_sdm72_measures_the_car_in_its_own_line_order() -> None:
    with wired(night(cars={"garage": replace(QUICK, lines=2)})) as wire:
        wire.desk.order({"base_a": [0, 0, 0]})
        wire.write(2, 1000, 10)
        wire.wait(3600.0)
        values = wire.floats(3, 4, 0, 80)
        assert values[3:6] == (0.0, 10.0, 10.0)
        assert values[6:9] == pytest.approx((0.0, 2305.0, 2305.0))
        assert values[36] == pytest.approx(1234.0 + 4.61, abs=0.005)
        assert values[37] == 0.0
        assert wire.floats(3, 4, 1280, 4) == pytest.approx((4610.0, 0.0))
        assert wire.registers(3, 3, 64512, 2) == (0x0140, 0x6F43)


def test_evse_wb_registers_follow_the_charger_and_the_car() -> None:
    """C03: 1000 set, 1001 limit, 1002 state, 1003 cable, 1005 firmware, 1006 pilot."""
    with wired(night()) as wire:
        assert wire.registers(2, 3, 1000, 8) == (0, 0, 2, 20, 0, 18, 1, 0)
        assert wire.write(2, 1000, 8) == bytes.fromhex("06 03e8 0008")
        wire.wait(1.0)
        assert wire.registers(2, 3, 1000, 8) == (8, 8, 3, 20, 0, 18, 2, 0)
        wire.desk.order({"plug": {"garage": False}})
        assert wire.registers(2, 3, 1002, 1) == (1,)
        assert wire.ask(2, bytes.fromhex("10 07d0 0001 02 0000")) == bytes.fromhex("10 07d0 0001")
        assert wire.registers(2, 3, 2000, 8) == (0, 1, 6, 0, 0, 0, 0, 16)
        assert wire.desk.truth()["first_write_mono_s"] is not None


@pytest.mark.parametrize(
    ("pdu", "answer"),
    [
        ("06 03e8 0005", "86 03"),
        ("06 03ea 0001", "86 02"),
        ("03 03e7 0002", "83 02"),
        ("03 03e8 0009", "83 02"),
        ("04 03e8 0001", "84 01"),
    ],
)
def test_evse_wb_refusals(pdu: str, answer: str) -> None:
    with wired(night()) as wire:
        assert wire.ask(2, bytes.fromhex(pdu)) == bytes.fromhex(answer)
        assert wire.desk.truth()["first_write_mono_s"] is None


HEIDELBERG = (Device("box", "heidelberg-energy-control", 1, relay="box", lines=("L3", "L1", "L2")),)


def test_heidelberg_registers() -> None:
    """C01: 4 version, 5 state, 6-8 dA, 9 d°C, 10-12 V, 13 lock, 14 VA, 15 and 17 VAh, high word first."""
    with wired(night(devices=HEIDELBERG, cars={"box": replace(QUICK, lines=1)})) as wire:
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
    with wired(night(devices=HEIDELBERG, cars={"box": QUICK})) as wire:
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
    assert heidelberg_state(point, limit_a) == state


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


def test_sunspec_is_found_by_its_marker_and_walked_to_its_end() -> None:
    """I01: marker at 40000, common model of length 66, so the next model begins at 40070."""
    with wired(scene()) as wire:
        assert wire.registers(5, 3, 40000, 4) == (0x5375, 0x6E53, 1, 66)
        assert wire.registers(5, 3, 40070, 2) == (103, 50)
        assert wire.registers(5, 3, 40122, 2) == (0xFFFF, 0)
        assert wire.ask(5, struct.pack(">BHH", 3, 40123, 2)) == bytes.fromhex("83 02")
        assert wire.ask(5, struct.pack(">BHH", 3, 50000, 2)) == bytes.fromhex("83 02")
        assert wire.ask(5, struct.pack(">BHH", 4, 40000, 2)) == bytes.fromhex("84 01")


def test_sunspec_model_103_values_and_scale_factors() -> None:
    with wired(scene()) as wire:
        wire.wait(60.0)
        model = wire.registers(5, 3, 40070, 52)
        pv_w = wire.desk.truth()["pv_w"]
        assert 8000 < pv_w < 9000
        signed = [value - 0x10000 if value & 0x8000 else value for value in model]
        assert model[14] * 10 == pytest.approx(pv_w, abs=5.1)
        assert signed[15] == 1
        assert model[3] * 0.01 == pytest.approx(pv_w / 3 / 231.4, abs=0.05)
        assert model[2] == model[3] + model[4] + model[5]
        assert signed[6] == -2
        assert model[10] * 0.1 == pytest.approx(231.5, abs=0.5)
        assert signed[13] == -1
        assert model[16:18] == (5000, 0xFFFE)
        assert model[20:22] == (0x8000, 0x8000)
        assert (model[24] << 16 | model[25]) == pytest.approx(12_345_678 + pv_w / 60, abs=10)
        assert model[26] == 0
        assert model[27] == 0xFFFF
        assert model[31:33] == (0x8000, 0x8000)
        assert signed[33] * 10.0 ** signed[37] == pytest.approx(41.2)
        assert model[38] == 4


def test_sunspec_sleeps_at_night() -> None:
    with wired(scene(pv_peak_w=0.0)) as wire:
        assert wire.registers(5, 3, 40108, 1) == (2,)


def test_a_good_grid_reading_is_noted_a_spoilt_one_is_not() -> None:
    with wired(night()) as wire:
        wire.desk.order({"base_a": [10, 10, 10]})
        wire.wait(1.0)
        wire.floats(1, 4, 0, 6)
        wire.write(2, 1000, 6)
        assert wire.desk.truth()["violations"] == 1
        wire.write(2, 1000, 0)
        wire.desk.order({"fault": {"kind": "crc", "device": "grid", "for_s": 0.5}})
        wire.send(seal(1, bytes.fromhex("04 0006 0006")))
        wire.wait(1.0)
        assert len(wire.take()) == 17
        wire.write(2, 1000, 6)
        assert wire.desk.truth()["violations"] == 2
        wire.write(2, 1000, 0)
        wire.floats(1, 4, 6, 6)
        wire.write(2, 1000, 6)
        assert wire.desk.truth()["violations"] == 2
