"""An optimizer's plan in the picture of the house, and the second in which it is gone."""

from dataclasses import replace

from hems.model.decision import Command
from hems.model.instant import Instant
from hems.model.intents import SetMode
from hems.model.plans import OptimizerPlan, Step
from hems.model.snapshot import Snapshot
from hems.model.view import FieldHealth
from hems.supervisor import Field
from tests.stories.plots import plot
from tests.stories.stage import RaiseCurtain

FRESH_S = 120.0


class Advised:
    """The wires, and beside them an optimizer that told its plan once."""

    def __init__(self, field: Field, plan: OptimizerPlan) -> None:
        self.field = field
        self.plan = plan

    @property
    def startled(self) -> bool:
        return self.field.startled

    def read(self, now: Instant) -> Snapshot:
        return replace(self.field.read(now), optimizer=self.plan)

    def act(self, command: Command, now: Instant) -> None:
        self.field.act(command, now)

    def safe(self, now: Instant) -> tuple[str, ...]:
        return self.field.safe(now)

    def health(self, now: Instant) -> FieldHealth:
        return self.field.health(now)


def test_a_plan_that_is_stale_leaves_the_say_to_the_sun_in_the_same_cycle(
    raise_curtain: RaiseCurtain,
) -> None:
    """The loss matrix, optimizer (CHG-110): fresh it replaces the sun, clipped as ever; stale it is gone."""
    stage = raise_curtain(plot(pv_peak_w=0.0), short=True)
    supervisor = stage.house.supervisor
    until_s = stage.clock.mono_s() + FRESH_S
    plan = OptimizerPlan("night", until_s, {"garage": (Step(0.0, until_s + 900.0, 63.0),)})
    supervisor.field = Advised(supervisor.field, plan)
    stage.ask(SetMode("garage", "surplus"))
    advised = stage.play(110)
    assert 6 <= stage.truth["limit_a"]["garage"] <= 16
    assert stage.garage(advised).limit_a >= 6
    stage.play(15)
    by_code = [(view.now.mono_s >= until_s, str(stage.garage(view).why.code)) for view in stage.views]
    assert "optimizer" not in {code for stale, code in by_code if stale}
    after = [stage.garage(view) for view in stage.views if view.now.mono_s >= until_s]
    assert all(decision.limit_a <= 6 for decision in after), "the minimum at most, until its on time is full"
    stage.play(400)
    assert stage.truth["limit_a"]["garage"] == 0
    assert (stage.truth["violations"], stage.truth["over_fuse_s"]) == (0, 0)
