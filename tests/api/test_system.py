"""API-81: the clock, and a machine that clients cannot change."""

import pytest

from hems.api.system import SYSTEM
from tests.api.drawers import NOON_S, Keys

ANSWERS = {
    "GetCapabilities": {
        "powerManagement": False,
        "updateManagement": False,
        "updateManagementType": "UpdateTypeNone",
        "timeManagement": False,
    },
    "GetTime": {
        "time": NOON_S,
        "timeZone": "Europe/Vienna",
        "automaticTime": True,
        "automaticTimeAvailable": True,
    },
    "GetTimeZones": {"timeZones": ["Europe/Vienna"]},
    "GetUpdateStatus": {"busy": False, "updateRunning": False},
    "GetPackages": {"packages": []},
    "GetRepositories": {"repositories": []},
    "GetSystemInfo": {"deviceSerialNumber": "1000000abc"},
}


@pytest.mark.parametrize(("name", "answer"), ANSWERS.items())
def test_each_row_answers(name: str, answer: object) -> None:
    assert Keys().call(SYSTEM, name) == answer


def test_all_rows_are_here_and_for_admins() -> None:
    assert {row.name for row in SYSTEM.methods} == set(ANSWERS)
    assert {row.scope for row in SYSTEM.methods} == {"Admin"}
