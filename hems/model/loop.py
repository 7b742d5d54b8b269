"""The one loop and the one clock, as an edge sees them."""

from collections.abc import Callable
from typing import Protocol

from hems.model.instant import Instant


class Clock(Protocol):
    """What time it is."""

    def mono_s(self) -> float:
        """Monotonic seconds; only differences mean anything."""
        ...

    def now(self) -> Instant:
        """This moment on both clocks."""
        ...


class Timer(Protocol):
    """A call that has been arranged for later."""

    def cancel(self) -> None:
        """Forget the call; harmless when it has been made already."""
        ...


class Loop(Protocol):
    """The selector everything sits in: descriptors that became readable, and timers."""

    def watch(self, descriptor: int, on_readable: Callable[[], None]) -> None:
        """Call `on_readable` in every turn in which `descriptor` has bytes; replaces an earlier watch."""
        ...

    def watch_room(self, descriptor: int, on_writable: Callable[[], None]) -> None:
        """Call `on_writable` once, in the first turn in which a watched `descriptor` takes bytes (again)."""
        ...

    def forget(self, descriptor: int) -> None:
        """Stop watching `descriptor`; harmless when it is not watched."""
        ...

    def call_at(self, mono_s: float, call: Callable[[], None]) -> Timer:
        """Call once in the first turn at or after `mono_s`; ready descriptors are always served first."""
        ...

    def run_until(self, deadline_mono_s: float, done: Callable[[], bool] | None = None) -> None:
        """Turn until the deadline, or until `done()` is true after a turn."""
        ...
