"""The question at the panel whether a device may come in: one at a time, and never a storm (API-44).

A newer question replaces the older of the same peer alone; so nobody takes away what somebody else is asked.
Between two questions, and for a peer after a no, there is rest for whoever stands at the panel.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hems.api.rows import Doorbell

ASKED_S: Final = 120.0
"""For how long the panel asks."""

REST_S: Final = 10.0
"""From the beginning of one question to that of another peer, if the answer was not yes."""

IN_REST: Final = 3
"""So often a peer may replace its own within that time: clients ask once more as soon as they are told who
they are."""

REFUSED_S: Final = 60.0
"""For how long a peer asks nothing after a no, time that ran out, or a connection that was left."""

Decided = Callable[[bool], None]


@dataclass(frozen=True, slots=True)
class Question:
    """Who has asked, by which name, and the number of the transaction."""

    client: int
    transaction: int
    device: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What is asked at the panel now, for which peer, and who is told the answer."""

    peer: str
    decided: Decided


Ended = Callable[[Question, bool], None]
"""Told whether the device was let in."""


class Bell:
    """Rings for one peer after the other; `now` tells the seconds of the monotonic clock."""

    def __init__(self, doorbell: Doorbell, ended: Ended, now: Callable[[], float]) -> None:
        self._doorbell = doorbell
        self._ended = ended
        self._now = now
        self._standing: Standing | None = None
        self._take_back: Callable[[], None] | None = None
        self._rung: list[float] = []
        self._waits: dict[str, float] = {}
        self._questions: dict[int, Callable[[], None]] = {}
        self._transactions = 0

    def ask(self, peer: str, device: str, within_s: float, decided: Decided) -> Callable[[], None] | None:
        """Ask; the result takes the question back. ``None``: it is not asked, now is not the time."""
        now_s = self._now()
        self._waits = {name: until_s for name, until_s in self._waits.items() if now_s < until_s}
        self._rung = [rung_s for rung_s in self._rung if now_s < rung_s + REST_S]
        own = self._standing is not None and self._standing.peer == peer
        others = self._standing is not None and not own
        if others or peer in self._waits or len(self._rung) >= (IN_REST if own else 1):
            return None
        self._end()
        self._waits.pop(peer, None)
        self._rung.append(now_s)
        standing = self._standing = Standing(peer, decided)
        take_back = self._doorbell.ring(device, within_s, lambda yes: self._answered(standing, yes))
        self._take_back = take_back if self._standing is standing else None

        def withdraw() -> None:
            if self._standing is standing:
                self._end()

        return withdraw

    def ring(self, client: int, peer: str, device: str) -> int | None:
        """Ask for a client; the number of this question, which `ended` is told in the end."""
        question = Question(client, self._transactions + 1, device)

        def decided(yes: bool) -> None:
            self._questions.pop(client, None)
            self._ended(question, yes)

        self._transactions += 1
        withdraw = self.ask(peer, device, ASKED_S, decided)
        if withdraw is None:
            self._transactions -= 1
            return None
        self._questions[client] = withdraw
        return question.transaction

    def hang_up(self, client: int) -> None:
        """Take back what was asked for this client; it ends with no."""
        withdraw = self._questions.pop(client, None)
        if withdraw is not None:
            withdraw()

    def _end(self) -> None:
        """What stands ends with no."""
        standing, take_back = self._standing, self._take_back
        if standing is None:
            return
        if take_back is not None:
            take_back()
        self._answered(standing, False)

    def _answered(self, standing: Standing, yes: bool) -> None:
        if self._standing is not standing:
            return
        self._standing = self._take_back = None
        if yes:
            self._rung.clear()
        else:
            self._waits[standing.peer] = self._now() + REFUSED_S
        standing.decided(yes)
