"""Somebody on the wire falls silent while the car charges: the loss matrix, second by second."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from msgspec import structs

from hems.model.intents import SetBoost, SetCharging, SetMode
from hems.model.settings import ChargerSettings, Mode, Target
from hems.model.site import Config
from hems.model.view import View
from hems.sim.car import CarModel
from hems.sim.scene import DEMO_DEVICES, Model
from tests.stories.stage import RaiseCurtain, Stage, config
from tests.stories.witness import Witness

pytestmark = pytest.mark.proof
MODES: tuple[Mode, ...] = ("fast", "surplus", "min_surplus")
CYCLE_S = 1.0
WIRE_S = 0.7
"""From a cycle's begin to the charger's new offer: what the reads of that cycle take, and the write."""
CAR_S = 3.0


def order(stage: Stage, how: str) -> None:
    """Tell the charger a mode, a boost, or to reach a target that leaves no time to choose."""
    by = Target(stage.clock.now().wall + timedelta(hours=3))
    aimed = ChargerSettings("min_surplus_target", 16, target=by)
    match how:
        case "boost":
            stage.ask(SetBoost("garage"))
        case "target":
            stage.ask(SetCharging("garage", aimed))
        case _:
            stage.ask(SetMode("garage", MODES[MODES.index(how)]))


def charging(stage: Stage, how: str) -> View:
    """Let the car charge in a mode, or otherwise."""
    order(stage, how)
    return stage.play(120, lambda view: stage.garage(view).limit_a >= 9 and stage.truth["ev_w"] > 6000)


def grid_mono_s(stage: Stage) -> float:
    """When the grid meter was last heard."""
    assert stage.views[-1].snapshot.grid is not None
    return stage.views[-1].snapshot.grid.at_mono_s


def charger_mono_s(stage: Stage) -> float:
    """When the charger was last heard."""
    return stage.views[-1].snapshot.chargers["garage"].at_mono_s


def in_time(moment_s: float, due_s: float) -> bool:
    """Whether something was done in the first cycle in which it was due."""
    return due_s <= moment_s <= due_s + CYCLE_S + WIRE_S


@pytest.mark.parametrize("mode", [*MODES, "boost", "target"])
def test_the_grid_meter_is_unplugged(raise_curtain: RaiseCurtain, mode: str) -> None:
    """The loss matrix, first row: minimum at 5 s, 0 A at 12 s, the relay at 15 s as current still flows."""
    stage = raise_curtain()
    witness = Witness(stage)
    charging(stage, mode)
    last_s = grid_mono_s(stage)
    stage.desk.order({"fault": {"kind": "silence", "device": "grid"}})
    stage.play(40)
    assert not witness.rose(last_s + 2 + WIRE_S), "no raise after 2 s"
    assert in_time(witness.first(last_s, offered_a=6), last_s + 5)
    assert in_time(witness.first(last_s, offered_a=0), last_s + 12)
    assert in_time(witness.opened(last_s), last_s + 15), "the car needs three seconds to obey"
    assert witness.first(last_s, drawn_a=0) <= last_s + 15 + CYCLE_S + WIRE_S
    told = {(view.now.mono_s - last_s) // 1: stage.garage(view).why.code for view in stage.views[-40:]}
    assert (told[6], told[13]) == ("meter_stale", "meter_lost")
    assert stage.refusals == []

    stage.desk.order({"heal": "grid"})
    healed_s = stage.clock.mono_s()
    back = stage.play(500, lambda view: stage.garage(view).limit_a > 0)
    assert back.now.mono_s - healed_s >= 60, "trusted for 60 s first"
    assert stage.garage(back).limit_a == 6
    stage.play(10)
    assert next(sight.offered_a for sight in witness.between(healed_s) if sight.offered_a) == 6
    assert stage.truth["violations"] == 0


def test_a_car_that_obeys_in_time_keeps_its_relay(raise_curtain: RaiseCurtain) -> None:
    """The loss matrix, first row: at 15 s nothing flows any more, and that is known."""
    stage = raise_curtain(cars={"garage": CarModel(delay_s=1.0)})
    witness = Witness(stage)
    charging(stage, "fast")
    last_s = grid_mono_s(stage)
    stage.desk.order({"fault": {"kind": "silence", "device": "grid"}})
    stage.play(60)
    assert witness.first(last_s, drawn_a=0) <= last_s + 15
    assert all(sight.relay_closed for sight in witness.between(last_s))


@pytest.mark.parametrize("others", [("car", "garage"), ("garage",)])
def test_the_relay_opens_where_nobody_knows_whether_current_flows(
    raise_curtain: RaiseCurtain, others: tuple[str, ...]
) -> None:
    """The loss matrix, first row: the charger does not hear its 0 A, or nothing tells what the car does."""
    stage = raise_curtain()
    witness = Witness(stage)
    charging(stage, "fast")
    last_s = charger_s = grid_mono_s(stage)
    for device in ("grid", *others):
        stage.desk.order({"fault": {"kind": "silence", "device": device}})
    stage.play(30)
    assert witness.opened(last_s) <= charger_s + 15 + CYCLE_S
    assert witness.first(last_s, drawn_a=0) <= last_s + 15 + CYCLE_S + WIRE_S


@pytest.mark.parametrize("kind", ["crc", "exception", "short", "other_unit", "babble"])
def test_a_grid_meter_that_talks_rubbish_is_silent(raise_curtain: RaiseCurtain, kind: str) -> None:
    """The loss matrix, first row: only a good answer is a sign of life."""
    stage = raise_curtain()
    witness = Witness(stage)
    charging(stage, "fast")
    last_s = grid_mono_s(stage)
    stage.desk.order({"fault": {"kind": kind, "device": "grid"}})
    stage.play(20)
    assert in_time(witness.first(last_s, offered_a=6), last_s + 5)
    assert witness.first(last_s, drawn_a=0) <= last_s + 15 + CYCLE_S + WIRE_S


def test_nothing_rises_while_the_grid_meter_is_silent(raise_curtain: RaiseCurtain) -> None:
    """The loss matrix, first row: a rise that is under way stops with the readings."""
    stage = raise_curtain()
    witness = Witness(stage)
    stage.ask(SetMode("garage", "fast"))
    stage.play(60, lambda view: stage.garage(view).limit_a == 9)
    lost_s = stage.clock.mono_s()
    stage.desk.order({"fault": {"kind": "silence", "device": "grid", "for_s": 1.5}})
    stage.play(2)
    assert not witness.rose(lost_s + WIRE_S), "the last raise is on its way"
    assert stage.garage().limit_a == 9
    stage.play(30)
    assert stage.garage().limit_a == 16, "two answers missed: it goes on"


@pytest.mark.parametrize("mode", MODES)
def test_a_silent_charger_that_still_draws_loses_its_relay(raise_curtain: RaiseCurtain, mode: Mode) -> None:
    """The loss matrix, second row, and CHG-71: without a watchdog of its own it is cut off after 5 s."""
    stage = raise_curtain()
    witness = Witness(stage)
    before = charging(stage, mode)
    last_s = charger_mono_s(stage)
    stage.desk.order({"fault": {"kind": "silence", "device": "garage"}})
    opened = stage.play(30, lambda view: not stage.house.pins.positions()["garage"])
    assert in_time(opened.now.mono_s, last_s + 5)
    held_a = stage.garage(before).limit_a
    silent = [stage.garage(view) for view in stage.views if last_s + 5 < view.now.mono_s < opened.now.mono_s]
    assert all(one.booked_a >= held_a for one in silent), "booked with its last acknowledged current"
    assert stage.garage(opened).why.code in {"charger_lost", "relay_fallback"}
    stage.play(5)
    assert witness.first(last_s, drawn_a=0) <= last_s + 5 + CYCLE_S + WIRE_S
    healed_s = stage.clock.mono_s()
    stage.desk.order({"heal": "garage"})
    back = stage.play(500, lambda view: stage.truth["ev_w"] > 1000)
    assert stage.garage(back).hand == "modbus"
    assert back.now.mono_s - healed_s >= 30, "30 s of good answers first"
    assert (
        next(one.offered_a for one in witness.between(healed_s + 2) if one.offered_a and one.relay_closed)
        == 6
    )
    assert stage.truth["violations"] == 0


def boxed(model: Model, **charger: object) -> tuple[Config, tuple[object, ...]]:
    """The installation and the desk's devices with another charger in the garage."""
    found = config()
    (garage,) = found.chargers
    devices = tuple(
        replace(device, model=model) if device.name == "garage" else device for device in DEMO_DEVICES
    )
    return structs.replace(found, chargers=(structs.replace(garage, profile=model, **charger),)), devices


