"""PNL-48: every cause of an alarm, each found in the view that has it and in no other."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from hems.core.causes import WATCHED, causes
from hems.core.rules import ChargerRules, CircuitRules, DimRules, Rules
from hems.model.alarm import AlarmCode
from hems.model.decision import SearchDecision
from hems.model.instant import Instant
from hems.model.ledger import Event
from hems.model.snapshot import ChargerReading, MeterReading
from hems.model.surroundings import Appliance, Surroundings
from hems.model.view import BusHealth, DeviceHealth, FieldHealth, View
from tests.panel.views import HOUSE, NOW, decided

RULES = Rules(
    (25.0, 25.0, 25.0),
    {"garage": ChargerRules()},
    circuits={"cellar": CircuitRules((16.0, 16.0, 0.0))},
    dim=DimRules(contact="dim"),
)
DEVICES: Mapping[str, DeviceHealth] = {
    "grid": DeviceHealth("a", last_good_mono_s=999.6, role="grid"),
    "roof": DeviceHealth("a", last_good_mono_s=999.6, role="pv"),
    "garage": DeviceHealth("a", last_good_mono_s=999.6, role="charger"),
    "lambda": DeviceHealth("a", last_good_mono_s=999.6, role="heat_pump"),
}
BUS = BusHealth(stage="idle", setting="9600 8N1")


def wired(devices: Mapping[str, DeviceHealth] = DEVICES, bus: BusHealth = BUS, view: View = HOUSE) -> View:
    return replace(view, health=replace(view.health, wires=FieldHealth({"a": bus}, devices)))


WELL = replace(
    wired(),
    snapshot=replace(HOUSE.snapshot, contacts={"dim": False}, circuits={"cellar": MeterReading(999.6, 0.0)}),
)


def device(name: str, **changes: object) -> View:
    changed = replace(DEVICES[name], **changes)  # type: ignore[arg-type]
    return wired({**DEVICES, name: changed}, view=WELL)


def charger(**changes: object) -> View:
    reading = replace(ChargerReading(999.4, "C"), **changes)  # type: ignore[arg-type]
    return replace(WELL, snapshot=replace(WELL.snapshot, chargers={"garage": reading}))


def decision(**changes: object) -> View:
    judged = replace(decided(HOUSE.decision.chargers["garage"].why.code, 16.0), **changes)  # type: ignore[arg-type]
    return replace(WELL, decision=replace(WELL.decision, chargers={"garage": judged}))


def snapshot(**changes: object) -> View:
    return replace(WELL, snapshot=replace(WELL.snapshot, **changes))  # type: ignore[arg-type]


def remembered(code: str) -> View:
    journal = replace(WELL.health.journal, alarms={code: "2026-11-21: long words"})
    return replace(WELL, health=replace(WELL.health, journal=journal))


def told(event: Event) -> View:
    return replace(WELL, events=(event,))


def metered(line_a: tuple[float, float, float], at_mono_s: float = 999.6) -> MeterReading:
    return MeterReading(at_mono_s, 0.0, line_a=line_a)


CASES: list[tuple[str, View]] = [
    ("grid_meter_silent", snapshot(grid=None)),
    ("grid_meter_silent", snapshot(grid=metered((1.0, 1.0, 1.0), 997.9))),
    ("meter_silent.roof", device("roof", last_good_mono_s=989.9)),
    ("meter_silent.roof", device("roof", last_good_mono_s=None)),
    ("meter_silent.roof", device("roof", last_good_mono_s=None, role="charger_meter")),
    ("charger_silent.garage", device("garage", last_good_mono_s=989.9)),
    ("charger_fault.garage", charger(status="F")),
    ("charger_fault.garage", charger(status="E")),
    ("charger_refuses.garage", charger(refusals=3)),
    ("charger_not_set_up.garage", charger(ready=False)),
    ("charger_unfed.garage", device("garage", unfed=True)),
    ("heat_pump_silent.lambda", device("lambda", last_good_mono_s=989.9)),
    ("stuck.garage", decision(stuck=True)),
    ("relay_test.garage", decision(relay_failed=True)),
    ("switch_locked_out.garage", decision(lines_locked=True)),
    ("line_over_fuse.L2", snapshot(grid=metered((25.0, 25.1, 0.0)))),
    ("line_over_fuse.L3", snapshot(grid=metered((25.0, 0.0, -25.1)))),
    ("circuit_over_fuse.cellar.L1", snapshot(circuits={"cellar": metered((16.1, 16.0, 99.0))})),
    ("dim_contact_unknown", snapshot(contacts={"dim": None})),
    ("dim_contact_unknown", snapshot(contacts={})),
    ("bus_absent.a", wired(bus=replace(BUS, stage="absent"), view=WELL)),
    ("other_master.a", wired(bus=replace(BUS, foreign_lately=6), view=WELL)),
    ("word_order.hp1.energy", told(Event("word_order", "hp1.energy", None, {"set": "a", "found": "b"}))),
    ("counters_disagree.hp1", told(Event("invariant", "hp1", None, {"rule": "INV-1"}))),
    ("counters_ahead.keys", told(Event("books_in_future", "keys", None))),
    ("book_unreadable", remembered("book_unreadable")),
    ("card_failing", remembered("journal_failing")),
    ("not_saved", remembered("journal_unsaved")),
    ("evidence_full", remembered("evidence_nearly_full")),
    ("memory.records_lost", remembered("records_lost")),
    ("clock_unknown", replace(WELL, now=Instant(NOW.mono_s, NOW.wall, trusted=False))),
    ("installation_refused", replace(WELL, around=Surroundings(appliance=Appliance(refused="no such bus")))),
]


def test_a_house_in_order_has_none() -> None:
    assert causes(RULES, WELL) == {}


@pytest.mark.parametrize(("name", "view"), CASES)
def test_a_cause_is_found_under_its_name_and_is_the_only_one(name: str, view: View) -> None:
    found = causes(RULES, view)
    assert list(found) == [name]
    assert name == ".".join(filter(None, (found[name].code, found[name].about)))


def test_every_alarm_has_a_cause() -> None:
    assert set(WATCHED) == set(AlarmCode)
    assert {AlarmCode(name.partition(".")[0]) for name, _ in CASES} == set(AlarmCode)


@pytest.mark.parametrize(
    "view",
    [
        device("garage", last_good_mono_s=900.0, asleep=True),
        device("garage", last_good_mono_s=990.0),
        replace(
            device("garage", last_good_mono_s=900.0),
            decision=replace(WELL.decision, search=SearchDecision("a", "full", "searching")),
        ),
        charger(refusals=2),
        charger(ready=False, asleep=True),
        charger(ready=False, at_mono_s=900.0),
        device("lambda", unfed=True),
        snapshot(grid=metered((25.0, -25.0, 25.0))),
        snapshot(circuits={"attic": metered((99.0, 99.0, 99.0))}),
        wired(bus=replace(BUS, foreign_lately=5), view=WELL),
        told(Event("word_order", "hp1.energy", None, {"before": "a", "found": "b"})),
        told(Event("counted", "hp1.heating", None)),
    ],
)
def test_what_looks_alike_is_no_cause(view: View) -> None:
    """Asleep, searched, just within its limit, or of no harm."""
    assert causes(RULES, view) == {}


def test_a_line_that_is_gone_is_told_once_and_not_for_each_of_its_devices() -> None:
    silent = {name: replace(one, last_good_mono_s=900.0) for name, one in DEVICES.items()}
    gone = wired(silent, replace(BUS, stage="absent"), WELL)
    assert list(causes(RULES, gone)) == ["bus_absent.a"]


def test_without_a_grid_meter_none_is_missed_and_without_a_contact_none_is_unknown() -> None:
    bare = wired({}, view=snapshot(grid=None, contacts={}))
    assert causes(replace(RULES, dim=None), bare) == {}
    assert causes(replace(RULES, dim=DimRules(source="api")), bare) == {}
