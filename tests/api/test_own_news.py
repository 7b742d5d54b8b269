"""What Hems tells unasked (API-114)."""

from dataclasses import replace
from typing import Any

from hems.api.own_news import changes
from hems.api.own_view import PARTS
from hems.api.validate import record_check
from hems.model.decision import HeatPumpDecision
from hems.model.ledger import Event
from hems.model.plans import OptimizerPlan, Step
from hems.model.surroundings import OptimizerHealth, Surroundings
from hems.model.view import View
from hems.model.why import Reason, Why
from tests.api.charging_house import IDENTITY, NOON, TABLE, Desk, decided


def news(before: View | None, view: View) -> dict[str, Any]:
    """By name; each as it is declared."""
    found: dict[str, Any] = {}
    for one in changes(before, view, IDENTITY):
        record_check(TABLE.notices[f"Hems.{one.name}"].params, TABLE.words, sent=True)(one.params)
        assert one.snapshot is (one.name == "ViewChanged")
        found[one.name] = [*found.get(one.name, []), one.params]
    return found


def test_each_cycle_has_its_page() -> None:
    view = Desk().view()
    assert list(news(view, view)) == ["ViewChanged"]
    assert list(news(view, view)["ViewChanged"][0]["view"]) == list(PARTS)


def test_another_limit_or_another_reason() -> None:
    """API-114: not another figure alone; at first all of them."""
    before = Desk().view()
    assert [row["name"] for row in news(None, before)["DecisionChanged"][0]["changes"]] == ["garage", "yard"]
    why = Why(Reason.SURPLUS, {"limit_a": 6.0, "available_w": 1.0})
    assert "DecisionChanged" not in news(before, Desk(decisions={"garage": decided(why=why)}).view())
    for decision, code, limit_a in (
        (decided(limit_a=7.0), "surplus", 7.0),
        (decided(Reason.FAST), "fast", 6.0),
    ):
        told = news(before, Desk(decisions={"garage": decision}).view())["DecisionChanged"]
        assert told == [
            {"changes": [{"name": "garage", "limit_a": limit_a, "code": code, "text": decision.why.text}]}
        ]
    pump = HeatPumpDecision(Why(Reason.SURPLUS, {"offer_w": 1500.0}))
    pumped = replace(before, decision=replace(before.decision, heat_pumps={"lambda": pump}))
    (told,) = news(before, pumped)["DecisionChanged"][0]["changes"]
    assert (told["name"], told["limit_a"]) == ("lambda", None)


def test_events_but_those_that_only_counters_tell() -> None:
    view = replace(
        Desk().view(),
        events=(
            Event("counted", "hp1.heating", NOON, {}),
            Event("setting", "garage", NOON, {"by": "api"}),
            Event("session_began", "ev1", NOON, {}),
        ),
    )
    assert [one["event"]["kind"] for one in news(view, view)["EventAdded"]] == ["setting"]


def test_the_optimizer_comes_and_goes_and_its_plan() -> None:
    """API-121: seconds from now."""
    absent = Desk().view()

    def with_plan(**health: Any) -> View:
        plan = OptimizerPlan(
            "p-1", 1300.0, {"garage": (Step(1000.0, 1300.0, 20.0), Step(1300.0, 1600.0, 0.0, 1))}
        )
        bridge = OptimizerHealth(**{"stage": "ready", "words": "answers", **health})
        return replace(
            absent, snapshot=replace(absent.snapshot, optimizer=plan), around=Surroundings(optimizer=bridge)
        )

    ready = with_plan()
    assert news(absent, ready)["OptimizerAvailableChanged"] == [{"available": True, "reason": "answers"}]
    assert "OptimizerAvailableChanged" not in news(ready, with_plan(stage="asking"))
    assert news(ready, absent)["OptimizerAvailableChanged"] == [{"available": False, "reason": ""}]
    planned = with_plan(plan_id="p-1", seconds_left=299.7)
    assert news(ready, planned)["OptimizationReceived"] == [
        {
            "plan_id": "p-1",
            "valid_s": 300,
            "setpoints": [
                {
                    "charger": "garage",
                    "steps": [
                        {"start_s": 0.0, "end_s": 300.0, "limit_a": 20.0},
                        {"start_s": 300.0, "end_s": 600.0, "limit_a": 0.0, "lines": 1},
                    ],
                }
            ],
        }
    ]
    assert "OptimizationReceived" not in news(planned, planned)
    gone = replace(planned, snapshot=absent.snapshot)
    assert news(absent, gone)["OptimizationReceived"][0]["setpoints"] == []
