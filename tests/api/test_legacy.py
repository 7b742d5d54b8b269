"""What clients of nymea's first days still call."""

from hems.api.actions import execute
from hems.api.integrations import INTEGRATIONS
from hems.api.legacy import ACTIONS, STATES
from hems.api.rows import Params, Result
from hems.api.thing_ids import state_id
from tests.api.thing_house import ask, fits

METHODS = {row.full: row for row in (*ACTIONS.methods, *STATES.methods)}
POWER = state_id("evcharger", "power")
ELSEWHERE = "{00000000-0000-5000-8000-000000000001}"


def call(name: str, params: Params) -> Result:
    reply = METHODS[name].handler(ask(), params)
    assert isinstance(reply, dict)
    assert fits(METHODS[name], reply, INTEGRATIONS, ACTIONS, STATES)
    return reply


def test_one_type_of_action() -> None:
    """API-83."""
    assert call("Actions.GetActionType", {"actionTypeId": POWER})["actionType"]["name"] == "power"
    unknown = call("Actions.GetActionType", {"actionTypeId": ELSEWHERE})
    assert unknown == {"thingError": "ThingErrorActionTypeNotFound"}


def test_one_type_of_state() -> None:
    """API-83."""
    assert call("States.GetStateType", {"stateTypeId": POWER})["stateType"]["type"] == "Bool"
    unknown = call("States.GetStateType", {"stateTypeId": ELSEWHERE})
    assert unknown == {"thingError": "ThingErrorStateTypeNotFound"}


def test_an_action_is_executed_as_in_integrations() -> None:
    """API-83."""
    row = METHODS["Actions.ExecuteAction"]
    assert (row.handler, row.scope, row.kind) == (execute, "ControlThings", "intent")
