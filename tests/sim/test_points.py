from dataclasses import replace

import pytest

from hems.sim.car import CarModel
from hems.sim.points import ChargePoint, charge_point
from hems.sim.scene import Device

DEVICE = Device("garage", "evse-wb", 2, lines=("L2", "L3", "L1"), boot_a=10)


def point(lines: int = 3, drawn_a: float = 0.0, **device: str) -> ChargePoint:
    its = charge_point(replace(DEVICE, **device), CarModel(lines=lines), 0.0)  # type: ignore[arg-type]
    its.car = replace(its.car, drawn_a=drawn_a)
    return its


@pytest.mark.parametrize(("lines", "drawn"), [(1, (0, 8, 0)), (2, (0, 8, 8)), (3, (8, 8, 8))])
def test_a_car_draws_on_the_first_lines_of_its_charger(lines: int, drawn: tuple[float, ...]) -> None:
    assert point(lines, 8.0).drawn_a == drawn


def test_a_relay_of_lines_begins_with_the_first_and_tells_when_it_breaks_a_current() -> None:
    """CHG-22: de-energised = the first line only."""
    its = point(lines_relay="lines")
    used = [its.uses]
    assert not its.choose(all_lines=True)
    used.append(its.uses)
    assert used == [(1,), (1, 2, 0)]
    its.car = replace(its.car, drawn_a=6.0)
    assert not its.choose(all_lines=True), "it has not moved"
    assert its.choose(all_lines=False)
    assert its.drawn_a == (0, 6, 0)


def test_a_one_line_car_does_not_feel_the_relay() -> None:
    its = point(1, 6.0, lines_relay="lines")
    assert not its.choose(all_lines=True)
    assert its.drawn_a == (0, 6, 0)


def test_a_welded_contact_does_not_follow_its_coil() -> None:
    """CHG-61."""
    its = point(3, 8.0, relay="garage")
    seen = [its.relay_closed]
    its.energised = True
    its.follow()
    its.welded, its.energised = True, False
    its.follow()
    seen.append(its.relay_closed)
    assert its.car.drawn_a == 8.0
    its.welded = False
    its.follow()
    seen.append(its.relay_closed)
    assert seen == [False, True, False]
    assert its.car.drawn_a == 0.0


def test_a_charger_that_holds_its_pilot_acknowledges_all_the_same() -> None:
    its = point()
    its.held_a = its.charger.offered_a(0.0)
    assert its.charger.write(1000, [0], 1.0) == 0
    assert its.charger.offered_a(1.0) == 0.0
    assert its.offered_a(1.0) == 10.0
