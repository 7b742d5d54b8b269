"""The one selector: descriptors and timers, in one thread."""

import heapq
import itertools
import selectors
from collections.abc import Callable

from hems.clock import WaitingClock


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
        self.clock = clock
        self.selector = selectors.SelectSelector()
        self._timers: list[tuple[float, int, Alarm]] = []
        self._order = itertools.count()

    def watch(self, descriptor: int, on_readable: Callable[[], None]) -> None:
        """Call `on_readable` in every turn in which `descriptor` has bytes; replaces an earlier watch."""
        self.forget(descriptor)
        self.selector.register(descriptor, selectors.EVENT_READ, on_readable)

    def forget(self, descriptor: int) -> None:
        """Stop watching `descriptor`."""
        if descriptor in self.selector.get_map():
            self.selector.unregister(descriptor)

    def call_at(self, mono_s: float, call: Callable[[], None]) -> Alarm:
        """Call once in the first turn at or after `mono_s`."""
        alarm = Alarm(call)
        heapq.heappush(self._timers, (mono_s, next(self._order), alarm))
        return alarm

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

    def _turn(self, deadline_mono_s: float) -> None:
        while self._timers and self._timers[0][2].call is None:
            heapq.heappop(self._timers)
        wake_s = min(deadline_mono_s, self._timers[0][0]) if self._timers else deadline_mono_s
        for key, _ in self.clock.rest(self.selector, wake_s - self.clock.mono_s()):
            if self.selector.get_map().get(key.fd) is key:
                key.data()
        now_s = self.clock.mono_s()
        due = []
        while self._timers and self._timers[0][0] <= now_s:
            due.append(heapq.heappop(self._timers)[2])
        for alarm in due:
            if alarm.call is not None:
                alarm.call()
