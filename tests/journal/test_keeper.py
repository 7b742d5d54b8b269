"""What is due, and when (JRN-40, JRN-52, JRN-53)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hems.journal.keeper import (
    Guard,
    Pending,
    Urgency,
    due,
    guard,
    learned,
    merged,
    noted,
    overdue,
    retry_at,
    unsaved_s,
    urgency,
)
from hems.model.ledger import Event
from hems.model.lessons import Lesson
from hems.model.plans import Plan

NOW, SOON, LATE = Urgency.NOW, Urgency.SOON, Urgency.LATE


@pytest.mark.parametrize(
    ("kind", "key", "expected"),
    [
        ("counted", "hp1.compressor_start", NOW),
        ("rolled", "2h", NOW),
        ("counted", "hp1.heating", SOON),
        ("counted", "relay.garage", SOON),
        ("counted", "ev1.contactor", SOON),
        ("baseline", "hp1.operating_state", LATE),
        ("rebased", "site.grid_import", LATE),
        ("rolled", "daily", NOW),
        ("session_began", "ev1", NOW),
        ("session_ended", "ev1", NOW),
        ("setting", "garage", NOW),
        ("alarm_raised", "word_order", NOW),
        ("alarm_cleared", "word_order", NOW),
        ("evidence_began", "operator", NOW),
        ("evidence_ended", "operator", NOW),
        ("booted", "service", NOW),
        ("stopped", "service", NOW),
        ("run_ended", "hp1", LATE),
        ("glitch", "hp1.compressor_start", LATE),
    ],
)
def test_classes(kind: str, key: str, expected: Urgency) -> None:
    """JOURNAL section 7."""
    assert urgency(Event(kind, key, None)) is expected


@pytest.mark.parametrize(
    ("writes", "expected"),
    [(150, Guard.FREE), (151, Guard.SPARING), (400, Guard.SPARING), (401, Guard.STRICT)],
)
def test_the_wear_guard_wakes(writes: int, expected: Guard) -> None:
    """JRN-43."""
    assert guard(writes) is expected


@pytest.mark.parametrize(
    ("event", "sparing", "strict"),
    [
        (Event("counted", "hp1.heating", None), LATE, LATE),
        (Event("counted", "ev1.contactor", None), LATE, LATE),
        (Event("rolled", "2h", None), LATE, LATE),
        (Event("rolled", "4h", None), LATE, LATE),
        (Event("rolled", "daily", None), NOW, NOW),
        (Event("counted", "hp1.compressor_start", None), NOW, NOW),
        (Event("setting", "garage", None, {"by": "mqtt"}), NOW, SOON),
        (Event("setting", "garage", None, {"by": "api"}), NOW, SOON),
        (Event("setting", "garage", None, {"by": "panel"}), NOW, NOW),
        (Event("setting", "garage", None), NOW, NOW),
        (Event("session_began", "ev1", None), NOW, NOW),
        (Event("alarm_raised", "word_order", None), NOW, NOW),
        (Event("evidence_began", "operator", None), NOW, NOW),
    ],
)
def test_what_the_wear_guard_holds_and_what_never(event: Event, sparing: Urgency, strict: Urgency) -> None:
    """JRN-43: alarms, evidence, sessions, settings by hand are never held."""
    assert urgency(event, Guard.SPARING) is sparing
    assert urgency(event, Guard.STRICT) is strict


HOUR_S = 3_600
DAY_S = 24 * HOUR_S


def reference_day() -> list[tuple[int, Event]]:
    """Day R: 40 cycles of the pump, 3 sessions, 12 roll-overs, 4 settings, 2 alarms: 150 events."""
    day: list[tuple[int, str, str]] = []
    for begin in range(300, DAY_S, 2_160):
        day += [
            (begin, "counted", "hp1.heating"),
            (begin + 90, "counted", "hp1.compressor_start"),
            (begin + 990, "run_ended", "hp1"),
        ]
    for begin in (26_020, 44_380, 65_260):
        day += [
            (begin, "session_began", "ev1"),
            (begin + 20, "counted", "ev1.contactor"),
            (begin + 2 * HOUR_S + 20, "counted", "relay.garage"),
            (begin + 2 * HOUR_S + 620, "session_ended", "ev1"),
        ]
    day += [(hour * HOUR_S, "rolled", "2h") for hour in range(0, 24, 2)]
    day += [(at, "setting", "garage") for at in (23_700, 34_140, 62_580, 76_620)]
    day += [(at, "alarm_raised", "word_order") for at in (38_570, 54_770)]
    return [(at, Event(kind, key, None)) for at, kind, key in sorted(day)]


def writes_of(day: list[tuple[int, Event]], *, at_once: frozenset[Urgency] = frozenset()) -> int:
    """Writes of a day on which energies step every 30 s, without a guard if some classes wait for nothing."""
    pending: Pending = {}
    writes, waiting = 0, list(day)
    for mono_s in range(DAY_S):
        if mono_s % 30 == 0:
            pending = noted(pending, LATE, mono_s)
        while waiting and waiting[0][0] == mono_s:
            found = urgency(waiting.pop(0)[1], Guard.FREE if at_once else guard(writes))
            pending = noted(pending, NOW if found in at_once else found, mono_s)
        if due(pending, mono_s):
            pending, writes = {}, writes + 1
    return writes


def test_the_reference_day_takes_133_writes() -> None:
    """JRN-44: the class `soon` saves forty of them."""
    day = reference_day()
    assert len(day) == 150
    assert writes_of(day) == 133
    assert writes_of(day, at_once=frozenset({SOON})) == 173
    assert writes_of(day, at_once=frozenset({SOON, LATE})) == 180


def test_a_restless_day_is_held_by_the_wear_guard() -> None:
    """B-1: ten times the alarms, 200 cycles, and a neighbour that sets something every minute."""
    day = reference_day()
    busy = [(at + shift, event) for shift in range(0, 2_000, 400) for at, event in day]
    busy = [(at, event) for at, event in busy if at < DAY_S and event.kind != "alarm_raised"]
    alarms = [(at, Event("alarm_raised", "x", None)) for at in range(0, DAY_S, DAY_S // 20)]
    mqtt = [(at, Event("setting", "garage", None, {"by": "mqtt"})) for at in range(0, DAY_S, 60)]
    day = sorted((*busy, *alarms, *mqtt), key=lambda row: row[0])
    assert writes_of(day) < 1_000
    unguarded = len({at for at, event in day if urgency(event) is NOW})
    assert unguarded > 1_600


def test_the_oldest_change_of_a_class_counts() -> None:
    pending = noted(noted({}, SOON, 10.0), SOON, 50.0)
    assert pending == {SOON: 10.0}
    assert merged({SOON: 10.0, NOW: 3.0}, {SOON: 5.0, LATE: 7.0}) == {SOON: 5.0, NOW: 3.0, LATE: 7.0}


@pytest.mark.parametrize(
    ("pending", "mono_s", "expected"),
    [
        ({}, 1e9, False),
        ({NOW: 10.0}, 10.0, True),
        ({SOON: 10.0}, 189.9, False),
        ({SOON: 10.0}, 190.0, True),
        ({LATE: 10.0}, 909.9, False),
        ({LATE: 10.0, SOON: 500.0}, 680.0, True),
        ({LATE: 10.0}, 910.0, True),
    ],
)
def test_what_is_due(pending: dict[Urgency, float], mono_s: float, expected: bool) -> None:
    """JRN-40: at once, after 180 s, after 900 s."""
    assert due(pending, mono_s) is expected


@pytest.mark.parametrize(("kind", "limit_s"), [(NOW, 60.0), (SOON, 300.0), (LATE, 1_200.0)])
def test_what_is_overdue(kind: Urgency, limit_s: float) -> None:
    """JRN-52."""
    assert not overdue({kind: 10.0}, 10.0 + limit_s)
    assert overdue({kind: 10.0}, 10.1 + limit_s)
    assert unsaved_s({kind: 10.0, LATE: 4.0}, 12.0) == 8.0
    assert unsaved_s({}, 12.0) == 0.0


def test_a_failed_card_is_tried_less_and_less_often() -> None:
    """JRN-53: 10, 30, 60 s … 15 min."""
    assert [retry_at(failures, 100.0) - 100.0 for failures in range(1, 9)] == [
        10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 900.0, 900.0,
    ]  # fmt: skip


AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PLANNED = Lesson(plan=Plan(AT, AT, 1.0, 1.0))


@pytest.mark.parametrize(
    ("before", "after", "writes", "expected"),
    [
        ({}, {"ev1": Lesson(stuck=True)}, 999, NOW),
        ({}, {"ev1": Lesson({"": ("L1",)})}, 999, NOW),
        ({"ev1": PLANNED}, {"ev1": replace(PLANNED, relay_tested=AT)}, 999, NOW),
        ({"ev1": PLANNED}, {"ev1": replace(PLANNED, boost_wh=7)}, 0, NOW),
        ({}, {"ev1": PLANNED}, 150, NOW),
        ({"ev1": PLANNED}, {"ev1": Lesson()}, 0, NOW),
        ({}, {"ev1": PLANNED}, 151, LATE),
        ({"ev1": PLANNED}, {"ev1": replace(PLANNED, base_wh=7)}, 0, LATE),
        ({"ev1": PLANNED}, {"ev1": PLANNED}, 0, LATE),
    ],
)
def test_what_was_learned_is_written_at_once_and_a_plan_as_far_as_the_card_bears_it(
    before: dict[str, Lesson], after: dict[str, Lesson], writes: int, expected: Urgency
) -> None:
    """JOURNAL section 7, JRN-43."""
    assert learned(before, after, writes) is expected
