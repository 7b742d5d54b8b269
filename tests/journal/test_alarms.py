"""What somebody is told, with date and extent (JRN-24, JRN-25, JRN-52, JRN-60)."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hems.journal import alarms, rings
from hems.journal.keeper import Urgency
from hems.journal.opening import Opened
from hems.journal.recover import Recovery
from hems.model.ledger import Event
from hems.sim.media import MemoryMedium
from tests.journal.books import SMALL, documents

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SOUND = Opened(Path("book"), None, MemoryMedium(b""), SMALL, b"", Recovery())


@pytest.mark.parametrize(
    ("recovery", "told"),
    [
        (Recovery(), {}),
        (Recovery(tail_damaged=True), {}),
        (Recovery(lost=(5,)), {"records_lost": "1 record lost (number 5)"}),
        (Recovery(lost=(5, 6, 7, 8)), {"records_lost": "4 records lost (number 5, 6, 7 …)"}),
        (
            Recovery(used_predecessor=True),
            {"base_unreadable": "the newest base is unreadable, nothing is lost: the one before it was used"},
        ),
        (
            Recovery(used_predecessor=True, rings_lost=True),
            {"rings_lost": "no base is readable: counters and settings are kept, the lists are lost"},
        ),
        (Recovery(truncated=True), {"book_truncated": "the book is shorter than it was made"}),
        (Recovery(newer=3), {"newer_records": "3 records of a newer program are left out"}),
    ],
)
def test_damage_is_told_with_its_date_and_extent(recovery: Recovery, told: dict[str, str]) -> None:
    assert alarms.damage(recovery, AT) == {code: f"2026-11-24: {words}" for code, words in told.items()}
    assert told.keys() <= alarms.CODES


def test_what_stays_told() -> None:
    assert alarms.standing(SOUND, (), AT) == {}
    unreadable = alarms.standing(replace(SOUND, unreadable="gone", rescue_left=True), (), AT)
    assert list(unreadable) == ["book_unreadable"]
    assert unreadable["book_unreadable"].startswith("2026-11-24: gone; counting goes on in book.rescue; ")
    left = alarms.standing(replace(SOUND, rescue_left=True), ("a is ignored", "b is ignored"), AT)
    assert left["not_understood"] == "a is ignored; b is ignored"
    assert "book.rescue has counts" in left["rescue_left"]
    assert left.keys() <= alarms.CODES


def test_what_passes() -> None:
    assert alarms.passing("", {Urgency.NOW: 0.0}, {}, 60.0) == {}
    full = documents({"evidence": {str(n): {} for n in range(2_000)}})
    told = alarms.passing("No space left on device", {Urgency.NOW: 0.0}, full, 61.0)
    assert told["journal_failing"] == "No space left on device"
    assert told["journal_unsaved"] == "changes wait for the card longer than they may"
    assert told == alarms.passing("No space left on device", {Urgency.NOW: 0.0}, full, 62.0), "said once"
    assert "nearly full" in told["evidence_nearly_full"]
    assert told.keys() <= alarms.CODES


@pytest.mark.parametrize(
    ("before", "reason"),
    [((), "first start"), (("booted", "gap"), "cut"), (("booted", "stopped"), "stopped")],
)
def test_a_start_has_its_reason(before: tuple[str, ...], reason: str) -> None:
    state = rings.entered({}, [Event(kind, "service", AT) for kind in before], "1")
    told = alarms.booted(state, 3, AT, cut_off=True)
    assert told == Event("booted", "service", AT, {"reason": reason, "boots": 3, "cut_off": True})
