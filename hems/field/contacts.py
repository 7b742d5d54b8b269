"""Dry contacts without their bouncing.

Theory of operation: every contact is looked at 20 times a second. A level that has not changed for 0.1 s is
taken; what lasts shorter never is (CHG-50). Nobody knows the position before the first level was taken, nor
when the pin cannot be read or has not been steady for a second: one that chatters says nothing. `changed`
tells that something was taken since `positions` was called last, so that a cycle need not be waited for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from hems.model.loop import Clock, Loop, Timer

LOOK_S: Final = 0.05
DEBOUNCE_S: Final = 0.1
CHATTERS_S: Final = 1.0
ROUNDING_S: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Contact:
    """What one contact shows since when, and what it is taken for; true = closed, ``None`` = unknown.

    At `steady_mono_s` it was steady last.
    """

    closed: bool
    since_mono_s: float
    steady_mono_s: float
    taken: bool | None = None


def look(was: Contact | None, closed: bool | None, now_mono_s: float) -> Contact | None:
    """The contact after a look at it; ``None`` while it cannot be looked at."""
    if closed is None:
        return None
    if was is None:
        return Contact(closed, now_mono_s, now_mono_s)
    since_s = was.since_mono_s if was.closed is closed else now_mono_s
    if now_mono_s - since_s >= DEBOUNCE_S - ROUNDING_S:
        return Contact(closed, since_s, now_mono_s, closed)
    chatters = now_mono_s - was.steady_mono_s >= CHATTERS_S
    return Contact(closed, since_s, was.steady_mono_s, None if chatters else was.taken)


class Contacts:
    """All contacts; `levels` asks the pins. Without contacts there is nothing to look at."""

    def __init__(self, levels: Callable[[], Mapping[str, bool | None]], loop: Loop, clock: Clock) -> None:
        self.changed = False
        self._levels = levels
        self._loop = loop
        self._clock = clock
        self._contacts: dict[str, Contact | None] = {}
        self._timer: Timer | None = None
        self._look()

    def positions(self) -> dict[str, bool | None]:
        """Every contact as it is taken; what changed is known from now on."""
        self.changed = False
        return {name: contact.taken if contact else None for name, contact in self._contacts.items()}

    def close(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        now_s = self._clock.mono_s()
        for name, closed in self._levels().items():
            was = self._contacts.get(name)
            now = self._contacts[name] = look(was, closed, now_s)
            self.changed |= (was.taken if was else None) is not (now.taken if now else None)
        if self._contacts:
            self._timer = self._loop.call_at(now_s + LOOK_S, self._look)
