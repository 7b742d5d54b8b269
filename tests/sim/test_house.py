from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.model.units import PerLine
from hems.sim.car import CarModel
from hems.sim.chargers import EvseWb
from hems.sim.house import House
from hems.sim.scene import Device, Scene
from hems.sim.weather import WEATHERS
from tests.sim.wire import scene

QUICK = CarModel(delay_s=0.0, rise_a_per_s=100.0)


def quiet(**changes: Any) -> Scene:
    """A house at night: no sun, no pump, a car that follows at once, one charger at 0 A."""
    devices = (
        Device("grid", "eastron-sdm630", 1, measures="grid"),
        Device("garage", "evse-wb", 2, relay="garage", boot_a=0),
    )
    return scene(**{"pv_peak_w": 0.0, "devices": devices, "cars": {"garage": QUICK}, **changes})


def house_of(setup: Scene, base_a: PerLine = (1.0, 1.0, 1.0)) -> House:
    house = House(setup, 0.0)
    house.force(base_a, 0.0)
    house.switch("garage", True, 0.0)
    house.advance(1.0)
    house.note_reading()
    return house


def tell(house: House, ampere: int, second: float, name: str = "garage") -> None:
    house.advance(second)
    assert house.write_charger(house.points[name], 1000, [ampere], second) == 0


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 1000),
    st.sampled_from(WEATHERS),
    st.lists(st.tuples(st.floats(0.05, 40.0), st.integers(6, 16), st.booleans(), st.booleans()), max_size=6),
)
def test_the_grid_is_the_sum_of_its_parts_and_totals_are_its_integral(
    seed: int, weather: str, steps: list[tuple[float, int, bool, bool]]
) -> None:
    house = House(scene(seed=seed, weather=weather), 0.0)
    point, now_s = house.points["garage"], 0.0
    net_wh = ev_wh = 0.0
    for wait_s, ampere, closed, plugged in steps:
        house.write_charger(point, 1000, [ampere], now_s)
        house.switch("garage", closed, now_s)
        house.plug("garage", plugged, now_s)
        until_s = now_s + wait_s
        while now_s < until_s:
            now_s += 0.1
            before = house.elapsed_s
            house.advance(now_s)
            taken_s = house.elapsed_s - before
            board = house.board
            grid_w = sum(board.household_w) + board.pump_w + board.ev_w - board.pv_w
            assert board.grid_w == pytest.approx(grid_w)
            for line in range(3):
                assert board.line_w[line] == pytest.approx(board.line_a[line] * board.line_v[line])
                assert 220.0 < board.line_v[line] < 240.0
            drawn_w = sum(a * v for a, v in zip(point.drawn_a, board.line_v, strict=True))
            assert board.ev_w == pytest.approx(drawn_w)
            if not (closed and plugged):
                assert board.ev_w == 0.0
            net_wh += board.grid_w * taken_s / 3600.0
            ev_wh += board.ev_w * taken_s / 3600.0
    truth = house.truth
    assert truth.import_wh - truth.export_wh == pytest.approx(net_wh, abs=1e-6)
    assert truth.ev_wh == pytest.approx(ev_wh, abs=1e-6)
    assert point.energy_wh == pytest.approx(ev_wh, abs=1e-6)
    assert min(truth.import_wh, truth.export_wh, truth.pv_wh) >= 0.0


def test_a_run_does_not_depend_on_who_looks_and_when() -> None:
    often, seldom = House(scene(), 500.0), House(scene(), 500.0)
    for house, looks in ((often, 997), (seldom, 3)):
        for look in range(looks):
            house.advance(500.0 + 600.0 * look / looks)
        house.advance(1100.0)
    assert often.board == seldom.board
    assert often.truth == seldom.truth
    assert often.elapsed_s == 600.0


def test_sunny_noon_leaves_a_surplus_for_three_lines_at_once() -> None:
    """The acquisition threshold of three lines is 2,070 W (CHG-13); 8 A on three lines need 5,520 W."""
    for seed in range(20):
        house = House(scene(seed=seed), 0.0)
        assert house.board.grid_w < -6000.0
        house.advance(110.0)
        assert house.board.grid_w < -5520.0


def test_voltage_falls_a_little_under_load() -> None:
    house = house_of(quiet(), (20.0, 0.0, 0.0))
    house.advance(2.0)
    assert house.board.line_v == pytest.approx((230.0, 231.0, 231.0))
    assert house.board.line_a == pytest.approx((20.0, 0.0, 0.0))


def test_forced_amperes_end_when_taken_back() -> None:
    house = house_of(quiet(), (20.0, 0.0, 0.0))
    house.force(None, 2.0)
    house.advance(4.0)
    assert 0.5 < house.board.line_a[0] < 3.0


def test_a_relay_takes_the_current_at_once_and_the_car_starts_anew() -> None:
    house = house_of(quiet(cars={"garage": CarModel()}))
    tell(house, 10, 1.0)
    house.advance(20.0)
    assert house.board.line_a == pytest.approx((11.0, 11.0, 11.0))
    assert house.truth.starts == 1
    house.switch("garage", False, 20.0)
    house.advance(20.1)
    assert house.board.line_a == pytest.approx((1.0, 1.0, 1.0))
    house.switch("garage", True, 21.0)
    house.advance(23.9)
    assert house.board.ev_w == 0.0
    house.advance(30.0)
    assert house.board.line_a == pytest.approx((11.0, 11.0, 11.0))
    assert house.truth.starts == 2


