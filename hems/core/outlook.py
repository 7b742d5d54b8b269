"""What electricity costs when, by the tariff in force, for the eyes: every known slot and how cheap it is.

Told prices are shown as long as they are kept, windows from the beginning of today to the end of tomorrow.
It is made anew only when the tariff, the prices or the local day have changed; without a trusted wall clock
nobody knows which day it is, and what was known before stays.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo

from hems.core.rates import by_slot, rates
from hems.core.scores import ScoreEntry, scores
from hems.core.tariff import TariffRules
from hems.model.instant import Instant
from hems.model.prices import SLOTTED, Outlook, Prices, Rated, Slot

SHOWN_DAYS = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class State:
    """The outlook and what it was made of."""

    outlook: Outlook = field(default_factory=Outlook)
    tariff: TariffRules | None = None
    prices: Prices | None = None
    day: date | None = None


def step(tariff: TariffRules | None, state: State, prices: Prices | None, now: Instant) -> State:
    """One cycle."""
    day = now.wall.date() if now.trusted else state.day
    same = tariff is state.tariff or tariff == state.tariff
    if same and prices is state.prices and day == state.day:
        return state
    if tariff is None:
        return State(Outlook(), tariff, prices, day)
    zone = now.wall.tzinfo or UTC
    slots, ranked = _slots(tariff, prices, day, zone)
    entries = () if ranked else scores(slots, zone)
    rated = {entry.start: entry for entry in entries}
    known_until = prices.slots[-1].end if prices is not None and prices.slots else None
    shown = tuple(_rated(tariff, slot, rated.get(slot.start)) for slot in slots)
    return State(Outlook(tariff.provider, shown, known_until), tariff, prices, day)


def _slots(
    tariff: TariffRules, prices: Prices | None, day: date | None, zone: tzinfo
) -> tuple[tuple[Slot, ...], bool]:
    """The slots, and whether their prices are none but only an order."""
    if tariff.provider in SLOTTED:
        return (by_slot(tariff, prices, zone) if prices is not None else ()), False
    if day is None:
        return (), True
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    known = rates(tariff, None, midnight, midnight + SHOWN_DAYS, zone)
    return known.slots, known.ranked


def _rated(tariff: TariffRules, slot: Slot, entry: ScoreEntry | None) -> Rated:
    return Rated(
        slot.start,
        slot.end,
        entry.value if entry is not None else None,
        entry.weighting if entry is not None else None,
        slot.period,
        slot.period in tariff.cheap,
    )
