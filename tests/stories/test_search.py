"""Devices are searched for while cars charge: the searched line's car stops first, no other ever notices."""

from dataclasses import replace

import pytest
from msgspec import structs

from hems.model.intents import SearchBus, SetMode
from hems.model.site import Bus
from hems.model.view import SearchHealth, View
from hems.sim.scene import Bus as Wire
from hems.sim.scene import Device
from tests.stories.plots import Plot, plot
from tests.stories.stage import RaiseCurtain, Stage

pytestmark = pytest.mark.proof
OTHER = "rs485-b"
MOVED = {"garage", "garage-m"}
SPARE = Device("spare", "eastron-sdm72dm-v2", 140, measures="grid", bus=OTHER)
READS = {1, 2, 3, 4}
LOOK_S = 0.01


def two_lines() -> Plot:
    """The garage and its meter have a line of their own, with a meter on it that nobody knows of."""
    one = plot(2, baud=9600)
    config = structs.replace(
        one.config,
        buses=(*one.config.buses, Bus(name=OTHER, port="other-end", echo="no")),
        meters=tuple(
            structs.replace(meter, bus=OTHER) if meter.name in MOVED else meter for meter in one.config.meters
        ),
        chargers=tuple(
            structs.replace(charger, bus=OTHER) if charger.name in MOVED else charger
            for charger in one.config.chargers
        ),
    )
    devices = tuple(
        replace(device, bus=OTHER) if device.name in MOVED else device for device in one.scene["devices"]
    )
    wires = (*one.scene["buses"], Wire(OTHER, 9600, delivery="frame"))
    return Plot(config, {**one.scene, "devices": (*devices, SPARE), "buses": wires})


