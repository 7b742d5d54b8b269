"""The stage itself: plots of every kind work on the real service, and what is done to them happens."""

from functools import partial

import pytest

from hems.model.intents import SetMode
from hems.model.site import SgReady
from hems.sim.battery import BatteryModel
from hems.sim.car import CarModel
from tests.stories.plots import NAMES, NORTH, plot
from tests.stories.stage import NOON, RaiseCurtain, Stage


def fast(stage: Stage, *chargers: str) -> None:
    stage.ask(*(SetMode(name, "fast") for name in chargers))


def test_four_cars_of_every_kind_charge_under_one_fuse(raise_curtain: RaiseCurtain) -> None:
    """Lines, rotation and delays of each are its own; nobody overloads anything (CHG-34, CHG-40)."""
    cars = [CarModel(lines=1 + i % 3, delay_s=1 + i, max_a=16) for i in range(4)]
    lines = (("L1", "L2", "L3"), ("L2", "L3", "L1"), ("L3", "L1", "L2"), ("L2",))
    stage = raise_curtain(plot(4, cars=cars, lines=lines, fuse_a=(35, 35, 35)))  # type: ignore[arg-type]
    stage.base(3, 3, 3)
    fast(stage, *NAMES)
    stage.play(90)
    truth = stage.truth
    drawn = {name: tuple(ampere > 5 for ampere in line_a) for name, line_a in truth["ev_a"].items()}
    assert drawn["garage"] == (True, False, False)
    assert drawn["carport"] == (False, True, True)
    assert drawn["yard"] == (True, True, True)
    assert drawn["barn"] == (False, True, False)
    assert truth["starts_of"] == dict.fromkeys(NAMES, 1)
    assert truth["violations"] == truth["over_fuse_s"] == truth["early"] == 0


def test_a_kettle_is_the_houses_own_doing(raise_curtain: RaiseCurtain) -> None:
    """Limit 25 A, a 16 A car, +11 A (CHG-37): what is above the fuse was not raised into it."""
    stage = raise_curtain(plot())
    stage.base(4, 4, 4)
    fast(stage, "garage")
    stage.play(60)
    stage.draw("kettle", 11)
    stage.play(20)
    truth = stage.truth
    assert 0 < truth["house_over_s"]["L1"] <= 6
    assert truth["own_over_s"] == {}
    assert truth["over_as"]["L1"] <= 40
    stage.draw("kettle")
    stage.play(3)
    assert stage.truth["line_a"][0] < 21


def test_a_circuit_a_battery_loads_and_contacts_reach_the_service(raise_curtain: RaiseCurtain) -> None:
    house = plot(
        battery=BatteryModel(level_pct=80),
        pv_peak_w=6000.0,
        dim=True,
        circuit_a=(16, 16, 16),
        behind=("garage", "boiler"),
        loads=(("boiler", (0.0, 9.0, 0.0)),),
        sg_ready=SgReady(name="heat", relays=("locked", "recommended")),
    )
    stage = raise_curtain(house)
    stage.base(1, 1, 1)
    stage.house.pins.set("boiler", True)
    stage.play(2)
    seen = [stage.house.field.read(stage.clock.now()).contacts["dim"]]
    for limit_w in (4200.0, None):
        stage.dim(limit_w)
        stage.play(2)
        seen.append(stage.house.field.read(stage.clock.now()).contacts["dim"])
    assert seen == [True, False, True]
    stage.play(5)
    snapshot = stage.house.field.read(stage.clock.now())
    circuit = snapshot.circuits[NORTH]
    assert circuit.line_a == pytest.approx(stage.truth["circuit_a"][NORTH], abs=0.1)
    assert snapshot.battery is not None
    assert snapshot.battery.level_pct == pytest.approx(80, abs=1)
    stage.battery(level_pct=20, power_w=1500)
    stage.play(15)
    snapshot = stage.house.field.read(stage.clock.now())
    assert snapshot.battery is not None
    assert snapshot.battery.power_w == pytest.approx(1500, abs=1)
    assert stage.truth["early"] == 0


