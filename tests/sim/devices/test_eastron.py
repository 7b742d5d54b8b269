"""Eastron registers against values worked out by hand from the maker's table."""

import struct
from dataclasses import replace

import pytest

from tests.sim.wire import QUICK, night, wired


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
