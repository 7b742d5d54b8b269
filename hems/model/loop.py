"""The one loop, the one clock and a drawer of the memory, as an edge sees them."""

from collections.abc import Callable, Mapping
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
        """Call `on_writable` once, in the first turn in which `descriptor` takes bytes (again).

        A descriptor that is not watched for bytes is watched for room alone, until then.
        """
        ...

    def forget(self, descriptor: int) -> None:
        """Stop watching `descriptor`; harmless when it is not watched."""
        ...

    def call_at(self, mono_s: float, call: Callable[[], None]) -> Timer:
        """Call once in the first turn at or after `mono_s`; ready descriptors are always served first."""
        ...

    def expect(self, descriptor: int, from_mono_s: float, until_mono_s: float) -> None:
        """Bytes on `descriptor` will be waited for at that time; replaces what was expected there."""
        ...

    def free_s(self) -> float | None:
        """How long nothing is due from now on; ``None`` while bytes are expected: nobody may hold it up."""
        ...

    def run_until(self, deadline_mono_s: float, done: Callable[[], bool] | None = None) -> None:
        """Turn until the deadline, or until `done()` is true after a turn."""
        ...


class Drawer(Protocol):
    """One document of the memory that is nobody else's: never in a view, a setting or an export.

    What is kept is plain values by name; ``name`` itself is taken.
    """

    def recall(self) -> Mapping[str, object]:
        """What was kept last, nothing before the first time."""
        ...

    def keep(self, fields: Mapping[str, object]) -> bool:
        """Keep this and nothing else from now on, durable at once; false if there is no room for it."""
        ...
