"""The service ends in the middle of charging: by a stop, by a power cut, by nobody knows what."""

from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec import structs

from hems.model.intents import SetCharging, SetMode, SetUserMax
from hems.model.settings import ChargerSettings, Mode, Target
from hems.model.site import Config, Tariff
from hems.model.view import View
from hems.sim.scene import DEMO_DEVICES, Device
from tests.stories.plots import plot
from tests.stories.stage import NOON, RaiseCurtain, Stage, config
from tests.stories.witness import Witness

MODES: tuple[Mode, ...] = ("fast", "surplus", "min_surplus")


def charging(stage: Stage, mode: Mode) -> View:
    stage.ask(SetMode("garage", mode))
    return stage.play(120, lambda view: stage.garage(view).limit_a >= 9 and stage.truth["ev_w"] > 6000)


@pytest.mark.parametrize("killed", [True, False])
@pytest.mark.parametrize("mode", MODES)
def test_it_goes_on_in_its_mode_from_the_minimum(
    raise_curtain: RaiseCurtain, mode: Mode, killed: bool
) -> None:
    """CHG-3, CNT-90: what was told and counted survives; nothing is raised before two good readings."""
    stage = raise_curtain()
    stage.ask(SetUserMax("garage", 13))
    before = charging(stage, mode)
    played = len(stage.views)
    stage.restart(killed=killed)
    witness = Witness(stage)
    began_s = stage.clock.mono_s()
    first = stage.views[played]
    assert first.settings.charger("garage").mode == mode
    assert first.settings.charger("garage").user_max_a == 13
    assert stage.garage(first).limit_a == 0
    assert not first.decision.command.chargers["garage"].relay_closed
    if not killed:
        for key in ("ev1.energy.all.total", "site.pv.all.total", "relay.garage.total"):
            assert (first.counters[key] or 0) >= (before.counters[key] or 0), key
    raised = stage.play(120, lambda view: stage.garage(view).limit_a > 0)
    assert stage.garage(raised).limit_a == 6, "the minimum first"
    stage.play(3)
    offers_a = [sight.offered_a for sight in witness.between(began_s) if sight.relay_closed]
    assert next(offer_a for offer_a in offers_a if offer_a) == 6
    assert stage.truth["violations"] == 0


@pytest.mark.parametrize("killed", [True, False])
def test_target_and_plan_are_taken_up_again(raise_curtain: RaiseCurtain, killed: bool) -> None:
    """CHG-3, CHG-94: the same plan, unchanged, from the first cycle in which the time is known."""
    stage = raise_curtain(plot(1, tariff=Tariff(provider="awattar-de")))
    stage.prices(0.30, 0.25, 0.30, 0.10, 0.30, 0.35)
    target = Target(NOON + timedelta(hours=6), energy_wh=8000.0)
    stage.ask(SetCharging("garage", ChargerSettings("surplus_target", 16, target=target)))
    stage.play(60)
    plan = stage.garage().plan
    assert plan is not None
    assert [slot.eur_kwh for slot in plan.slots] == [0.10]
    stage.play(40)
    played = len(stage.views)
    stage.restart(killed=killed)
    stage.play(10)
    again = stage.views[played]
    assert again.settings.charger("garage").target == target
    assert {stage.garage(view).plan for view in stage.views[played:]} <= {plan, None}
    assert stage.garage().plan == plan
    assert stage.refusals == []


def boxed() -> tuple[Config, tuple[Device, ...]]:
    """The installation and the desk's devices with a charger that has a watchdog."""
    found = config()
    (garage,) = found.chargers
    devices = tuple(
        replace(device, model="heidelberg-energy-control") if device.name == "garage" else device
        for device in DEMO_DEVICES
    )
    box = structs.replace(garage, profile="heidelberg-energy-control")
    return structs.replace(found, chargers=(box,)), devices


def kill(stage: Stage, seconds: float) -> None:
    """The process is gone: the house goes on for so long, and nobody writes or moves a pin."""
    stage.house.field.close()
    stage.house.reactor.run_until(stage.clock.mono_s() + seconds)


def test_a_killed_service_leaves_the_car_to_the_chargers_watchdog(raise_curtain: RaiseCurtain) -> None:
    """The loss matrix, our own process: the fail-safe current that was told at start, after 15 s."""
    installation, devices = boxed()
    stage = raise_curtain(installation, devices=devices)
    witness = Witness(stage)
    charging(stage, "fast")
    killed_s = stage.clock.mono_s()
    kill(stage, 30)
    assert killed_s + 13 <= witness.first(killed_s, offered_a=0) <= killed_s + 16
    assert witness.first(killed_s, drawn_a=0) <= killed_s + 20


def test_the_stop_hook_ends_what_a_watchdog_does_not(raise_curtain: RaiseCurtain) -> None:
    """The loss matrix and CHG-72: relays released and 0 A written, also after the process was killed."""
    stage = raise_curtain()
    witness = Witness(stage)
    charging(stage, "fast")
    killed_s = stage.clock.mono_s()
    stage.house.reactor.run_until(killed_s + 60)
    assert stage.truth["ev_w"] > 6000, "nothing ends it by itself"
    hook_s = stage.clock.mono_s()
    untold = stage.house.field.safe(stage.clock.now())
    stage.desk.order({"relay": stage.house.pins.positions()})
    assert untold == ()
    assert stage.house.pins.positions() == {"garage": False}
    stage.house.reactor.run_until(hook_s + 5)
    assert witness.first(hook_s, offered_a=0, drawn_a=0) <= hook_s + 1.5
    assert witness.sights[-1].relay_closed is False


def test_the_stop_hook_releases_the_relay_of_a_charger_that_is_gone(raise_curtain: RaiseCurtain) -> None:
    """CHG-72: the relay needs no bus; who was not told is named."""
    stage = raise_curtain()
    charging(stage, "fast")
    stage.silence("garage")
    hook_s = stage.clock.mono_s()
    assert stage.house.field.safe(stage.clock.now()) == ("garage",)
    stage.desk.order({"relay": stage.house.pins.positions()})
    assert stage.clock.mono_s() - hook_s <= 1.6
    stage.house.reactor.run_until(hook_s + 2)
    assert stage.truth["ev_a"]["garage"] == (0.0, 0.0, 0.0)
