"""Cars with a will of their own: one that takes less, one that is full and wakes, one that leaves."""

import pytest

from hems.model.intents import SetBoost, SetMode
from hems.sim.car import CarModel
from tests.stories.diary import Diary
from tests.stories.plots import plot
from tests.stories.stage import RaiseCurtain


def test_what_one_car_does_not_take_is_the_others(raise_curtain: RaiseCurtain) -> None:
    """CHG-18, CHG-40: booked with what it draws after a minute; the room goes to the other car."""
    cars = (CarModel(max_a=8.0), CarModel())
    stage = raise_curtain(plot(2, cars=cars, fuse_a=(25.0, 25.0, 25.0)), short=True)
    diary = Diary(stage)
    stage.base(2, 2, 2)
    stage.ask(SetMode("garage", "fast"), SetMode("carport", "fast"))
    stage.play(60)
    assert stage.truth["ev_a"]["carport"][0] <= 12
    stage.play(150)
    drawn_a = {name: line_a[0] for name, line_a in stage.truth["ev_a"].items()}
    assert drawn_a["garage"] == 8
    assert drawn_a["carport"] >= 12
    assert stage.truth["over_fuse_s"] == 0
    diary.clean()
    diary.honest()


@pytest.mark.proof
def test_a_full_car_frees_its_share_and_is_asked_again(raise_curtain: RaiseCurtain) -> None:
    """CHG-18: full at noon, its sun is the other's; woken every 15 min, three times at most, then left."""
    cars = (CarModel(stored_wh=59_800.0), CarModel())
    stage = raise_curtain(plot(2, cars=cars, priorities=(5, 0), pv_peak_w=9000.0), short=True)
    diary = Diary(stage)
    stage.base(1, 1, 1)
    stage.play(400)
    assert stage.truth["stored_wh"]["garage"] == 60_000
    assert stage.garage().why.code == "car_full"
    assert stage.truth["ev_a"]["carport"][0] >= 9
    full_s = stage.clock.mono_s()
    stage.doze(2 * 950)
    woken = [entry for entry in diary.entries["garage"] if entry.mono_s > full_s and entry.code == "car_full"]
    offers = sum(entry.limit_a == 6 for entry in woken)
    assert 1 <= offers <= 3
    assert stage.truth["starts_of"]["garage"] == 1
    stage.plug("garage", plugged=False)
    stage.play(10)
    assert stage.garage().why.code == "no_car"
    assert stage.truth["import_wh"] < 0.1 * stage.truth["ev_wh"]
    diary.clean()
    diary.honest()


def test_a_car_that_wakes_by_itself_is_served(raise_curtain: RaiseCurtain) -> None:
    """CHG-18: it takes what it is offered when it is asked again."""
    stage = raise_curtain(plot(cars=(CarModel(stored_wh=59_900.0),)), short=True)
    diary = Diary(stage)
    stage.base(1, 1, 1)
    stage.ask(SetMode("garage", "fast"))
    stage.play(250)
    assert stage.garage().why.code == "car_full"
    point = stage.desk.house.points["garage"]
    point.car = type(point.car)(plugged=True, stored_wh=55_000.0, seen_a=point.car.seen_a)
    stage.doze(900)
    stage.play(60)
    assert stage.truth["ev_w"] > 10_000
    assert stage.truth["starts"] == 2
    diary.clean()
    diary.honest()


@pytest.mark.parametrize("by_energy", [False, True])
def test_a_boost_ends_with_its_car(raise_curtain: RaiseCurtain, by_energy: bool) -> None:
    """CHG-120: unplugged, it is over for good; the next car gets what its mode gives."""
    stage = raise_curtain(plot(), short=True)
    diary = Diary(stage)
    stage.base(1, 1, 1)
    stage.play(5)
    stage.ask(SetBoost("garage", None, 20_000.0) if by_energy else SetBoost("garage", 3600.0))
    stage.play(120)
    assert stage.truth["ev_w"] > 10_000
    assert diary.entries["garage"][-1].state == "manual"
    stage.plug("garage", plugged=False)
    stage.play(5)
    assert stage.views[-1].settings.charger("garage").boost is None
    stage.plug("garage")
    stage.play(60)
    assert stage.truth["ev_w"] == 0
    assert stage.garage().why.code == "surplus_low"
    diary.clean()
    diary.honest()


def test_a_boost_by_energy_gives_that_energy(raise_curtain: RaiseCurtain) -> None:
    """CHG-120: counted by the charger's own meter, over a restart."""
    stage = raise_curtain(plot(), short=True)
    diary = Diary(stage)
    stage.base(1, 1, 1)
    stage.play(5)
    stage.ask(SetBoost("garage", None, 1500.0))
    stage.play(200)
    stage.restart()
    diary.follow()
    stage.play(600, lambda view: view.settings.charger("garage").boost is None)
    stage.play(10)
    assert stage.truth["ev_w"] == 0
    assert stage.truth["ev_wh"] == pytest.approx(1500, abs=30)
    diary.clean()
    diary.honest()
