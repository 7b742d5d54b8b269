"""Whose doing it was: the witness tells what was raised into an overload from what the house added."""

from typing import Any

import pytest

from hems.model.units import PerLine
from hems.sim import heat
from hems.sim.battery import BatteryModel
from hems.sim.car import CarModel
from hems.sim.heat import Operating
from hems.sim.house import House
from hems.sim.scene import Circuit, Device, Load
from tests.sim.wire import QUICK, scene

CHARGERS = tuple(
    Device(name, "evse-wb", unit, relay=name, boot_a=0) for unit, name in enumerate(("garage", "yard"), 2)
)
BARN = Circuit("barn", ("garage", "boiler"), (16.0, 16.0, 0.0))
BARN_METER = Device("barn-m", "eastron-sdm630", 9, measures="circuit:barn")


def house_of(base_a: PerLine = (2.0, 2.0, 2.0), *, car: CarModel = QUICK, **change: Any) -> House:
    house = House(
        scene(**{"pv_peak_w": 0.0, "devices": CHARGERS, "cars": {"garage": car, "yard": car}, **change}), 0.0
    )
    house.force(base_a, 0.0)
    for name in ("garage", "yard"):
        house.switch(name, True, 0.0)
    house.advance(1.0)
    house.note_reading()
    return house


def tell(house: House, ampere: int, second: float, name: str = "garage") -> None:
    house.advance(second)
    assert house.write_charger(house.points[name], 1000, [ampere], second) == 0


def test_what_was_raised_into_the_fuse_is_our_own_doing() -> None:
    house = house_of((12.0, 2.0, 2.0))
    tell(house, 16, 1.0)
    house.advance(11.0)
    truth = house.truth
    assert truth.own_over_s == {"L1": pytest.approx(10.0, abs=0.2)}
    assert truth.house_over_s == {}
    assert truth.over_as["L1"] == pytest.approx(30.0, abs=1.0)
    assert truth.over_fuse_s == pytest.approx(10.0, abs=0.2)
    assert truth.violations == 1


def test_what_the_house_adds_is_its_own_also_while_a_car_charges() -> None:
    house = house_of()
    tell(house, 16, 1.0)
    house.advance(5.0)
    house.draw("kettle", (11.0, 0.0, 0.0), 5.0)
    house.advance(10.0)
    assert house.truth.house_over_s == {"L1": pytest.approx(5.0, abs=0.2)}
    assert house.truth.own_over_s == {}
    house.draw("kettle", (0.0, 0.0, 0.0), 10.0)
    house.advance(20.0)
    assert house.truth.over_fuse_s == pytest.approx(5.0, abs=0.2)


def test_a_raise_on_top_of_the_kettle_is_ours_again() -> None:
    """By the reading it was made by: with the kettle in it there was no room."""
    house = house_of(car=CarModel(delay_s=0.0, rise_a_per_s=100.0))
    house.draw("kettle", (14.0, 0.0, 0.0), 1.0)
    house.advance(3.0)
    house.note_reading()
    tell(house, 12, 3.0)
    house.advance(5.0)
    assert house.truth.own_over_s["L1"] == pytest.approx(2.0, abs=0.2)
    assert house.truth.violations == 1


def test_a_house_alone_is_never_ours() -> None:
    house = house_of((30.0, 0.0, 0.0))
    house.advance(3.0)
    assert house.truth.house_over_s["L1"] > 1.5
    assert house.truth.own_over_s == {}
    blind = House(scene(pv_peak_w=0.0, devices=CHARGERS, cars={}), 0.0)
    tell(blind, 6, 0.5)
    blind.force((30.0, 0.0, 0.0), 0.5)
    blind.advance(3.0)
    assert blind.truth.own_over_s == {}, "raised before any reading, but no car is there"


def test_a_circuit_has_fuses_of_its_own() -> None:
    """CHG-30: members alone load it, the fuse of its third line does not exist; judged by its own meter."""
    devices, boiler = (*CHARGERS, BARN_METER), Load("boiler", (0.0, 4.0, 20.0))
    house = house_of(devices=devices, circuits=(BARN,), loads=(boiler,), fuse_a=(63.0, 63.0, 63.0))
    tell(house, 6, 1.0)
    assert house.truth.violations == 1, "nobody has read the circuit's meter"
    house.note_reading("barn")
    tell(house, 12, 2.0)
    tell(house, 16, 2.5, "yard")
    assert house.truth.violations == 1, "12 and 4 A fit the circuit's L2; the other car is not in it"
    house.draw("kettle", (5.0, 5.0, 5.0), 3.0)
    house.advance(5.0)
    assert house.loads()["barn"] == pytest.approx((12.0, 16.0, 32.0))
    assert house.truth.own_over_s == {}
    tell(house, 13, 5.0)
    house.advance(8.0)
    assert house.truth.violations == 2
    assert house.truth.own_over_s == {"barn.L2": pytest.approx(3.0, abs=0.3)}
    assert house.truth.circuit_wh["barn"] > 0


