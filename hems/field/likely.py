"""What many errors probably mean, in words. Pure.

Counts are kept by the minute for ten minutes, in fixed memory; the words hold no figures, so that they are
told once and not with every change.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from hems.field.exchange import Kind

MINUTE_S: Final = 60.0
MINUTES: Final = 10
RATE_MAX: Final = 0.01
LOST_MIN: Final = 3
"""Fewer lost exchanges say nothing."""
LOAD_MAX_PCT: Final = 85.0
FOREIGN_MAX: Final = 5
"""More frames of somebody else within 60 s are another master's."""
STALE_STEPS: Final = ((3600.0, "an hour"), (600.0, "ten minutes"), (60.0, "a minute"), (5.0, "5 s"))
NO_ECHO: Final = 'no echo heard: set echo = "auto"'
MEANINGS: Final[Mapping[Kind, str]] = {
    "silence": "it is silent",
    "crc": "broken check sums: two devices with this id?",
    "short": "its answers break off",
    "noise": "stray bytes: is somebody else talking?",
    "unit": "another unit answers in its place",
    "shape": "answers of another length: its profile right?",
    "echo": NO_ECHO,
    "exception": "it refuses what it is asked: its profile right?",
    "late": "its answers come too late",
    "implausible": "its values cannot be",
}
"""What the last errors of a device mean; those of its port are told by the line."""
MOST: Final = 0.5
NEARLY_ALL: Final = 0.8


@dataclass(frozen=True, slots=True)
class Tally:
    """What one unit was asked and what became of it; `turned_lost` are those lost after a change of unit."""

    requests: int = 0
    accepted: int = 0
    turned_lost: int = 0
    errors: Mapping[Kind, int] = field(default_factory=dict)

    @property
    def lost(self) -> int:
        """Exchanges without an accepted answer, but for those the port took with it."""
        return max(0, self.requests - self.accepted - self.errors.get("port", 0))

    @property
    def noisy(self) -> bool:
        """Whether more is lost than a line in order loses."""
        return self.lost >= LOST_MIN and self.lost > RATE_MAX * self.requests

    def since(self, earlier: "Tally") -> "Tally":
        """What was added."""
        return Tally(
            self.requests - earlier.requests,
            self.accepted - earlier.accepted,
            self.turned_lost - earlier.turned_lost,
            dict(Counter(self.errors) - Counter(earlier.errors)),
        )


class Window:
    """A unit's tally over the last ten minutes, to the minute."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, Tally]] = deque(maxlen=MINUTES + 1)

    def mark(self, now_mono_s: float, total: Tally) -> bool:
        """Take the unit's tally since the start; true once a minute, when something was kept."""
        if self._marks and now_mono_s - self._marks[-1][0] < MINUTE_S:
            return False
        self._marks.append((now_mono_s, total))
        return True

    @property
    def lately(self) -> Tally:
        """What was added from the oldest mark to the newest."""
        return self._marks[-1][1].since(self._marks[0][1]) if self._marks else Tally()


def causes(units: Mapping[int, Tally]) -> dict[int, str]:
    """For each noisy unit of one line the likely cause; an empty text for the others."""
    asked = [tally for tally in units.values() if tally.requests]
    together = everywhere(units.values())
    return {
        unit: "" if not tally.noisy else f"more than 1 % errors: {_cause(tally, together, len(asked) == 1)}"
        for unit, tally in units.items()
    }


def everywhere(tallies: Iterable[Tally]) -> bool:
    """Whether all of several units that are there lose answers."""
    there = [tally for tally in tallies if tally.accepted]
    return len(there) > 1 and all(tally.noisy for tally in there)


def stale_words(age_s: float, errors: Mapping[Kind, int]) -> str:
    """What to say of a device whose fast values are so old, with its last errors; empty while they are young.

    Steps instead of seconds: the words change rarely.
    """
    since = next((words for least_s, words in STALE_STEPS if age_s > least_s), "")
    told = {kind: count for kind, count in errors.items() if count and kind in MEANINGS}
    why = f": {MEANINGS[max(told, key=lambda kind: told[kind])]}" if told else ""
    return f"no good answer for {since}{why}" if since else ""


def line_words(load_pct: float, *, together: bool) -> str:
    """What is wrong with a line as a whole; empty if nothing."""
    said = []
    if together:
        said.append("errors on all devices: termination, bias, ground?")
    if load_pct > LOAD_MAX_PCT:
        said.append("load above 85 %: raise its speed or move devices to another line")
    return "; ".join(said)


def foreign_words(frames: int) -> str:
    """Frames of somebody else within 60 s, in words; empty if they are few."""
    return "frames nobody asked for: is there another master on this line?" if frames > FOREIGN_MAX else ""


def _cause(tally: Tally, together: bool, alone: bool) -> str:
    errors, lost = tally.errors, tally.lost
    broken = errors.get("crc", 0) + errors.get("short", 0)
    if errors.get("exception", 0) >= MOST * lost:
        return "it refuses what it is asked: its profile right?"
    if not tally.accepted and broken < MOST * lost:
        return "it never answers: powered, its unit id and the line's setting right?"
    if errors.get("short", 0) >= MOST * lost and not errors.get("crc", 0):
        return "answers break off: USB latency too long?"
    if together:
        return "all devices of its line have them: termination, bias, ground?"
    if tally.turned_lost >= NEARLY_ALL * lost:
        return "only after a change of unit: turn time too short?"
    if broken >= MOST * lost:
        return f"two devices with this id? or its gap too short{', or termination, bias, ground' * alone}"
    return "it misses requests: its gap too short, its cable loose?"
