"""The house takes more at any moment of a tick: how long a line is above its fuse (CHG-37)."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from hems.model.intents import SetMode
from hems.sim.scene import DEMO_DEVICES, demo_house
from tests.stories.stage import NOON, RaiseCurtain, Stage, config

HOUSE_A = (8.0, 2.0, 2.0)
MORE_A = (19.0, 2.0, 2.0)
PHASES_S = [tenth / 10 + 0.01 for tenth in range(10)]
"""Moments within a tick, a little after the house's own steps of a tenth of a second."""
ROUNDING = 1e-6


def evening(raise_curtain: RaiseCurtain, follows_s: float) -> Stage:
    """No sun, no pump: 8 A on L1 beside a car of 16 A that follows its charger so late."""
    cars = {name: replace(car, delay_s=follows_s) for name, car in demo_house(1, "sunny", NOON).cars.items()}
    devices = tuple(device for device in DEMO_DEVICES if device.name != "pump")
    stage = raise_curtain(config(pump=False), pv_peak_w=0.0, devices=devices, cars=cars)
    stage.base(*HOUSE_A)
    stage.ask(SetMode("garage", "fast"))
    charge(stage)
    return stage


def charge(stage: Stage) -> None:
    """Until the car draws its 16 A, and a whole tick more."""
    stage.play(90, lambda view: stage.garage(view).limit_a == 16 and stage.truth["ev_w"] > 11_000)
    stage.play(1)


def step(stage: Stage, phase_s: float) -> tuple[float, float, list[float]]:
    """11 A more on L1 at this moment of a tick: seconds and A s above the fuse, and all told meanwhile."""
    before, shown = stage.truth, len(stage.views)
    stage.at(1 + phase_s, lambda: stage.base(*MORE_A))
    stage.play(16)
    after = stage.truth
    told_a = [stage.garage(view).limit_a for view in stage.views[shown:]]
    stage.base(*HOUSE_A)
    charge(stage)
    return after["over_fuse_s"] - before["over_fuse_s"], over_as(after) - over_as(before), told_a


def over_as(truth: dict[str, Any]) -> float:
    found = truth["over_as"].get("L1", 0.0)
    assert isinstance(found, float)
    return found


@pytest.mark.parametrize(("follows_s", "most_s", "most_as"), [(3.0, 4.0, 40.0), (5.0, 6.0, 60.0)])
def test_back_under_the_fuse_wherever_in_a_tick_the_house_takes_more(
    raise_curtain: RaiseCurtain, follows_s: float, most_s: float, most_as: float
) -> None:
    """CHG-37: 25 A, a car of 16 A, 11 A more: within 4 s and 40 A s; within 6 s with a car so late."""
    stage = evening(raise_curtain, follows_s)
    for phase_s in PHASES_S:
        above_s, above_as, told_a = step(stage, phase_s)
        assert follows_s < above_s <= most_s + ROUNDING, phase_s
        assert above_as <= most_as + ROUNDING, phase_s
        assert sorted(set(told_a)) == [6.0, 16.0]
        assert told_a == sorted(told_a, reverse=True), "told once, and nothing hunts: no second crossing"
    assert stage.truth["own_over_s"] == {}
    assert stage.truth["violations"] == 0


def test_a_second_look_startles_once(raise_curtain: RaiseCurtain) -> None:
    """CHG-37: what lasts above a fuse is left to the ticks: one of them comes early, no other."""
    stage = evening(raise_curtain, 3.0)
    shown = len(stage.views)
    stage.at(0.2, lambda: stage.base(28.0, 2.0, 2.0))
    stage.play(60)
    times = [view.now.mono_s for view in stage.views[shown:]]
    apart_s = [later - earlier for earlier, later in pairwise(times)]
    early = [gap_s for gap_s in apart_s if gap_s < 0.99]
    assert len(early) == 1
    assert 0.45 < early[0] < 0.7
    assert stage.truth["line_a"][0] > 25.0
    health = stage.views[-1].health
    assert health.cycle.overruns == 0
    assert not any(device.errors for device in health.wires.devices.values())
