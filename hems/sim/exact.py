"""A clock for measurements: it wakes early and spins, since a sleeping process comes tenths of a ms late."""

import selectors
from typing import Final

from hems.clock import FastClock, Ready

SPIN_S: Final = 0.0005


class ExactClock(FastClock):
    """A clock whose waits end on time, at the price of a busy processor before each of them."""

    def rest(self, selector: selectors.BaseSelector, wait_s: float) -> Ready:
        """Sleep for all but the last half millisecond, and look again and again through that."""
        due_s = self.mono_s() + wait_s
        ready = super().rest(selector, wait_s - SPIN_S)
        while not ready and self.mono_s() < due_s:
            ready = selector.select(0)
        return ready
