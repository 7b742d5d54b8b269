"""When a target is due next (CHG-94): once, or at a local time of day on some days of the week.

The clock on the wall decides. A time that it skips moves forward by what was skipped, one that it shows twice
is meant the first time. Without a trusted wall clock nobody knows; callers do not ask then.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from hems.core.prices import YEARS
from hems.model.settings import Target

HORIZON_DAYS: Final = 7


def occurrence(target: Target, now: datetime) -> datetime | None:
    """The deadline after `now` (aware, in the site's zone), in UTC; ``None`` when there is none in sight.

    A target that repeats is due at most seven days ahead, however far its first deadline is.
    """
    if now.year not in YEARS or target.deadline.year not in YEARS:
        return None
    instant = now.astimezone(UTC)
    if not target.repeat_days:
        once = target.deadline.astimezone(UTC)
        return once if once > instant else None
    time = target.deadline.astimezone(now.tzinfo).time()
    for days in range(HORIZON_DAYS + 1):
        day = now.date() + timedelta(days=days)
        due = datetime.combine(day, time, now.tzinfo).astimezone(UTC)
        if day.isoweekday() in target.repeat_days and due > instant:
            return due
    return None
