"""What a meter sees, and what the house learns of its being read."""

import pytest

from hems.sim.devices.metering import CIRCUIT_WH, metered
from hems.sim.frames import seal
from hems.sim.house import House
from hems.sim.scene import Circuit, Device, Load
from tests.sim.wire import METERS, night, scene, wired


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


def test_a_meter_tells_the_lines_it_measures_in_its_own_order() -> None:
    """The charger's meter has counted before the start and counts on."""
    with wired(night()) as wire:
        wire.desk.order({"base_a": [0, 0, 0]})
        wire.write(2, 1000, 10)
        wire.wait(360.0)
        assert wire.desk.truth()["ev_wh"] > 600.0
        house = wire.desk.house
        car = metered(house, METERS[2])
        assert car.line_a == [10.0, 10.0, 10.0]
        assert car.line_v == [house.board.line_v[line] for line in (2, 0, 1)]
        assert car.import_wh == pytest.approx(1_234_000.0 + house.points["garage"].energy_wh)
        grid = metered(house, METERS[0])
        assert sum(grid.line_w) == pytest.approx(house.board.grid_w)
        assert (grid.export_wh, car.export_wh) == (8_765_000.0, 0.0)


def test_a_circuit_and_a_meter_of_one_line() -> None:
    """CHG-30: what belongs to the circuit, on the terminals that are connected, and its own energy."""
    circuits = (Circuit("barn", ("garage", "boiler")),)
    setup = scene(pv_peak_w=0.0, circuits=circuits, loads=(Load("boiler", (0.0, 9.0, 0.0)),))
    house = House(setup, 0.0)
    house.switch("garage", True, 0.0)
    house.advance(3600.0)
    seen = metered(house, Device("m", "eastron-sdm630", 9, measures="circuit:barn"))
    assert seen.line_a == pytest.approx([6.0, 15.0, 6.0])
    assert seen.line_w == pytest.approx([a * v for a, v in zip(seen.line_a, house.board.line_v, strict=True)])
    assert seen.import_wh - CIRCUIT_WH == pytest.approx(27 * 230, rel=0.02)
    alone = metered(house, Device("m", "eastron-sdm630", 9, measures="circuit:barn", lines=("L2",)))
    assert alone.line_a == pytest.approx([15.0, 0.0, 0.0])
    assert alone.line_v == [house.board.line_v[1], 0.0, 0.0]
