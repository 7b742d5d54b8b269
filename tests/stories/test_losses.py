"""What may be lost and must not matter: sun's meter, battery's meter, heat pump, clock, prices."""

import pytest

from hems.model.intents import SetCharging, SetMode
from hems.model.settings import SUNNY, ChargerSettings, Mode
from hems.model.site import SgReady, Tariff
from hems.model.view import View
from hems.sim.battery import BatteryModel
from tests.stories.plots import Plot, plot
from tests.stories.stage import RaiseCurtain, Stage
from tests.stories.witness import Witness

MODES: tuple[Mode, ...] = ("fast", "surplus", "min_surplus")
BRIGHT_W = 9000.0
EAGER = {"start_delay_s": 5.0, "min_off_s": 5.0}


def spot() -> Plot:
    """A dark house that pays by the hour."""
    return plot(1, tariff=Tariff(provider="awattar-de"))


def charging(stage: Stage, mode: Mode) -> View:
    stage.ask(SetMode("garage", mode))
    stage.play(60, lambda view: stage.garage(view).limit_a > 0)
    return stage.play(60)


@pytest.mark.parametrize("mode", MODES)
def test_the_suns_meter_is_not_needed(raise_curtain: RaiseCurtain, mode: Mode) -> None:
    """The loss matrix, PV meter: surplus is what the grid meter says."""
    stage = raise_curtain(plot(pv_peak_w=BRIGHT_W, charging=EAGER))
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
    stage = raise_curtain(plot(pv_peak_w=BRIGHT_W, pump=True, charging=EAGER))
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
    stage = raise_curtain(plot(pv_peak_w=BRIGHT_W, battery=BatteryModel(), charging=EAGER))
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
    stage = raise_curtain(plot(pv_peak_w=BRIGHT_W, charging=EAGER))
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
    stage = raise_curtain(plot(pv_peak_w=BRIGHT_W, charging={"start_delay_s": 60.0}))
    stage.play(10)
    stage.clock.turn(seconds)
    started = stage.play(100, lambda view: stage.garage(view).limit_a > 0)
    assert 60 <= started.now.mono_s - stage.views[0].now.mono_s <= 65


def test_cheap_charging_ends_with_the_last_known_price(raise_curtain: RaiseCurtain) -> None:
    """The loss matrix, prices: what is known is used until it ends; then the mode alone decides.

    The car stays at its minimum until its minimum on time is full (CHG-16).
    """
    stage = raise_curtain(spot())
    stage.ask(SetCharging("garage", ChargerSettings("surplus", 16, cheap=True, cheap_pct=100)))
    stage.prices(0.10)
    stage.play(60, lambda view: stage.truth["ev_w"] > 10_000)
    assert stage.garage().state == "spot_market"
    stage.clock.turn(3540.0)
    stage.play(120)
    assert stage.garage().limit_a == 6
    stage.play(240)
    assert stage.truth["ev_w"] == 0
    assert stage.garage().state != "spot_market"
    assert stage.views[-1].decision.price_ueur_kwh is None


def test_cheap_charging_waits_for_a_clock(raise_curtain: RaiseCurtain) -> None:
    """The loss matrix, wall clock: nobody knows which price is in force; the sun goes on."""
    stage = raise_curtain(spot())
    stage.ask(SetCharging("garage", ChargerSettings("surplus", 16, cheap=True, cheap_pct=100)))
    stage.prices(0.10)
    stage.clock.trusted = False
    stage.play(60)
    assert stage.truth["ev_w"] == 0
    assert stage.garage().why.code == "clock_unknown"
    assert stage.garage().why.text == "clock? not yet known"
    stage.clock.trusted = True
    stage.play(60, lambda view: stage.truth["ev_w"] > 10_000)
    assert stage.truth["ev_w"] > 10_000


def test_a_silent_heat_pump_is_offered_nothing_and_goes_back_to_normal(raise_curtain: RaiseCurtain) -> None:
    """The loss matrix, heat pump: surplus value 0, SG-Ready normal, until it answers."""
    contacts = SgReady(name="heat", relays=("sg-1", "sg-2"), heat_pump="pump", recommended_w=2000.0)
    stage = raise_curtain(plot(1, cars=[None], pv_peak_w=BRIGHT_W, pump=True, sg_ready=contacts))
    offered = stage.play(900, lambda view: stage.house.pins.positions()["sg-2"])
    assert offered.decision.heat_pumps["heat"].sg == "recommended"
    stage.play(30)
    stage.silence("pump")
    silent = stage.play(20)
    assert silent.decision.heat_pumps["heat"].sg == "normal"
    assert not any(stage.house.pins.positions()[relay] for relay in ("sg-1", "sg-2"))
