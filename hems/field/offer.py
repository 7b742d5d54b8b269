"""The watts a heat pump is told it may have, and whether it keeps them (CHG-100).

The value is repeated, and never 0 in between. Now and then it is read where it was written: a pump that twice
in a row holds another than it acknowledged is spoken of, and goes on being told. One that cannot be read
there is not asked again before it returns.
"""

import math
from collections import Counter
from typing import Final

from hems.field import setpoint
from hems.field.exchange import Accepted, Kind, Outcome, Request
from hems.field.profile import Surplus

READ_BACK_S: Final = 60.0
TWICE: Final = 2


class Offer:
    """What one device was told last, is to be told, and held when it was read; without a `row` nothing."""

    def __init__(self, row: Surplus | None, unit: int, now_mono_s: float) -> None:
        self.row = row
        self.unit = unit
        self.power_w: float | None = None
        self.check_mono_s = now_mono_s
        self._due_mono_s = now_mono_s
        self._sent: tuple[int, ...] = ()
        self._kept: tuple[int, ...] = ()
        self._misses = 0

    @property
    def words(self) -> tuple[str, ...]:
        """What a person should know."""
        return ("does not keep the surplus it is told",) if self._misses >= TWICE else ()

    def want(self, power_w: float | None, now_mono_s: float) -> None:
        """Take a decision's surplus; ``None`` tells it nothing, and the next value leaves at once."""
        if power_w is None:
            self._due_mono_s, self._kept = now_mono_s, ()
        self.power_w = power_w

    def again(self, now_mono_s: float) -> None:
        """It may have restarted: it is told anew, and may be another one."""
        self._due_mono_s = self.check_mono_s = now_mono_s
        self._kept, self._misses = (), 0

    def request(self, now_mono_s: float) -> Request | None:
        """The surplus wanted now, if it is time to tell it."""
        if self.row is None or self.power_w is None or now_mono_s < self._due_mono_s:
            return None
        told = setpoint.surplus(self.row, self.unit, self.power_w)
        self._sent = told.values
        return told

    def took(self, outcome: Outcome, at_mono_s: float) -> None:
        """It was told; what failed may have been taken, and is told again with what is wanted then."""
        self._kept = self._sent if isinstance(outcome, Accepted) else ()
        if self.row is not None and self._kept:
            self._due_mono_s = at_mono_s + self.row.refresh_s

    def question(self, now_mono_s: float) -> Request | None:
        """The read of what it holds, if it is time for it."""
        if self.row is None or not self._kept or now_mono_s < self.check_mono_s:
            return None
        return Request(self.unit, 3, self.row.address, count=len(self._kept))

    def took_back(self, errors: Counter[Kind], outcome: Outcome, at_mono_s: float) -> None:
        """What it holds; another value than it acknowledged is counted, and told again at once."""
        self.check_mono_s = at_mono_s + READ_BACK_S
        if not isinstance(outcome, Accepted):
            if outcome.kind == "exception":
                self.check_mono_s = math.inf
            return
        missed = bool(self._kept) and outcome.registers != self._kept
        errors["not_taken"] += missed
        self._misses = self._misses + 1 if missed else 0
        if missed:
            self._due_mono_s = at_mono_s
