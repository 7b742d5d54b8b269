"""What a line knows about one unit (its pace, how long it thinks, what was counted) and what it asks it."""

import math
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hems.field.exchange import Kind, Outcome, Request
from hems.field.profile import Limits

TIMEOUT_MIN_S: Final = 0.1
TIMEOUT_MAX_S: Final = 0.6
LATENCY_SHARE: Final = 1 / 8
LONGEST_MARGIN: Final = 1.5
TURN_STEPS_S: Final = (0.02, 0.05, 0.1, 0.2)
TURN_MISSES: Final = 3
TURN_REMEMBERED: Final = 20
BUCKETS: Final = 32
BUCKET_FIRST_MS: Final = 0.5
BUCKET_GROWTH: Final = 1.25


class Link:
    """One unit on one line.

    The timeout is four times the smoothed latency, between 0.1 s and the profile's longest answer time. After
    a timeout the line stays quiet until `hold_s` after the request, so that a late answer finds nobody to
    fool. Until `rest_until_mono_s` the unit is left in peace.

    The turn time climbs when requests right after a change of unit go unanswered, but only by what the unit
    proves: a row of misses counts once, when it answers again. Somebody who is not there needs no turn time.
    One who may be deaf for its want is asked with the longest after three misses in a row.
    """

    def __init__(self, unit: int, limits: Limits) -> None:
        self.unit = unit
        self.gap_s = limits.gap_s
        self.turn_s = limits.turn_s
        self.cap_s = min(limits.answer_max_s, TIMEOUT_MAX_S)
        self.latency_s: float | None = None
        self.longest_s = 0.0
        self.last_end_mono_s = -math.inf
        self.rest_until_mono_s = -math.inf
        self.requests = 0
        self.accepted = 0
        self.errors: Counter[Kind] = Counter()
        self._missed = 0
        self._turns: deque[bool] = deque(maxlen=TURN_REMEMBERED)
        self._histogram = [0] * BUCKETS

    @property
    def timeout_s(self) -> float:
        """From the end of a request to the first byte of its answer."""
        if self.latency_s is None:
            return self.cap_s
        return min(max(4 * self.latency_s, TIMEOUT_MIN_S), self.cap_s)

    @property
    def hold_s(self) -> float:
        """From the end of a request until no answer to it can come any more."""
        if not self.longest_s:
            return self.cap_s
        return min(max(LONGEST_MARGIN * self.longest_s, self.timeout_s), TIMEOUT_MAX_S)

    @property
    def turn_due_s(self) -> float:
        """The silence it is given now when the unit changes."""
        return max(self.turn_s, TURN_STEPS_S[-1]) if self._missed >= TURN_MISSES else self.turn_s

    def answered(self, latency_s: float) -> None:
        """An accepted answer began so long after its request."""
        self.accepted += 1
        if self._missed:
            self._missed = 0
            self._count_turn(missed=True)
        before_s = latency_s if self.latency_s is None else self.latency_s
        self.latency_s = before_s + LATENCY_SHARE * (latency_s - before_s)
        self.longest_s = max(self.longest_s, latency_s)
        self._histogram[_bucket(latency_s * 1000)] += 1

    def late(self, delay_s: float) -> None:
        """Bytes came so long after the request, when it had been given up."""
        self.errors["late"] += 1
        if delay_s > self.hold_s:
            self.longest_s = delay_s

    def turned(self, missed: bool) -> None:
        """A request right after a change of unit was or was not answered."""
        if missed:
            self._missed += 1
        else:
            self._count_turn(missed=False)

    def _count_turn(self, *, missed: bool) -> None:
        self._turns.append(missed)
        if sum(self._turns) >= TURN_MISSES:
            self._turns.clear()
            self.turn_s = next((step_s for step_s in TURN_STEPS_S if step_s > self.turn_s), self.turn_s)

    def latency_ms(self, share: float) -> float | None:
        """The latency that `share` of all accepted answers did not exceed, to a quarter's precision."""
        wanted = math.ceil(share * self.accepted)
        seen = 0
        for i, count in enumerate(self._histogram):
            seen += count
            if wanted and seen >= wanted:
                return round(BUCKET_FIRST_MS * BUCKET_GROWTH**i, 1)
        return None


@dataclass(frozen=True, slots=True)
class Job:
    """One exchange to be made; `done` gets its outcome and the monotonic time of its end."""

    request: Request
    link: Link
    done: Callable[[Outcome, float], None]


@dataclass(slots=True)
class LineCounts:
    """What a line counted since the start; `words` say why it is absent."""

    exchanges: int = 0
    openings: int = 0
    early: int = 0
    unasked_bytes: int = 0
    busy_s: float = 0.0
    words: str = ""


def _bucket(latency_ms: float) -> int:
    if latency_ms <= BUCKET_FIRST_MS:
        return 0
    return min(math.ceil(math.log(latency_ms / BUCKET_FIRST_MS, BUCKET_GROWTH)), BUCKETS - 1)
