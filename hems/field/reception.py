"""An answer on its way: when to look again, and when to stop waiting. No clock, no descriptor.

From the first byte on the length of the answer follows from the request, so there is nothing to see until
five bytes are due (a header, or a whole exception) and again until shortly before the predicted end.
"""

from dataclasses import dataclass, field
from typing import Final

from hems.field.exchange import Kind, Outcome, Pending, Request, judge
from hems.field.wire import STALL_S

HEADER_BYTES: Final = 5
LATE_CHARS: Final = 0.1
"""So much after a character is due it is looked for: a wake on the very edge would find it missing."""
STRAY_BYTES: Final = 32
"""So many bytes before an answer cost their own time only."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Look again at `wake_mono_s`, if `listen` also at the next byte; at `end_mono_s` it is a `kind`."""

    wake_mono_s: float
    end_mono_s: float
    listen: bool
    kind: Kind


@dataclass(slots=True)
class Reception:
    """What was received since the first byte. `sent_mono_s` is the end of the request."""

    request: Request
    char_s: float
    sent_mono_s: float
    timeout_s: float
    first_mono_s: float
    last_mono_s: float
    received: bytearray = field(default_factory=bytearray)

    def take(self, fresh: bytes, now_mono_s: float, listening: bool) -> Outcome | Wait:
        """Judge everything so far; `listening` says that `now_mono_s` is the time of the last byte."""
        if fresh:
            paced_s = self.last_mono_s + len(fresh) * self.char_s
            self.last_mono_s = now_mono_s if listening else min(now_mono_s, paced_s)
            self.received += fresh
        verdict = judge(self.request, bytes(self.received))
        if not isinstance(verdict, Pending):
            return verdict
        whole_s = self._whole_mono_s(verdict)
        flowing_s = now_mono_s + 2 * self.char_s if fresh else now_mono_s
        end_s = min(whole_s, max(self.last_mono_s + STALL_S, flowing_s))
        if verdict.kind == "unit":
            end_s = self.sent_mono_s + self.timeout_s
        have = len(self.received)
        ahead = HEADER_BYTES + LATE_CHARS - have if have < HEADER_BYTES else verdict.missing - 1 + LATE_CHARS
        if not fresh or ahead < 1:
            return Wait(end_s, end_s, True, verdict.kind)
        return Wait(min(whole_s, self.last_mono_s + ahead * self.char_s), end_s, False, verdict.kind)

    def _whole_mono_s(self, verdict: Pending) -> float:
        """When the answer must be complete, however it stutters."""
        chars = self.request.answer_bytes + min(verdict.skipped, STRAY_BYTES)
        return self.first_mono_s + 1.5 * chars * self.char_s + STALL_S
