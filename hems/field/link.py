"""What a line knows about one unit (its pace, how long it thinks, what was counted) and what it asks it."""

import math
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from hems.field.exchange import READS, Kind, Outcome, Request, Shape
from hems.field.plan import Block
from hems.field.profile import TYPICAL_ANSWER_S, Limits, Serial
from hems.field.turn import Turn

TIMEOUT_MIN_S: Final = 0.1
TIMEOUT_MAX_S: Final = 0.6
LATENCY_SHARE: Final = 1 / 8
FADED: Final = 0.995
"""What is left of the longest answer time after each answer: a single slow one is forgotten in minutes."""
LONGEST_MARGIN: Final = 1.5
BUCKETS: Final = 32
BUCKET_FIRST_MS: Final = 0.5
BUCKET_GROWTH: Final = 1.26
"""32 steps reach from 0.5 ms beyond the longest answer time."""
DOUBT_S: Final = 5.0
"""So long after a request an answer to it may still come."""
ANSWER_OWED: Final[frozenset[Kind]] = frozenset({"silence", "noise", "unit", "short", "shape", "echo"})
"""After these errors the wanted answer may still come."""
ANY_SERIAL: Final = Serial()
MANY_WRITES: Final = frozenset({15, 16})
"""Their answers do not show what was written."""
FOREIGN_OVER_S: Final = 60.0
FOREIGN_REMEMBERED: Final = 16


@dataclass(frozen=True, slots=True)
class Doubt:
    """A request whose answer may still come, and when it had left."""

    request: Request
    sent_mono_s: float