class Ear:
    """Since when the garage's line has been at work, ten times in a tenth of a second."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.turns: list[tuple[float, bool]] = []
        self._look()

    def _look(self) -> None:
        now_s = self._stage.clock.mono_s()
        agenda = self._stage.house.field._seeking._agendas[OTHER]
        at_work = agenda.line.stage != "absent"
        if not self.turns or self.turns[-1][1] is not at_work:
            self.turns.append((now_s, at_work))
        self._stage.house.reactor.call_at(now_s + LOOK_S, self._look)


def charging(raise_curtain: RaiseCurtain) -> Stage:
    """Both cars charge at full current."""
    stage = raise_curtain(two_lines())
    stage.base(1, 1, 1)
    stage.ask(SetMode("garage", "fast"), SetMode("carport", "fast"))
    stage.play(90, lambda view: all(stage.told(name, view).limit_a >= 10 for name in ("garage", "carport")))
    stage.play(20)
    return stage


def search(view: View) -> SearchHealth:
    found = view.health.wires.search
    assert found is not None
    return found


def under_way(view: View) -> bool:
    return view.decision.search is not None and view.decision.search.stage == "searching"


def test_a_line_is_searched_while_cars_charge_elsewhere(raise_curtain: RaiseCurtain) -> None:
    """BUS-71: its car stops first, everyone on it is found with reads alone, then all is as before."""
    stage = charging(raise_curtain)
    ear, wire = Ear(stage), stage.desk.slaves[OTHER]
    begun = len(stage.views)
    stage.ask(SearchBus(OTHER, "full"))
    handed = stage.play(30, under_way)
    assert max(stage.truth["ev_a"]["garage"]) < 1
    assert stage.garage().limit_a == 0
    asked = len(wire.log)
    stage.play(300, lambda view: not under_way(view))
    ended = len(stage.views)
    assert {row.function for row in list(wire.log)[asked:]} <= READS
    found = search(stage.views[-1])
    assert (found.ended, found.words) == (True, "")
    assert {device.unit: device.certainty for device in found.found} == dict.fromkeys((11, 21, 140), "likely")
    assert [one.products[0] for one in found.found] == ["evse-wb", "eastron-sdm630", "eastron-sdm630"]
    assert "eastron-sdm72dm-v2" in found.found[2].products, "alike but for their number"
    during = stage.views[begun:ended]
    assert {str(stage.garage(view).why.code) for view in during[:-1]} == {"search"}
    assert all(stage.told("carport", view).limit_a >= 10 for view in during)
    assert max(view.now.mono_s - _heard_s(view, "carport") for view in during) <= 1
    shown = [search(view).at for view in during if view.health.wires.search and search(view).of]
    assert shown == sorted(shown)

    back = stage.play(300, lambda view: stage.garage(view).limit_a >= 10)
    (closed_s, _), (reopened_s, _) = ear.turns[1:3]
    assert 0 <= closed_s - handed.now.mono_s <= 1
    first_s = next(row.request_s for row in wire.log if row.request_s > reopened_s)
    assert first_s - reopened_s <= 1, "the line is at work again within a second"
    assert stage.garage(back).hand == "modbus"
    (told,) = (event for view in stage.views for event in view.events if event.kind == "searched")
    assert any(
        event.kind == "asked" and (event.key, event.figures["for"]) == (OTHER, "SearchBus")
        for view in during
        for event in view.events
    )
    assert (told.key, dict(told.figures)) == (OTHER, {"verdict": "ended", "found": 3})
    assert stage.truth["violations"] == 0
    assert stage.truth["over_fuse_s"] == 0
    assert stage.views[-1].health.cycle.overruns == 0
    assert stage.views[-1].settings.searches == {}


@pytest.mark.parametrize("after_s", [0.3, 5.0, 22.0, 61.0])
def test_broken_off_the_line_is_back_within_a_second(raise_curtain: RaiseCurtain, after_s: float) -> None:
    """BUS-71: whatever the search is about to do at that moment."""
    stage = charging(raise_curtain)
    ear = Ear(stage)
    stage.ask(SearchBus(OTHER, "full"))
    stage.play(30, under_way)
    stage.play(after_s)
    stage.ask(SearchBus(OTHER, "stop"))
    told = stage.play(3, lambda view: view.decision.search is None)
    heard = stage.play(5, lambda view: _heard_s(view, "garage") > told.now.mono_s)
    assert [at_work for _, at_work in ear.turns] == [True, False, True]
    assert ear.turns[2][0] - told.now.mono_s <= 1
    assert _heard_s(heard, "garage") - told.now.mono_s <= 2, "it is read in the first tick after that"
    stage.play(120, lambda view: stage.garage(view).limit_a >= 10)
    assert stage.truth["violations"] == 0


@pytest.mark.parametrize("killed", [True, False])
def test_a_power_cut_in_the_middle(raise_curtain: RaiseCurtain, killed: bool) -> None:
    """BUS-73: nobody searches unasked afterwards; asked again, it goes on where it was."""
    stage = charging(raise_curtain)
    stage.ask(SearchBus(OTHER, "full"))
    stage.play(60, lambda view: view.health.wires.search is not None and len(search(view).found) >= 2)
    stage.play(10)
    mark, at = stage.views[-1].settings.searches[OTHER], search(stage.views[-1]).at
    assert mark.present == (11, 21)
    stage.restart(killed=killed)
    stage.play(60)
    assert stage.views[-1].decision.search is None
    assert stage.views[-1].settings.searches == {OTHER: mark}
    stage.ask(SearchBus(OTHER, "full"))
    again = stage.play(60, lambda view: view.health.wires.search is not None and search(view).at > 0)
    assert mark.start < search(again).at <= at, "what was asked since the last note is asked again"
    stage.play(300, lambda view: not under_way(view))
    assert {device.unit for device in search(stage.views[-1]).found} == {11, 21, 140}
    assert stage.play(3).settings.searches == {}


def test_beside_its_work(raise_curtain: RaiseCurtain) -> None:
    """BUS-71: allowed at any time; the strangers are found and no car notices."""
    stage = charging(raise_curtain)
    ear, begun = Ear(stage), len(stage.views)
    stage.ask(SearchBus(OTHER, "live"))
    stage.play(900, lambda view: view.health.wires.search is not None and search(view).ended)
    (stranger,) = search(stage.views[-1]).found
    assert (stranger.unit, stranger.certainty) == (140, "likely")
    assert ear.turns[1:] == []
    during = stage.views[begun:]
    assert all(stage.garage(view).limit_a >= 10 for view in during)
    assert max(view.now.mono_s - _heard_s(view, "garage") for view in during) <= 1
    stage.play(2)
    assert stage.views[-1].decision.search is None
    assert stage.views[-1].settings.searches == {}


def test_the_only_line(raise_curtain: RaiseCurtain) -> None:
    """BUS-71: the grid meter is on it, so nothing charges meanwhile; a meter is trusted after 60 s."""
    stage = raise_curtain()
    stage.ask(SetMode("garage", "fast"))
    stage.play(90, lambda view: stage.garage(view).limit_a >= 10)
    stage.ask(SearchBus("rs485-a", "full"))
    stage.play(30, under_way)
    assert max(stage.truth["ev_a"]["garage"]) < 1
    stage.play(400, lambda view: not under_way(view))
    found = {device.unit: device.products[:1] for device in search(stage.views[-1]).found}
    assert set(found) == {device.unit for device in stage.desk.house.scene.devices}
    ended_s = stage.views[-1].now.mono_s
    assert str(stage.garage(stage.views[-2]).why.code) == "search"
    back = stage.play(120, lambda view: stage.garage(view).limit_a > 0)
    assert 60 <= back.now.mono_s - ended_s <= 65
    assert stage.garage(back).limit_a == 6
    assert stage.play(60, lambda view: stage.garage(view).limit_a >= 10)
    assert stage.truth["violations"] == 0
    assert stage.truth["over_fuse_s"] == 0


def _heard_s(view: View, charger: str) -> float:
    return view.snapshot.chargers[charger].at_mono_s
