"""Tiny values about time: how long something has held, how fast it may rise, how often it may happen."""

from dataclasses import dataclass
from math import inf


@dataclass(frozen=True, slots=True)
class Dwell:
    """A condition and since when it has had its present value; ``None`` until it was first looked at."""

    value: bool | None = None
    since_mono_s: float = -inf

    def step(self, value: bool, now_s: float) -> "Dwell":
        """The condition as it is now; its time starts anew when it changes."""
        return self if value is self.value else Dwell(value, now_s)

    def held(self, seconds: float, now_s: float) -> bool:
        """Whether the condition has been true for at least so long."""
        return self.value is True and now_s - self.since_mono_s >= seconds

    def missed_s(self, now_s: float) -> float:
        """Seconds for which the condition has been false; 0 while it is true or unknown."""
        return now_s - self.since_mono_s if self.value is False else 0.0


@dataclass(frozen=True, slots=True)
class RateLimit:
    """The moment from which a value may rise again, so that its rise never outruns a rate in the long run.

    A cycle that comes up to `EARLY_S` too soon is let through; the next one then waits that much longer.
    """

    open_mono_s: float = -inf

    def open(self, now_s: float) -> bool:
        """Whether a rise is allowed now."""
        return now_s >= self.open_mono_s - EARLY_S

    def rise(self, amount: float, per_s: float, now_s: float) -> "RateLimit":
        """After a rise by `amount` where `per_s` is allowed each second."""
        return RateLimit(max(now_s, self.open_mono_s) + amount / per_s)


EARLY_S = 0.2


@dataclass(frozen=True, slots=True)
class Budget:
    """When something last happened, newest last; as many moments as the budget counts."""

    times_mono_s: tuple[float, ...] = ()

    def left(self, limit: int, window_s: float, now_s: float) -> int:
        """How often it may still happen within the window; never negative."""
        return max(0, limit - sum(now_s - time_s < window_s for time_s in self.times_mono_s))

    def spend(self, limit: int, now_s: float) -> "Budget":
        """It happened now, allowed or not; only the newest `limit` moments matter."""
        return Budget((*self.times_mono_s, now_s)[-limit:])
