"""One line or three, by a relay: through the whole service, with what the contactor felt as the judge."""

from hems.model.intents import SetMode
from hems.model.why import Reason
from hems.sim.car import CarModel
from tests.stories.plots import plot
from tests.stories.stage import RaiseCurtain, Stage


def lines_used(stage: Stage) -> int:
    return sum(ampere > 1 for ampere in stage.truth["ev_a"]["garage"])


def unhurt(stage: Stage) -> None:
    """No contactor has moved under load, nothing was raised into a fuse."""
    truth = stage.truth
    assert truth["moved_under_load"] == truth["violations"] == truth["over_fuse_s"] == truth["early"] == 0


def test_the_sun_gives_three_lines_and_a_restart_one(raise_curtain: RaiseCurtain) -> None:
    """CHG-22, CHG-3: it begins on one line, gets three without a current in between, and begins again."""
    stage = raise_curtain(plot(switchable=True, pv_peak_w=9000.0))
    stage.base(1, 1, 1)
    stage.play(90, lambda view: lines_used(stage) == 1)
    stage.play(450, lambda view: lines_used(stage) == 3)
    unhurt(stage)
    assert lines_used(stage) == 3
    assert stage.house.pins.positions()["garage-lines"]
    assert stage.truth["starts_of"]["garage"] == 2
    switching = [view for view in stage.views if stage.garage(view).why.code is Reason.PHASE_SWITCH]
    assert {stage.garage(view).limit_a for view in switching} == {0.0}
    stage.restart()
    assert not stage.house.pins.positions()["garage-lines"]
    stage.play(180, lambda view: lines_used(stage) > 0)
    assert lines_used(stage) == 1
    unhurt(stage)


def test_the_relay_never_moves_while_a_car_still_draws(raise_curtain: RaiseCurtain) -> None:
    """CHG-22, CHG-61: a charger that goes on charging at 0 A keeps its lines, and is found out."""
    stage = raise_curtain(plot(switchable=True, pv_peak_w=9000.0, cars=[CarModel(delay_s=5.0)]))
    stage.base(1, 1, 1)
    stage.play(90, lambda view: lines_used(stage) == 1)
    stage.ignore()
    stage.weld()
    stage.play(450, lambda view: stage.garage(view).why.code is Reason.STUCK_CONTACTOR)
    stage.play(60)
    assert lines_used(stage) == 1, "it draws on, where it drew before"
    assert stage.truth["moved_under_load"] == 0
    assert stage.garage().limit_a == 0


def test_a_mode_that_wants_all_gets_three_lines_before_it_charges(raise_curtain: RaiseCurtain) -> None:
    stage = raise_curtain(plot(switchable=True))
    stage.base(1, 1, 1)
    stage.ask(SetMode("garage", "fast"))
    stage.play(120, lambda view: stage.truth["ev_w"] > 10_000)
    assert lines_used(stage) == 3
    unhurt(stage)