def test_a_circuit_without_a_meter_is_judged_by_its_cars() -> None:
    house = house_of(circuits=(BARN,), loads=(Load("boiler", (0, 4, 0)),))
    tell(house, 16, 1.0)
    house.advance(4.0)
    assert house.truth.violations == 0, "nobody could know of the boiler"
    assert house.truth.house_over_s["barn.L2"] > 2.0


def test_loads_follow_their_relays() -> None:
    house = house_of(loads=(Load("boiler", (0, 9, 0), relay="boiler"),))
    assert house.board.line_a[1] == pytest.approx(2.0, abs=0.01)
    house.switch("boiler", True, 2.0)
    house.advance(3.0)
    assert house.board.line_a[1] == pytest.approx(11.0, abs=0.01)


def test_a_relay_of_lines_that_moves_under_load_is_noted_and_a_wider_offer_judged() -> None:
    """CHG-22: one to three lines with a current on offer is a raise on the others."""
    devices = (Device("garage", "evse-wb", 2, relay="garage", lines_relay="lines", boot_a=0),)
    house = House(scene(pv_peak_w=0.0, devices=devices, cars={"garage": QUICK}), 0.0)
    house.force((2.0, 15.0, 2.0), 0.0)
    house.switch("garage", True, 0.0)
    house.advance(1.0)
    house.note_reading()
    tell(house, 16, 1.0)
    house.advance(3.0)
    assert (house.truth.violations, house.truth.moved_under_load) == (0, 0)
    house.switch("lines", True, 3.0)
    assert (house.truth.violations, house.truth.moved_under_load) == (1, 1)
    house.advance(4.0)
    assert house.board.line_a == pytest.approx((18.0, 31.0, 18.0), abs=0.1)
    tell(house, 0, 5.0)
    house.advance(6.0)
    house.switch("lines", False, 6.0)
    assert house.truth.moved_under_load == 1


def test_a_car_on_one_of_its_lines_stores_what_it_draws_there() -> None:
    devices = (Device("garage", "evse-wb", 2, lines_relay="lines", boot_a=10),)
    house = House(scene(pv_peak_w=0.0, devices=devices, cars={"garage": QUICK}), 0.0)
    before_wh = house.points["garage"].car.stored_wh
    house.advance(3600.0)
    assert house.points["garage"].car.stored_wh - before_wh == pytest.approx(
        0.9 * house.truth.ev_wh, rel=0.01
    )
    assert house.truth.ev_wh == pytest.approx(2300, rel=0.02)


def test_watts_above_the_operators_limit_are_noted_own_sun_is_on_top() -> None:
    """CHG-50."""
    house = house_of()
    tell(house, 10, 1.0)
    house.advance(5.0)
    house.dim(4200.0, 5.0)
    house.advance(7.0)
    truth = house.truth
    assert truth.over_dim_s == pytest.approx(2.0, abs=0.2)
    assert truth.over_dim_w == pytest.approx(6900 - 4200, abs=100)
    tell(house, 6, 7.0)
    house.advance(12.0)
    assert house.truth.over_dim_s == pytest.approx(2.0, abs=0.2)
    house.dim(None, 12.0)
    tell(house, 16, 12.0)
    house.advance(14.0)
    assert house.truth.over_dim_s == pytest.approx(2.0, abs=0.2)
    sunny = house_of(pv_peak_w=9000.0)
    sunny.force((1.0, 1.0, 1.0), 1.0)
    sunny.dim(4200.0, 1.0)
    tell(sunny, 16, 1.5)
    sunny.advance(6.0)
    assert sunny.truth.over_dim_s == 0.0, "11 kW, of which 7.7 kW are its own sun"


def test_a_battery_stands_beside_the_sun_and_counts() -> None:
    house = house_of((4.0, 4.0, 4.0), battery=BatteryModel(level_pct=80))
    house.advance(30.0)
    assert house.board.grid_w == pytest.approx(0.0, abs=60)
    assert house.truth.battery_discharge_wh > 0
    house.order_battery(0.0, None, 30.0)
    house.advance(40.0)
    assert house.board.battery_w == 0.0
    house.order_battery(None, -2000.0, 40.0)
    house.advance(60.0)
    assert house.board.battery_w == -2000.0
    assert house.truth.battery_charge_wh > 5


def test_a_heat_pump_minds_its_two_contacts() -> None:
    """CHG-101: recommended it runs also where its programme rests; locked it stands."""
    house = house_of(sg_ready=("locked", "recommended"))
    assert house.pump is not None
    house.switch("recommended", True, 1.0)
    house.advance(120.0)
    assert house.pump.rating == 6000
    assert heat.operating(house.pump) is Operating.HEATING
    house.switch("locked", True, 120.0)
    house.advance(240.0)
    assert house.pump.rating == 10_000, "both contacts: forced"
    house.switch("recommended", False, 240.0)
    house.advance(360.0)
    assert house.pump.rating == 0
    assert heat.operating(house.pump) is Operating.STANDBY
    assert house.board.pump_w == pytest.approx(20.0)
    assert house.truth.pump_starts == 1
