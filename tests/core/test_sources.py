"""How long ago a source spoke (CNT-18), and what that allows (CNT-21 to CNT-24)."""

import math
from datetime import UTC

import pytest

from hems.core.sources import count_one, elapsed_s, event, observe, remember, stamp
from hems.model.instant import Instant
from hems.model.ledger import Last, Ledger, State, Tally, from_documents, to_documents
from tests.core.counting import berlin, without_tally

SOURCE = "hp1.operating_state"
NINE = Instant(100.0, berlin("2026-11-24 09:00:00"))


def read_at(now: Instant) -> State:
    return remember(State(Tally(), Ledger()), SOURCE, Last(4, stamp(now)), now)


def test_one_run_measures_with_the_monotonic_clock() -> None:
    """CNT-18: a wall clock that jumps in between says nothing."""
    later = Instant(107.5, berlin("1999-01-01 00:00:00"), trusted=False)
    assert elapsed_s(read_at(NINE), SOURCE, later) == 7.5


@pytest.mark.parametrize(
    ("wall", "trusted", "expected"),
    [
        ("2026-11-24 09:15:00", True, 900.0),
        ("2026-11-24 09:15:00", False, math.inf),
        ("2026-11-24 08:59:59", True, math.inf),
        ("2026-11-24 09:00:00", True, 0.0),
    ],
)
def test_after_a_restart_two_trusted_wall_times_tell(wall: str, trusted: bool, expected: float) -> None:
    """CNT-18."""
    later = Instant(3.0, berlin(wall), trusted)
    assert elapsed_s(without_tally(read_at(NINE)), SOURCE, later) == expected


def test_a_reading_without_a_trusted_time_has_no_age_after_a_restart() -> None:
    """CNT-18."""
    untrusted = Instant(100.0, NINE.wall, trusted=False)
    assert elapsed_s(without_tally(read_at(untrusted)), SOURCE, NINE) == math.inf
    assert elapsed_s(State(Tally(), Ledger()), SOURCE, NINE) == math.inf


def test_the_night_of_the_clock_change_has_its_true_length() -> None:
    """CNT-18: from 02:50 summer time to 02:05 winter time are 15 minutes."""
    before = read_at(Instant(0.0, berlin("2026-10-25 02:50:00")))
    assert elapsed_s(without_tally(before), SOURCE, Instant(1.0, berlin("2026-10-25 02:05:00", 1))) == 900.0


def test_observing_gives_the_reading_before_if_it_is_recent() -> None:
    state, before, events = observe(read_at(NINE), SOURCE, 7, 900.0, Instant(1000.0, NINE.wall))
    assert (before, events, state.ledger.last[SOURCE].value) == (4, (), 7)


def test_after_a_gap_a_reading_is_a_baseline() -> None:
    """CNT-24: exactly 900.0 s still counts, more does not."""
    state, before, events = observe(read_at(NINE), SOURCE, 7, 900.0, Instant(1000.5, NINE.wall))
    assert before is None
    assert [(e.kind, e.key, e.figures) for e in events] == [("baseline", SOURCE, {"before": 4, "after": 7})]
    assert state.ledger.last[SOURCE] == Last(7, NINE.wall.astimezone(UTC))


def test_the_first_reading_ever_is_a_silent_baseline() -> None:
    """CNT-22."""
    state, before, events = observe(State(Tally(), Ledger()), SOURCE, 7, 900.0, NINE)
    assert (before, events, state.ledger.last[SOURCE].value) == (None, (), 7)


def test_counting_one_tells_the_new_total() -> None:
    state, told = count_one(State(Tally(), Ledger()), "hp1.heating", NINE)
    assert state.ledger.counters["hp1.heating"].total == 1
    assert (told.kind, told.key, told.figures, told.at) == ("counted", "hp1.heating", {"total": 1}, NINE.wall)


def test_an_event_without_a_trusted_clock_has_no_time() -> None:
    assert event("held", SOURCE, Instant(0.0, NINE.wall, trusted=False)).at is None


def test_a_time_of_the_repeated_hour_survives_as_a_document() -> None:
    """CNT-90: times are stored in UTC, where an hour is never two."""
    second_time = read_at(Instant(0.0, berlin("2026-10-25 02:20:00", 1))).ledger
    assert from_documents(to_documents(second_time)) == second_time
