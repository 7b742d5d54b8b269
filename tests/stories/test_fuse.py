"""Kettle and oven against the fuse: whatever the house does, no line is overloaded by the car."""

import pytest

from hems.model.intents import SetMode
from hems.model.view import View
from hems.sim.scene import DEMO_DEVICES
from tests.stories.stage import RaiseCurtain, Stage, config

CAR_S = 3.0
TICK_S = 1.0
WIRE_S = 0.6
REACTION_S = TICK_S + WIRE_S + CAR_S
"""From a step of the house to the car's lower current: the next reading, the wire, the car's own delay."""


def dark_house(raise_curtain: RaiseCurtain, *base_a: float) -> Stage:
    """No sun, no pump: each line carries just these amperes and the car, which charges at full current."""
    devices = tuple(device for device in DEMO_DEVICES if device.name != "pump")
    stage = raise_curtain(config(pump=False), pv_peak_w=0.0, devices=devices)
    stage.desk.order({"base_a": base_a})
    fast(stage)
    assert stage.truth["over_fuse_s"] == 0
    return stage


def fast(stage: Stage) -> View:
    """Charging at full current."""
    stage.ask(SetMode("garage", "fast"))
    return stage.play(60, lambda view: stage.garage(view).limit_a == 16 and stage.truth["ev_w"] > 11_000)


def test_an_oven_on_one_line_takes_its_share_from_the_car(raise_curtain: RaiseCurtain) -> None:
    """CHG-31, CHG-32, CHG-37: back under the fuse in one reaction, with the line named."""
    stage = dark_house(raise_curtain, 2, 3, 2)
    stage.desk.order({"base_a": [13.7, 3, 2]})
    held = stage.play(10, lambda view: stage.garage(view).why.code == "line_limit")
    assert stage.garage(held).why.figures["line"] == "L1"
    assert stage.garage(held).why.text == "fuse L1 holds 11 A"
    stage.play(20)
    assert stage.garage().limit_a == 11
    assert stage.truth["over_fuse_s"] <= REACTION_S
    stage.desk.order({"base_a": [13.7, 18.7, 2]})
    stage.play(20)
    assert stage.garage().limit_a == 6
    assert stage.garage().why.figures["line"] == "L2"
    assert stage.truth["over_fuse_s"] <= 2 * REACTION_S
    assert stage.truth["violations"] == 0


def test_no_room_for_the_minimum_pauses_and_room_resumes(raise_curtain: RaiseCurtain) -> None:
    """CHG-33: no room for 6 A pauses the car; it comes back after 60 s with an ampere to spare."""
    stage = dark_house(raise_curtain, 2, 2, 2)
    stage.desk.order({"base_a": [2, 23, 2]})
    paused = stage.play(30, lambda view: stage.garage(view).limit_a == 0)
    assert stage.garage(paused).why.code == "line_limit"
    stage.play(10)
    assert stage.truth["ev_a"]["garage"] == (0.0, 0.0, 0.0)
    stage.desk.order({"base_a": [2, 11.7, 2]})
    free = stage.play(2)
    back = stage.play(400, lambda view: stage.garage(view).limit_a > 0)
    assert back.now.mono_s - free.now.mono_s >= 59
    assert stage.garage(back).limit_a == 6
    stage.play(60)
    assert stage.garage().limit_a == 12, "13.3 A fit; a rise takes at most half of what is free (CHG-32)"
    assert stage.truth["violations"] == 0


@pytest.mark.parametrize("line", [0, 1, 2])
def test_each_line_is_protected(raise_curtain: RaiseCurtain, line: int) -> None:
    """CHG-30: the most loaded line decides, whichever it is."""
    base_a = [1.0, 1.0, 1.0]
    stage = dark_house(raise_curtain, *base_a)
    base_a[line] = 16.7
    stage.desk.order({"base_a": base_a})
    stage.play(20)
    assert stage.garage().limit_a == 8
    assert stage.garage().why.figures["line"] == f"L{line + 1}"
    assert abs(stage.truth["line_a"][line]) <= 25.0
    assert stage.truth["violations"] == 0
