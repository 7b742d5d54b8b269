"""Somebody on the wire falls silent while the car charges."""

import pytest

from hems.model.intents import SetMode
from hems.model.settings import Mode
from hems.model.view import View
from tests.stories.stage import RaiseCurtain, Stage


def charging(stage: Stage, mode: Mode) -> View:
    """Let the car charge in a mode."""
    stage.ask(SetMode("garage", mode))
    return stage.play(120, lambda view: stage.garage(view).limit_a >= 9 and stage.truth["ev_w"] > 6000)


@pytest.mark.parametrize("mode", ["fast", "surplus", "min_surplus"])
def test_the_grid_meter_is_unplugged(raise_curtain: RaiseCurtain, mode: Mode) -> None:
    """The loss matrix, in every mode: no raise after 2 s, minimum at 5 s, 0 A at 12 s, back 60 s after it."""
    stage = raise_curtain()
    last = charging(stage, mode)
    lost_s = stage.clock.mono_s()
    stage.desk.order({"fault": {"kind": "silence", "device": "grid"}})

    reduced = stage.play(10, lambda view: stage.garage(view).why.code == "meter_stale")
    assert stage.garage(reduced).limit_a == 6
    assert 4 <= reduced.now.mono_s - lost_s <= 7
    raises = [stage.garage(view).limit_a for view in stage.views if view.now.mono_s > lost_s + 2]
    assert max(raises) <= stage.garage(last).limit_a

    stopped = stage.play(12, lambda view: stage.garage(view).why.code == "meter_lost")
    assert stage.garage(stopped).limit_a == 0
    assert 11 <= stopped.now.mono_s - lost_s <= 14
    stage.play(6)
    assert stage.truth["ev_a"]["garage"] == (0.0, 0.0, 0.0)

    stage.desk.order({"heal": "grid"})
    healed_s = stage.clock.mono_s()
    stage.play(55)
    assert stage.garage().limit_a == 0, "not before it has been trusted for 60 s"
    back = stage.play(420, lambda view: stage.garage(view).limit_a > 0)
    assert back.now.mono_s - healed_s >= 60
    assert stage.truth["violations"] == 0


def test_a_silent_charger_that_still_draws_loses_its_relay(raise_curtain: RaiseCurtain) -> None:
    """The loss matrix and CHG-71: a charger without a watchdog is cut off by its relay after 5 s more."""
    stage = raise_curtain()
    charging(stage, "fast")
    lost_s = stage.clock.mono_s()
    stage.desk.order({"fault": {"kind": "silence", "device": "garage"}})
    opened = stage.play(30, lambda view: not stage.house.pins.positions()["garage"])
    assert opened.now.mono_s - lost_s <= 13
    assert stage.garage(opened).why.code in {"charger_lost", "relay_fallback"}
    stage.play(5)
    assert stage.truth["ev_a"]["garage"] == (0.0, 0.0, 0.0)
    stage.desk.order({"heal": "garage"})
    back = stage.play(420, lambda view: stage.truth["ev_w"] > 1000)
    assert stage.garage(back).hand == "modbus"
    assert stage.truth["violations"] == 0


def test_a_charger_that_takes_no_writes_is_cut_off_by_its_relay(raise_curtain: RaiseCurtain) -> None:
    """CHG-33, CHG-70: it answers every read, but its current stays while the fuse calls for less."""
    stage = raise_curtain(pv_peak_w=0.0)
    stage.desk.order({"base_a": [2, 2, 2]})
    charging(stage, "fast")
    stage.play(20)
    deaf_s = stage.clock.mono_s()
    stage.desk.order({"fault": {"kind": "deaf", "device": "garage"}, "base_a": [16, 2, 2]})
    opened = stage.play(60, lambda view: not stage.house.pins.positions()["garage"])
    assert opened.now.mono_s - deaf_s <= 20
    assert stage.garage(opened).limit_a == 0
    stage.play(60)
    assert stage.truth["ev_a"]["garage"] == (0.0, 0.0, 0.0)
    assert stage.truth["over_fuse_s"] <= 20
    stage.desk.order({"heal": "garage", "base_a": [2, 2, 2]})
    back = stage.play(420, lambda view: stage.truth["ev_w"] > 1000)
    assert stage.garage(back).hand == "modbus"
    assert stage.truth["violations"] == 0


def test_a_restart_forgets_nothing_that_was_counted(raise_curtain: RaiseCurtain) -> None:
    """CNT-90, CHG-3: counters and settings go on; the current begins at the minimum again."""
    stage = raise_curtain()
    before = charging(stage, "fast")
    stage.house.supervisor.stop()
    stage.leave()

    again = raise_curtain(start=before.now.wall)
    first = again.play(1)
    assert again.garage(first).limit_a == 0
    assert first.settings.charger("garage").mode == "fast"
    for key in ("ev1.energy.all.total", "site.pv.all.total", "relay.garage.total"):
        assert (first.counters[key] or 0) >= (before.counters[key] or 0), key
    raised = again.play(30, lambda view: again.garage(view).limit_a > 0)
    assert again.garage(raised).limit_a == 6
