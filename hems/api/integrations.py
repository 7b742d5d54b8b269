"""Integrations: our devices as nymea's things (API-70 to API-75)."""

from collections.abc import Iterator
from typing import Final

from hems.api import things
from hems.api.actions import execute, visible
from hems.api.classes import ClassRow, Ranges, action_types, plugin, state_types, thing_class, vendor
from hems.api.integration_types import ENUMS, FLAGS, TYPES
from hems.api.rows import Ask, Handler, Kind, Method, Namespace, Notice, Params, Result, Scope, Shape
from hems.api.thing_classes import CLASSES
from hems.api.thing_ids import PLUGIN, VENDOR, state_id
from hems.api.things import NAMESPACE, Known

NO_ERROR: Final = {"thingError": "ThingErrorNoError"}


def houses_classes(known: Known | None) -> Iterator[tuple[ClassRow, Ranges]]:
    """The classes that things of this house have, with what those things have of them."""
    ranges = known.ranges if known is not None else {}
    return ((row, ranges[row.name]) for row in CLASSES if row.name in ranges)


def _vendors(_: Ask, __: Params) -> Result:
    return {"vendors": [vendor()]}


def _plugins(_: Ask, __: Params) -> Result:
    return {"plugins": [plugin()]}


def _thing_classes(ask: Ask, params: Params) -> Result:
    wanted = params.get("thingClassIds")
    ours = params.get("vendorId", VENDOR) == VENDOR
    found = [
        thing_class(row, ranges)
        for row, ranges in houses_classes(ask.memory)
        if ours and (wanted is None or row.id in wanted)
    ]
    return {**NO_ERROR, "thingClasses": found}


def _state_types(ask: Ask, params: Params) -> Result:
    found = [
        state
        for row, ranges in houses_classes(ask.memory)
        if row.id == params["thingClassId"]
        for state in state_types(row, ranges)
    ]
    return {"stateTypes": found}


def _action_types(ask: Ask, params: Params) -> Result:
    found = [
        action
        for row, ranges in houses_classes(ask.memory)
        if row.id == params["thingClassId"]
        for action in action_types(row, ranges)
    ]
    return {"actionTypes": found}


def _event_types(_: Ask, __: Params) -> Result:
    return {"eventTypes": []}


def _things(ask: Ask, params: Params) -> Result:
    seen = visible(ask)
    if "thingId" not in params:
        return {**NO_ERROR, "things": [things.shown(thing) for thing in seen.values()]}
    thing = seen.get(params["thingId"])
    if thing is None:
        return {"thingError": "ThingErrorThingNotFound"}
    return {**NO_ERROR, "things": [things.shown(thing)]}


def _state_value(ask: Ask, params: Params) -> Result:
    thing = visible(ask).get(params["thingId"])
    if thing is None:
        return {"thingError": "ThingErrorThingNotFound"}
    for name, stated in thing.states.items():
        if state_id(thing.row.name, name) == params["stateTypeId"]:
            return {**NO_ERROR, "value": stated.value}
    return {"thingError": "ThingErrorStateTypeNotFound"}


def _state_values(ask: Ask, params: Params) -> Result:
    thing = visible(ask).get(params["thingId"])
    if thing is None:
        return {"thingError": "ThingErrorThingNotFound"}
    return {**NO_ERROR, "values": things.states(thing)}


def _io_connections(_: Ask, __: Params) -> Result:
    return {**NO_ERROR, "ioConnections": []}


def _plugin_configuration(_: Ask, params: Params) -> Result:
    if params["pluginId"] != PLUGIN:
        return {"thingError": "ThingErrorPluginNotFound"}
    return {**NO_ERROR, "configuration": []}


ERROR: Final[dict[str, Shape]] = {"thingError": "$ref:ThingError"}
OF_CLASS: Final = {"thingClassId": "Uuid"}


def _method(
    name: str,
    params: dict[str, Shape],
    returns: dict[str, Shape],
    kind: Kind,
    handler: Handler,
    text: str,
    scope: Scope = "None",
) -> Method:
    return Method(NAMESPACE, name, params, returns, scope, kind, handler, text)


