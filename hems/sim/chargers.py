"""Charger controllers: their registers, and the current they offer because of them.

Each keeps its writable registers as a table and works out everything else from it, so that what a master
wrote is what the charger does. Register facts are written down here and in `maps` by hand and know nothing of
the profiles which read them.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from hems.sim.pdu import ACCEPTED, ILLEGAL_ADDRESS, ILLEGAL_VALUE

EVSE_SET, EVSE_COMMAND, EVSE_BOOT, EVSE_MIN, EVSE_CONFIG, EVSE_PP_MAX = 1000, 1004, 2000, 2002, 2005, 2007
FINE_STEPS: Final = 1 << 7
DISABLED: Final = 1 << 14
EVSE_ABSOLUTE_A: Final = 80

WATCHDOG, STANDBY, REMOTE_LOCK, MAX_SET, FAIL_SAFE = 257, 258, 259, 261, 262
ERROR_BLINK_S: Final = 10.0


class Charger(Protocol):
    """What the house needs of any charger."""

    holding: dict[int, int]

    def touch(self, mono_s: float) -> None:
        """Take note of a valid access over the bus."""
        ...

    def offered_a(self, mono_s: float) -> float:
        """The current its pilot offers; 0 = pilot off."""
        ...

    def write(self, address: int, values: Sequence[int]) -> int:
        """Take registers over, all or none; 0 or a Modbus exception code."""
        ...


class EvseWb:
    """EVSE-WB: no watchdog; the last current stays, and register 2000 is the current after a power-up."""

    def __init__(self, boot_a: int, max_a: int) -> None:
        self.holding = {
            EVSE_SET: boot_a,
            EVSE_COMMAND: 0,
            EVSE_BOOT: boot_a,
            2001: 1,
            EVSE_MIN: 6,
            2003: 0,
            2004: 0,
            EVSE_CONFIG: 0,
            2006: 0,
            EVSE_PP_MAX: max_a,
            **dict.fromkeys(range(2010, 2018), 0),
        }

    def touch(self, mono_s: float) -> None:
        """Nothing: this controller does not care whether anybody speaks to it."""

    def offered_a(self, mono_s: float) -> float:
        """The set current in register 1000, whole or hundredths of an ampere, held to the maximum."""
        held = self.holding
        set_a = held[EVSE_SET] * (0.01 if held[EVSE_CONFIG] & FINE_STEPS else 1.0)
        if set_a < held[EVSE_MIN] or held[EVSE_CONFIG] & DISABLED:
            return 0.0
        return min(set_a, held[EVSE_PP_MAX])

    def write(self, address: int, values: Sequence[int]) -> int:
        """Take registers over; 1000 refuses what lies between 0 and the minimum or above 80 A."""
        written = dict(enumerate(values, address))
        if not written.keys() <= self.holding.keys():
            return ILLEGAL_ADDRESS
        scale = 0.01 if self.holding[EVSE_CONFIG] & FINE_STEPS else 1.0
        set_a = written.get(EVSE_SET, 0) * scale
        if set_a and not self.holding[EVSE_MIN] <= set_a <= EVSE_ABSOLUTE_A:
            return ILLEGAL_VALUE
        self.holding.update(written)
        return ACCEPTED


class Heidelberg:
    """Energy Control: without a valid access for the time in 257 the current in 262 applies.

    With 262 = 0 that is an error, and it takes about ten seconds after the next access until it charges
    again. Register 261 is lost at power-up, the others are stored.
    """

    def __init__(self) -> None:
        self.holding = {WATCHDOG: 15_000, STANDBY: 0, REMOTE_LOCK: 1, MAX_SET: 0, FAIL_SAFE: 0}
        self._touched_s: float | None = None
        self._blocked_until_s = 0.0

    def touch(self, mono_s: float) -> None:
        """Feed the watchdog."""
        if self.is_left_alone(mono_s) and not self.holding[FAIL_SAFE]:
            self._blocked_until_s = mono_s + ERROR_BLINK_S
        self._touched_s = mono_s

    def is_left_alone(self, mono_s: float) -> bool:
        """Whether the watchdog has run out; it starts with the first access."""
        if self._touched_s is None or not self.holding[WATCHDOG]:
            return False
        return mono_s - self._touched_s > self.holding[WATCHDOG] / 1000.0

    def offered_a(self, mono_s: float) -> float:
        """A tenth of register 261, or of 262 while it is left alone."""
        if not self.holding[REMOTE_LOCK] or mono_s < self._blocked_until_s:
            return 0.0
        return self.holding[FAIL_SAFE if self.is_left_alone(mono_s) else MAX_SET] / 10.0

    def write(self, address: int, values: Sequence[int]) -> int:
        """Take registers over; currents are 0 or 6 to 16 A in tenths."""
        written = dict(enumerate(values, address))
        if not written.keys() <= self.holding.keys():
            return ILLEGAL_ADDRESS
        for current in (MAX_SET, FAIL_SAFE):
            if written.get(current, 0) and not 60 <= written[current] <= 160:
                return ILLEGAL_VALUE
        if written.get(STANDBY, 0) not in {0, 4} or written.get(REMOTE_LOCK, 0) not in {0, 1}:
            return ILLEGAL_VALUE
        self.holding.update(written)
        return ACCEPTED
