"""Slots of the energy log in the site's own time: hours, days of 23 to 25 h, real months (API-91). Pure."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo
from typing import Final, Literal

Rate = Literal[
    "SampleRateAny",
    "SampleRate1Min",
    "SampleRate15Mins",
    "SampleRate1Hour",
    "SampleRate3Hours",
    "SampleRate1Day",
    "SampleRate1Week",
    "SampleRate1Month",
    "SampleRate1Year",
]

MINUTE_S: Final = 60
QUARTER_S: Final = 900
HOUR_S: Final = 3600
HOURS_OF: Final[Mapping[Rate, int]] = {"SampleRate1Hour": 1, "SampleRate3Hours": 3, "SampleRate1Day": 24}
"""Slots within a day, each made of those before it."""


def midnight_s(day: int, zone: tzinfo) -> int:
    """When a day begins, by its ordinal, in seconds since 1970."""
    begin = date.fromordinal(day)
    return int(datetime(begin.year, begin.month, begin.day, tzinfo=zone).timestamp())


def day_of(end_s: int, zone: tzinfo) -> int:
    """The ordinal of the day in which a slot lies that ends then."""
    return datetime.fromtimestamp(end_s - 1, zone).toordinal()


def ends_within(day: int, hours: int, zone: tzinfo) -> tuple[int, ...]:
    """The ends of the slots of a day that are so many hours of its clock long."""
    begin = date.fromordinal(day)
    if hours == 1:
        return tuple(range(midnight_s(day, zone) + HOUR_S, midnight_s(day + 1, zone) + HOUR_S, HOUR_S))
    hands = (
        datetime(begin.year, begin.month, begin.day, hour, tzinfo=zone) for hour in range(hours, 24, hours)
    )
    return (*(int(hand.timestamp()) for hand in hands), midnight_s(day + 1, zone))


def last_day(day: int, rate: Rate) -> int:
    """The ordinal of the last day of the week, month or year in which a day lies."""
    of = date.fromordinal(day)
    match rate:
        case "SampleRate1Week":
            return day + 7 - of.isoweekday()
        case "SampleRate1Month":
            return (of.replace(day=28) + timedelta(days=4)).replace(day=1).toordinal() - 1
        case "SampleRate1Year":
            return date(of.year, 12, 31).toordinal()
        case _:
            return day
