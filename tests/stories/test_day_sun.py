"""Days of sun, of clouds and of wind in every mode that follows them, and a fast one among kettles."""

import pytest

from hems.model.intents import SetMode
from hems.sim.car import CarModel
from tests.stories.diary import Diary, most_in
from tests.stories.plots import plot
from tests.stories.stage import NOON, RaiseCurtain, Stage

HUNGRY = (CarModel(capacity_wh=120_000.0),)


def sun_share(stage: Stage) -> float:
    """The part of the car's energy that was the sun's, by the counters."""
    counters = stage.views[-1].counters
    solar_wh, all_wh = counters["ev1.energy.solar.total"], counters["ev1.energy.all.total"]
    assert solar_wh is not None
    assert all_wh
    return solar_wh / all_wh


@pytest.mark.proof
def test_a_sunny_day_goes_into_the_car(raise_curtain: RaiseCurtain) -> None:
    """CHG-10 to CHG-17: from morning to evening one start, no hunting, hardly a watt bought for it."""
    stage = raise_curtain(plot(cars=HUNGRY, pv_peak_w=9000.0), short=True, start=NOON.replace(hour=7))
    diary = Diary(stage)
    stage.play(5)
    stage.doze(13 * 3600)
    truth = stage.truth
    assert truth["starts"] <= 6
    assert most_in(diary.starts(), 3600) <= 3, "at dawn, when a kettle takes it all"
    assert truth["ev_wh"] > 0.6 * truth["pv_wh"]
    assert truth["ev_wh"] > 35_000
    assert sun_share(stage) > 0.93
    assert diary.raises() <= 13 * 40, "clouds and kettles, no hunting"
    assert diary.codes() >= {"start_delay", "surplus", "surplus_low", "stop_delay"}
    assert stage.truth["limit_a"]["garage"] == 0, "the evening has ended it"
    assert truth["over_fuse_s"] == 0
    diary.clean()
    diary.honest()


@pytest.mark.proof
@pytest.mark.parametrize(("weather", "share"), [("mixed", 0.65), ("windy", 0.65)])
def test_broken_clouds_do_not_wear_the_contactor(
    raise_curtain: RaiseCurtain, weather: str, share: float
) -> None:
    """CHG-15 to CHG-17: at most four starts an hour whatever the sky does, and most of it is sun."""
    stage = raise_curtain(
        plot(cars=HUNGRY, pv_peak_w=9000.0), short=True, start=NOON.replace(hour=10), weather=weather
    )
    diary = Diary(stage)
    stage.play(5)
    stage.doze(3 * 3600)
    truth = stage.truth
    assert most_in(diary.starts(), 3600) <= 4
    assert truth["ev_wh"] > 0.4 * truth["pv_wh"]
    assert sun_share(stage) > share
    assert truth["over_fuse_s"] == 0
    diary.clean()
    diary.honest()


@pytest.mark.proof
def test_a_closed_sky_charges_a_car_of_one_line(raise_curtain: RaiseCurtain) -> None:
    """CHG-13, CHG-16: a large roof under clouds; what starts is worth starting."""
    stage = raise_curtain(
        plot(cars=(CarModel(lines=1),), lines=(("L1",),), pv_peak_w=16_000.0),
        short=True,
        start=NOON.replace(hour=10),
        weather="cloudy",
    )
    diary = Diary(stage)
    stage.base(0.5, 0.5, 0.5)
    stage.play(5)
    stage.doze(2 * 3600)
    truth = stage.truth
    assert truth["starts"] >= 1
    assert most_in(diary.starts(), 3600) <= 4
    assert truth["import_wh"] < 0.25 * truth["ev_wh"]
    diary.clean()
    diary.honest()


def test_the_minimum_is_never_left(raise_curtain: RaiseCurtain) -> None:
    """`min_surplus`: one start, 6 A through every cloud and more whenever the sun has it."""
    stage = raise_curtain(plot(cars=HUNGRY, pv_peak_w=9000.0), short=True, weather="windy")
    diary = Diary(stage)
    stage.ask(SetMode("garage", "min_surplus"))
    stage.play(30)
    begun = len(diary.entries["garage"])
    stage.doze(1500)
    offers_a = [entry.limit_a for entry in diary.entries["garage"][begun:]]
    assert min(offers_a) == 6
    assert max(offers_a) >= 9
    assert stage.truth["starts"] == 1
    assert stage.truth["ev_wh"] > 1500 / 3600 * 6 * 690
    diary.clean()
    diary.honest()


def test_fast_among_kettles_stays_under_the_fuse(raise_curtain: RaiseCurtain) -> None:
    """CHG-31 to CHG-37: each step of the house is answered at once; nothing above a fuse is our doing."""
    stage = raise_curtain(plot(cars=HUNGRY), short=True)
    diary = Diary(stage)
    stage.base(5, 7, 3)
    stage.ask(SetMode("garage", "fast"))
    stage.play(60)
    assert stage.truth["limit_a"]["garage"] == 16
    for _ in range(5):
        stage.draw("kettle", 0, 9, 0)
        stage.play(60)
        assert stage.truth["line_a"][1] <= 25
        stage.draw("oven", 10, 0, 0)
        stage.play(30)
        stage.draw("kettle")
        stage.draw("oven")
        stage.play(70)
    truth = stage.truth
    assert truth["over_fuse_s"] <= 10 * 5
    assert truth["starts"] == 1
    assert diary.codes() >= {"fast", "line_limit"}
    assert sum(truth["over_as"].values()) <= 10 * 40
    diary.clean()
    diary.honest()
