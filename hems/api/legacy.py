"""Actions and States: what clients of nymea's first days still call (API-83)."""

from typing import Final

from hems.api.actions import execute
from hems.api.classes import action_types, state_types
from hems.api.integrations import ERROR, houses_classes
from hems.api.rows import Ask, Method, Namespace, Params, Result
from hems.api.things import remembered


def _action_type(ask: Ask, params: Params) -> Result:
    for row, ranges in houses_classes(ask.memory):
        for action in action_types(row, ranges):
            if action["id"] == params["actionTypeId"]:
                return {"thingError": "ThingErrorNoError", "actionType": action}
    return {"thingError": "ThingErrorActionTypeNotFound"}


def _state_type(ask: Ask, params: Params) -> Result:
    for row, ranges in houses_classes(ask.memory):
        for state in state_types(row, ranges):
            if state["id"] == params["stateTypeId"]:
                return {"thingError": "ThingErrorNoError", "stateType": state}
    return {"thingError": "ThingErrorStateTypeNotFound"}


ACTIONS: Final = Namespace(
    (
        Method(
            "Actions",
            "GetActionType",
            {"actionTypeId": "Uuid"},
            {**ERROR, "o:actionType": "$ref:ActionType"},
            "None",
            "view",
            _action_type,
            "One type of action.",
        ),
        Method(
            "Actions",
            "ExecuteAction",
            {"thingId": "Uuid", "actionTypeId": "Uuid", "o:params": "$ref:ParamList"},
            {**ERROR, "o:displayMessage": "String"},
            "ControlThings",
            "intent",
            execute,
            "Do something with a thing.",
        ),
    ),
    remember=remembered,
)

STATES: Final = Namespace(
    (
        Method(
            "States",
            "GetStateType",
            {"stateTypeId": "Uuid"},
            {**ERROR, "o:stateType": "$ref:StateType"},
            "None",
            "view",
            _state_type,
            "One type of state.",
        ),
    ),
    remember=remembered,
)