METHODS: Final = (
    _method("GetVendors", {}, {"vendors": "$ref:Vendors"}, "table", _vendors, "Who makes the things."),
    _method(
        "GetPlugins", {}, {"plugins": "$ref:IntegrationPlugins"}, "table", _plugins, "What things belong to."
    ),
    _method(
        "GetThingClasses",
        {"o:thingClassIds": ["Uuid"], "o:vendorId": "Uuid"},
        {**ERROR, "o:thingClasses": "$ref:ThingClasses"},
        "view",
        _thing_classes,
        "The classes of the things in this house, or some of them.",
    ),
    _method(
        "GetStateTypes",
        {**OF_CLASS},
        {"stateTypes": "$ref:StateTypes"},
        "view",
        _state_types,
        "The states of a class.",
    ),
    _method(
        "GetActionTypes",
        {**OF_CLASS},
        {"actionTypes": "$ref:ActionTypes"},
        "view",
        _action_types,
        "The actions of a class.",
    ),
    _method(
        "GetEventTypes",
        {**OF_CLASS},
        {"eventTypes": "$ref:EventTypes"},
        "table",
        _event_types,
        "The events of a class: there are none.",
    ),
    _method(
        "GetThings",
        {"o:thingId": "Uuid"},
        {**ERROR, "o:things": "$ref:Things"},
        "view",
        _things,
        "All things, or one of them.",
    ),
    _method(
        "GetStateValue",
        {"thingId": "Uuid", "stateTypeId": "Uuid"},
        {**ERROR, "o:value": "Variant"},
        "view",
        _state_value,
        "The value of one state.",
    ),
    _method(
        "GetStateValues",
        {"thingId": "Uuid"},
        {**ERROR, "o:values": "$ref:States"},
        "view",
        _state_values,
        "The values of all states of a thing.",
    ),
    _method(
        "ExecuteAction",
        {"thingId": "Uuid", "actionTypeId": "Uuid", "o:params": "$ref:ParamList"},
        {**ERROR, "o:displayMessage": "String"},
        "intent",
        execute,
        "Do something with a thing.",
        "ControlThings",
    ),
    _method(
        "GetIOConnections",
        {"o:thingId": "Uuid"},
        {**ERROR, "o:ioConnections": "$ref:IOConnections"},
        "table",
        _io_connections,
        "Inputs that are connected to outputs: there are none.",
    ),
    _method(
        "GetPluginConfiguration",
        {"pluginId": "Uuid"},
        {**ERROR, "o:configuration": "$ref:ParamList"},
        "table",
        _plugin_configuration,
        "How a plugin is configured: nothing about it can be.",
        "ConfigureThings",
    ),
)

NOTICES: Final = (
    Notice(
        NAMESPACE,
        "StateChanged",
        {
            "thingId": "Uuid",
            "stateTypeId": "Uuid",
            "value": "Variant",
            "minValue": "Variant",
            "maxValue": "Variant",
            "possibleValues": ["Variant"],
        },
        "A state of a thing has changed.",
    ),
    Notice(NAMESPACE, "ThingAdded", {"thing": "$ref:Thing"}, "There is a new thing."),
    Notice(NAMESPACE, "ThingRemoved", {"thingId": "Uuid"}, "A thing is gone."),
    Notice(NAMESPACE, "ThingChanged", {"thing": "$ref:Thing"}, "A thing has become something else."),
    Notice(
        NAMESPACE,
        "ThingSettingChanged",
        {"thingId": "Uuid", "paramTypeId": "Uuid", "value": "Variant"},
        "A setting of a thing has changed: no thing has any.",
    ),
)

INTEGRATIONS: Final = Namespace(
    METHODS,
    NOTICES,
    TYPES,
    ENUMS,
    FLAGS,
    remember=things.remembered,
    told=lambda before, after: tuple(things.told(before, after)),
)
