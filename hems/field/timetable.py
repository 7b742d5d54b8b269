"""When each block of a device is read, and what becomes of one the device refuses.

A refused block falls apart; a single point that is refused again and again lapses: it is asked once a minute
until it is answered. A block that is `kept` never lapses: protection cannot do without it. A refusal may be
only a device that starts, so nothing is left out for good.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from hems.field.exchange import Failed
from hems.field.plan import Block, split
from hems.field.profile import FAST, TYPICAL_ANSWER_S, Quantity

PLAN_AT_FAULT: Final = frozenset({1, 2, 3})
REFUSALS_MAX: Final = 3
FAILED_RETRY_S: Final = 1.0
LAPSED_RETRY_S: Final = 60.0
REPLAN_FACTOR: Final = 2.0
FINEST_S: Final = 0.002
"""Differences below this change no plan."""
EARLY_S: Final = 0.5
"""Half a tick: a slow block is read in the tick nearest to its time, not always in the one after."""


@dataclass(slots=True, eq=False)
class Planned:
    """A block, when it is due again, how often it was refused, and whether it is asked all the same.

    `answer_s` is how long the device was taken to think when the block was planned; ``None`` for a part of
    one that was refused.
    """

    block: Block
    due_mono_s: float
    kept: bool = False
    answer_s: float | None = None
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


def planned(
    blocks: Iterable[Block], now_mono_s: float, *, kept: bool, answer_s: float = TYPICAL_ANSWER_S
) -> list[Planned]:
    """All blocks, due now; with `kept` the fast ones never lapse."""
    return [Planned(block, now_mono_s, kept and block.period_s == FAST, answer_s) for block in blocks]


def outdated(entries: Sequence[Planned], answer_s: float) -> bool:
    """Whether a new plan is worth it; never after a refusal, which has shown how the device wants to be read.

    It is worth it when the device thinks more than twice or less than half as long as was planned for.
    """
    planned_for_s = [entry.answer_s for entry in entries if entry.answer_s is not None and not entry.refusals]
    if not entries or len(planned_for_s) < len(entries):
        return False
    low_s, high_s = sorted(max(FINEST_S, one_s) for one_s in (planned_for_s[0], answer_s))
    return high_s > REPLAN_FACTOR * low_s


def inherit(entries: Iterable[Planned], before: Sequence[Planned]) -> None:
    """A new plan goes on where the one before it stood: nothing is read sooner than it was due."""
    for entry in entries:
        points = set(entry.block.points)
        entry.due_mono_s = min(old.due_mono_s for old in before if points & set(old.block.points))


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


def holding(entries: Iterable[Planned], quantities: Sequence[Quantity]) -> list[Planned]:
    """What holds any of these, unless the device does not have it."""
    return [
        entry
        for entry in entries
        if not entry.lapsed and any(entry.holds(quantity) for quantity in quantities)
    ]


def readable(entries: Sequence[Planned], quantities: Iterable[Quantity]) -> bool:
    """Whether all these can be expected in time."""
    return all(holding(entries, (quantity,)) for quantity in quantities)


def soon(entries: Iterable[Planned], quantities: Sequence[Quantity], now_mono_s: float) -> None:
    """These are due now, unless the device does not have them."""
    for entry in holding(entries, quantities):
        entry.due_mono_s = min(entry.due_mono_s, now_mono_s)


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
