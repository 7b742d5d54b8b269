"""Times to come, as people set and read them: local, on the clock of the house."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from hems.language.words import c
from hems.model.instant import Instant

ONE_DAY: Final = timedelta(days=1)


def weekdays() -> list[str]:
    """Monday to Sunday in a few letters."""
    return c("weekdays", "Mon Tue Wed Thu Fri Sat Sun").split()


def minute_of_day(moment: datetime, now: Instant) -> int:
    """Minutes since local midnight on the face of the clock."""
    local = moment.astimezone(now.wall.tzinfo)
    return local.hour * 60 + local.minute


def next_at(minute: int, now: Instant, day: date | None = None) -> datetime:
    """When the clock shows this minute of the day: on `day` if that is to come, else the next time."""
    today, wanted = now.wall.date(), time(minute // 60, minute % 60, tzinfo=now.wall.tzinfo)
    for one in (day or today, today):
        moment = datetime.combine(one, wanted).astimezone(UTC)
        if moment > now.wall.astimezone(UTC):
            return moment
    return datetime.combine(today + ONE_DAY, wanted).astimezone(UTC)


def clock_face(minute: float) -> str:
    """``07:05`` for a minute of the day."""
    return f"{int(minute) // 60:02d}:{int(minute) % 60:02d}"


def when(moment: datetime, now: Instant) -> str:
    """``07:00`` within a day from now, ``Fri 07:00`` later."""
    local = moment.astimezone(now.wall.tzinfo)
    later = local.astimezone(UTC) - now.wall.astimezone(UTC) >= ONE_DAY
    return f"{weekdays()[local.weekday()]} {local:%H:%M}" if later else f"{local:%H:%M}"
