"""The question at the panel whether a device may come in: one at a time (API-44)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hems.api.rows import Doorbell

ASKED_S: Final = 120.0
"""For how long the panel asks."""


@dataclass(frozen=True, slots=True)
class Question:
    """Who has asked, by which name, and the number of the transaction."""

    client: int
    transaction: int
    device: str


Ended = Callable[[Question, bool], None]
"""Told whether the device was let in."""


class Bell:
    """Rings for one client after the other; a newer question ends the older one with no."""

    def __init__(self, doorbell: Doorbell, ended: Ended) -> None:
        self._doorbell = doorbell
        self._ended = ended
        self._question: Question | None = None
        self._take_back: Callable[[], None] | None = None
        self._transactions = 0

    def ring(self, client: int, device: str) -> int:
        """Ask; the number of this question, which `ended` is told in the end."""
        self.hang_up()
        self._transactions += 1
        question = self._question = Question(client, self._transactions, device)
        take_back = self._doorbell.ring(device, ASKED_S, lambda yes: self._answered(question, yes))
        self._take_back = take_back if self._question is question else None
        return question.transaction

    def hang_up(self, client: int | None = None) -> None:
        """Take the question back, only that of `client` if one is given; it ends with no."""
        question, take_back = self._question, self._take_back
        if question is None or client not in (None, question.client):
            return
        if take_back is not None:
            take_back()
        self._answered(question, False)

    def _answered(self, question: Question, yes: bool) -> None:
        if self._question is question:
            self._question = self._take_back = None
            self._ended(question, yes)
