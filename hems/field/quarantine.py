"""Leave a silent device alone for longer and longer, and look for a lost port in time. Pure.

Only silence counts, and in a tick only once, however often a device is asked in it: deaf for less than a
second is not gone. A refused or broken answer proves that somebody is there.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from hems.field.exchange import Kind
from hems.model.site import Charger, Device, Meter

PATIENCE: Final = 3
"""Ticks with a silence, none of them with an answer, after which a device is left alone."""
STEPS_S: Final = (10.0, 20.0, 40.0, 80.0, 160.0, 300.0)
CAPPED_S: Final = 10.0
"""The longest rest of a grid meter or a charger: their return matters at once."""
SUSPECT_AFTER_S: Final = 10.0
"""When all devices of a line have been silent this long, the line is the suspect."""
REOPEN_EVERY_S: Final = 30.0
RETRY_S: Final = 1.0
RETRY_FOR_S: Final = 30.0
RETRY_LATER_S: Final = 5.0
SIGNS_OF_LIFE: Final[frozenset[Kind]] = frozenset({"crc", "short", "shape", "exception"})


@dataclass(frozen=True, slots=True)
class Absence:
    """Silences in a row, the current rest and when it ends, and when the last tick began that had one."""

    silences: int = 0
    rest_s: float = 0.0
    until_mono_s: float = 0.0
    tick_mono_s: float = -math.inf


PRESENT: Final = Absence()


def after_failure(
    absence: Absence, kind: Kind, now_mono_s: float, *, tick_mono_s: float, capped: bool, suspect: bool
) -> Absence:
    """One more failure, in the tick that began then: silence lengthens the rest, other errors prove presence.

    A lost port, noise, another unit's frame, or one more silence in the same tick say nothing. Under a
    suspect line the rest does not grow.
    """
    if kind in SIGNS_OF_LIFE:
        return PRESENT
    if kind != "silence" or absence.tick_mono_s == tick_mono_s:
        return absence
    silences = absence.silences + 1
    if silences < PATIENCE and not absence.rest_s:
        return Absence(silences, tick_mono_s=tick_mono_s)
    longer = (step_s for step_s in STEPS_S if step_s > absence.rest_s)
    rest_s = absence.rest_s if suspect and absence.rest_s else next(longer, STEPS_S[-1])
    rest_s = min(rest_s, CAPPED_S) if capped else rest_s
    return Absence(silences, rest_s, now_mono_s + rest_s, tick_mono_s)


def urgent(config: Device) -> bool:
    """Whether protection waits for its return: a fuse's meter, a charger, a charger's meter."""
    if isinstance(config, Meter):
        return config.role in ("grid", "circuit", "charger")
    return isinstance(config, Charger)


def left_alone(absence: Absence) -> bool:
    """Whether it is only probed, not read."""
    return absence.rest_s > 0


def probe_due(absence: Absence, now_mono_s: float) -> bool:
    """Whether its rest is over."""
    return left_alone(absence) and now_mono_s >= absence.until_mono_s


def line_suspect(last_signs_mono_s: Collection[float], now_mono_s: float) -> bool:
    """Whether no device of a line has given a sign of life for too long."""
    return bool(last_signs_mono_s) and now_mono_s - max(last_signs_mono_s) >= SUSPECT_AFTER_S


def retry_s(lost_for_s: float) -> float:
    """The pause before a lost port is tried again."""
    return RETRY_S if lost_for_s < RETRY_FOR_S else RETRY_LATER_S