def test_a_charger_with_a_watchdog_falls_back_by_itself(raise_curtain: RaiseCurtain) -> None:
    """The loss matrix, second row: told at start, it stops after its own 15 s, and its relay may stay."""
    installation, devices = boxed("heidelberg-energy-control")
    stage = raise_curtain(installation, devices=devices)
    witness = Witness(stage)
    charging(stage, "fast")
    last_s = charger_mono_s(stage)
    stage.desk.order({"fault": {"kind": "silence", "device": "garage"}})
    stage.play(60)
    assert last_s + 14 <= witness.first(last_s, offered_a=0) <= last_s + 16
    assert witness.first(last_s, drawn_a=0) <= last_s + 16 + CAR_S
    assert all(sight.relay_closed for sight in witness.between(last_s, last_s + 60))
    assert stage.garage().why.code == "charger_lost"


@pytest.mark.parametrize("fallback", ["on_off", "stop"])
def test_a_silent_charger_is_cut_off_when_its_watchdog_is_over(
    raise_curtain: RaiseCurtain, fallback: str
) -> None:
    """The loss matrix, second row: 5 s after its own watchdog current flows, or nobody knows."""
    installation, devices = boxed("heidelberg-energy-control", fallback=fallback)
    stage = raise_curtain(installation, devices=devices)
    witness = Witness(stage)
    charging(stage, "fast")
    last_s = charger_mono_s(stage)
    for device in ("garage",) if fallback == "on_off" else ("garage", "car"):
        stage.desk.order({"fault": {"kind": "silence", "device": device}})
    stage.play(60)
    assert last_s + 20 <= witness.opened(last_s) <= last_s + 20 + CYCLE_S + WIRE_S
    if fallback == "stop":
        return
    assert {sight.offered_a for sight in witness.between(last_s + 16, last_s + 20)} == {6}
    closed = stage.play(400, lambda view: stage.house.pins.positions()["garage"])
    assert closed.now.mono_s - witness.opened(last_s) >= 300 - CYCLE_S
    stage.play(30)
    assert 5.9 <= max(stage.truth["ev_a"]["garage"]) <= 6.1, "its own fixed current, by the relay"
    assert stage.garage().why.code == "relay_fallback"
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


