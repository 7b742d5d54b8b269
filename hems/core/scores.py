"""How cheap each slot of a day is, and which of a day's slots are the cheapest (CHG-83).

A day is a local one, of 23 to 25 hours; a slot belongs to the day on which it begins. Slots are believable
ones, in order, in UTC; those without a price do not count. Without a trusted wall clock nobody knows which
day it is; callers do not ask then.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import groupby
from math import ceil

from hems.model.prices import Slot


@dataclass(frozen=True, slots=True)
class ScoreEntry:
    """A slot, its price in EUR/kWh, and its weighting: 1 is the cheapest of its day, 0 the dearest."""

    start: datetime
    end: datetime
    value: float
    weighting: float


def scores(slots: Sequence[Slot], zone: tzinfo) -> tuple[ScoreEntry, ...]:
    """Every priced slot with its weighting, (max - value) / (max - min) of its day; 0.5 if all are equal."""
    entries: list[ScoreEntry] = []
    for _, day in groupby(slots, lambda slot: slot.start.astimezone(zone).date()):
        priced = [(slot, slot.eur_kwh) for slot in day if slot.eur_kwh is not None]
        values = [value for _, value in priced]
        entries += [
            ScoreEntry(slot.start, slot.end, value, _weighting(value, values)) for slot, value in priced
        ]
    return tuple(entries)


def cheapest_of_day(slots: Sequence[Slot], pct: float, moment: datetime) -> tuple[Slot, ...]:
    """The cheapest `pct` percent of the slots of the local day of `moment`, in order.

    Of equal prices the earlier. Slots that touch are merged: one with the mean price of its
    time, and no period.
    """
    merged: list[list[Slot]] = []
    for slot in sorted(_cheapest(slots, pct, moment), key=_start):
        if merged and merged[-1][-1].end == slot.start:
            merged[-1].append(slot)
        else:
            merged.append([slot])
    return tuple(_one(touching) for touching in merged)


def _cheapest(slots: Sequence[Slot], pct: float, moment: datetime) -> list[Slot]:
    """The cheapest first."""
    priced = [(slot.eur_kwh, slot.start, slot) for slot in _of_day(slots, moment) if slot.eur_kwh is not None]
    if not pct > 0:
        return []
    count = ceil(min(pct, 100.0) * len(priced) / 100 - 1e-9)
    return [slot for _, _, slot in sorted(priced)[:count]]


def _of_day(slots: Sequence[Slot], moment: datetime) -> Sequence[Slot]:
    """The slots that begin on the local day of a moment."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    begins, ends = midnight.astimezone(UTC), (midnight + timedelta(days=1)).astimezone(UTC)
    return slots[bisect_left(slots, begins, key=_start) : bisect_left(slots, ends, key=_start)]


def _one(touching: Sequence[Slot]) -> Slot:
    """Slots that touch as one."""
    if len(touching) == 1:
        return touching[0]
    costs = [(slot.eur_kwh or 0.0) * (slot.end - slot.start).total_seconds() for slot in touching]
    seconds = (touching[-1].end - touching[0].start).total_seconds()
    return Slot(touching[0].start, touching[-1].end, sum(costs) / seconds)


def _weighting(value: float, values: Sequence[float]) -> float:
    lowest, highest = min(values), max(values)
    return (highest - value) / (highest - lowest) if highest > lowest else 0.5


def _start(slot: Slot) -> datetime:
    return slot.start
