"""The one selector: descriptors and timers, in one thread."""

import collections
import ctypes
import heapq
import itertools
import math
import selectors
from collections.abc import Callable

from hems.clock import WaitingClock

PR_SET_TIMERSLACK = 29


def punctual() -> None:
    """Let this thread's waits end on time; the kernel allows itself 50 µs more."""
    ctypes.CDLL(None).prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0)


class Alarm:
    """A timer of the reactor."""

    __slots__ = ("call",)

    def __init__(self, call: Callable[[], None]) -> None:
        self.call: Callable[[], None] | None = call

    def cancel(self) -> None:
        """Forget the call."""
        self.call = None


class Reactor:
    """Turns descriptors and timers into calls.

    A select-based selector is a requirement, not a default: epoll and poll round a wait up to whole
    milliseconds, which breaks the wire's silence budget.
    """

    def __init__(self, clock: WaitingClock) -> None:
        punctual()
        self.clock = clock
        self.selector = selectors.SelectSelector()
        self._calls: dict[int, Callable[[], None]] = {}
        self._rooms: dict[int, Callable[[], None]] = {}
        self._timers: list[tuple[float, int, Alarm]] = []
        self._order = itertools.count()
        self._due: collections.deque[Alarm] = collections.deque()
        self._expected: dict[int, tuple[float, float]] = {}
        self._deadline_mono_s = math.inf

    def watch(self, descriptor: int, on_readable: Callable[[], None]) -> None:
        """Call `on_readable` in every turn in which `descriptor` has bytes; replaces an earlier watch."""
        self.forget(descriptor)
        self._calls[descriptor] = on_readable
        self.selector.register(descriptor, selectors.EVENT_READ, on_readable)

    def watch_room(self, descriptor: int, on_writable: Callable[[], None]) -> None:
        """Call `on_writable` once, in the first turn in which `descriptor` takes bytes (again).

        A descriptor that is not watched for bytes is watched for room alone, until then.
        """
        self._rooms[descriptor] = on_writable
        call = self._calls.get(descriptor)
        if call is None:
            self._calls[descriptor] = _nobody
            self.selector.register(descriptor, selectors.EVENT_WRITE, _nobody)
        elif call is not _nobody:
            self.selector.modify(descriptor, selectors.EVENT_READ | selectors.EVENT_WRITE, call)

    def forget(self, descriptor: int) -> None:
        """Stop watching `descriptor`."""
        self._rooms.pop(descriptor, None)
        if self._calls.pop(descriptor, None) is not None:
            self.selector.unregister(descriptor)

    def call_at(self, mono_s: float, call: Callable[[], None]) -> Alarm:
        """Call once in the first turn at or after `mono_s`."""
        alarm = Alarm(call)
        heapq.heappush(self._timers, (mono_s, next(self._order), alarm))
        return alarm

    def expect(self, descriptor: int, from_mono_s: float, until_mono_s: float) -> None:
        """Bytes on `descriptor` will be waited for at that time; replaces what was expected there."""
        self._expected[descriptor] = (from_mono_s, until_mono_s)

    def free_s(self) -> float | None:
        """How long nothing is due from now on; ``None`` while bytes are expected: nobody may hold it up."""
        now_s = self.clock.mono_s()
        windows = [window for window in self._expected.values() if now_s < window[1]]
        if any(from_s <= now_s for from_s, _ in windows):
            return None
        if any(alarm.call is not None for alarm in self._due):
            return 0.0
        self._drop_cancelled()
        soonest_s = min((from_s for from_s, _ in windows), default=math.inf)
        timer_s = self._timers[0][0] if self._timers else math.inf
        return max(0.0, min(soonest_s, timer_s, self._deadline_mono_s) - now_s)

    def run_until(self, deadline_mono_s: float, done: Callable[[], bool] | None = None) -> None:
        """Turn until the deadline, or until `done()` is true; at least one turn."""
        while True:
            self._turn(deadline_mono_s)
            if (done is not None and done()) or self.clock.mono_s() >= deadline_mono_s:
                return

    def close(self) -> None:
        """Release the selector; nothing may be watched afterwards."""
        self._timers.clear()
        self.selector.close()

    def _found_room(self, descriptor: int, on_readable: Callable[[], None]) -> None:
        on_writable = self._rooms.pop(descriptor, None)
        if on_readable is _nobody:
            self.forget(descriptor)
        elif on_writable is not None:
            self.selector.modify(descriptor, selectors.EVENT_READ, on_readable)
        if on_writable is not None:
            on_writable()

    def _turn(self, deadline_mono_s: float) -> None:
        self._drop_cancelled()
        self._deadline_mono_s = deadline_mono_s
        wake_s = min(deadline_mono_s, self._timers[0][0]) if self._timers else deadline_mono_s
        for key, events in self.clock.rest(self.selector, wake_s - self.clock.mono_s()):
            call = self._calls.get(key.fd)
            if call is None or call is not key.data:
                continue
            if events != selectors.EVENT_READ:
                self._found_room(key.fd, call)
                if not events & selectors.EVENT_READ or self._calls.get(key.fd) is not call:
                    continue
            call()
        if not (self._timers or self._due):
            return
        now_s = self.clock.mono_s()
        while self._timers and self._timers[0][0] <= now_s:
            self._due.append(heapq.heappop(self._timers)[2])
        while self._due:
            alarm = self._due.popleft()
            if alarm.call is not None:
                alarm.call()

    def _drop_cancelled(self) -> None:
        while self._timers and self._timers[0][2].call is None:
            heapq.heappop(self._timers)


def _nobody() -> None:
    """Who is called with the bytes of a descriptor that is watched for room alone: never."""
