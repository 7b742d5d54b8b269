"""The grid operator pulls the contact while cars charge."""

from functools import partial
from itertools import pairwise

import pytest

from hems.model.intents import ProveDim, SetBoost, SetMode
from hems.model.ledger import Event
from hems.model.settings import Mode
from tests.stories.plots import NAMES, plot
from tests.stories.stage import RaiseCurtain, Stage
from tests.stories.witness import LOOK_S, Witness

pytestmark = pytest.mark.proof
MODES: tuple[Mode, ...] = ("fast", "surplus", "min_surplus")
BRIGHT = 9000.0
FACTORS = {1: 0.0, 4: 0.7}


def charging(stage: Stage, mode: Mode, chargers: int = 1, boost: bool = False) -> list[Witness]:
    """Cars charge at more than a limit leaves them."""
    for name in NAMES[:chargers]:
        stage.ask(SetMode(name, mode))
        if boost:
            stage.ask(SetBoost(name))
    stage.play(60, lambda view: min(stage.truth["ev_a"][name][0] for name in NAMES[:chargers]) >= 9)
    assert all(offer_a >= 9 for offer_a in stage.truth["limit_a"].values())
    return [Witness(stage, name) for name in NAMES[:chargers]]


def evidence(stage: Stage) -> list[Event]:
    """What goes on record."""
    told = [event for view in stage.views for event in view.events]
    return [event for event in told if event.kind.startswith("evidence_")]


@pytest.mark.parametrize("late_s", [0.03, 0.2, 0.45, 0.7, 0.95])
@pytest.mark.parametrize("chargers", [1, 4])
def test_set_points_are_written_within_a_second(
    raise_curtain: RaiseCurtain, chargers: int, late_s: float
) -> None:
    """CHG-50: wherever in the cycle the contact opens, and however many chargers must hear of it."""
    stage = raise_curtain(plot(chargers, dim=True, fuse_a=(80.0, 80.0, 80.0)))
    witnesses = charging(stage, "fast", chargers)
    pulled_s = stage.clock.mono_s() + late_s
    pot_w = 4200 * (1 + (chargers - 1) * FACTORS[chargers])
    stage.at(late_s, partial(stage.dim, pot_w))
    stage.play(10)
    assert sum(690 * offer_a for offer_a in stage.truth["limit_a"].values()) <= pot_w
    for witness in witnesses:
        lowered_s = witness.first(pulled_s, offered_a=witness.sights[-1].offered_a)
        assert lowered_s <= pulled_s + 1.0 + LOOK_S
    over_s = stage.truth["over_dim_s"]
    assert over_s <= 5
    stage.play(20)
    assert stage.truth["over_dim_s"] == over_s
    assert {str(stage.told(name).why.code) for name in NAMES[:chargers]} == {"operator_limit"}


@pytest.mark.parametrize("late_s", [0.03, 0.45, 0.95])
def test_an_installer_sees_how_soon_they_are_written(raise_curtain: RaiseCurtain, late_s: float) -> None:
    """PNL-67: the time is that of the wire, and goes on record."""
    stage = raise_curtain(plot(4, dim=True, fuse_a=(80.0, 80.0, 80.0)))
    charging(stage, "fast", 4)
    stage.ask(ProveDim())
    stage.play(2)
    stage.at(late_s, partial(stage.dim, 4200 * (1 + 3 * FACTORS[4])))
    stage.play(10)
    (tested,) = [event for view in stage.views for event in view.events if event.kind == "dim_tested"]
    seconds = tested.figures["seconds"]
    assert isinstance(seconds, float)
    assert (tested.figures["verdict"], 0.0 < seconds < 1.0) == ("passed", True), seconds


@pytest.mark.parametrize("mode", [*MODES, "boost"])
def test_it_binds_every_mode_and_goes_at_once(raise_curtain: RaiseCurtain, mode: Mode) -> None:
    """CHG-50: own surplus comes on top; released the cars come back at the pace of every raise."""
    boosted = str(mode) == "boost"
    sun_w = 0.0 if boosted or mode == "fast" else BRIGHT
    stage = raise_curtain(plot(1, dim=True, pv_peak_w=sun_w, charging={"start_delay_s": 5.0}))
    stage.base(1, 1, 1)
    (witness,) = charging(stage, "surplus" if boosted else mode, boost=boosted)
    before_a = witness.sights[-1].offered_a
    pulled_s = stage.clock.mono_s()
    stage.dim(4200)
    stage.play(60)
    assert stage.truth["over_dim_s"] <= 5
    if not sun_w:
        assert {sight.offered_a for sight in witness.between(pulled_s + 2)} == {6}
    assert not witness.rose(pulled_s + 1) or sun_w
    released_s = stage.clock.mono_s()
    stage.dim(None)
    stage.play(60)
    assert witness.sights[-1].offered_a >= before_a - 1, "as before"
    offers = [sight.offered_a for sight in witness.between(released_s)]
    assert max(later - earlier for earlier, later in pairwise(offers)) <= 1
    stage.play(5)
    began, ended = evidence(stage)
    assert (began.kind, ended.kind) == ("evidence_began", "evidence_ended")
    assert stage.truth["violations"] == 0


def test_a_wire_that_was_cut_limits_from_the_first_cycle(raise_curtain: RaiseCurtain) -> None:
    """CHG-50, the loss matrix: open or not known, the limit holds, also after a restart."""
    stage = raise_curtain(plot(1, dim=True))
    stage.contact("dim", closed=False)
    stage.desk.order({"dim": 4200})
    stage.ask(SetMode("garage", "fast"))
    stage.play(60)
    dims = [view.decision.dim for view in stage.views]
    assert all(dim is not None and dim.limited for dim in dims)
    assert stage.truth["limit_a"]["garage"] == 6
    played = len(stage.views)
    stage.restart(killed=True)
    stage.play(60)
    dims = [view.decision.dim for view in stage.views[played:]]
    assert all(dim is not None and dim.limited for dim in dims)
    assert stage.truth["over_dim_s"] == 0
    assert stage.truth["limit_a"]["garage"] == 6


def test_a_limit_is_on_record_over_a_restart(raise_curtain: RaiseCurtain) -> None:
    """CHG-51: a record for each run that saw it, and its end when it ends; the first ends unseen."""
    stage = raise_curtain(plot(1, dim=True))
    charging(stage, "fast")
    stage.dim(4200)
    stage.play(10)
    stage.restart()
    stage.play(30)
    stage.dim(None)
    stage.play(65)
    began, unseen, again, ended = evidence(stage)
    assert (began.kind, unseen.kind) == ("evidence_began", "evidence_ended")
    assert (again.kind, ended.kind) == ("evidence_began", "evidence_ended")
    assert not unseen.figures
    assert began.figures["began.garage.after_a"] == 6
