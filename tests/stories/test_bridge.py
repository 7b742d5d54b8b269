"""An optimizer behind its socket advises the running service, and is gone from one cycle to the next."""

from pathlib import Path

from msgspec import structs

from hems.model.edges import Optimizer
from hems.model.intents import SetMode
from hems.model.why import Reason
from hems.sim.optimizer import ReferenceOptimizer
from tests.stories.plots import Plot, plot
from tests.stories.stage import RaiseCurtain, Stage


def advised(raise_curtain: RaiseCurtain, path: Path) -> tuple[Stage, ReferenceOptimizer]:
    """A house without sun whose service looks for an optimizer there."""
    dark = plot(pv_peak_w=0.0)
    config = structs.replace(dark.config, optimizer=Optimizer(socket=str(path)))
    stage = raise_curtain(Plot(config, dark.scene), short=True)
    return stage, ReferenceOptimizer(stage.house.reactor, stage.clock, str(path))


def test_its_word_is_clipped_as_ever_and_its_absence_costs_nothing(
    raise_curtain: RaiseCurtain, tmp_path: Path
) -> None:
    """API-120 … 125, 127: 63 A are asked for, 16 A is what the charger takes, and no fuse is in danger."""
    stage, optimizer = advised(raise_curtain, tmp_path / "o.sock")
    stage.ask(SetMode("garage", "surplus"))
    stage.play(30)
    assert stage.views[-1].around.optimizer.stage == "absent"
    assert stage.garage().limit_a == 0
    optimizer.manner = "limit_63"
    optimizer.open()
    begun = stage.play(200, until=lambda view: view.decision.chargers["garage"].limit_a > 0)
    assert begun.snapshot.optimizer is not None
    followed = stage.play(60)
    assert 6 <= stage.truth["limit_a"]["garage"] <= 16
    assert stage.truth["over_fuse_s"] == 0
    assert followed.around.optimizer.plan_id
    optimizer.close()
    gone = stage.play(120, until=lambda view: view.snapshot.optimizer is None)
    assert gone.decision.chargers["garage"].why.code is not Reason.OPTIMIZER
    stage.play(400)
    assert stage.truth["limit_a"]["garage"] == 0
    assert (stage.truth["violations"], stage.truth["over_fuse_s"]) == (0, 0)


def test_what_must_not_be_planned_stays_with_the_house(raise_curtain: RaiseCurtain, tmp_path: Path) -> None:
    """API-124: `off` and `fast` stay local."""
    stage, optimizer = advised(raise_curtain, tmp_path / "o.sock")
    optimizer.manner = "limit_63"
    optimizer.open()
    stage.ask(SetMode("garage", "off"))
    stage.play(150)
    assert stage.views[-1].snapshot.optimizer is not None
    assert stage.truth["limit_a"]["garage"] == 0
    stage.ask(SetMode("garage", "fast"))
    stage.play(120)
    codes = {str(stage.garage(view).why.code) for view in stage.views[-300:]}
    assert "optimizer" not in codes
    assert stage.truth["limit_a"]["garage"] == 16
    optimizer.close()