class Link:
    """One unit on one line; `alone` if there is no other.

    The timeout is four times the smoothed latency, between 0.1 s and the profile's longest answer time. After
    a timeout the line stays quiet until `hold_s` after the request, so that a late answer finds nobody to
    fool. Until `rest_until_mono_s` the unit is left in peace.

    `turn` learns how long the line must rest before it is asked after somebody else.

    An answer that is owed for a request of the same shape could be taken for another's. Until it has come, or
    5 s have passed, only the same request is admitted: then a late answer still carries the right registers.
    Writes are always admitted: a late acknowledgement shows the address, and what was written is read back.
    """

    def __init__(self, unit: int, limits: Limits, serial: Serial = ANY_SERIAL) -> None:
        self.unit = unit
        self.alone = False
        self.serial = serial
        self.gap_s = limits.gap_s
        self.turn = Turn(limits.turn_s)
        self.cap_s = min(limits.answer_max_s, TIMEOUT_MAX_S)
        self.latency_s: float | None = None
        self.longest_s = 0.0
        self.last_end_mono_s = -math.inf
        self.rest_until_mono_s = -math.inf
        self.requests = 0
        self.accepted = 0
        self.turned_lost = 0
        self.errors: Counter[Kind] = Counter()
        self.latency_max_ms: float | None = None
        self._doubts: dict[Shape, Doubt] = {}
        self._reads: dict[Shape, Request] = {}
        self._shared: set[Shape] = set()
        self._histogram = [0] * BUCKETS

    @property
    def answer_s(self) -> float:
        """How long it thinks, as far as is known."""
        return TYPICAL_ANSWER_S if self.latency_s is None else self.latency_s

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
        return self.turn.due_s

    @property
    def turn_s(self) -> float:
        """The silence it needs when the unit changes, as far as is known."""
        return self.turn.turn_s

    def declare(self, planned: Iterable[Block]) -> None:
        """It will be asked these: which of them have the same shape is known before one is lost."""
        for block in planned:
            self._know(Request(self.unit, block.function, block.address, block.count))

    def asked(self, request: Request) -> None:
        """A request left."""
        self.requests += 1
        if request.function in READS:
            self._know(request)

    def _know(self, read: Request) -> None:
        if self._reads.setdefault(read.shape, read) != read:
            self._shared.add(read.shape)

    def answered(self, latency_s: float | None) -> None:
        """An accepted answer began so long after its request; ``None``: perhaps after an earlier one."""
        self.accepted += 1
        self.turn.answered()
        if latency_s is None:
            return
        before_s = latency_s if self.latency_s is None else self.latency_s
        self.latency_s = before_s + LATENCY_SHARE * (latency_s - before_s)
        self.longest_s = max(self.longest_s * FADED, latency_s)
        latency_ms = latency_s * 1000
        self.latency_max_ms = max(self.latency_max_ms or 0.0, latency_ms)
        self._histogram[_bucket(latency_ms)] += 1

    def admits(self, request: Request, now_mono_s: float) -> bool:
        """Whether no late answer to another request could be taken for the answer to this one."""
        if not self._doubts or request.function not in READS:
            return True
        doubt = self._doubts.get(request.shape)
        return doubt is None or doubt.request == request or now_mono_s - doubt.sent_mono_s >= DOUBT_S

    def failed(self, kind: Kind, request: Request, sent_mono_s: float) -> None:
        """An exchange came to nothing; what ended it may have been the answer to an earlier request."""
        self.errors[kind] += 1
        if kind in ANSWER_OWED or self._doubts:
            self.owed(request, sent_mono_s)

    def owed(self, request: Request, sent_mono_s: float) -> None:
        """The answer to the request that ended then may still come."""
        self._doubts[request.shape] = Doubt(request, sent_mono_s)

    def settled(self, request: Request, first_mono_s: float) -> bool:
        """An answer that began then was accepted; false if one more may come and be taken for another's.

        An answer of another shape than all that are owed is the answer to this request, and a unit answers
        in order: what was owed before will not come any more. If it may have been an earlier request's, the
        unit may be so slow, and the next answer as late. Where no other request has its shape, one more
        answer finds nobody.
        """
        if not self._doubts:
            return True
        shape = request.shape
        doubt = self._doubts.pop(shape, None)
        if doubt is None or first_mono_s - doubt.sent_mono_s >= DOUBT_S:
            self._doubts.clear()
            return True
        delay_s = first_mono_s - doubt.sent_mono_s
        if delay_s <= TIMEOUT_MAX_S:
            self.longest_s = max(self.longest_s, delay_s)
        return shape not in self._shared and request.function not in MANY_WRITES

    def late(self, delay_s: float) -> None:
        """Bytes came so long after the request, when it had been given up."""
        self.errors["late"] += 1
        if delay_s > self.hold_s:
            self.longest_s = delay_s

    def ended(self, *, turned: bool, missed: bool) -> None:
        """A request right after a change of unit, or another one, was or was not answered in time."""
        self.turned_lost += turned and missed
        self.turn.ended(turned=turned, missed=missed)

    def latency_ms(self, share: float) -> float | None:
        """The latency that `share` of all accepted answers did not exceed, to a quarter's precision."""
        wanted = math.ceil(share * sum(self._histogram))
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
    """What a line counted since the start.

    `foreign` are sound frames nobody asked for. `words` say why the line is absent, `warning` what is wrong
    with its adapter.
    """

    exchanges: int = 0
    openings: int = 0
    early: int = 0
    unasked_bytes: int = 0
    foreign: int = 0
    busy_s: float = 0.0
    words: str = ""
    warning: str = ""
    _foreign_s: deque[float] = field(default_factory=lambda: deque(maxlen=FOREIGN_REMEMBERED))

    def overheard(self, now_mono_s: float) -> None:
        """Somebody else's frame was heard."""
        self.foreign += 1
        self._foreign_s.append(now_mono_s)

    def foreign_lately(self, now_mono_s: float) -> int:
        """Frames of somebody else within 60 s; counts up to 16."""
        return sum(now_mono_s - at_s <= FOREIGN_OVER_S for at_s in self._foreign_s)


def _bucket(latency_ms: float) -> int:
    if latency_ms <= BUCKET_FIRST_MS:
        return 0
    return min(math.ceil(math.log(latency_ms / BUCKET_FIRST_MS, BUCKET_GROWTH)), BUCKETS - 1)
