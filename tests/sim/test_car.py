from dataclasses import replace

import pytest

from hems.sim.car import EFFICIENCY, Car, CarModel, cut_off, is_full, parked, plugged, step

DT_S = 0.1


def drive(model: CarModel, car: Car, offers: list[tuple[float, float]], until_s: float) -> list[Car]:
    """The car at every tenth of a second; `offers` are (from second, ampere)."""
    seen = []
    for tick in range(1, round(until_s / DT_S) + 1):
        now_s = tick * DT_S
        offer_a = [ampere for from_s, ampere in offers if from_s <= now_s + 1e-9][-1]
        car = step(model, car, offer_a, 230.0, now_s, DT_S)
        seen.append(car)
    return seen


def at(seen: list[Car], second: float) -> Car:
    return seen[round(second / DT_S) - 1]


@pytest.mark.parametrize("delay_s", [1.0, 3.0, 5.0])
def test_it_follows_after_its_delay_and_rises_by_its_ramp(delay_s: float) -> None:
    model = CarModel(delay_s=delay_s)
    seen = drive(model, parked(model), [(0.1, 10.0)], 12.0)
    assert at(seen, delay_s).drawn_a == 0.0
    assert at(seen, delay_s + 0.1).drawn_a == pytest.approx(0.2)
    assert at(seen, delay_s + 1.1).drawn_a == pytest.approx(2.2)
    assert at(seen, delay_s + 5.1).drawn_a == 10.0


def test_it_falls_at_once_after_its_delay() -> None:
    model = CarModel()
    seen = drive(model, parked(model), [(0.1, 16.0), (20.0, 6.0)], 24.0)
    assert at(seen, 22.9).drawn_a == 16.0
    assert at(seen, 23.0).drawn_a == 6.0


def test_several_changes_may_be_under_way() -> None:
    model = CarModel()
    seen = drive(model, parked(model), [(0.1, 16.0), (20.0, 10.0), (21.0, 0.0), (21.5, 6.0)], 30.0)
    assert at(seen, 23.0).drawn_a == 10.0
    assert at(seen, 24.0).drawn_a == 0.0
    assert at(seen, 24.4).drawn_a == 0.0
    assert at(seen, 24.6).drawn_a > 0.0


@pytest.mark.parametrize(("offer_a", "drawn_a"), [(5.9, 0.0), (6.0, 6.0), (12.0, 12.0), (32.0, 13.0)])
def test_it_takes_nothing_below_6_a_and_never_more_than_its_own_most(offer_a: float, drawn_a: float) -> None:
    model = CarModel(max_a=13.0)
    assert drive(model, parked(model), [(0.1, offer_a)], 15.0)[-1].drawn_a == drawn_a


def test_a_full_car_draws_nothing_and_charging_fills_it() -> None:
    model = CarModel(capacity_wh=100.0, stored_wh=99.0, delay_s=0.0)
    seen = drive(model, parked(model), [(0.1, 16.0)], 20.0)
    assert max(car.drawn_a for car in seen) > 1.0
    assert is_full(model, seen[-1])
    assert seen[-1].drawn_a == 0.0
    assert seen[-1].stored_wh == 100.0


def test_stored_energy_is_drawn_energy_less_losses() -> None:
    model = CarModel(lines=1)
    seen = drive(model, parked(model), [(0.1, 8.0)], 60.0)
    drawn_wh = sum(car.drawn_a for car in seen) * 230.0 * DT_S / 3600.0
    assert seen[-1].stored_wh - model.stored_wh == pytest.approx(EFFICIENCY * drawn_wh)


def test_cut_off_is_immediate_and_begins_a_new_delay() -> None:
    model = CarModel()
    charging = drive(model, parked(model), [(0.1, 10.0)], 10.0)[-1]
    assert charging.drawn_a == 10.0
    dark = cut_off(charging)
    assert dark.drawn_a == 0.0
    again = drive(model, dark, [(0.1, 10.0)], 4.0)
    assert at(again, 3.0).drawn_a == 0.0
    assert at(again, 3.2).drawn_a > 0.0


def test_the_cable_may_be_taken_and_put_in() -> None:
    car = replace(parked(CarModel()), drawn_a=9.0)
    assert plugged(car, False) == replace(car, plugged=False, drawn_a=0.0)
    assert plugged(plugged(car, False), True).plugged