@pytest.mark.parametrize("chargers", [1, 4])
def test_a_contact_is_obeyed_before_a_second_is_over(raise_curtain: RaiseCurtain, chargers: int) -> None:
    """CHG-50: whenever in a second it opens, every charger has been told its lower current within 1 s."""
    stage = raise_curtain(plot(chargers, dim=True, fuse_a=(63, 63, 63)))
    names = NAMES[:chargers]
    stage.base(1, 1, 1)
    fast(stage, *names)
    told_s: list[float] = []

    def look() -> None:
        """Note the moment at which all have been told, within a hundredth of a second."""
        if all(stage.truth["limit_a"][name] < 12 for name in names):
            told_s.append(stage.clock.mono_s())
        else:
            stage.at(0.01, look)

    for phase in range(8):
        stage.play(90, lambda view: all(stage.truth["limit_a"][name] > 12 for name in names))
        at_s = 1 + phase / 8
        moved_s = stage.clock.mono_s() + at_s
        stage.at(at_s, partial(stage.dim, 4200.0))
        stage.at(at_s, look)
        stage.play(4)
        assert 0.1 < told_s.pop() - moved_s < 1.0
        stage.dim(None)
    assert stage.truth["violations"] == 0


def test_the_house_goes_on_while_the_service_restarts(raise_curtain: RaiseCurtain) -> None:
    """CHG-3: the battery of the car, the meters and the faults' absence survive; the service is a new one."""
    stage = raise_curtain(plot())
    stage.base(2, 2, 2)
    fast(stage, "garage")
    stage.play(60)
    before = stage.truth
    assert before["ev_w"] > 5000
    for killed in (False, True):
        stage.restart(killed=killed)
        assert stage.truth["stored_wh"]["garage"] >= before["stored_wh"]["garage"]
        assert stage.garage().limit_a == 0
        back = stage.play(60, lambda view: stage.truth["ev_w"] > 3000)
        assert stage.garage(back).mode == "fast"
    assert stage.truth["violations"] == 0


def test_a_charger_that_ignores_and_one_that_is_welded(raise_curtain: RaiseCurtain) -> None:
    """Both only together keep a current alive that nobody can end."""
    stage = raise_curtain(plot())
    stage.base(2, 2, 2)
    fast(stage, "garage")
    stage.play(60)
    stage.ignore()
    stage.weld()
    stage.ask(SetMode("garage", "off"))
    stage.play(20)
    assert stage.garage().limit_a == 0
    assert stage.truth["limit_a"]["garage"] == 16
    assert stage.truth["ev_w"] > 9000
    stage.weld(welded=False)
    stage.play(5)
    assert not stage.house.pins.positions()["garage"] or stage.truth["ev_w"] > 9000
    stage.ignore(ignores=False)
    stage.play(5)
    assert stage.truth["ev_w"] == 0


def test_short_wires_tell_the_same_day(raise_curtain: RaiseCurtain) -> None:
    """What is charged, bought and started is what real frames lead to; only the wires are missing."""
    house = plot(2, priorities=(1, 0), pv_peak_w=9000.0, charging={"start_delay_s": 10})
    told = []
    for short in (False, True):
        stage = raise_curtain(house, short=short)
        stage.base(1, 1, 1)
        stage.play(300)
        told.append(stage.truth)
        stage.leave()
    real, near = told
    assert near["ev_wh"] == pytest.approx(real["ev_wh"], rel=0.06)
    assert near["starts_of"] == real["starts_of"]
    assert near["violations"] == real["violations"] == 0
    assert near["requests"] == 0


def test_a_quiet_night_is_dozed_through(raise_curtain: RaiseCurtain) -> None:
    stage = raise_curtain(plot(), short=True, start=NOON.replace(hour=23))
    stage.play(5)
    stage.doze(1800)
    assert stage.truth["elapsed_s"] == pytest.approx(1805, abs=1)
    assert stage.garage().why.code == "surplus_low"
    assert stage.truth["ev_wh"] == 0
