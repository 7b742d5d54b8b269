"""A charger on one line or on three, and which lines it uses: in the house, over the wires."""

import pytest

from hems.model.intents import ProveLines, SetBoost, SetLines, SetMode
from hems.model.ledger import Event
from hems.model.units import LINES, LineName
from hems.sim.car import CarModel
from tests.stories.plots import plot
from tests.stories.stage import RaiseCurtain, Stage

ROTATED: tuple[LineName, ...] = ("L2", "L3", "L1")


def events(stage: Stage) -> list[Event]:
    return [event for view in stage.views for event in view.events if event.kind.startswith("lines_")]


def charging(stage: Stage, seconds: float = 90.0) -> None:
    stage.play(seconds, lambda view: stage.told().limit_a >= 6.0 and stage.truth["ev_w"] > 1000)
    stage.play(15)


@pytest.mark.parametrize("metered", [True, False])
def test_full_current_takes_three_lines_and_a_person_takes_two_away(
    raise_curtain: RaiseCurtain, metered: bool
) -> None:
    """CHG-22: no relay moves under load, measured or not, and each position is confirmed."""
    stage = raise_curtain(plot(switchable=True, metered=metered, lines=(ROTATED,)))
    stage.ask(SetMode("garage", "fast"))
    charging(stage)
    assert stage.truth["ev_w"] > 4000
    stage.doze(420)
    stage.ask(SetLines("garage", 1))
    stage.play(40)
    charging(stage)
    assert 1300 < stage.truth["ev_w"] < 3800
    assert stage.told().lines == ("L2",)
    assert [event.figures["lines"] for event in events(stage)] == [3, 1]
    assert (stage.truth["moved_under_load"], stage.truth["violations"]) == (0, 0)


def test_a_boost_on_one_line_of_sun(raise_curtain: RaiseCurtain) -> None:
    """CHG-22, CHG-120: little sun charges on one line; a boost brings three, then it goes back."""
    stage = raise_curtain(plot(switchable=True, pv_peak_w=4000.0, lines=(ROTATED,)), short=True)
    stage.ask(SetMode("garage", "surplus"))
    charging(stage, 200)
    assert 1300 < stage.truth["ev_w"] < 3800
    stage.ask(SetBoost("garage", 600.0))
    charging(stage)
    stage.play(20)
    assert stage.truth["ev_w"] > 4000
    stage.doze(620)
    stage.play(330, lambda view: view.decision.command.chargers["garage"].lines == 1)
    charging(stage)
    assert 1300 < stage.truth["ev_w"] < 3800
    assert stage.truth["moved_under_load"] == 0


@pytest.mark.parametrize("lines", [("L2",), LINES])
def test_pulses_find_the_lines_and_a_restart_keeps_them(
    raise_curtain: RaiseCurtain, lines: tuple[LineName, ...]
) -> None:
    """CHG-20, CHG-21, BUS-75: on a charger that measures nothing."""
    car = CarModel(lines=len(lines))
    stage = raise_curtain(plot(metered=False, lines=(ROTATED,), cars=(car,)))
    stage.ask(SetMode("garage", "fast"))
    charging(stage)
    stage.doze(120)
    stage.ask(ProveLines("garage"))
    stage.play(130, lambda view: bool(events(stage)))
    assert [(event.kind, event.figures["lines"]) for event in events(stage)] == [
        ("lines_found", " ".join(lines))
    ]
    assert "test" in stage.reasons()
    stage.play(2)
    assert (stage.told().lines, stage.told().lines_level) == (lines, 2)
    stage.play(60)
    stage.restart()
    stage.play(3)
    assert (stage.told().lines, stage.told().lines_level) == (LINES, 2)
    assert stage.house.supervisor.ledger.lessons["ev1"].lines == {"": lines}
