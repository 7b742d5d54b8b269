"""Configuration → rules: every figure a person may choose arrives where it is used."""

import logging
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest
from msgspec import structs

from hems.assembly import Housekeeping, control_rules, installed
from hems.config import parse
from hems.core.rules import ChargingRules, Rules, SurplusRules
from hems.model.decision import ChargerDecision, Command, Decision, Hand, Stage
from hems.model.instant import Instant
from hems.model.intents import Refusal
from hems.model.settings import Settings
from hems.model.site import Charger, Config
from hems.model.snapshot import Snapshot
from hems.model.view import (
    Balance,
    BusHealth,
    DeviceHealth,
    FieldHealth,
    Health,
    Installed,
    JournalHealth,
    View,
)
from hems.model.why import Reason, Why

EXAMPLE = Path(__file__).resolve().parents[1] / "deploy" / "hems.example.toml"
HEIDELBERG = Charger(
    name="yard",
    number=2,
    bus="b",
    unit=9,
    profile="heidelberg-energy-control",
    lines=("L2", "L3", "L1"),
    max_a=32,
    relay="yard",
    fallback="on_off",
    fallback_a=8,
    priority=3,
)


def config(text: str | None = None) -> Config:
    return parse((text or EXAMPLE.read_text()).encode())


def test_the_examples_figures_are_the_rules_own_defaults() -> None:
    """A key that is left out and a key as documented mean the same, in both places."""
    rules = control_rules(config())
    assert rules.charging == ChargingRules()
    assert rules.surplus == SurplusRules()
    assert rules.fuse_a == (25.0, 25.0, 25.0)


def test_a_chosen_figure_arrives() -> None:
    chosen = config(files("hems.sim").joinpath("demo.toml").read_text())
    assert control_rules(chosen).charging.start_delay_s == 15.0


def test_a_charger_is_what_its_profile_and_its_table_allow() -> None:
    rules = control_rules(structs.replace(config(), chargers=(HEIDELBERG,))).chargers["yard"]
    assert (rules.min_a, rules.max_a, rules.step_a) == (6.0, 16.0, 0.1), "the box itself ends at 16 A"
    assert rules.watchdog_s == 15.0
    assert rules.fail_safe_a == 8.0, "the fallback current is what the box is told to fall to"
    assert rules.lines == ("L2", "L3", "L1")
    assert (rules.relay, rules.fallback, rules.fallback_a, rules.priority) == (True, "on_off", 8.0, 3)
    stop = structs.replace(HEIDELBERG, fallback="stop")
    assert control_rules(structs.replace(config(), chargers=(stop,))).chargers["yard"].fail_safe_a == 0.0
    evse = control_rules(config()).chargers["garage"]
    assert (evse.step_a, evse.watchdog_s, evse.fail_safe_a) == (1.0, None, 0.0)


def test_what_is_installed_is_shown() -> None:
    found = config()
    shown = installed(found, control_rules(found))
    assert (shown.pv, shown.battery, shown.heat_pumps) == (True, False, {"pump": 1})
    assert shown.chargers["garage"].max_a == 16.0


def view(limit_a: float, bus: str = "", device: str = "", journal: str = "") -> View:
    decided = ChargerDecision(Stage.CHARGING, Hand.MODBUS, 9, 9, limit_a, 9, Why(Reason.SURPLUS))
    now = Instant(10.0, datetime(2026, 6, 21, tzinfo=UTC))
    wires = FieldHealth(
        {"a": BusHealth("idle", "9600 8N1", words=bus)}, {"grid": DeviceHealth("a", words=device)}
    )
    return View(
        now,
        Installed("Home", Rules((25.0, 25.0, 25.0)).fuse_a, {}),
        Snapshot(now),
        Decision({"garage": decided}, Command(), 0.0),
        Settings(),
        Balance(),
        {},
        Health(wires=wires, journal=JournalHealth(words=journal)),
    )


def test_the_log_says_what_changed_and_why_once(caplog: pytest.LogCaptureFixture) -> None:
    eye = Housekeeping()
    with caplog.at_level(logging.INFO, "hems"):
        for page in (view(9), view(9), view(6, bus="gone", device="silent", journal="late"), view(6)):
            eye.show(page)
        eye.tell(Refusal("bad_value", "not so"))
    assert [record.getMessage() for record in caplog.records] == [
        "garage: 9 A, surplus",
        "garage: 6 A, surplus",
        "bus a: gone",
        "device grid: silent",
        "journal: late",
        "bus a: in order",
        "device grid: in order",
        "journal: in order",
        "refused: not so",
    ]


def test_the_health_line_has_every_line_and_every_device_that_loses_answers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """BUS-80; and a likely cause is told beside the device's own words (BUS-81)."""
    eye = Housekeeping()
    page = view(9, device="silent")
    grid = replace(page.health.wires.devices["grid"], requests=1000, accepted=988, warning="it is old")
    fine = DeviceHealth("a", requests=10, accepted=10)
    bus = BusHealth("idle", "9600 8N1", load_pct=32.4, exchanges_per_s=4.04)
    wires = FieldHealth({"a": bus}, {"grid": grid, "car": fine})
    with caplog.at_level(logging.INFO, "hems"):
        eye._log_health()
        eye.show(replace(page, health=Health(wires=wires)))
        eye._log_health()
        eye.show(replace(page, health=Health(wires=FieldHealth({"a": bus}, {"car": fine}))))
        eye._log_health()
    told = [record.getMessage() for record in caplog.records]
    assert "device grid: silent; it is old" in told
    assert "0 cycles, p99 0 ms, 0 overruns; load a 32 % 4.0/s; errors grid 1.2 %" in told
    assert told[-1] == "0 cycles, p99 0 ms, 0 overruns; load a 32 % 4.0/s; errors none"
