"""What may be lost and must not matter: sun's meter, battery's meter, heat pump, clock, prices."""

import pytest

from hems.model.intents import SetMode
from hems.model.settings import SUNNY, Mode
from hems.model.view import View
from hems.sim.battery import BatteryModel
from tests.stories.plots import plot
from tests.stories.stage import RaiseCurtain, Stage
from tests.stories.witness import Witness

MODES: tuple[Mode, ...] = ("fast", "surplus", "min_surplus")
EAGER = {"start_delay_s": 5.0, "min_off_s": 5.0}


def charging(stage: Stage, mode: Mode) -> View:
    stage.ask(SetMode("garage", mode))
    stage.play(60, lambda view: stage.garage(view).limit_a > 0)
    return stage.play(60)


@pytest.mark.parametrize("mode", MODES)
def test_the_suns_meter_is_not_needed(raise_curtain: RaiseCurtain, mode: Mode) -> None:
    """The loss matrix, PV meter: surplus is what the grid meter says."""
    stage = raise_curtain(plot(pv_peak_w=9000, charging=EAGER))
    charging(stage, mode)
    before_a = stage.garage().limit_a
    stage.silence("pv")
    stage.play(120)
    limits_a = [stage.garage(view).limit_a for view in stage.views[-120:]]
    assert before_a - 1 <= min(limits_a)
    assert max(limits_a) <= before_a + 1
    assert stage.truth["own_over_s"] == {}


@pytest.mark.parametrize("mode", MODES)
def test_the_heat_pump_is_not_needed(raise_curtain: RaiseCurtain, mode: Mode) -> None:
    """The loss matrix, heat pump: cars go on."""
    stage = raise_curtain(plot(pv_peak_w=9000, pump=True, charging=EAGER))
    charging(stage, mode)
    stage.silence("pump")
    stage.play(120)
    assert min(stage.garage(view).limit_a for view in stage.views[-120:]) >= 6
    assert {str(stage.garage(view).why.code) for view in stage.views[-120:]}.isdisjoint(
        {"meter_stale", "meter_lost", "charger_lost"}
    )


@pytest.mark.parametrize("mode", sorted(SUNNY - {"surplus_target", "min_surplus_target"}))
def test_a_silent_battery_gives_nothing_it_is_not_known_to_give(
    raise_curtain: RaiseCurtain, mode: Mode
) -> None:
    """The loss matrix, battery meter: what it charges counts no more, its worst discharge for 60 s."""
    stage = raise_curtain(plot(pv_peak_w=9000, battery=BatteryModel(), charging=EAGER))
    stage.battery(level_pct=95, power_w=-2000)
    charging(stage, mode)
    with_a = stage.garage().limit_a
    assert with_a > 6
    stage.silence("battery")
    stage.play(30)
    without_a = stage.garage().limit_a
    assert without_a <= with_a - 2, "2 kW on three lines are 2.9 A that nobody knows of"
    stage.heal("battery")
    stage.play(60)
    assert stage.garage().limit_a >= with_a - 1
    assert stage.truth["own_over_s"] == {}


@pytest.mark.parametrize("mode", MODES)
def test_an_untrusted_clock_stops_neither_surplus_nor_protection(
    raise_curtain: RaiseCurtain, mode: Mode
) -> None:
    """The loss matrix, wall clock: what needs no calendar goes on, from the first second."""
    stage = raise_curtain(plot(pv_peak_w=9000, charging=EAGER))
    stage.clock.trusted = False
    witness = Witness(stage)
    charging(stage, mode)
    assert stage.garage().limit_a >= 6
    sun_a = stage.truth["pv_w"] / 690.0
    stage.base(2, 18 + sun_a, 2)
    stepped_s = stage.play(1).now.mono_s
    stage.play(15)
    assert witness.first(stepped_s, offered_a=7) <= stepped_s + 2
    assert stage.garage().limit_a <= 7
    assert stage.truth["own_over_s"] == {}
    stage.clock.trusted = True
    stage.play(30)
    assert stage.garage().limit_a <= 7, "nothing jumps with the clock"


@pytest.mark.parametrize("seconds", [10_800.0, -10_800.0])
def test_a_clock_that_jumps_moves_no_delay(raise_curtain: RaiseCurtain, seconds: float) -> None:
    """The loss matrix, wall clock: durations are counted by a clock that nobody sets."""
    stage = raise_curtain(plot(pv_peak_w=9000, charging={"start_delay_s": 60.0}))
    stage.play(10)
    stage.clock.turn(seconds)
    started = stage.play(100, lambda view: stage.garage(view).limit_a > 0)
    assert 60 <= started.now.mono_s - stage.views[0].now.mono_s <= 65
