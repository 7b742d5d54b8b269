"""What does not do as it is told: a charger that ignores, a contactor that does not open, a relay's test."""

import pytest
from msgspec import structs

from hems.model.intents import Acknowledge, ProveRelay, SetMode
from hems.model.ledger import Event
from hems.model.settings import Mode
from hems.model.view import View
from tests.stories.stage import RaiseCurtain, Stage, config
from tests.stories.witness import Witness

MODES: tuple[Mode, ...] = ("fast", "surplus", "min_surplus")
CYCLE_S = 1.0


def charging(stage: Stage, mode: Mode) -> View:
    stage.ask(SetMode("garage", mode))
    return stage.play(120, lambda view: stage.garage(view).limit_a >= 9 and stage.truth["ev_w"] > 6000)


def events(stage: Stage, *kinds: str) -> list[Event]:
    """What was told so far of these kinds."""
    return [event for view in stage.views for event in view.events if event.kind in kinds]


@pytest.mark.parametrize("mode", MODES)
def test_a_charger_that_ignores_what_it_acknowledges_is_cut_off(
    raise_curtain: RaiseCurtain, mode: Mode
) -> None:
    """CHG-33, CHG-61: above its fuse at once, and 10 s after an acknowledged 0 A in any case."""
    stage = raise_curtain()
    witness = Witness(stage)
    charging(stage, mode)
    stage.play(20)
    stage.ignore()
    stage.ask(SetMode("garage", "off"))
    off_s = stage.play(1).now.mono_s
    stage.play(20)
    assert 10 <= witness.opened(off_s) - off_s <= 10 + 2 * CYCLE_S
    assert witness.first(off_s, drawn_a=0) == witness.opened(off_s)
    stage.play(30)
    assert events(stage, "alarm_raised") == [], "the relay could do it"
    assert stage.garage().why.code in {"off", "relay_fallback"}


@pytest.mark.parametrize("mode", MODES)
def test_it_is_cut_off_soon_when_it_overloads_a_line(raise_curtain: RaiseCurtain, mode: Mode) -> None:
    """CHG-33: 10 s above 1.13 times the fuse pause it, and 3 s later its relay opens."""
    stage = raise_curtain()
    witness = Witness(stage)
    charging(stage, mode)
    stage.play(20)
    sun_a = stage.truth["pv_w"] / 690.0
    base_a = 32.0 + sun_a - max(stage.truth["ev_a"]["garage"])
    stage.ignore()
    stage.base(base_a, 2, 2)
    over_s = stage.play(1).now.mono_s
    stage.play(40)
    assert witness.opened(over_s) - over_s <= 10 + 3 + 3 * CYCLE_S
    assert stage.truth["over_fuse_s"] <= 10 + 3 + 3 * CYCLE_S


def stuck(stage: Stage) -> float:
    """A charger that goes on charging through an open relay; when 0 A was asked for."""
    charging(stage, "fast")
    stage.play(20)
    stage.ignore()
    stage.weld()
    stage.ask(SetMode("garage", "off"))
    off_s = stage.play(1).now.mono_s
    stage.play(40, lambda view: stage.garage(view).why.code == "stuck_contactor")
    return off_s


def test_a_welded_contactor_is_an_alarm_that_stays(raise_curtain: RaiseCurtain) -> None:
    """CHG-61: 10 s of current with 0 A acknowledged and the relay open; latched, shown, told once."""
    stage = raise_curtain()
    off_s = stuck(stage)
    assert 20 <= stage.views[-1].now.mono_s - off_s <= 20 + 3 * CYCLE_S
    assert stage.garage().why.text == "contactor stuck!"
    (raised,) = events(stage, "alarm_raised")
    assert raised.key == "stuck.garage"
    assert raised.figures["current_a"] == pytest.approx(16, abs=0.2)
    stage.ask(Acknowledge("stuck.garage"))
    stage.play(3)
    assert [event.key for event in events(stage, "alarm_kept")] == ["stuck.garage"], "it still flows"
    stage.weld(welded=False)
    stage.play(60)
    assert stage.truth["ev_a"]["garage"] == (0.0, 0.0, 0.0)
    assert stage.garage().why.code == "stuck_contactor", "nobody has seen it yet"
    stage.ignore(ignores=False)
    stage.ask(Acknowledge("stuck.garage"))
    stage.ask(SetMode("garage", "fast"))
    back = stage.play(400, lambda view: stage.truth["ev_w"] > 1000)
    assert [event.key for event in events(stage, "alarm_cleared")] == ["stuck.garage"]
    assert stage.garage(back).hand == "modbus"
    assert stage.truth["violations"] == 0


