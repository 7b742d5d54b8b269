"""The cheapest schedule against every schedule there is (CHG-91)."""

from collections.abc import Iterable, Sequence
from itertools import combinations, groupby
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.core.cheapest import cheapest, window
from hems.core.spans import UNPRICED, Span

Priced = tuple[int, int | None]
"""How many minutes, at which price."""


def row(*priced: Priced) -> list[Span]:
    """Spans from minute 0 on."""
    spans, at = [], 0
    for length, price in priced:
        spans.append(Span(at, at + length, UNPRICED if price is None else price, price and price / 100, ""))
        at += length
    return spans


def minutes(spans: Iterable[Span]) -> tuple[int, ...]:
    """Every minute that is charged."""
    return tuple(minute for span in spans for minute in range(span.begins_us, span.ends_us))


def runs(charged: Iterable[int]) -> list[list[int]]:
    """The pieces of charging as first and last minute."""
    groups = groupby(enumerate(charged), lambda pair: pair[1] - pair[0])
    pieces = [[minute for _, minute in group] for _, group in groups]
    return [[piece[0], piece[-1]] for piece in pieces]


def cost(prices: Sequence[int | None], charged: Iterable[int]) -> tuple[int, int]:
    """Minutes without a price, and what the others cost."""
    paid = [prices[minute] for minute in charged]
    return paid.count(None), sum(price for price in paid if price is not None)


def every_minute(spans: Iterable[Span]) -> list[int | None]:
    return [
        None if span.rank == UNPRICED else span.rank
        for span in spans
        for _ in range(span.begins_us, span.ends_us)
    ]


def best(prices: Sequence[int | None], need: int, begun: bool, goes_on: bool) -> tuple[int, ...]:
    """Of all ways to choose minutes: the cheapest, then the fewest pieces, then more charge at the end."""
    edges = ([-1] if begun else [], [len(prices)] if goes_on else [])
    return min(
        combinations(range(len(prices)), need),
        key=lambda charged: (
            cost(prices, charged),
            len(runs([*edges[0], *charged, *edges[1]])),
            [-minute for minute in reversed(charged)],
        ),
    )


ROWS = st.lists(
    st.tuples(st.integers(1, 3), st.none() | st.sampled_from([-7, 3, 3, 5, 5, 5, 9])), min_size=1, max_size=10
).filter(lambda priced: sum(length for length, _ in priced) <= 13)


@settings(max_examples=400, deadline=None)
@given(ROWS, st.data(), st.booleans(), st.booleans())
def test_no_schedule_is_better(priced: list[Priced], data: st.DataObject, begun: bool, goes_on: bool) -> None:
    """CHG-91: exact cost, then fewer pieces, then the later."""
    spans = row(*priced)
    prices = every_minute(spans)
    need = data.draw(st.integers(0, len(prices)))
    chosen = cheapest(spans, need, begun, goes_on)
    assert minutes(chosen) == best(prices, need, begun, goes_on)
    assert all(
        span.rank == (UNPRICED if (price := prices[span.begins_us]) is None else price) for span in chosen
    )


@settings(max_examples=150, deadline=None)
@given(ROWS, st.data())
def test_no_window_is_better(priced: list[Priced], data: st.DataObject) -> None:
    """CHG-91: exact cost in one piece, then the later; it begins or ends at a border."""
    spans = row(*priced)
    prices = every_minute(spans)
    need = data.draw(st.integers(0, len(prices)))
    windows = [tuple(range(first, first + need)) for first in range(len(prices) - need + 1)]
    chosen = minutes(window(spans, need))
    assert chosen == min(windows, key=lambda charged: (cost(prices, charged), -charged[0] if charged else 0))
    assert not need or {chosen[0], chosen[-1] + 1} & {0, *(span.ends_us for span in spans)}


