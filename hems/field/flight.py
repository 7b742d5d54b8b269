"""One request on its way and what comes back, from its first bit until its outcome. No clock, no descriptor.

Theory of operation. While the request leaves, its echo is counted off and everything else is thrown away: no
unit speaks sooner than 1.5 characters after it. Without an echo nothing is to be seen meanwhile, so nobody
wakes to see the request gone: the next wake is the first byte, or the end of waiting for it. Then the rest is
awaited. A request to all units is done when it has left; one that measures the echo ends when the adapter
would have echoed.
"""

from dataclasses import dataclass
from typing import Final, Literal

from hems.field.codec import Codec
from hems.field.exchange import Accepted, Failed, Outcome, Request
from hems.field.reception import Reception, Wait
from hems.field.wire import Wire

Errand = Literal["ask", "wake", "tell", "measure"]
"""What a request is sent for: an answer, to wake the unit, to tell all units, to find out about the echo."""

NEVER_ANSWERED_CHARS: Final = 1.5
"""Bytes sooner than this after a request are no answer."""
ECHO_S: Final = 0.02
"""An adapter's echo is complete so soon after the request."""
LAST_CHARS: Final = 2
"""Nothing else may hold the loop up while so many characters of an answer are still to come."""


@dataclass(slots=True)
class Flight:
    """The exchange in progress: a frame of `frame_bytes` that began then, heard by its sender with `echo`.

    `echo_owed` are the bytes the adapter still has to echo, below 0 when it sent more. `quiet_mono_s` is when
    the last byte was seen on the line. `overdue` says that the answer may still come.
    """

    request: Request
    codec: Codec
    wire: Wire
    errand: Errand
    began_mono_s: float
    frame_bytes: int
    timeout_s: float
    echo: bool
    stage: Literal["sending", "waiting", "gathering"] = "sending"
    overdue: bool = False
    unasked_bytes: int = 0
    coming: Reception | None = None
    sent_mono_s: float = 0.0
    quiet_mono_s: float = 0.0
    echo_owed: int = 0
    _fresh: bytes = b""

    def __post_init__(self) -> None:
        self.sent_mono_s = self.quiet_mono_s = self.began_mono_s + self.frame_bytes * self.wire.char_s
        self.echo_owed = self.frame_bytes if self.echo or self.errand == "measure" else 0

    def look(self, fresh: bytes, now_mono_s: float, listening: bool) -> Outcome | Wait:
        """One step with what was received meanwhile; as long as the stage changes there is another."""
        if fresh:
            self._fresh += fresh
            self.quiet_mono_s = max(self.quiet_mono_s, now_mono_s)
        match self.stage:
            case "sending" if self.errand == "measure":
                return self._measure(now_mono_s)
            case "sending":
                return self._leave(now_mono_s, listening)
            case "waiting":
                return self._await(now_mono_s)
            case "gathering":
                return self._gather(now_mono_s, listening)

    @property
    def last_chars_mono_s(self) -> tuple[float, float]:
        """From when to when the last characters of the answer must be seen as they come."""
        ends_s = 0.0 if self.coming is None else self.coming.ends_mono_s
        return ends_s - LAST_CHARS * self.wire.char_s, ends_s

    @property
    def latency_s(self) -> float:
        """From the end of the request to the first byte of its answer."""
        return 0.0 if self.coming is None else self.coming.first_mono_s - self.sent_mono_s

    def _measure(self, now_s: float) -> Outcome | Wait:
        due_s = self.sent_mono_s + ECHO_S
        self.echo_owed -= len(self._fresh)
        self._fresh = b""
        return Accepted() if now_s >= due_s else Wait(due_s, due_s, False, "echo")

    def _leave(self, now_s: float, listening: bool) -> Outcome | Wait:
        due_s = self.sent_mono_s + NEVER_ANSWERED_CHARS * self.wire.char_s
        if self.echo_owed:
            heard = len(self._fresh)
            self._fresh = self._fresh[self.echo_owed :]
            self.echo_owed = max(0, self.echo_owed - heard)
        if now_s >= due_s and self.echo_owed:
            end_s = self.sent_mono_s + ECHO_S
            return Failed("echo") if now_s >= end_s else Wait(end_s, end_s, True, "echo")
        if self._fresh and now_s < self._speechless_s(listening):
            self.unasked_bytes += len(self._fresh)
            self._fresh = b""
        if now_s < due_s:
            hears_itself = self.echo or self.errand == "tell"
            wake_s = due_s if hears_itself else self.sent_mono_s + self.timeout_s
            return Wait(wake_s, wake_s, not hears_itself, "silence")
        if self.errand == "tell":
            return Accepted()
        self.stage = "waiting"
        return Wait(now_s, now_s, True, "silence")

    def _speechless_s(self, listening: bool) -> float:
        """Until when a unit cannot have spoken; who looks afterwards only cannot know when it came."""
        chars = NEVER_ANSWERED_CHARS if listening else self.codec.pause_chars + 1
        return self.sent_mono_s + chars * self.wire.char_s

    def _await(self, now_s: float) -> Outcome | Wait:
        due_s = self.sent_mono_s + self.timeout_s
        if self._fresh:
            self.coming = Reception(
                self.request, self.codec, self.wire, self.sent_mono_s, self.timeout_s, now_s, now_s
            )
            self.stage = "gathering"
        elif now_s >= due_s:
            self.overdue = True
            return Failed("silence")
        return Wait(due_s, due_s, True, "silence")

    def _gather(self, now_s: float, listening: bool) -> Outcome | Wait:
        assert self.coming is not None
        fresh, self._fresh = self._fresh, b""
        verdict = self.coming.take(fresh, now_s, listening)
        if isinstance(verdict, Accepted) and self.coming.lagging:
            self.quiet_mono_s -= self.wire.lag_s
        if isinstance(verdict, Wait) and now_s >= verdict.end_mono_s:
            self.overdue = verdict.kind not in ("crc", "short")
            return Failed(verdict.kind)
        return verdict
