"""When each block of a device is read, and what becomes of one the device refuses.

A refused block falls apart; a single point that is refused again and again lapses: it is asked once a minute
until it is answered. A block that is `kept` never lapses: protection cannot do without it. A refusal may be
only a device that starts, so nothing is left out for good.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from hems.field.exchange import Failed
from hems.field.plan import Block, split
from hems.field.profile import FAST, Quantity

PLAN_AT_FAULT: Final = frozenset({1, 2, 3})
REFUSALS_MAX: Final = 3
FAILED_RETRY_S: Final = 1.0
LAPSED_RETRY_S: Final = 60.0
EARLY_S: Final = 0.5
"""Half a tick: a slow block is read in the tick nearest to its time, not always in the one after."""


@dataclass(slots=True, eq=False)
class Planned:
    """A block, when it is due again, how often it was refused, and whether it is asked all the same."""

    block: Block
    due_mono_s: float
    kept: bool = False
    refusals: int = 0

    @property
    def refused(self) -> bool:
        """Whether the device does not have it, as far as it says."""
        return self.refusals >= REFUSALS_MAX

    @property
    def lapsed(self) -> bool:
        """Whether it is only asked now and then."""
        return self.refused and not self.kept

    def holds(self, quantity: Quantity) -> bool:
        """Whether a quantity lies in it."""
        return any(point.quantity == quantity for point in self.block.points)


def planned(blocks: Iterable[Block], now_mono_s: float, *, kept: bool) -> list[Planned]:
    """All blocks, due now; with `kept` the fast ones never lapse."""
    return [Planned(block, now_mono_s, kept and block.period_s == FAST) for block in blocks]


def fast(entries: Iterable[Planned], *first: Quantity) -> list[Planned]:
    """What is read in every tick; before all else, though it be slow, what holds one of `first`."""
    urgent = [entry for entry in entries if any(entry.holds(quantity) for quantity in first)]
    every_tick = [entry for entry in entries if entry.block.period_s == FAST and not entry.lapsed]
    return urgent + [entry for entry in every_tick if entry not in urgent]


def due(entries: Iterable[Planned], now_mono_s: float) -> list[Planned]:
    """What is slow or lapsed and due now, the longest overdue first."""
    slow = [entry for entry in entries if entry.block.period_s != FAST or entry.lapsed]
    found = [entry for entry in slow if now_mono_s >= entry.due_mono_s - EARLY_S]
    return sorted(found, key=lambda entry: entry.due_mono_s)


def smallest(entries: Iterable[Planned]) -> Planned | None:
    """The cheapest block to ask whether the device is there."""
    return min(entries, key=lambda entry: (entry.lapsed, entry.block.count), default=None)


def readable(entries: Iterable[Planned], quantity: Quantity) -> bool:
    """Whether a quantity can be expected in time."""
    return any(entry.holds(quantity) and not entry.lapsed for entry in entries)


def answered(entry: Planned, now_mono_s: float) -> None:
    """A block was read; one that had lapsed is back."""
    entry.due_mono_s = now_mono_s + entry.block.period_s
    entry.refusals = 0


def failed(entries: list[Planned], entry: Planned, outcome: Failed, now_mono_s: float, *, even: bool) -> None:
    """A block was not read; one the device does not have is split, or asked less often."""
    if outcome.kind == "exception" and outcome.code in PLAN_AT_FAULT and entry in entries:
        entry.refusals += 1
        parts = split(entry.block, even)
        if parts != (entry.block,):
            entries.remove(entry)
            entries.extend(Planned(part, now_mono_s + FAILED_RETRY_S, entry.kept) for part in parts)
    entry.due_mono_s = now_mono_s + (LAPSED_RETRY_S if entry.lapsed else FAILED_RETRY_S)
