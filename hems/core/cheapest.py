"""The cheapest way to charge for so long within a row of spans (CHG-91).

How it works. Because a car may be charged in any part of a span, the cheapest schedule takes whole spans in
the order of their prices until the need is met, and only the dearest price it needs leaves a choice. Of the
time at that price first gaps between chosen spans are closed, then chosen pieces are prolonged, then as few
new ones as possible are opened; among all schedules that do so it is the one that charges more at the end.
"""

from bisect import bisect_left, bisect_right
from itertools import accumulate, groupby
from operator import attrgetter
from typing import Final, NamedTuple

from hems.core.spans import BEGINNING, Span, cut

RANK: Final = attrgetter("rank")


class Stretch(NamedTuple):
    """Neighbouring spans at the price that leaves a choice, and what is charged right before and after."""

    spans: tuple[Span, ...]
    length_us: int
    after_charge: bool
    before_charge: bool

    @property
    def bridge(self) -> bool:
        """Whether it would close a gap."""
        return self.after_charge and self.before_charge

    @property
    def lone(self) -> bool:
        """Whether it would be a piece of its own."""
        return not (self.after_charge or self.before_charge)


def cheapest(row: list[Span], need_us: int, begun: bool = False, goes_on: bool = False) -> list[Span]:
    """The cheapest parts of a row; `begun` and `goes_on`: it is charged directly before it, and after it."""
    if need_us <= 0:
        return []
    ordered = sorted(row, key=RANK)
    sums = list(accumulate(span.ends_us - span.begins_us for span in ordered))
    rank = ordered[bisect_left(sums, need_us)].rank
    cheaper = bisect_left(ordered, rank, key=RANK)
    groups = [
        (kind, tuple(spans))
        for kind, spans in groupby(row, lambda span: (span.rank > rank) - (span.rank < rank))
    ]
    charged = [begun, *(kind < 0 for kind, _ in groups), goes_on]
    open_to = [
        Stretch(spans, spans[-1].ends_us - spans[0].begins_us, charged[index], charged[index + 2])
        for index, (kind, spans) in enumerate(groups)
        if kind == 0
    ]
    filled = _filled(open_to, need_us - (sums[cheaper - 1] if cheaper else 0))
    parts = (span for stretch, us in filled for span in _part(stretch, us))
    return sorted([*ordered[:cheaper], *parts], key=BEGINNING)


def _filled(stretches: list[Stretch], left_us: int) -> list[tuple[Stretch, int]]:
    """How much of which stretch is charged: the fewest pieces, then the later."""
    bridges = [stretch for stretch in stretches if stretch.bridge]
    bridged_us = sum(stretch.length_us for stretch in bridges)
    if bridged_us > left_us:
        return _bridged([stretch for stretch in stretches if not stretch.lone], left_us)
    others = [stretch for stretch in stretches if not stretch.bridge]
    return [(stretch, stretch.length_us) for stretch in bridges] + _opened(others, left_us - bridged_us)


def _bridged(stretches: list[Stretch], left_us: int) -> list[tuple[Stretch, int]]:
    """As many gaps closed as can be, from the end on; the rest prolongs pieces."""
    gaps = sorted(stretch.length_us for stretch in stretches if stretch.bridge)
    closing = bisect_right(list(accumulate(gaps)), left_us)
    filled = []
    for stretch in reversed(stretches):
        if stretch.bridge:
            gaps.remove(stretch.length_us)
        if stretch.bridge and closing and stretch.length_us + sum(gaps[: closing - 1]) <= left_us:
            us, closing = stretch.length_us, closing - 1
        else:
            us = min(stretch.length_us, left_us - sum(gaps[:closing]))
        filled.append((stretch, us))
        left_us -= us
    return filled


def _opened(stretches: list[Stretch], left_us: int) -> list[tuple[Stretch, int]]:
    """Pieces prolonged, and as few new ones as can be, from the end on."""
    lone = sorted((stretch.length_us for stretch in stretches if stretch.lone), reverse=True)
    reach_us = sum(stretch.length_us for stretch in stretches if not stretch.lone)
    opening = bisect_left([0, *accumulate(lone)], left_us - reach_us)
    filled = []
    for stretch in reversed(stretches):
        us = min(stretch.length_us, left_us)
        if not stretch.lone:
            reach_us -= stretch.length_us
        else:
            lone.remove(stretch.length_us)
            if opening and stretch.length_us + reach_us + sum(lone[: opening - 1]) >= left_us:
                opening -= 1
            else:
                us = 0
        filled.append((stretch, us))
        left_us -= us
    return filled


def _part(stretch: Stretch, us: int) -> list[Span]:
    """So much of a stretch: its end, unless only its beginning touches what is charged."""
    begins_us, ends_us = stretch.spans[0].begins_us, stretch.spans[-1].ends_us
    if stretch.after_charge and not stretch.before_charge:
        return cut(stretch.spans, begins_us, begins_us + us)
    return cut(stretch.spans, ends_us - us, ends_us)


def window(row: list[Span], need_us: int) -> list[Span]:
    """The cheapest window of a row, the latest of equals; it begins or ends where a span does.

    Between such places the cost changes evenly with the window's place, so no other can be cheaper.
    """
    if need_us <= 0:
        return []
    first_us, last_us = row[0].begins_us, row[-1].ends_us - need_us
    borders = [first_us, *(span.ends_us for span in row)]
    sums = [0, *accumulate(span.rank * (span.ends_us - span.begins_us) for span in row)]

    def cost(until_us: int) -> int:
        index = bisect_left(borders, until_us)
        return sums[index] - (borders[index] - until_us) * row[index - 1].rank

    places = list(zip(borders, sums, strict=True))
    begin = [(cost(us + need_us) - total, -us) for us, total in places if us <= last_us]
    end = [(total - cost(us - need_us), need_us - us) for us, total in places if us - need_us >= first_us]
    begins_us = -min(begin + end)[1]
    return cut(row, begins_us, begins_us + need_us)
