"""How the appliance is, in Hems' words (API-110)."""

import json
from dataclasses import replace

import pytest

from hems.api.own_health import is_well
from hems.model.alarm import Alarm, AlarmCode
from hems.model.settings import Proofs
from hems.model.surroundings import Appliance, DoorHealth, FaceHealth, Surroundings
from hems.model.view import BusHealth, CycleHealth, DeviceHealth, FieldHealth, Health, JournalHealth, View
from tests.api.charging_house import Desk

DESK = Desk()


def house(last_good_mono_s: float | None = 999.0, state: str = "ok", *alarms: Alarm) -> View:
    wires = FieldHealth(
        {"rs485-a": BusHealth("idle", "9600 8N1", load_pct=31.26)},
        {"grid": DeviceHealth("rs485-a", 10, 9, {"crc": 1}, last_good_mono_s=last_good_mono_s)},
    )
    health = Health(CycleHealth(100, 1, 300.04, 400.0, 500.0), wires, JournalHealth(state, 1.26))
    around = Surroundings(
        DoorHealth(3, 1, 2, 1.256, "TLS is closed"),
        FaceHealth("lost", ("ok",)),
        appliance=Appliance(uptime_s=7.4),
    )
    view = DESK.view()
    settings = replace(view.settings, proofs=Proofs(("meter.L2",)))
    return replace(view, health=health, alarms=alarms, around=around, settings=settings)


def test_all_of_it() -> None:
    """API-110, PNL-66: cycle, lines, devices, door, memory, what is not proven, clock, version, uptime."""
    reply = DESK.call("Hems.GetHealth", view=house())
    assert reply["ok"] is True
    assert reply["health"] == {
        "cycle_ms": {"p50": 300.0, "p99": 400.0, "max": 500.0},
        "overruns": 1,
        "lines": {"rs485-a": {"stage": "idle", "load_pct": 31.3, "words": ""}},
        "devices": {
            "grid": {"answers": 9, "requests": 10, "errors": {"crc": 1}, "silent_s": 1.0, "words": ""}
        },
        "api": {"clients": 3, "dropped": 1, "pending": 2, "door_ms_max": 1.26, "words": "TLS is closed"},
        "journal": {"state": "ok", "unsaved_s": 1.3, "alarms": {}},
        "panel": {"display": "lost", "stuck": ["ok"]},
        "not_proven": ["meter.L2"],
        "clock_ok": True,
        "optimizer": "off",
        "version": "0.4.0",
        "uptime_s": 7.0,
    }
    json.dumps(reply, allow_nan=False)


@pytest.mark.parametrize(
    ("view", "well"),
    [
        (house(), True),
        (house(None), False),
        (house(900.0), False),
        (house(999.0, "failing"), False),
        (house(999.0, "ok", Alarm(AlarmCode.MEMORY)), False),
        (house(999.0, "ok", Alarm(AlarmCode.MEMORY, holds=False)), True),
    ],
)
def test_whether_a_person_is_needed(view: View, well: bool) -> None:
    assert is_well(view) is well
