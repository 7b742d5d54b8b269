"""The only file that asks the time, and the only one that waits."""

import ctypes
import selectors
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol

from hems.model.instant import Instant

Ready = Sequence[tuple[selectors.SelectorKey, int]]
STA_UNSYNC = 0x0040
TIMEX_BYTES = 256
CONVINCED_AFTER_S = 600.0
SPIN_S = 0.0005
TIMEX_STATUS_OFFSET = 40 if ctypes.sizeof(ctypes.c_long) == 8 else 20


class WaitingClock(Protocol):
    """A clock that also knows how its time passes."""

    def mono_s(self) -> float:
        """Monotonic seconds of this clock."""
        ...

    def now(self) -> Instant:
        """This moment on both clocks."""
        ...

    def rest(self, selector: selectors.BaseSelector, wait_s: float) -> Ready:
        """Wait for the selector, at most `wait_s` of this clock."""
        ...


def kernel_synchronised() -> bool:
    """Whether the kernel says that something disciplines the wall clock (adjtimex, STA_UNSYNC)."""
    libc = ctypes.CDLL(None, use_errno=True)
    timex = ctypes.create_string_buffer(TIMEX_BYTES)
    if libc.adjtimex(timex) < 0:
        return False
    status = int.from_bytes(timex.raw[TIMEX_STATUS_OFFSET : TIMEX_STATUS_OFFSET + 4], "little")
    return not status & STA_UNSYNC


class SystemClock:
    """The machine's own clocks; the wall clock is trusted once the kernel says it is disciplined.

    A time before `not_before`, the last one that was trusted, is believed only after the kernel has kept
    saying so for ten minutes: a machine without a battery-backed clock starts with an old time, but one wrong
    second in the future must not make it distrust the right time for ever.
    """

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._synchronised_s: float | None = None
        self.not_before: datetime | None = None

    def mono_s(self) -> float:
        """Seconds of the machine's monotonic clock."""
        return time.monotonic()

    def now(self) -> Instant:
        """This moment, in the site's zone."""
        wall, mono_s = datetime.now(self._zone), time.monotonic()
        if not kernel_synchronised():
            self._synchronised_s = None
            return Instant(mono_s, wall, trusted=False)
        if self._synchronised_s is None:
            self._synchronised_s = mono_s
        convincing = mono_s - self._synchronised_s >= CONVINCED_AFTER_S
        return Instant(mono_s, wall, convincing or self.not_before is None or wall >= self.not_before)

    def rest(self, selector: selectors.BaseSelector, wait_s: float) -> Ready:
        """Wait in the selector."""
        return selector.select(max(0.0, wait_s))


class FastClock:
    """A clock that starts at a chosen wall time and runs `speed` times as fast as the machine's."""

    def __init__(self, start: datetime, speed: float) -> None:
        self._start = start.astimezone(UTC)
        self._zone = start.tzinfo
        self._speed = speed
        self._origin_s = time.monotonic()

    def mono_s(self) -> float:
        """Seconds since the machine's monotonic origin, stretched from the clock's start on."""
        return self._origin_s + (time.monotonic() - self._origin_s) * self._speed

    def go_on_from(self, wall: datetime) -> None:
        """Start the calendar at `wall` if that is later: time never runs backwards from run to run."""
        self._start = max(self._start, wall.astimezone(UTC))

    def now(self) -> Instant:
        """This moment of the stretched time."""
        mono_s = self.mono_s()
        wall = self._start + timedelta(seconds=mono_s - self._origin_s)
        return Instant(mono_s, wall.astimezone(self._zone))

    def rest(self, selector: selectors.BaseSelector, wait_s: float) -> Ready:
        """Wait in the selector for the real time that `wait_s` lasts."""
        return selector.select(max(0.0, wait_s / self._speed))


class ExactClock(FastClock):
    """A fast clock whose waits end on time, at the price of a busy processor before each; for measurements.

    A process that sleeps through a wait comes tenths of a millisecond late.
    """

    def rest(self, selector: selectors.BaseSelector, wait_s: float) -> Ready:
        """Sleep for all but the last half millisecond, and look again and again through that."""
        due_s = self.mono_s() + wait_s
        ready = super().rest(selector, wait_s - SPIN_S)
        while not ready and self.mono_s() < due_s:
            ready = selector.select(0)
        return ready


class ManualClock:
    """Time that passes only when nothing else is to be done; tests and simulations live in it."""

    def __init__(self, start: datetime, *, trusted: bool = True) -> None:
        self._start = start.astimezone(UTC)
        self._zone = start.tzinfo
        self._elapsed_s = 0.0
        self.trusted = trusted

    def mono_s(self) -> float:
        """Seconds that have been allowed to pass, plus 1,000 so that nothing relies on zero."""
        return 1000.0 + self._elapsed_s

    def now(self) -> Instant:
        """The start plus what has passed."""
        wall = self._start + timedelta(seconds=self._elapsed_s)
        return Instant(self.mono_s(), wall.astimezone(self._zone), self.trusted)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._elapsed_s += max(0.0, seconds)

    def turn(self, seconds: float) -> None:
        """Set the wall clock by so much, back where it is negative; no time passes."""
        self._start += timedelta(seconds=seconds)

    def rest(self, selector: selectors.BaseSelector, wait_s: float) -> Ready:
        """Serve what is ready; only when nothing is, let `wait_s` pass at once."""
        ready = selector.select(0)
        if not ready:
            self.advance(wait_s)
        return ready
