"""Slots of prices: what makes them believable, and which one an instant lies in. Times compare in UTC."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

from hems.model.prices import Slot

SLOTS_MAX: Final = 700
SPAN_MAX: Final = timedelta(days=7)
EUR_KWH_MAX: Final = 5.0
"""No kilowatt-hour was ever dearer, or paid for more."""

YEARS: Final = range(2000, 2200)
"""Other times are no times of prices, and the calendar itself ends somewhere."""


def fault(slots: Sequence[Slot], periods: Sequence[str]) -> str:
    """Why slots cannot be believed, in one sentence; empty if they can.

    `periods` are the tariff periods that a slot may name.
    """
    if not 1 <= len(slots) <= SLOTS_MAX:
        return f"{len(slots)} slots; there must be 1 to {SLOTS_MAX}"
    for number, slot in enumerate(slots, 1):
        if words := _slot_fault(slot, periods):
            return f"slot {number} {words}"
    for number, (former, slot) in enumerate(pairwise(slots), 2):
        if _utc(slot.start) < _utc(former.end):
            return f"slot {number} begins at {_shown(slot)}, before the one before it has ended"
    if _utc(slots[-1].end) - _utc(slots[0].start) > SPAN_MAX:
        return f"the slots span more than {SPAN_MAX.days} days"
    return ""


def gap(slots: Sequence[Slot]) -> str:
    """The first time between slots that none of them holds, in one sentence; empty if they are seamless."""
    for number, (former, slot) in enumerate(pairwise(slots), 2):
        if _utc(slot.start) != _utc(former.end):
            return f"slot {number} begins at {_shown(slot)}, and nothing is told about the time before it"
    return ""


def slot_at(slots: Sequence[Slot], wall: datetime) -> Slot | None:
    """The slot that holds an instant, of believable slots in UTC."""
    moment = _utc(wall)
    index = bisect_right(slots, moment, key=_start) - 1
    return slots[index] if index >= 0 and moment < slots[index].end else None


def _slot_fault(slot: Slot, periods: Sequence[str]) -> str:
    if slot.start.utcoffset() is None or slot.end.utcoffset() is None:
        return "has a time without its offset from UTC"
    if slot.start.year not in YEARS or slot.end.year not in YEARS:
        return f"is about the years {slot.start.year} to {slot.end.year}"
    if _utc(slot.end) <= _utc(slot.start):
        return f"begins at {_shown(slot)} and does not end after that"
    if slot.eur_kwh is None and not slot.period:
        return f"({_shown(slot)}) has neither price nor period"
    if slot.eur_kwh is not None and not abs(slot.eur_kwh) <= EUR_KWH_MAX:
        return f"({_shown(slot)}) costs {slot.eur_kwh:g} EUR/kWh; believable is -5 to 5"
    if slot.period and slot.period not in periods:
        known = ", ".join(periods) or "none"
        return f"({_shown(slot)}) names the period {slot.period!r}; known are {known}"
    return ""


def _start(slot: Slot) -> datetime:
    return slot.start


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _shown(slot: Slot) -> str:
    return slot.start.isoformat(timespec="minutes")
