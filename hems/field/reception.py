"""An answer on its way: when to look again, and when to stop waiting. No clock, no descriptor.

From the first byte on the length of the answer follows from the request, so there is nothing to see until its
head is due (or a whole exception) and again until shortly before the predicted end.
"""

from dataclasses import dataclass, field
from typing import Final

from hems.field.codec import Codec
from hems.field.exchange import Kind, Outcome, Pending, Request
from hems.field.wire import FIFO_BYTES, Wire

LATE_CHARS: Final = 0.1
"""So much after a character is due it is looked for: a wake on the very edge would find it missing."""
SEEN_CHARS: Final = 1 + LATE_CHARS
"""A character that ends a pause is seen so much later, with its stop bit."""
STRAY_BYTES: Final = 32
"""So many bytes before an answer cost their own time only."""
HEAD_WORTH_CHARS: Final = 4
"""The head of an answer that is longer by no more than this is not looked at by itself."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Look again at `wake_mono_s`, if `listen` also at the next byte; at `end_mono_s` it is a `kind`."""

    wake_mono_s: float
    end_mono_s: float
    listen: bool
    kind: Kind


@dataclass(slots=True)
class Reception:
    """What was received since the first byte; `sent_mono_s` is the end of the request.

    `ends_mono_s` is when the last character should be seen if no pause comes in between.
    """

    request: Request
    codec: Codec
    wire: Wire
    sent_mono_s: float
    timeout_s: float
    first_mono_s: float
    last_mono_s: float
    received: bytearray = field(default_factory=bytearray)
    ends_mono_s: float = 0.0

    def take(self, fresh: bytes, now_mono_s: float, listening: bool) -> Outcome | Wait:
        """Judge everything so far; `listening` says that `now_mono_s` is the time of the last byte."""
        char_s = self.wire.char_s
        if fresh:
            paced_s = self.last_mono_s + len(fresh) * char_s
            self.last_mono_s = now_mono_s if listening else min(now_mono_s, paced_s)
            self.received += fresh
        verdict = self.codec.judge(self.request, bytes(self.received))
        if not isinstance(verdict, Pending):
            return verdict
        self.ends_mono_s = self.last_mono_s + (verdict.missing + LATE_CHARS) * char_s + self.wire.lag_s
        whole_s = self._whole_mono_s(verdict)
        flowing_s = now_mono_s + 2 * char_s if fresh else now_mono_s
        stalled_s = self.last_mono_s + self.wire.stall_s + SEEN_CHARS * char_s
        end_s = min(whole_s, max(stalled_s, flowing_s))
        if verdict.kind == "unit":
            whole_s = end_s = self.sent_mono_s + self.timeout_s
        ahead = self._ahead_chars(verdict)
        if not fresh or ahead < 1:
            return Wait(end_s, end_s, True, verdict.kind)
        return Wait(min(whole_s, self.last_mono_s + ahead * char_s), end_s, False, verdict.kind)

    @property
    def lagging(self) -> bool:
        """Whether the last characters lay in the port's buffer for a while: they did not fill it."""
        return len(self.received) % FIFO_BYTES != 0

    def _ahead_chars(self, verdict: Pending) -> float:
        """How many characters after the last one it is worth looking again."""
        to_head = self.codec.head_chars - len(self.received)
        if to_head > 0 and verdict.missing - to_head > HEAD_WORTH_CHARS:
            return to_head + LATE_CHARS
        return verdict.missing - 1 + LATE_CHARS

    def _whole_mono_s(self, verdict: Pending) -> float:
        """When the answer must be complete, however it stutters."""
        chars = self.codec.answer_chars(self.request) + min(verdict.skipped, STRAY_BYTES)
        return self.first_mono_s + 1.5 * chars * self.wire.char_s + self.wire.stall_s
