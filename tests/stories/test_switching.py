"""One line or three over a cloudy day, and over a restart in the middle of a switch."""

from itertools import pairwise

import pytest

from hems.model.intents import SetBoost
from hems.model.why import Reason
from tests.stories.diary import Diary, most_in
from tests.stories.plots import plot
from tests.stories.stage import NOON, RaiseCurtain, Stage

APART_S = 420
PAUSE_S = 5
"""For so long nothing is told before the contactor moves, besides the time a car takes to stop."""
RELAY = "garage-lines"


@pytest.mark.proof
def test_clouds_that_come_and_go_wear_out_no_contactor(raise_curtain: RaiseCurtain) -> None:
    """CHG-17, CHG-22: shade for as long as sun, 15 times: 8 switches, 420 s apart, none under load."""
    stage = raise_curtain(plot(switchable=True, pv_peak_w=9000.0), short=True, start=NOON.replace(hour=11))
    diary = Diary(stage)
    stage.base(1, 1, 1)
    stage.play(5)
    for _ in range(15):
        stage.doze(440)
        stage.draw("shade", 9, 9, 9)
        stage.doze(440)
        stage.draw("shade")
    moves = diary.moves()
    assert len(moves) == 8
    assert all(later - earlier >= APART_S for earlier, later in pairwise(moves))
    assert rested(diary)
    assert most_in(diary.starts(), 3600) <= 4 + most_in(moves, 3600), "starts, and changes of lines"
    assert stage.truth["ev_wh"] > 5000
    diary.clean()
    diary.honest()


@pytest.mark.proof
@pytest.mark.parametrize("weather", ["mixed", "windy"])
def test_broken_clouds_are_no_reason_to_switch(raise_curtain: RaiseCurtain, weather: str) -> None:
    """CHG-22: three minima that are never there for 300 s leave the car on one line, and charging."""
    stage = raise_curtain(plot(switchable=True, pv_peak_w=7000.0), short=True, weather=weather)
    diary = Diary(stage)
    stage.base(1, 1, 1)
    stage.play(5)
    stage.doze(3600)
    truth = stage.truth
    assert diary.moves() == []
    assert truth["starts"] == 1
    assert truth["import_wh"] < 0.1 * truth["ev_wh"]
    diary.clean()
    diary.honest()


def rested(diary: Diary) -> bool:
    """Whether no contactor moved sooner than the pause after the last set-point or the switch's beginning."""
    pauses_s = []
    for at_s in diary.moves():
        calm = [entry for entry in diary.entries["garage"] if entry.mono_s < at_s]
        busy_s = [entry.mono_s for entry in calm if entry.limit_a > 0.0]
        ended_s = [entry.mono_s for entry in calm if entry.code is Reason.PHASE_SWITCH]
        pauses_s += [at_s - max(busy_s, default=0.0), at_s - min(ended_s[-1:], default=0.0)]
    return min(pauses_s, default=PAUSE_S) >= PAUSE_S


def switching(stage: Stage, seconds: float = 450) -> None:
    """The sun carries three lines; the switch has begun."""
    stage.base(1, 1, 1)
    stage.play(seconds, lambda view: stage.garage(view).why.code is Reason.PHASE_SWITCH)
    assert stage.garage().why.code is Reason.PHASE_SWITCH


@pytest.mark.parametrize("killed", [True, False])
@pytest.mark.parametrize("after_s", [0, 4, 9, 14])
def test_a_restart_in_the_middle_of_a_switch_moves_nothing_under_load(
    raise_curtain: RaiseCurtain, after_s: int, killed: bool
) -> None:
    """CHG-3, CHG-22: wherever in the switch it ends, it begins on one line, from 0 A, and switches later."""
    stage = raise_curtain(plot(switchable=True, pv_peak_w=9000.0), short=True)
    diary = Diary(stage)
    switching(stage)
    if after_s:
        stage.play(after_s)
    stage.restart(killed=killed, down_s=2.0)
    diary.follow()
    begun = len(diary.entries["garage"])
    stage.play(90, lambda view: stage.truth["ev_w"] > 1000)
    told = diary.entries["garage"][begun:]
    assert told[0].limit_a == 0
    assert next(entry.limit_a for entry in told if entry.limit_a) == 6
    assert not stage.house.pins.positions()[RELAY]
    assert {entry.lines for entry in told} == {1}
    diary.clean()


def test_the_boost_goes_on_after_a_restart_in_its_switch(raise_curtain: RaiseCurtain) -> None:
    """CHG-120, CHG-22: a boost wants all lines; the restart costs a minute of it and no contactor."""
    stage = raise_curtain(plot(switchable=True), short=True)
    diary = Diary(stage)
    stage.base(1, 1, 1)
    stage.play(5)
    stage.ask(SetBoost("garage", 1200.0))
    begun_s = stage.clock.mono_s()
    stage.play(60, lambda view: stage.garage(view).why.code is Reason.PHASE_SWITCH)
    stage.play(8)
    stage.written()
    stage.restart(killed=True)
    diary.follow()
    stage.play(600, lambda view: stage.truth["ev_w"] > 10_000)
    assert stage.house.pins.positions()[RELAY]
    assert rested(diary)
    ended = stage.play(1300, lambda view: view.settings.charger("garage").boost is None)
    assert ended.now.mono_s - begun_s == pytest.approx(1200, abs=3)
    stage.play(10)
    assert stage.truth["ev_w"] == 0
    diary.clean()
    diary.honest()
