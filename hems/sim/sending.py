"""Frames on their way to the near end, each byte handed over when its stop bit is through, or its packet due.

Several may be under way at once, as on a real line where nobody waits for anybody. A program that cannot keep
up with the wire's pace says so: every exchange carries its worst delay.
"""

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hems.model.loop import Clock, Loop
from hems.sim.delivery import Delivery, pieces, stop_bits

ROUNDING_S: Final = 1e-6


@dataclass(slots=True)
class Exchange:
    """One request as the slave's clock saw it, in monotonic seconds.

    `gap_s` is the silence between the last traffic and the request's first byte, `next_s` the first byte of
    the request after it. Answer times are ``None`` where nothing was answered or the answer has not ended.
    `late_s` is how much too late the slave itself was at worst.
    """

    unit: int
    function: int
    request_s: float
    request_end_s: float
    gap_s: float
    answer_s: float | None = None
    answer_end_s: float | None = None
    next_s: float | None = None
    late_s: float = 0.0

    def overhead_s(self, silence_s: float) -> float | None:
        """How much longer than the silence owed the line stood idle before the next request."""
        if self.next_s is None or self.answer_end_s is None:
            return None
        return self.next_s - self.answer_end_s - silence_s


@dataclass(slots=True, eq=False)
class Transmission:
    """A frame on its way; `times` are its stop bits', `rows` its hand-overs, in seconds after `start_s`."""

    frame: bytes
    start_s: float
    times: list[float]
    rows: list[tuple[int, float]]
    exchange: Exchange | None
    place: int = 0
    sent: int = 0
    late_s: float = 0.0

    @property
    def due_s(self) -> float:
        """When its next piece is due."""
        return self.start_s + self.rows[self.place][1]


class Sender:
    """Puts frames on the wire of its descriptor; `quiet_since_s` is the end of the last byte on it."""

    def __init__(self, loop: Loop, clock: Clock, char_s: float, delivery: Delivery) -> None:
        self.descriptor = -1
        self.quiet_since_s = float("-inf")
        self._loop = loop
        self._clock = clock
        self._char_s = char_s
        self._delivery = delivery
        self._under_way: list[Transmission] = []

    @property
    def is_heard(self) -> bool:
        """Whether the near end has had a part of something that still goes on."""
        return any(sending.sent for sending in self._under_way)

    def send(
        self,
        frame: bytes,
        start_s: float,
        *,
        exchange: Exchange | None = None,
        pauses: Mapping[int, float] | None = None,
    ) -> float:
        """Let a frame begin at `start_s`; when its last stop bit will be through. It may be empty."""
        if not frame:
            return start_s
        times = stop_bits(len(frame), self._char_s, pauses)
        rows = pieces(times, self._delivery, self._char_s)
        sending = Transmission(frame, start_s, times, rows, exchange)
        self._under_way.append(sending)
        self._come_again(sending)
        return start_s + times[-1]

    def drop(self) -> None:
        """Nothing that is under way arrives any more."""
        self._under_way.clear()

    def _come_again(self, sending: Transmission) -> None:
        self._loop.call_at(sending.due_s, lambda: self._go_on(sending))

    def _go_on(self, sending: Transmission) -> None:
        """Hand over every piece that is due, and come again for the next."""
        if sending not in self._under_way:
            return
        now_s = self._clock.mono_s()
        sending.late_s = max(sending.late_s, now_s - sending.due_s)
        last = len(sending.rows) - 1
        passed_s = now_s + ROUNDING_S - sending.start_s
        while sending.place < last and sending.rows[sending.place + 1][1] <= passed_s:
            sending.place += 1
        upto, _ = sending.rows[sending.place]
        self._put(sending.frame[sending.sent : upto])
        sending.sent = upto
        end_s = sending.start_s + sending.times[upto - 1] + max(0.0, now_s - sending.due_s)
        self.quiet_since_s = max(self.quiet_since_s, end_s)
        if sending.place < last:
            sending.place += 1
            self._come_again(sending)
            return
        self._under_way.remove(sending)
        if sending.exchange is not None:
            sending.exchange.answer_s = sending.start_s
            sending.exchange.answer_end_s = end_s
            sending.exchange.late_s = sending.late_s

    def _put(self, data: bytes) -> None:
        """Nobody there to take it, or nobody emptying the buffer: the bytes are gone, as on a wire."""
        with contextlib.suppress(OSError):
            os.write(self.descriptor, data)