@pytest.mark.parametrize(
    ("priced", "need", "pieces"),
    [
        ([(60, 5)], 20, [[40, 59]]),
        ([(60, 5), (60, 3), (60, 5)], 80, [[60, 139]]),
        ([(60, 3), (60, 5), (60, 3)], 60, [[120, 179]]),
        ([(60, 3), (60, 5), (60, 3)], 90, [[30, 59], [120, 179]]),
        ([(60, 3), (60, 5), (60, 3)], 150, [[0, 59], [90, 179]]),
        ([(60, 3), (60, 5), (60, 3)], 180, [[0, 179]]),
        ([(30, 3), (10, 5), (30, 3), (20, 5), (30, 3)], 105, [[0, 69], [85, 119]]),
        ([(30, 3), (10, 5), (30, 3), (20, 5), (30, 3)], 115, [[0, 29], [35, 119]]),
        ([(120, 5), (60, 9), (30, 5)], 40, [[80, 119]]),
        ([(120, 5), (60, 9), (30, 5)], 20, [[190, 209]]),
        ([(10, 3), (20, 5), (10, 3), (10, 9), (10, 5)], 25, [[0, 9], [25, 39]]),
        ([(40, 5), (10, 9), (10, 5), (10, 9), (20, 3), (20, 5)], 70, [[10, 39], [70, 109]]),
        ([(60, None), (60, 5), (60, None)], 70, [[60, 129]]),
        ([(60, 5), (60, -3), (60, 5)], 10, [[110, 119]]),
    ],
    ids=[
        "one price: as late as can be",
        "the dearer time prolongs the piece at its end",
        "of two equal the later",
        "a piece is left at its beginning",
        "what does not close a gap is charged before the later piece",
        "a gap closes",
        "the gap that can be closed, the rest before the later piece",
        "of two gaps of which one can be closed the later",
        "one piece in the time that has room for it",
        "the later time if it has room",
        "rather in a gap that stays than in a new piece",
        "what prolongs a piece is no room before it",
        "without a price only what is needed, at the end",
        "a negative price",
    ],
)
def test_what_is_chosen_among_equals(priced: list[Priced], need: int, pieces: list[list[int]]) -> None:
    """CHG-91: fewer pieces before later."""
    assert runs(minutes(cheapest(row(*priced), need))) == pieces


def test_what_is_charged_at_the_edges_counts_as_a_piece() -> None:
    """CHG-91: to prolong it opens no new one."""
    spans = row((60, 5), (60, 3), (60, 5))
    assert runs(minutes(cheapest(spans, 70, begun=True))) == [[60, 129]]
    spans = row((60, 5), (60, 9), (60, 5))
    assert runs(minutes(cheapest(spans, 70, begun=True))) == [[0, 9], [120, 179]]
    assert runs(minutes(cheapest(spans, 40, begun=True))) == [[0, 39]]
    assert runs(minutes(cheapest(spans, 70, begun=True, goes_on=True))) == [[0, 9], [120, 179]]
    assert cheapest(spans, 0) == cheapest([], 0) == window(spans, 0) == []


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.integers(-40, 40), min_size=96, max_size=96),
    st.integers(1, 287),
    st.integers(0, 2),
    st.booleans(),
)
def test_a_day_of_quarter_hours_costs_what_dynamic_programming_finds(
    prices: list[int], need: int, late: int, few: bool
) -> None:
    """CHG-91, CHG-96: steps of five minutes, a part of the first slot has gone; `few`: many equal prices."""
    prices = [price % 3 if few else price for price in prices]
    spans = row(*((3, price) for price in prices))
    spans[0] = spans[0]._replace(begins_us=late)
    chosen = cheapest(spans, min(need, 288 - late))
    charged = minutes(chosen)
    paid = sum(span.rank * (span.ends_us - span.begins_us) for span in chosen)
    assert (paid, len(runs(charged))) == least(
        [price for price in prices for _ in range(3)][late:], len(charged)
    )
    assert len(charged) == min(need, 288 - late)


def least(prices: Sequence[int], need: int) -> tuple[int, int]:
    """The least cost of so many steps, and the fewest pieces it takes."""
    never = (10**9, 0)
    off, on = [(0, 0), *[never] * need], [never] * (need + 1)
    for price in prices:
        for used in range(need, -1, -1):
            rested = min(off[used], on[used])
            if used:
                (begin, pieces), (go_on, same) = off[used - 1], on[used - 1]
                on[used] = min((begin + price, pieces + 1), (go_on + price, same))
            else:
                on[used] = never
            off[used] = rested
    return min(off[need], on[need])


@pytest.mark.parametrize("prices", [(5, 3), (5, 3, 5, 3, 3), (5,), (5, 3, 9, 3)])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.75, 0.95])
def test_no_pattern_of_equal_prices_takes_long(prices: tuple[int, ...], share: float) -> None:
    """CHG-96: a week of quarter-hours; the bound is wide, a machine may be busy."""
    spans = row(*((900, prices[number % len(prices)]) for number in range(672)))
    began = process_time()
    cheapest(spans, round(672 * 900 * share))
    window(spans, round(672 * 900 * share))
    assert process_time() - began < 0.1