@pytest.mark.parametrize("killed", [True, False])
def test_a_welded_contactor_outlives_a_restart(raise_curtain: RaiseCurtain, killed: bool) -> None:
    """CHG-61: no relay is closed by a run that could not know it otherwise; one alarm, one clearing."""
    stage = raise_curtain()
    stuck(stage)
    stage.play(70)
    stage.restart(killed=killed)
    again = len(stage.views)
    stage.ask(SetMode("garage", "fast"))
    stage.weld(welded=False)
    stage.play(60)
    told = {str(stage.garage(view).why.code) for view in stage.views[again:]}
    assert told == {"stuck_contactor"}
    assert not any(view.decision.command.chargers["garage"].relay_closed for view in stage.views[again:])
    stage.ignore(ignores=False)
    stage.ask(Acknowledge("stuck.garage"))
    stage.play(400, lambda view: stage.truth["ev_w"] > 1000)
    assert [event.kind for event in events(stage, "alarm_raised", "alarm_cleared")] == [
        "alarm_raised",
        "alarm_cleared",
    ]
    assert stage.truth["ev_w"] > 1000
    assert stage.truth["violations"] == 0


def test_the_relay_is_proved_with_nobody_there(raise_curtain: RaiseCurtain) -> None:
    """CHG-60: asked for with a car there it is refused; without one the relay opens for 10 s."""
    stage = raise_curtain()
    witness = Witness(stage)
    charging(stage, "fast")
    stage.ask(ProveRelay("garage"))
    stage.play(15)
    (refused,) = events(stage, "relay_tested")
    assert refused.figures["because"] == "car"
    stage.plug(plugged=False)
    gone_s = stage.play(10).now.mono_s
    assert all(sight.relay_closed for sight in witness.between(0, gone_s) if sight.drawn_a)
    stage.ask(ProveRelay("garage"))
    stage.play(30)
    open_s = [sight.mono_s for sight in witness.between(gone_s) if not sight.relay_closed]
    assert 9.5 <= open_s[-1] - open_s[0] <= 10.5
    _, passed = events(stage, "relay_tested")
    assert passed.figures["verdict"] == "passed"
    stage.plug()
    stage.play(60, lambda view: stage.truth["ev_w"] > 1000)
    assert stage.truth["ev_w"] > 1000


def test_a_car_that_comes_during_the_test_is_charged(raise_curtain: RaiseCurtain) -> None:
    """CHG-60: the test is broken off."""
    stage = raise_curtain()
    stage.ask(SetMode("garage", "fast"))
    stage.plug(plugged=False)
    stage.play(20)
    stage.ask(ProveRelay("garage"))
    stage.play(4)
    assert not stage.house.pins.positions()["garage"]
    stage.plug()
    stage.play(3)
    assert stage.house.pins.positions()["garage"]
    (broken,) = events(stage, "relay_tested")
    assert (broken.figures["verdict"], broken.figures["because"]) == ("broken_off", "car")
    stage.play(60, lambda view: stage.truth["ev_w"] > 1000)
    assert stage.truth["ev_w"] > 1000


def test_by_itself_where_it_was_chosen(raise_curtain: RaiseCurtain) -> None:
    """CHG-60: once, and remembered over a restart."""
    found = config()
    (garage,) = found.chargers
    chosen = structs.replace(found, chargers=(structs.replace(garage, relay_test=True),))
    stage = raise_curtain(chosen)
    stage.plug(plugged=False)
    stage.play(120)
    (tested,) = events(stage, "relay_tested")
    assert tested.figures["verdict"] == "passed"
    stage.restart()
    stage.play(120)
    assert len(events(stage, "relay_tested")) == 1
