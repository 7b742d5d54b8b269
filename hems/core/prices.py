"""Slots of prices: what makes them believable, and which one an instant lies in. Times compare in UTC."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

from hems.model.phrase import Gap, Phrase
from hems.model.prices import Slot

SLOTS_MAX: Final = 700
SPAN_MAX: Final = timedelta(days=7)
EUR_KWH_MAX: Final = 5.0
"""No kilowatt-hour was ever dearer, or paid for more."""

YEARS: Final = range(2000, 2200)
"""Other times are no times of prices, and the calendar itself ends somewhere."""


def fault(slots: Sequence[Slot], periods: Sequence[str]) -> Phrase | None:
    """Why slots cannot be believed, in one sentence; ``None`` if they can.

    `periods` are the tariff periods that a slot may name.
    """
    if not 1 <= len(slots) <= SLOTS_MAX:
        return Phrase("{count} slots; there must be 1 to {most}", {"count": len(slots), "most": SLOTS_MAX})
    for number, slot in enumerate(slots, 1):
        if why := _slot_fault(slot, periods):
            return Phrase("slot {number} {fault}", {"number": number, "fault": why})
    for number, (former, slot) in enumerate(pairwise(slots), 2):
        if _utc(slot.start) < _utc(former.end):
            words = "slot {number} begins at {start}, before the one before it has ended"
            return Phrase(words, {"number": number, "start": _shown(slot)})
    if _utc(slots[-1].end) - _utc(slots[0].start) > SPAN_MAX:
        return Phrase("the slots span more than {days} days", {"days": SPAN_MAX.days})
    return None


def gap(slots: Sequence[Slot]) -> Phrase | None:
    """The first time between slots that none of them holds; ``None`` if they are seamless."""
    for number, (former, slot) in enumerate(pairwise(slots), 2):
        if _utc(slot.start) != _utc(former.end):
            words = "slot {number} begins at {start}, and nothing is told about the time before it"
            return Phrase(words, {"number": number, "start": _shown(slot)})
    return None


def slot_at(slots: Sequence[Slot], wall: datetime) -> Slot | None:
    """The slot that holds an instant, of believable slots in UTC."""
    moment = _utc(wall)
    index = bisect_right(slots, moment, key=_start) - 1
    return slots[index] if index >= 0 and moment < slots[index].end else None


def _slot_fault(slot: Slot, periods: Sequence[str]) -> Phrase | None:
    start = {"start": _shown(slot)}
    if slot.start.utcoffset() is None or slot.end.utcoffset() is None:
        return Phrase("has a time without its offset from UTC")
    if slot.start.year not in YEARS or slot.end.year not in YEARS:
        years = {"first": slot.start.year, "last": slot.end.year}
        return Phrase("is about the years {first} to {last}", years)
    if _utc(slot.end) <= _utc(slot.start):
        return Phrase("begins at {start} and does not end after that", start)
    if slot.eur_kwh is None and not slot.period:
        return Phrase("({start}) has neither price nor period", start)
    if slot.eur_kwh is not None and not abs(slot.eur_kwh) <= EUR_KWH_MAX:
        words = "({start}) costs {eur_kwh:g} EUR/kWh; believable is -5 to 5"
        return Phrase(words, {**start, "eur_kwh": slot.eur_kwh})
    if slot.period and slot.period not in periods:
        words = "({start}) names the period {period}; known are {known}"
        known: Gap = ", ".join(periods) or Phrase("none")
        return Phrase(words, {**start, "period": repr(slot.period), "known": known})
    return None


def _start(slot: Slot) -> datetime:
    return slot.start


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _shown(slot: Slot) -> str:
    return slot.start.isoformat(timespec="minutes")
