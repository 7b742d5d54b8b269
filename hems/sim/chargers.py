"""Charger controllers: their registers, and the current they offer because of them.

Each keeps its writable registers as a table and works out everything else from it, so that what a master
wrote is what the charger does. Register facts are written down here and in `devices` by hand and know nothing
of the profiles which read them.
"""

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from hems.sim.pdu import ACCEPTED, DEVICE_FAILURE, ILLEGAL_ADDRESS, ILLEGAL_VALUE

EVSE_SET, EVSE_COMMAND, EVSE_BOOT, EVSE_MIN, EVSE_CONFIG, EVSE_PP_MAX = 1000, 1004, 2000, 2002, 2005, 2007
FINE_STEPS: Final = 1 << 7
DISABLED: Final = 1 << 14
EVSE_ABSOLUTE_A: Final = 80

WATCHDOG, STANDBY, REMOTE_LOCK, MAX_SET, FAIL_SAFE = 257, 258, 259, 261, 262
ERROR_BLINK_S: Final = 10.0
STANDBY_AFTER_S: Final = 120.0
"""So long without a car until the bus interface is powered down; the maker's tables do not say how long."""

ABL_MODIFY, ABL_DUTY, ABL_TIMEOUT = 0x0005, 0x0014, 0x002C
DUTY_A: Final = 0.06
NO_CURRENT: Final = 1000
LEAST_DUTY: Final = 0x50
ABL_ORDERS: Final = {0xA1A1: 0xA1, 0xE0E0: 0xE0, 0xE2E2: 0xE2, 0xF1F1: 0xF1}
ABL_RESET: Final = 0x5A5A

LIMIT, HEARTBEAT, PHASES, RELEASE, FALLBACK = 0x0302, 0x0D00, 0x0D04, 0x0D05, 0x073A
ALIVE: Final = 0x55AA
HEARTBEAT_S: Final = 10.0
IGNORE_LOSS, PAUSE_ON_LOSS = 0, 1
MIN_A: Final = 6.0


class Charger:
    """What the house needs of any charger; by itself one that offers nothing and takes nothing."""

    def __init__(self) -> None:
        self.holding: dict[int, int] = {}

    def touch(self, mono_s: float) -> None:
        """Take note of a valid access over the bus."""

    def plug(self, is_plugged: bool, mono_s: float) -> None:
        """Take note of a car's cable."""

    def restart(self) -> None:
        """Lose what is not stored."""

    def is_awake(self, mono_s: float) -> bool:
        """Whether it hears requests at all."""
        return True

    def offered_a(self, mono_s: float) -> float:
        """The current its pilot offers; 0 = pilot off."""
        return 0.0

    def write(self, address: int, values: Sequence[int], mono_s: float) -> int:
        """Take registers over, all or none; 0 or a Modbus exception code."""
        return ILLEGAL_ADDRESS


class EvseWb(Charger):
    """EVSE-WB: no watchdog; the last current stays, and register 2000 is the current after a power-up."""

    def __init__(self, boot_a: int, max_a: int) -> None:
        super().__init__()
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

    def restart(self) -> None:
        """Only the settings from 2000 on are stored."""
        self.holding[EVSE_SET] = self.holding[EVSE_BOOT]
        self.holding[EVSE_COMMAND] = 0

    def offered_a(self, mono_s: float) -> float:
        """The set current in register 1000, whole or hundredths of an ampere, held to the maximum."""
        held = self.holding
        set_a = held[EVSE_SET] * (0.01 if held[EVSE_CONFIG] & FINE_STEPS else 1.0)
        if set_a < held[EVSE_MIN] or held[EVSE_CONFIG] & DISABLED:
            return 0.0
        return min(set_a, held[EVSE_PP_MAX])

    def write(self, address: int, values: Sequence[int], mono_s: float) -> int:
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


class Heidelberg(Charger):
    """Energy Control: without a valid access for the time in 257 the current in 262 applies.

    With 262 = 0 that is an error, and it takes about ten seconds after the next access until it charges
    again. Register 261 is lost at power-up and standby, the others are stored. While 258 is 0 it falls silent
    some time after the car has gone, until another is plugged in.
    """

    def __init__(self, boot_a: int = 0, max_a: int = 16) -> None:
        super().__init__()
        self.holding = {WATCHDOG: 15_000, STANDBY: 0, REMOTE_LOCK: 1, MAX_SET: 0, FAIL_SAFE: 0}
        self._touched_s: float | None = None
        self._blocked_until_s = 0.0
        self._unplugged_s: float | None = None

    def plug(self, is_plugged: bool, mono_s: float) -> None:
        """A car wakes it; without one it may sleep."""
        if is_plugged and not self.is_awake(mono_s):
            self.restart()
        self._unplugged_s = None if is_plugged else mono_s

    def restart(self) -> None:
        """The set-point is lost, and the watchdog waits for the first access."""
        self.holding[MAX_SET] = 0
        self._touched_s = None

    def is_awake(self, mono_s: float) -> bool:
        """Whether a car, register 258, or the time since the last car keeps it up."""
        if self._unplugged_s is None or self.holding[STANDBY]:
            return True
        return mono_s - self._unplugged_s <= STANDBY_AFTER_S

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

    def write(self, address: int, values: Sequence[int], mono_s: float) -> int:
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


