"""SunSpec chains against values worked out by hand from the published models."""

import struct

import pytest

from hems.sim.battery import BatteryModel
from hems.sim.scene import Device
from tests.sim.wire import scene, wired


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


def test_a_battery_of_the_house_shows_in_models_124_and_802() -> None:
    """I06: power positive while it discharges, charge in percent."""
    device = Device("store", "sunspec", 5, models=(124, 802))
    setup = scene(devices=(device,), pv_peak_w=0.0, battery=BatteryModel(12_000.0, 4000.0, 80.0))
    with wired(setup) as wire:
        wire.desk.order({"base_a": [2, 2, 2]})
        wire.wait(10.0)
        storage, at = wire.registers(5, 3, 40070, 11), 40070 + 26
        assert (storage[0], storage[2], storage[8]) == (124, 4000, 80)
        model = wire.registers(5, 3, at, 64)
        assert (model[0], model[3], model[4], model[11]) == (802, 12_000, 4000, 80)
        assert model[47] == pytest.approx(6 * 231, abs=10)
        wire.desk.order({"battery": {"power_w": -1000}})
        wire.wait(5.0)
        assert wire.registers(5, 3, at + 47, 1) == (0x10000 - 1000,)
