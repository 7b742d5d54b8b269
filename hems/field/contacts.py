"""Dry contacts without their bouncing.

Theory of operation: every contact is looked at 20 times a second. A level that has not changed for 0.1 s is
taken; what lasts shorter never is (CHG-50). Nobody knows the position before the first level was taken.
`changed` tells that one was taken since `positions` was called last, so that a cycle need not be waited for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from hems.model.loop import Clock, Loop, Timer

LOOK_S: Final = 0.05
DEBOUNCE_S: Final = 0.1
ROUNDING_S: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Contact:
    """What one contact shows since when, and what it is taken for; true = closed, ``None`` = unknown."""

    closed: bool
    since_mono_s: float
    taken: bool | None = None


def look(was: Contact | None, closed: bool, now_mono_s: float) -> Contact:
    """The contact after a look at it."""
    if was is None or was.closed is not closed:
        return Contact(closed, now_mono_s, None if was is None else was.taken)
    if now_mono_s - was.since_mono_s < DEBOUNCE_S - ROUNDING_S:
        return was
    return replace(was, taken=closed)


class Contacts:
    """All contacts; `levels` asks the pins. Without contacts there is nothing to look at."""

    def __init__(self, levels: Callable[[], Mapping[str, bool]], loop: Loop, clock: Clock) -> None:
        self.changed = False
        self._levels = levels
        self._loop = loop
        self._clock = clock
        self._contacts: dict[str, Contact] = {}
        self._timer: Timer | None = None
        self._look()

    def positions(self) -> dict[str, bool | None]:
        """Every contact as it is taken; what changed is known from now on."""
        self.changed = False
        return {name: contact.taken for name, contact in self._contacts.items()}

    def close(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        now_s = self._clock.mono_s()
        for name, closed in self._levels().items():
            was = self._contacts.get(name)
            contact = self._contacts[name] = look(was, closed, now_s)
            self.changed |= was is not None and contact.taken is not was.taken
        if self._contacts:
            self._timer = self._loop.call_at(now_s + LOOK_S, self._look)
