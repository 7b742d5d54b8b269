"""The namespace System: the clock, and what of the machine cannot be changed from here (API-81)."""

from collections.abc import Mapping
from typing import Any, Final

from hems.api.rows import Ask, Handler, Kind, Method, Namespace, Params, Result

NAME: Final = "System"


def _get_capabilities(_: Ask, params: Params) -> Result:
    return {
        "powerManagement": False,
        "updateManagement": False,
        "updateManagementType": "UpdateTypeNone",
        "timeManagement": False,
    }


def _get_time(ask: Ask, _: Params) -> Result:
    return {
        "time": max(0, int(ask.wall.timestamp())),
        "timeZone": ask.identity.time_zone,
        "automaticTime": True,
        "automaticTimeAvailable": True,
    }


def _get_time_zones(ask: Ask, _: Params) -> Result:
    return {"timeZones": [ask.identity.time_zone]}


def _get_update_status(_: Ask, params: Params) -> Result:
    return {"busy": False, "updateRunning": False}


def _get_system_info(ask: Ask, _: Params) -> Result:
    return {"deviceSerialNumber": ask.identity.serial}


def _method(
    name: str, returns: Mapping[str, Any], handler: Handler, text: str, kind: Kind = "table"
) -> Method:
    return Method(NAME, name, {}, returns, "Admin", kind, handler, text)


SYSTEM: Final = Namespace(
    methods=(
        _method(
            "GetCapabilities",
            {
                "powerManagement": "Bool",
                "updateManagement": "Bool",
                "updateManagementType": "$ref:UpdateType",
                "timeManagement": "Bool",
            },
            _get_capabilities,
            "What of the machine can be changed by a client: nothing.",
        ),
        _method(
            "GetTime",
            {"time": "Uint", "timeZone": "String", "automaticTime": "Bool", "automaticTimeAvailable": "Bool"},
            _get_time,
            "What time it is here.",
            "view",
        ),
        _method("GetTimeZones", {"timeZones": "StringList"}, _get_time_zones, "The time zone of the site."),
        _method(
            "GetUpdateStatus",
            {"busy": "Bool", "updateRunning": "Bool", "o:updateProgress": "Int"},
            _get_update_status,
            "Updates are not made by clients.",
        ),
        _method(
            "GetPackages", {"packages": "$ref:Packages"}, lambda ask, params: {"packages": []}, "No packages."
        ),
        _method(
            "GetRepositories",
            {"repositories": "$ref:Repositories"},
            lambda ask, params: {"repositories": []},
            "No repositories.",
        ),
        _method("GetSystemInfo", {"deviceSerialNumber": "String"}, _get_system_info, "The serial number."),
    ),
    types={
        "Package": {
            "r:id": "String",
            "r:displayName": "String",
            "r:summary": "String",
            "r:installedVersion": "String",
            "r:candidateVersion": "String",
            "r:changelog": "String",
            "r:updateAvailable": "Bool",
            "r:rollbackAvailable": "Bool",
            "r:canRemove": "Bool",
        },
        "Packages": ["$ref:Package"],
        "Repository": {"r:id": "String", "r:displayName": "String", "enabled": "Bool"},
        "Repositories": ["$ref:Repository"],
    },
    enums={"UpdateType": ("UpdateTypeNone", "UpdateTypeSystem", "UpdateTypePackageManager")},
)
