"""PNL-60, CHG-94: times to come on the clock of the house."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hems.model.instant import Instant
from hems.panel.moments import clock_face, minute_of_day, next_at, when

ZONE = ZoneInfo("Europe/Berlin")


def at(*moment: int) -> Instant:
    return Instant(0.0, datetime(*moment, tzinfo=ZONE))  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("now", "minute", "day", "expected"),
    [
        (at(2026, 3, 12, 14, 32), 7 * 60, None, datetime(2026, 3, 13, 6, 0, tzinfo=UTC)),
        (at(2026, 3, 12, 14, 32), 14 * 60 + 35, None, datetime(2026, 3, 12, 13, 35, tzinfo=UTC)),
        (at(2026, 3, 12, 14, 30), 14 * 60 + 30, None, datetime(2026, 3, 13, 13, 30, tzinfo=UTC)),
        (at(2026, 3, 12, 14, 32), 7 * 60, date(2026, 3, 15), datetime(2026, 3, 15, 6, 0, tzinfo=UTC)),
        (at(2026, 3, 12, 14, 32), 7 * 60, date(2026, 3, 12), datetime(2026, 3, 13, 6, 0, tzinfo=UTC)),
        (at(2026, 3, 12, 14, 32), 20 * 60, date(2026, 3, 2), datetime(2026, 3, 12, 19, 0, tzinfo=UTC)),
        (at(2026, 3, 28, 23, 0), 7 * 60, None, datetime(2026, 3, 29, 5, 0, tzinfo=UTC)),
        (at(2026, 3, 28, 23, 0), 2 * 60 + 30, None, datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        (at(2026, 10, 24, 23, 0), 2 * 60 + 30, None, datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (at(2026, 10, 24, 23, 0), 7 * 60, None, datetime(2026, 10, 25, 6, 0, tzinfo=UTC)),
    ],
)
def test_the_next_time_the_clock_shows_it(
    now: Instant, minute: int, day: date | None, expected: datetime
) -> None:
    """CHG-94: over midnight and the nights in which the clocks change; a day that is to come is kept."""
    assert next_at(minute, now, day) == expected
    assert next_at(minute, now, day) > now.wall


def test_minutes_of_the_day_are_local() -> None:
    now = at(2026, 7, 1, 12, 0)
    assert minute_of_day(datetime(2026, 7, 2, 5, 7, tzinfo=UTC), now) == 7 * 60 + 7
    assert [clock_face(minute) for minute in (0, 425.0, 1435)] == ["00:00", "07:05", "23:55"]


def test_a_day_is_named_when_the_time_alone_would_be_taken_for_another() -> None:
    now = at(2026, 3, 12, 14, 32)
    moment = now.wall.astimezone(UTC)
    assert when(moment + timedelta(hours=23, minutes=59), now) == "14:31"
    assert when(moment + timedelta(hours=24), now) == "Fri 14:32"
    assert when(moment, replace(now, wall=now.wall - timedelta(days=2))) == "Thu 14:32"