def test_an_unplugged_car_draws_nothing() -> None:
    house = house_of(quiet())
    tell(house, 10, 1.0)
    house.advance(3.0)
    house.plug("garage", False, 3.0)
    house.advance(3.1)
    assert house.board.ev_w == 0.0
    house.plug("garage", True, 4.0)
    house.advance(5.0)
    assert house.board.ev_w > 6000.0


def test_a_car_on_rotated_lines_draws_on_the_first_of_them() -> None:
    devices = (Device("garage", "evse-wb", 2, lines=("L2", "L3", "L1"), boot_a=10),)
    house = House(quiet(devices=devices, cars={"garage": replace(QUICK, lines=1)}), 0.0)
    house.force((0.0, 0.0, 0.0), 0.0)
    house.advance(2.0)
    assert house.board.line_a == pytest.approx((0.0, 10.0, 0.0))


def test_seconds_above_the_fuse_are_counted_in_either_direction() -> None:
    house = house_of(quiet(), (10.0, 10.0, 10.0))
    tell(house, 16, 1.0)
    house.advance(11.0)
    assert house.truth.over_fuse_s == pytest.approx(10.0, abs=0.11)
    tell(house, 15, 11.0)
    house.advance(20.0)
    assert house.truth.over_fuse_s == pytest.approx(10.0, abs=0.21)
    exporting = house_of(quiet(), (-25.5, 0.0, 0.0))
    exporting.advance(2.0)
    assert exporting.truth.over_fuse_s == pytest.approx(2.0, abs=0.11)


def test_a_raise_that_did_not_fit_the_last_reading_is_a_violation() -> None:
    house = house_of(quiet(), (9.0, 12.0, 0.0))
    tell(house, 13, 1.0)
    assert house.truth.violations == 0
    tell(house, 14, 2.0)
    assert house.truth.violations == 1
    tell(house, 10, 3.0)
    assert house.truth.violations == 1


def test_the_reading_counts_not_the_moment() -> None:
    """CHG-34: a raise is judged by what the last reading had free."""
    house = house_of(quiet(), (9.0, 9.0, 9.0))
    tell(house, 8, 1.0)
    house.advance(5.0)
    house.force((20.0, 20.0, 20.0), 5.0)
    tell(house, 16, 6.0)
    assert house.truth.violations == 0
    house.note_reading()
    tell(house, 6, 7.0)
    tell(house, 8, 7.5)
    assert house.truth.violations == 1


def test_lines_the_car_does_not_use_do_not_matter() -> None:
    house = house_of(quiet(cars={"garage": replace(QUICK, lines=1)}), (5.0, 24.0, 24.0))
    tell(house, 16, 1.0)
    assert house.truth.violations == 0


def test_a_raise_before_any_reading_and_a_closing_relay_are_judged_too() -> None:
    blind = House(quiet(), 0.0)
    tell(blind, 6, 0.5)
    assert blind.truth.violations == 1
    house = house_of(quiet(), (12.0, 12.0, 12.0))
    house.switch("garage", False, 1.0)
    tell(house, 13, 2.0)
    assert house.truth.violations == 0
    house.force((20.0, 20.0, 20.0), 2.0)
    house.advance(3.0)
    house.note_reading()
    house.switch("garage", True, 4.0)
    house.switch("garage", True, 4.5)
    assert house.truth.violations == 1


def test_raises_of_several_chargers_since_one_reading_are_booked_together() -> None:
    """CHG-34: with all other raises of the same cycle booked."""
    devices = tuple(Device(name, "evse-wb", unit, boot_a=0) for unit, name in enumerate(("a", "b"), 2))
    house = House(quiet(devices=devices, cars={"a": QUICK, "b": QUICK}), 0.0)
    house.force((5.0, 5.0, 5.0), 0.0)
    house.advance(1.0)
    house.note_reading()
    tell(house, 10, 1.0, "a")
    tell(house, 10, 1.2, "b")
    assert house.truth.violations == 0
    tell(house, 11, 1.4, "b")
    assert house.truth.violations == 1
    house.advance(4.0)
    house.note_reading()
    tell(house, 6, 4.0, "b")
    tell(house, 10, 4.2, "b")
    assert house.truth.violations == 1
    tell(house, 11, 4.4, "b")
    assert house.truth.violations == 2


def test_a_refused_write_changes_nothing() -> None:
    house = house_of(quiet())
    assert house.write_charger(house.points["garage"], 1000, [3], 1.0) == 3
    assert house.truth.violations == 0
    charger = house.points["garage"].charger
    assert isinstance(charger, EvseWb)
    assert charger.offered_a(1.0) == 0.0


def test_a_charger_without_a_car_in_the_scene_stands_unplugged() -> None:
    house = House(quiet(cars={}), 0.0)
    assert not house.points["garage"].car.plugged


def test_the_first_write_is_remembered() -> None:
    house = House(quiet(), 0.0)
    house.note_write(5.5)
    house.note_write(6.5)
    assert house.truth.first_write_mono_s == 5.5
