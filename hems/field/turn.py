"""The silence a unit needs after the line spoke with another one, learnt from what it misses. Pure.

Theory of operation. Some units are deaf right after a change of unit. When three of the last twenty requests
after a change were missed, and clearly more than without a change, the turn time climbs a step. As noise
misses requests too, a climb is only a trial: where the longest time that is allowed was given for twenty
changes in vain, the shortest one that did about as well as any is taken, and kept for a while. After 200
changes without a climb a shorter time is tried again; each time that fails, or a trial was in vain, the next
is twice as far away. All windows are of fixed length.

A row of misses counts once, when the unit answers again: somebody who is not there needs no turn time.
"""

import math
from collections import deque
from typing import Final

STEPS_S: Final = (0.02, 0.05, 0.1, 0.2)
MISSES: Final = 3
REMEMBERED: Final = 20
PLAIN_REMEMBERED: Final = 40
CLEARLY: Final = 2.0
"""So many times the share missed otherwise is more than chance; of two turn times the longer is better."""
PATIENCE: Final = 200
PATIENCE_MAX: Final = 1600
"""Changes of unit after which another turn time is tried: at least, and after many vain trials."""


class Turn:
    """The turn time of one unit, never less than `least_s`, which its profile asks for."""

    def __init__(self, least_s: float) -> None:
        self.turn_s = least_s
        self._least_s = least_s
        self._steps_s = (least_s, *(step_s for step_s in STEPS_S if step_s > least_s))
        self._cap_s = math.inf
        self._missed = 0
        self._missed_plainly = False
        self._turned: deque[bool] = deque(maxlen=REMEMBERED)
        self._plain: deque[bool] = deque(maxlen=PLAIN_REMEMBERED)
        self._changes = 0
        self._misses = 0
        self._shares: dict[float, float] = {}
        self._settled = False
        self._shortened = False
        self._patience = self._wait = PATIENCE

    @property
    def due_s(self) -> float:
        """The silence it is given now: one that may be deaf for its want gets the longest."""
        return max(self.turn_s, STEPS_S[-1]) if self._missed >= MISSES else self.turn_s

    def allow(self, cap_s: float) -> None:
        """The line has no time for more than this, beyond what the profile asks for."""
        self._cap_s = cap_s
        if self.turn_s > max(cap_s, self._least_s):
            self._move(max(one_s for one_s in self._steps_s if one_s <= max(cap_s, self._least_s)), PATIENCE)

    def ended(self, *, turned: bool, missed: bool) -> None:
        """A request right after a change of unit, or another one, was or was not answered in time."""
        if missed:
            self._missed += turned
            self._missed_plainly |= not turned
        elif turned:
            self._count(missed=False)
        else:
            self._plain.append(False)

    def answered(self) -> None:
        """It is there: what it missed before counts."""
        if self._missed_plainly:
            self._missed_plainly = False
            self._plain.append(True)
        if self._missed:
            self._missed = 0
            self._count(missed=True)

    def _count(self, *, missed: bool) -> None:
        self._turned.append(missed)
        self._changes += 1
        self._misses += missed
        if self._changes >= self._wait:
            self._try_less()
        elif not self._settled and self._too_short:
            self._try_more()

    @property
    def _too_short(self) -> bool:
        """Whether enough is missed after a change of unit, and clearly more than without one."""
        missed = sum(self._turned)
        if len(self._plain) < REMEMBERED:
            return missed >= MISSES
        plain_share = (sum(self._plain) + 0.5) / len(self._plain)
        return missed >= max(MISSES, CLEARLY * plain_share * REMEMBERED)

    def _try_more(self) -> None:
        longer_s = next((step_s for step_s in self._steps_s if self.turn_s < step_s <= self._cap_s), None)
        if longer_s is None and self._changes < REMEMBERED:
            return
        self._shares[self.turn_s] = self._misses / self._changes
        if longer_s is None or self._shortened:
            self._patience = min(2 * self._patience, PATIENCE_MAX)
        self._settled = longer_s is None
        self._move(self._good_enough_s() if longer_s is None else longer_s, self._patience)

    def _good_enough_s(self) -> float:
        """The shortest that was tried and missed at most twice the share of the best."""
        bearable = CLEARLY * min(self._shares.values())
        return min(tried_s for tried_s, share in self._shares.items() if share <= bearable)

    def _try_less(self) -> None:
        if not self._settled and (self._shortened or self.turn_s == self._least_s):
            self._patience = PATIENCE
        self._settled = False
        self._shares.clear()
        shorter_s = max(step_s for step_s in self._steps_s if step_s < self.turn_s or step_s == self._least_s)
        shortened = shorter_s < self.turn_s
        self._move(shorter_s, PATIENCE)
        self._shortened = shortened

    def _move(self, turn_s: float, wait: int) -> None:
        self.turn_s, self._wait = turn_s, wait
        self._shortened = False
        self._changes = self._misses = 0
        self._turned.clear()
