"""A load on a relay gives way to a car that has no more than its minimum, and comes back after it."""

from hems.model.intents import SetMode
from tests.stories.plots import plot
from tests.stories.stage import RaiseCurtain


def test_a_boiler_gives_way_to_a_car_and_comes_back(raise_curtain: RaiseCurtain) -> None:
    """CHG-34, CHG-36: 25 A, a boiler of 12 A on a relay, a car; then the house itself takes 7 A more."""
    stage = raise_curtain(plot(1, loads=(("boiler", (12.0, 12.0, 12.0)),)), short=True)
    stage.ask(SetMode("garage", "fast"))
    stage.base(2.0, 2.0, 2.0)
    begun = stage.play(60)
    assert begun.decision.loads == {"boiler": True}
    assert stage.house.pins.positions()["boiler"]
    assert stage.told(view=begun).limit_a in (10.0, 11.0)

    stage.base(9.0, 9.0, 9.0)
    shed = stage.play(15, lambda view: not view.decision.loads["boiler"])
    assert not shed.decision.loads["boiler"]
    assert stage.told(view=stage.play(90)).limit_a >= 14.0

    stage.base(2.0, 2.0, 2.0)
    over_s = stage.truth["over_fuse_s"]
    back = stage.play(330, lambda view: view.decision.loads["boiler"])
    assert 290.0 <= back.now.mono_s - shed.now.mono_s <= 320.0
    stage.play(30)
    assert stage.truth["own_over_s"] == {}
    assert stage.truth["over_fuse_s"] == over_s <= 8.0, "only while the house itself took more"
