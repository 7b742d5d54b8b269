"""The log: what changed, in words, once."""

import logging
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hems.core.rules import Rules
from hems.housekeeping import Housekeeping, log_to_standard_error
from hems.model.decision import ChargerDecision, Command, Decision, Hand, Stage
from hems.model.instant import Instant
from hems.model.settings import Settings
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


def view(limit_a: float, bus: str = "", device: str = "", journal: str = "") -> View:
    decided = ChargerDecision(
        Stage.CHARGING, Hand.MODBUS, 9, 9, limit_a, 9, Why(Reason.SURPLUS, {"limit_a": limit_a})
    )
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
    levels = {record.getMessage(): record.levelname for record in caplog.records}
    assert (levels["bus a: gone"], levels["bus a: in order"]) == ("WARNING", "INFO")
    assert list(levels) == [
        "garage: 9 A, follows sun, 9 A",
        "garage: 6 A, follows sun, 6 A",
        "bus a: gone",
        "device grid: silent",
        "journal: late",
        "bus a: in order",
        "device grid: in order",
        "journal: in order",
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


def messages(caplog: pytest.LogCaptureFixture, *pages: View) -> list[str]:
    """What one eye logs of these pages."""
    eye = Housekeeping()
    with caplog.at_level(logging.INFO, "hems"):
        for page in pages:
            eye.show(page)
    return [record.getMessage() for record in caplog.records]


def test_a_countdown_is_told_when_it_begins(caplog: pytest.LogCaptureFixture) -> None:
    """Not every second: the reason is the same."""

    def waiting(seconds_left: float) -> View:
        page = view(0)
        why = Why(Reason.START_DELAY, {"seconds_left": seconds_left})
        decided = replace(page.decision.chargers["garage"], why=why)
        return replace(page, decision=replace(page.decision, chargers={"garage": decided}))

    assert messages(caplog, waiting(60), waiting(59), waiting(58)) == ["garage: 0 A, starts in 1:00"]


def test_a_number_of_times_is_told_by_its_class(caplog: pytest.LogCaptureFixture) -> None:
    pages = [view(9, device=f"did not take its set-point {n} times") for n in (1, 2, 3, 9, 10, 29, 30, 299)]
    told = [words for words in messages(caplog, *pages) if words.startswith("device")]
    counts = [int(words.split()[-2]) for words in told]
    assert counts == [1, 3, 10, 30, 299]


def test_that_everything_is_set_up_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    page = view(9)
    wires = page.health.wires
    ready = replace(wires, devices={"grid": replace(wires.devices["grid"], set_up=True)})
    running = replace(page, health=Health(wires=ready))
    told = messages(caplog, page, running, page, running)
    assert [words for words in told if words.startswith("running")] == ["running: 1 devices on 1 lines"]


@pytest.mark.parametrize(
    ("watched", "begin"), [(True, "%(asctime)s %(levelname)s"), (False, "%(levelname)s")]
)
def test_a_person_who_looks_on_gets_the_time(
    monkeypatch: pytest.MonkeyPatch, watched: bool, begin: str
) -> None:
    """Under a service manager the journal adds it."""
    formats: list[str] = []
    monkeypatch.setattr(sys.stderr, "isatty", lambda: watched)
    monkeypatch.setattr(logging, "basicConfig", lambda **given: formats.append(given["format"]))
    log_to_standard_error()
    assert formats[0].startswith(begin)
