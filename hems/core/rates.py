"""What charging costs when: slots of the price that is paid, from prices that were told or from the tariff.

Day-ahead prices are cut where the charges change with the period. A tariff of windows gives slots as far
ahead as is asked for. Where a period has no price of its own, cheap periods count as cheaper than the others,
and nothing more is said about money. A contact says nothing about the future.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise

from hems.core.readings import figure
from hems.core.tariff import ONE_DAY, TariffRules, paid_ueur_kwh, period_at
from hems.model.prices import SLOTTED, Prices, Slot

UEUR_PER_EUR = 1e6
CHEAP_RANK = 0.0
OTHER_RANK = 1.0
HALF_HOUR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Rates:
    """Slots in order, in UTC; `ranked`: their prices are no prices but only an order."""

    slots: tuple[Slot, ...] = ()
    ranked: bool = False


NO_RATES = Rates()


def rates(
    tariff: TariffRules | None, prices: Prices | None, since: datetime, until: datetime, zone: tzinfo
) -> Rates:
    """The rates from an instant on; those of windows end at `until`, told prices where they end."""
    if tariff is None:
        return NO_RATES
    if tariff.provider in SLOTTED:
        told = [slot for slot in prices.slots if slot.end > since] if prices is not None else []
        return Rates(tuple(_paid(tariff, _cut(tariff, told, zone))))
    since, until = since.astimezone(UTC), until.astimezone(UTC)
    if tariff.contact or until <= since:
        return NO_RATES
    pieces = list(_cut(tariff, [Slot(since, until)], zone))
    slots = tuple(_paid(tariff, pieces))
    if len(slots) == len(pieces):
        return Rates(slots)
    ranks = [CHEAP_RANK if piece.period in tariff.cheap else OTHER_RANK for piece in pieces]
    ordered = [
        Slot(piece.start, piece.end, rank, piece.period) for piece, rank in zip(pieces, ranks, strict=True)
    ]
    return Rates(tuple(ordered), ranked=True)


def by_slot(tariff: TariffRules, prices: Prices, zone: tzinfo) -> tuple[Slot, ...]:
    """The told slots, uncut, with what is paid in the period in which each begins."""
    return tuple(
        _paid(
            tariff,
            [
                Slot(slot.start, slot.end, slot.eur_kwh, slot.period or _period(tariff, slot.start, zone))
                for slot in prices.slots
            ],
        )
    )


def _paid(tariff: TariffRules, slots: Iterable[Slot]) -> Iterator[Slot]:
    """The slots with what is paid for a kWh; those without a price are left out."""
    for slot in slots:
        eur_kwh = figure(slot.eur_kwh if slot.eur_kwh is not None else tariff.eur_kwh.get(slot.period))
        if eur_kwh is not None:
            paid_eur_kwh = paid_ueur_kwh(tariff, slot.period, eur_kwh) / UEUR_PER_EUR
            yield Slot(slot.start, slot.end, paid_eur_kwh, slot.period)


def _cut(tariff: TariffRules, slots: Sequence[Slot], zone: tzinfo) -> Iterator[Slot]:
    """The slots in pieces of one tariff period each; a period that a slot names holds for all of it."""
    marks = _marks(tariff, slots, zone)
    for slot in slots:
        if slot.period or not tariff.windows:
            yield Slot(slot.start, slot.end, slot.eur_kwh, slot.period or tariff.otherwise or "")
            continue
        inside = [mark for mark in marks if slot.start < mark < slot.end]
        start, period = slot.start, _period(tariff, slot.start, zone)
        for mark in inside:
            following = _period(tariff, mark, zone)
            if following != period:
                yield Slot(start, mark, slot.eur_kwh, period)
                start, period = mark, following
        yield Slot(start, slot.end, slot.eur_kwh, period)


def _period(tariff: TariffRules, moment: datetime, zone: tzinfo) -> str:
    return period_at(tariff, moment.astimezone(zone)) or ""


def _marks(tariff: TariffRules, slots: Sequence[Slot], zone: tzinfo) -> list[datetime]:
    """When the period may change: at both readings of each window's ends, and where clocks turn."""
    if not slots or not tariff.windows:
        return []
    first, last = slots[0].start.astimezone(zone).date(), slots[-1].end.astimezone(zone).date()
    days = [first + number * ONE_DAY for number in range(-1, (last - first).days + 2)]
    midnights = [datetime(day.year, day.month, day.day) for day in days]
    minutes = {minute for window in tariff.windows for minute in (window.begins_min, window.ends_min)}
    marks = {
        (midnight + timedelta(minutes=minute)).replace(tzinfo=zone, fold=fold).astimezone(UTC)
        for midnight in midnights
        for minute in minutes
        for fold in (0, 1)
    }
    for today, tomorrow in pairwise(midnight.replace(tzinfo=zone) for midnight in midnights):
        if today.utcoffset() != tomorrow.utcoffset():
            marks |= {today.astimezone(UTC) + step * HALF_HOUR for step in range(51)}
    return sorted(marks)
