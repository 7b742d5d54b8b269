"""Windows and keys (CNT-10 to CNT-17)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.core.periods import PERIODS, Period, begins, book, in_future, key, keys, roll
from hems.model.instant import Instant
from hems.model.ledger import Counter, Ledger
from tests.core.counting import BERLIN, berlin

BY_NAME = {period.name: period for period in PERIODS}
MONTHS = Period("monthly", "month", previous="last_month")
YEARS = Period("yearly", "year", previous="last_year")


def at(wall: datetime, *, trusted: bool = True) -> Instant:
    return Instant(0.0, wall, trusted)


def counted(total: int, wall: datetime) -> Ledger:
    ledger = roll(PERIODS, Ledger(counters={"x": Counter()}), at(wall))
    return book(ledger, "x", total, at(wall))


@pytest.mark.parametrize(
    ("wall", "expected"),
    [
        ("2026-11-24 08:00:00", ["2026-11-24T08", "2026-11-24T08", "2026-11-24", "2026-11", "2026"]),
        ("2026-11-24 09:59:59", ["2026-11-24T08", "2026-11-24T08", "2026-11-24", "2026-11", "2026"]),
        ("2026-11-24 10:00:00", ["2026-11-24T10", "2026-11-24T08", "2026-11-24", "2026-11", "2026"]),
        ("2026-01-01 00:00:00", ["2026-01-01T00", "2026-01-01T00", "2026-01-01", "2026-01", "2026"]),
    ],
)
def test_keys_name_the_open_windows(wall: str, expected: list[str]) -> None:
    """CNT-10: keys by the face of the local clock."""
    assert list(keys(PERIODS, berlin(wall)).values()) == expected


@pytest.mark.parametrize(
    ("period", "wall", "fold", "begin", "begin_fold"),
    [
        ("2h", "2026-11-24 09:10:11", 0, "2026-11-24 08:00:00", 0),
        ("4h", "2026-11-24 23:10:11", 0, "2026-11-24 20:00:00", 0),
        ("daily", "2026-11-24 09:10:11", 0, "2026-11-24 00:00:00", 0),
        ("monthly", "2026-11-24 09:10:11", 0, "2026-11-01 00:00:00", 0),
        ("yearly", "2026-11-24 09:10:11", 0, "2026-01-01 00:00:00", 0),
        ("2h", "2026-10-25 02:30:00", 1, "2026-10-25 02:00:00", 0),
        ("2h", "2027-03-28 03:30:00", 0, "2027-03-28 03:00:00", 0),
    ],
)
def test_windows_begin(period: str, wall: str, fold: int, begin: str, begin_fold: int) -> None:
    """CNT-15: in autumn T02 begins with the first 02:00, in spring at 03:00."""
    started = begins(BY_NAME[period], berlin(wall, fold))
    assert started.timestamp() == berlin(begin, begin_fold).timestamp()
    assert started.tzinfo is BERLIN


def test_a_roll_closes_what_has_passed_and_nothing_else() -> None:
    """CNT-11: greater keys close, all others stay."""
    ledger = roll(PERIODS, counted(5, berlin("2026-11-24 08:10")), at(berlin("2026-11-24 10:00")))
    assert ledger.counters["x"].windows == {"2h": 0, "4h": 5, "daily": 5, "monthly": 5, "yearly": 5}
    assert ledger.keys["2h"] == "2026-11-24T10"
    assert ledger.keys["4h"] == "2026-11-24T08"


@pytest.mark.parametrize(
    ("next_wall", "yesterday"),
    [("2026-11-25 00:00:00", 5), ("2026-11-26 00:00:00", 0), ("2027-11-25 00:00", 0)],
)
def test_yesterday_is_the_day_before_or_nothing(next_wall: str, yesterday: int) -> None:
    """CNT-12, CNT-13."""
    ledger = roll(PERIODS, counted(5, berlin("2026-11-24 08:10")), at(berlin(next_wall)))
    assert ledger.counters["x"].previous == {"yesterday": yesterday}
    assert ledger.counters["x"].windows["daily"] == 0
    assert ledger.counters["x"].total == 5


@pytest.mark.parametrize(
    ("period", "wall", "next_wall", "kept"),
    [
        (MONTHS, "2026-01-31 23:59", "2026-02-01 00:00", 7),
        (MONTHS, "2026-12-31 23:59", "2027-01-09 00:00", 7),
        (MONTHS, "2026-12-31 23:59", "2027-02-01 00:00", 0),
        (YEARS, "2026-05-01 00:00", "2027-07-01 00:00", 7),
        (Period("2h", "hour", 2, "before"), "2027-03-28 01:59", "2027-03-28 03:01", 7),
        (Period("2h", "hour", 2, "before"), "2026-11-24 23:59", "2026-11-25 00:01", 7),
    ],
)
def test_any_row_may_hand_its_value_over(period: Period, wall: str, next_wall: str, kept: int) -> None:
    """CNT-12: other rows name a predecessor in the same way."""
    ledger = roll((period,), Ledger(counters={"x": Counter()}), at(berlin(wall)))
    ledger = roll((period,), book(ledger, "x", 7, at(berlin(wall))), at(berlin(next_wall)))
    assert ledger.counters["x"].previous == {period.previous: kept}


def test_nothing_rolls_without_a_trusted_clock() -> None:
    """CNT-16: the very same ledger."""
    ledger = counted(5, berlin("2026-11-24 08:10"))
    assert roll(PERIODS, ledger, at(berlin("2027-01-01 08:10"), trusted=False)) is ledger


def test_limbo_joins_the_windows_of_the_first_trusted_moment() -> None:
    """CNT-16: windows roll first, then limbo joins them."""
    ledger = counted(5, berlin("2026-11-24 08:10"))
    ledger = book(ledger, "x", 2, at(berlin("1970-01-01 00:00"), trusted=False))
    assert ledger.counters["x"].limbo == 2
    assert ledger.counters["x"].windows["daily"] == 5
    counter = roll(PERIODS, ledger, at(berlin("2026-11-25 06:00"))).counters["x"]
    assert (counter.windows["daily"], counter.previous["yesterday"]) == (2, 5)
    assert (counter.windows["monthly"], counter.limbo, counter.total) == (7, 0, 7)


def test_a_clock_set_back_counts_on_into_the_open_windows() -> None:
    """CNT-17."""
    ledger = counted(5, berlin("2026-11-24 08:10"))
    earlier = at(berlin("2026-11-23 22:00"))
    ledger = book(roll(PERIODS, ledger, earlier), "x", 1, earlier)
    assert ledger.keys["daily"] == "2026-11-24"
    assert ledger.counters["x"].windows["daily"] == 6


@pytest.mark.parametrize(
    ("wall", "trusted", "expected"),
    [
        ("2026-11-24 08:10", True, False),
        ("2026-11-23 07:10", True, False),
        ("2026-11-22 21:59", True, True),
        ("2026-11-20 08:10", False, False),
    ],
)
def test_books_far_in_the_future_are_noticed(wall: str, trusted: bool, expected: bool) -> None:
    """CNT-17: further ahead than 26 h."""
    ledger = counted(5, berlin("2026-11-24 08:10"))
    assert in_future(PERIODS, ledger, at(berlin(wall), trusted=trusted)) is expected


def test_a_zone_that_changes_at_midnight_cannot_roll_a_day_twice() -> None:
    """CNT-15: in Havana 01:00 of 1 November 2026 is followed by 00:00 of the same day."""
    havana = ZoneInfo("America/Havana")
    ledger = counted(5, datetime(2026, 10, 31, 23, 50, tzinfo=havana))
    first = at(datetime(2026, 11, 1, 0, 10, tzinfo=havana))
    again = at(datetime(2026, 11, 1, 0, 10, tzinfo=havana, fold=1))
    ledger = book(roll(PERIODS, ledger, first), "x", 2, first)
    assert roll(PERIODS, ledger, again) is ledger
    assert ledger.counters["x"].previous == {"yesterday": 5}


WALLS = st.datetimes(
    datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(BERLIN), allow_imaginary=False
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(WALLS, st.booleans(), st.integers(0, 5)), max_size=8))
def test_keys_only_go_forward_and_windows_nest(moves: list[tuple[datetime, bool, int]]) -> None:
    """INV-1, INV-2, INV-6 on any path of the clock."""
    ledger = Ledger(counters={"x": Counter()})
    for wall, trusted, amount in moves:
        now = at(wall, trusted=trusted)
        rolled = roll(PERIODS, ledger, now)
        assert roll(PERIODS, rolled, now) is rolled
        assert all(rolled.keys[name] >= before for name, before in ledger.keys.items())
        ledger = book(rolled, "x", amount, now)
        counter = ledger.counters["x"]
        assert counter.total == rolled.counters["x"].total + amount
        shown = [counter.windows.get(period.name, 0) + counter.limbo for period in PERIODS]
        assert shown == sorted(shown)
        assert shown[-1] <= counter.total


@settings(max_examples=150, deadline=None)
@given(WALLS)
def test_a_window_begins_before_its_moment_and_with_its_own_key(wall: datetime) -> None:
    for period in PERIODS:
        begin = begins(period, wall)
        assert begin.timestamp() <= wall.timestamp()
        assert key(period, begin) == key(period, wall)
        assert key(
            period, (begin.astimezone(ZoneInfo("UTC")) - timedelta(seconds=1)).astimezone(BERLIN)
        ) < key(period, wall)