@pytest.mark.parametrize("mode", MODES)
def test_a_charger_that_refuses_writes_is_lost_after_three(raise_curtain: RaiseCurtain, mode: Mode) -> None:
    """The loss matrix, third row: tried again after 1, 2, 4, 8, 15 … 60 s, each refusal counted."""
    stage = raise_curtain()
    charging(stage, mode)
    refused_s = stage.clock.mono_s()
    for function in (6, 16):
        stage.desk.order({"fault": {"kind": "exception", "device": "garage", "function": function}})
    stage.desk.order({"base_a": [15, 15, 15]})
    lost = stage.play(30, lambda view: stage.garage(view).why.code == "charger_lost")
    assert lost.snapshot.chargers["garage"].refusals == 3
    opened = stage.play(30, lambda view: not stage.house.pins.positions()["garage"])
    assert opened.now.mono_s - lost.now.mono_s <= 5 + CYCLE_S
    stage.play(200)
    assert stage.truth["ev_a"]["garage"] == (0.0, 0.0, 0.0)
    slave = stage.desk.slaves["rs485-a"]
    tries_s = [row.request_s for row in slave.log if row.unit == 2 and row.function in (6, 16)]
    tries_s = [moment_s for moment_s in tries_s if moment_s > refused_s]
    waits_s = [later - earlier for earlier, later in pairwise(tries_s)]
    assert waits_s.pop(2) < 4, "the relay stands in: its 0 A is a new set-point, tried at once"
    for wait_s, due_s in zip(waits_s, (1, 2, 8, 15, 30, 60), strict=False):
        assert due_s <= wait_s <= due_s + 1.5 * CYCLE_S, waits_s
    assert len(waits_s) >= 6
