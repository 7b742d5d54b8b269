"""The namespace Hems as a whole: its rows, scopes, and what it answers before anything is known."""

from hems.api.own import HEMS
from hems.api.rows import Asked
from hems.model.intents import Refusal
from tests.api.charging_house import TABLE, Desk

SCOPES = {
    "None": "GetView GetWhy GetCounters GetSessions GetEvents GetPlan GetTariff GetSettings GetHealth",
    "ControlThings": "SetMode SetLimit SetTarget Boost SetVehicle GetScreen",
    "ConfigureThings": "PutPrices SetSetting SetOperatorLimit Acknowledge",
    "Admin": "Reload PressKey",
}


def test_every_method_with_its_scope() -> None:
    """API-110: reads None, writes ControlThings unless said; the panel's keys are an installer's."""
    found: dict[str, list[str]] = {}
    for row in HEMS.methods:
        found.setdefault(row.scope, []).append(row.name)
    assert {scope: set(names) for scope, names in found.items()} == {
        scope: set(names.split()) for scope, names in SCOPES.items()
    }


def test_every_notification() -> None:
    """API-114."""
    assert {notice.name for notice in HEMS.notices} == {
        "ViewChanged", "ScreenChanged", "DecisionChanged", "EventAdded", "OptimizerAvailableChanged",
        "OptimizationReceived",
    }  # fmt: skip


def test_before_the_first_view_reads_are_unavailable() -> None:
    """API-5."""
    desk = Desk()
    for row in HEMS.methods:
        if row.kind in ("view", "history"):
            answer = row.handler(desk.asking(None), {})
            assert answer == {"hemsError": "HemsErrorUnavailable", "reason": "nothing is known yet"}


def test_every_reply_has_its_error() -> None:
    """API-110: and a reason when it is refused."""
    for row in HEMS.methods:
        assert row.returns["hemsError"] == "$ref:HemsError"
        assert row.returns["o:reason"] == "String"
        assert TABLE.methods[row.full] is row


def test_a_wish_before_the_first_view_is_judged_by_the_rules() -> None:
    """The door decides nothing: an unknown charger is the rules' to refuse."""
    row = TABLE.methods["Hems.SetLimit"]
    answer = row.handler(Desk().asking(None), {"charger": "barn", "limit_a": 0.0})
    assert isinstance(answer, Asked)
    assert answer.reply(Refusal("unknown_name", "x"))["hemsError"] == "HemsErrorUnknownName"
