"""Registers that must be written again and again, or the device ignores us: when each is due. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from hems.field.exchange import Accepted, Outcome
from hems.field.profile import Heartbeat

PAUSE_S: Final = 0.5
"""Half a tick: never twice in the same one."""


@dataclass(frozen=True, slots=True)
class Beat:
    """When one row is due, not before when it may be tried again, and when it was last acknowledged."""

    due_mono_s: float
    not_before_mono_s: float = -math.inf
    taken_mono_s: float = -math.inf


def begun(rows: Sequence[Heartbeat], now_mono_s: float) -> tuple[Beat, ...]:
    """All are due."""
    return tuple(Beat(now_mono_s) for _ in rows)


def due(beats: Sequence[Beat], now_mono_s: float, until_mono_s: float) -> list[int]:
    """The rows that fall due before `until_mono_s`, the most urgent first."""
    found = [
        i
        for i, beat in enumerate(beats)
        if beat.due_mono_s < until_mono_s and now_mono_s >= beat.not_before_mono_s
    ]
    return sorted(found, key=lambda i: beats[i].due_mono_s)


def took(rows: Sequence[Heartbeat], beat: Beat, row: int, outcome: Outcome, at_mono_s: float) -> Beat:
    """The outcome of one: it is due again after its period, or soon if it failed."""
    beat = replace(beat, not_before_mono_s=at_mono_s + PAUSE_S)
    if isinstance(outcome, Accepted):
        return replace(beat, due_mono_s=at_mono_s + rows[row].every_s, taken_mono_s=at_mono_s)
    return beat