class Abl(Charger):
    """EVCC2/3: a duty cycle in tenths of a percent, nothing of it stored, no watchdog unless set up."""

    def __init__(self, boot_a: int, max_a: int) -> None:
        super().__init__()
        self.max_a = max_a
        self.restart()

    def restart(self) -> None:
        """The full current of the box, enabled."""
        self.holding = {ABL_DUTY: int(self.max_a / DUTY_A), ABL_MODIFY: 0xA1, ABL_TIMEOUT: 0}

    def offered_a(self, mono_s: float) -> float:
        """The duty's current; none at 100 % or when it has been disabled."""
        duty = self.holding[ABL_DUTY]
        if duty == NO_CURRENT or self.holding[ABL_MODIFY] != 0xA1:
            return 0.0
        return min(duty * DUTY_A, self.max_a)

    def write(self, address: int, values: Sequence[int], mono_s: float) -> int:
        """One register at a time: duty, state, and in the set-up state the upstream timeout."""
        if len(values) != 1:
            return ILLEGAL_ADDRESS
        value = values[0]
        match address:
            case 0x0014 if LEAST_DUTY <= value <= NO_CURRENT:
                self.holding[ABL_DUTY] = value
            case 0x0005 if value in ABL_ORDERS:
                self.holding[ABL_MODIFY] = ABL_ORDERS[value]
            case 0x0005 if value == ABL_RESET:
                self.restart()
            case 0x002C if self.holding[ABL_MODIFY] == 0xE2:
                self.holding[ABL_TIMEOUT] = value
            case 0x0014 | 0x0005 | 0x002C:
                return DEVICE_FAILURE
            case _:
                return ILLEGAL_ADDRESS
        return ACCEPTED


class Mennekes(Charger):
    """Compact 2.0s: limit and release count only while 0x55AA comes to 0x0D00 within every ten seconds.

    What is written to them without it is acknowledged and not taken. A limit of 0 is no limit at all, one
    below 6 A is none. After the loss the fall-back of 0x073A applies: 0 goes on, 1 pauses, 6 to 32 is a
    current; it is the only one that is stored.
    """

    def __init__(self, boot_a: int, max_a: int) -> None:
        super().__init__()
        self.max_a = max_a
        self.limit_a = 0.0
        self._beaten_s: float | None = None
        self.holding = {FALLBACK: boot_a or PAUSE_ON_LOSS}
        self.restart()

    def restart(self) -> None:
        """No heartbeat yet, no limit, released."""
        self._beaten_s = None
        self.limit_a = float(self.max_a)
        self.holding |= {HEARTBEAT: 0, PHASES: 0, RELEASE: 1}

    def is_alone(self, mono_s: float) -> bool:
        """Whether the heartbeat is missing."""
        return self._beaten_s is None or mono_s - self._beaten_s > HEARTBEAT_S

    def offered_a(self, mono_s: float) -> float:
        """The limit while it is released, or the fall-back."""
        fallback = self.holding[FALLBACK]
        if self.is_alone(mono_s) and fallback != IGNORE_LOSS:
            return 0.0 if fallback == PAUSE_ON_LOSS else float(min(fallback, self.max_a))
        if not self.holding[RELEASE] or 0.0 < self.limit_a < MIN_A:
            return 0.0
        return min(self.limit_a or self.max_a, self.max_a)

    def write(self, address: int, values: Sequence[int], mono_s: float) -> int:
        """Take registers over; the limit is a float of two, high word first."""
        if address == LIMIT and len(values) == 2:
            (limit_a,) = struct.unpack(">f", struct.pack(">2H", *values))
            if not 0.0 <= limit_a <= 32.0:
                return ILLEGAL_VALUE
            self.limit_a = self.limit_a if self.is_alone(mono_s) else limit_a
            return ACCEPTED
        if address not in self.holding or len(values) != 1:
            return ILLEGAL_ADDRESS
        value = values[0]
        match address:
            case 0x0D00 if value != ALIVE:
                return ILLEGAL_VALUE
            case 0x0D00:
                self._beaten_s = mono_s
            case 0x073A if value not in {IGNORE_LOSS, PAUSE_ON_LOSS, *range(6, 33)}:
                return ILLEGAL_VALUE
            case 0x0D04 | 0x0D05 if value not in {0, 1}:
                return ILLEGAL_VALUE
            case 0x0D04 | 0x0D05 if self.is_alone(mono_s):
                return ACCEPTED
        self.holding[address] = value
        return ACCEPTED


CHARGERS: Final[Mapping[str, Callable[[int, int], Charger]]] = {
    "abl-emh": Abl,
    "evse-wb": EvseWb,
    "heidelberg-energy-control": Heidelberg,
    "mennekes-amtron-compact": Mennekes,
}
"""The controller of each model, from its current after a power-up and its most current."""
