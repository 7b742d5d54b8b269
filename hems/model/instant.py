"""One moment, on both clocks."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment: `mono_s` for durations, `wall` (aware, in the site's zone) for calendars.

    `trusted` is false while the wall clock is not known to be right; rules that need a calendar wait then.
    """

    mono_s: float
    wall: datetime
    trusted: bool = True
