"""Seconds that were watched, and their share of every window (CNT-19, CNT-35)."""

from datetime import UTC, datetime

import pytest

from hems.core.count import Sample
from hems.core.coverage import coverage_pct, step
from hems.core.periods import PERIODS
from hems.model.instant import Instant
from hems.model.ledger import Counter
from tests.core.counting import Counted, berlin


def watch(house: Counted, on: bool = True) -> None:
    house.state = step("hp1.observed_s", house.state, on, 60.0, house.now)


def observed_s(house: Counted) -> int:
    return house.state.ledger.counters["hp1.observed_s"].total


def test_time_between_close_readings_is_watched() -> None:
    """CNT-19: exactly 60 s still count, more do not."""
    house = Counted(berlin("2026-11-24 09:00:00"))
    for pause_s in (0, 60, 60.001, 5, 30):
        house.wait(pause_s)
        watch(house)
    assert observed_s(house) == 95


def test_the_first_of_two_readings_says_what_lasted() -> None:
    """CNT-35."""
    house = Counted(berlin("2026-11-24 09:00:00"))
    for on in (False, True, True, False, False):
        watch(house, on)
        house.wait(7)
    assert observed_s(house) == 14


def test_fractions_are_carried_and_survive_a_restart() -> None:
    """CNT-91: 30 × 0.7 s are 21 s."""
    house = Counted(berlin("2026-11-24 09:00:00"))
    for i in range(31):
        watch(house)
        house.wait(0.7)
        if i % 10 == 5:
            house.cut()
    assert observed_s(house) == 21


def test_the_site_is_watched_while_its_meter_answers() -> None:
    """CNT-19: with a total or without; not by a value that is none."""
    house = Counted(berlin("2026-11-24 09:00:00"))
    for sample, pause_s in (
        (Sample(totals_wh={"grid_import": 7.0}), 10),
        (Sample(grid_seen=True), 20),
        (Sample(totals_wh={"grid_import": 0.0}), 20),
        (Sample(totals_wh={"grid_import": 7.0}), 61),
        (Sample(grid_seen=True), 30),
        (Sample(totals_wh={"pv": 7.0}), 40),
        (Sample(grid_seen=True), 0),
    ):
        house.take(sample)
        house.wait(pause_s)
    assert house.counted("site")["observed_s"] == 10 + 40


def shares(counter: Counter, wall: datetime, trusted: bool = True) -> dict[str, int | None]:
    return coverage_pct(PERIODS, counter, Instant(0.0, wall, trusted))


def test_ex_15_a_day_of_25_hours() -> None:
    """EX-15: 81,000 s observed on 25 October 2026, whose length is 90,000 s."""
    counter = Counter(previous={"yesterday": 81_000}, since=datetime(2026, 1, 1, tzinfo=UTC))
    assert shares(counter, berlin("2026-10-26 00:00:00"))["yesterday"] == 90


@pytest.mark.parametrize(("day", "length_s"), [("2026-03-30", 82_800), ("2026-11-24", 86_400)])
def test_a_day_has_its_real_length(day: str, length_s: int) -> None:
    whole = Counter(previous={"yesterday": length_s})
    less = Counter(previous={"yesterday": length_s - 1})
    assert shares(whole, berlin(f"{day} 12:00:00"))["yesterday"] == 100
    assert shares(less, berlin(f"{day} 12:00:00"))["yesterday"] == 99


def test_a_window_begins_with_its_counter_and_never_has_more_than_all() -> None:
    """CNT-19: since `since` if that is later; at most 100."""
    counter = Counter(windows={"2h": 900, "daily": 900}, since=berlin("2026-11-24 08:30").astimezone(UTC))
    found = shares(counter, berlin("2026-11-24 09:00:00"))
    assert (found["2h"], found["daily"], found["yearly"]) == (50, 50, 0)
    assert shares(counter, berlin("2026-11-24 08:40:00"))["2h"] == 100


def test_without_a_clock_or_time_there_is_no_share() -> None:
    counter = Counter(windows={"2h": 900}, since=berlin("2026-11-24 08:00").astimezone(UTC))
    assert set(shares(counter, berlin("2026-11-24 09:00:00"), trusted=False).values()) == {None}
    assert shares(counter, berlin("2026-11-24 08:00:00"))["2h"] is None
