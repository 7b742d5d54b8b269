"""Two and four chargers under one fuse: nobody takes what is another's or what is not there."""

from collections.abc import Mapping, Sequence

import pytest

from hems.model.intents import SetMode
from hems.model.settings import Mode
from hems.model.units import LineName
from hems.sim.car import CarModel
from tests.stories.plots import NAMES, plot
from tests.stories.stage import RaiseCurtain, Stage
from tests.stories.witness import Witness

pytestmark = pytest.mark.proof
MODES: tuple[Mode, ...] = ("fast", "min_surplus")
CYCLE_S = 1.0
WIRE_S = 0.8


def all_charging(stage: Stage, mode: Mode, chargers: int, seconds: float = 150) -> None:
    for name in NAMES[:chargers]:
        stage.ask(SetMode(name, mode))
    stage.play(seconds)


def offered_a(stage: Stage) -> Mapping[str, float]:
    offers: Mapping[str, float] = stage.truth["limit_a"]
    return offers


def clean(stage: Stage) -> bool:
    """Nothing above a fuse by own doing, no raise that could not fit."""
    truth = stage.truth
    return not truth["own_over_s"] and not truth["violations"]


def test_two_share_what_there_is(raise_curtain: RaiseCurtain) -> None:
    """CHG-34, CHG-40: evenly, to the last two steps, never above the fuse on the way."""
    stage = raise_curtain(plot(2))
    stage.base(2, 2, 2)
    all_charging(stage, "fast", 2)
    offers_a = offered_a(stage)
    assert abs(offers_a["garage"] - offers_a["carport"]) <= 1
    assert 21 <= sum(offers_a.values()) <= 23
    assert clean(stage)


def test_four_under_one_fuse(raise_curtain: RaiseCurtain) -> None:
    """CHG-40: three minima fit, the fourth waits; it takes over when a car has gone."""
    stage = raise_curtain(plot(4, fuse_a=(25.0, 25.0, 25.0)))
    stage.base(2, 2, 2)
    all_charging(stage, "fast", 4)
    assert sorted(offered_a(stage).values())[0] == 0
    assert sum(offer_a > 0 for offer_a in offered_a(stage).values()) == 3
    waiting = min(offered_a(stage), key=lambda name: offered_a(stage)[name])
    gone = next(name for name in NAMES if name != waiting)
    stage.plug(gone, plugged=False)
    stage.play(200)
    assert offered_a(stage)[waiting] >= 6
    assert offered_a(stage)[gone] == 0
    assert clean(stage)


def test_four_on_lines_of_their_own(raise_curtain: RaiseCurtain) -> None:
    """CHG-20, CHG-30: one-line cars, rotated; each line is its own affair."""
    lines: Sequence[tuple[LineName, ...]] = (
        ("L1", "L2", "L3"),
        ("L2", "L3", "L1"),
        ("L3", "L1", "L2"),
        ("L1", "L2", "L3"),
    )
    cars = [CarModel(lines=1) for _ in NAMES]
    stage = raise_curtain(plot(4, cars=cars, lines=lines, fuse_a=(25.0, 25.0, 25.0)))
    stage.base(2, 2, 2)
    all_charging(stage, "fast", 4, 240)
    drawn_a = {name: max(line_a) for name, line_a in stage.truth["ev_a"].items()}
    assert drawn_a["carport"] == drawn_a["yard"] == 16
    assert 20 <= drawn_a["garage"] + drawn_a["barn"] <= 23
    assert clean(stage)


@pytest.mark.parametrize("mode", MODES)
def test_a_kettle_takes_its_part_from_all(raise_curtain: RaiseCurtain, mode: Mode) -> None:
    """CHG-31, CHG-32, CHG-37: whatever the house switches, nothing above the fuse is our doing."""
    stage = raise_curtain(plot(2, cars=[CarModel(delay_s=5), CarModel(delay_s=1)], pv_peak_w=9000))
    stage.base(12, 12, 12)
    all_charging(stage, mode, 2)
    for _ in range(4):
        stage.draw("kettle", 11)
        stage.play(17)
        stage.draw("kettle")
        stage.draw("oven", 0, 9, 9)
        stage.play(23)
        stage.draw("oven")
        stage.play(9)
    assert clean(stage)
    steps = 4 * 2
    assert stage.truth["over_fuse_s"] <= steps * (CYCLE_S + WIRE_S + 5)


@pytest.mark.parametrize("mode", MODES)
def test_a_lost_one_keeps_its_part(raise_curtain: RaiseCurtain, mode: Mode) -> None:
    """The loss matrix: booked with its last current until its relay is open, then the other's."""
    stage = raise_curtain(plot(2, pv_peak_w=9000))
    stage.base(14, 14, 14)
    all_charging(stage, mode, 2)
    garage, carport = Witness(stage, "garage"), Witness(stage, "carport")
    before_a = offered_a(stage)
    lost_s = stage.clock.mono_s()
    stage.silence("garage")
    stage.silence("garage-m")
    stage.play(120)
    opened_s = garage.opened(lost_s)
    assert lost_s + 4 <= opened_s <= lost_s + 5 + CYCLE_S + WIRE_S
    assert not any(s.offered_a > before_a["carport"] for s in carport.between(lost_s, opened_s))
    assert offered_a(stage)["carport"] >= before_a["carport"]
    assert clean(stage)
    stage.heal("garage")
    stage.heal("garage-m")
    stage.play(200)
    assert stage.told("garage").hand == "modbus"
    assert clean(stage)


@pytest.mark.parametrize("mode", MODES)
def test_the_meter_falls_silent_for_all(raise_curtain: RaiseCurtain, mode: Mode) -> None:
    """The loss matrix, first row, for each charger."""
    stage = raise_curtain(plot(4, fuse_a=(63.0, 63.0, 63.0), pv_peak_w=9000))
    all_charging(stage, mode, 4)
    witnesses = [Witness(stage, name) for name in NAMES]
    assert stage.views[-1].snapshot.grid is not None
    last_s = stage.views[-1].snapshot.grid.at_mono_s
    stage.silence("grid")
    stage.play(30)
    for witness in witnesses:
        assert not witness.rose(last_s + 2 + WIRE_S)
        assert witness.first(last_s, offered_a=6) <= last_s + 5 + CYCLE_S + WIRE_S
        assert last_s + 12 <= witness.first(last_s, offered_a=0) <= last_s + 12 + CYCLE_S + WIRE_S
        assert witness.first(last_s, drawn_a=0) <= last_s + 15 + CYCLE_S + WIRE_S
