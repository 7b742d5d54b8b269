"""A year in zones that change at two, at midnight, by half an hour, and not at all (CNT-10 to CNT-15)."""

from collections import Counter as Tallies
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hems.core.periods import PERIODS, book, roll
from hems.model.instant import Instant
from hems.model.ledger import Counter, Ledger
from tests.core.reference import WINDOWS, face

HALF_HOURS = ("Asia/Kolkata", "Australia/Lord_Howe")
ZONES = ("Europe/Berlin", "America/New_York", "America/Havana", "Asia/Beirut", *HALF_HOURS)


@pytest.mark.parametrize("zone", ZONES)
def test_a_whole_year(zone: str) -> None:
    """INV-1, INV-6, INV-11: every window holds what happened in it by the face of the clock."""
    place = ZoneInfo(zone)
    step = timedelta(minutes=30) if zone in HALF_HOURS else timedelta(hours=1)
    at, end = datetime(2025, 12, 30, 12, tzinfo=UTC), datetime(2027, 1, 2, tzinfo=UTC)
    ledger = Ledger(counters={"x": Counter()})
    fallen: Tallies[tuple[str, str]] = Tallies()
    keys = dict.fromkeys(WINDOWS, "")
    daily_before: int | None = None
    while at < end:
        wall = at.astimezone(place)
        now = Instant(0.0, wall)
        rolled = roll(PERIODS, ledger, now)
        day = keys["daily"]
        keys = {window: max(keys[window], face(window, wall)) for window in WINDOWS}
        counter = rolled.counters["x"]
        if keys["daily"] != day and day:
            yesterday = (date.fromisoformat(keys["daily"]) - timedelta(days=1)).isoformat()
            assert counter.previous["yesterday"] == fallen["daily", yesterday] == daily_before
        ledger = book(rolled, "x", 1, now)
        fallen.update((window, keys[window]) for window in WINDOWS)
        counter = ledger.counters["x"]
        assert counter.windows == {window: fallen[window, keys[window]] for window in WINDOWS}
        assert ledger.keys == keys
        daily_before = counter.windows["daily"]
        at += step
    lengths = {count for (window, _), count in fallen.items() if window == "daily"}
    per_hour = timedelta(hours=1) // step
    expected = {"Asia/Kolkata": {48}, "Australia/Lord_Howe": {47, 48, 49}}
    complete = {count for count in lengths if count >= 23 * per_hour}
    assert complete == expected.get(zone, {23, 24, 25})
