"""When blocks are read and what becomes of refused ones: BUS-26."""

from dataclasses import replace

from hems.field import timetable
from hems.field.exchange import Failed
from hems.field.plan import Block
from hems.field.profile import Point, Quantity
from hems.field.timetable import Planned

REFUSED = Failed("exception", 2)


def point(quantity: Quantity, address: int) -> Point:
    return Point(quantity=quantity, function=3, addresses=(address,), wire="u16", unit="raw")


def block(period_s: float, *points: Point) -> Block:
    return Block(3, points[0].start, len(points), points, period_s)


def refuse(entries: list[Planned], entry: Planned, times: int, at_s: float = 0.0) -> None:
    for _ in range(times):
        timetable.failed(entries, entry, REFUSED, at_s, even=False)


FAST = block(0.0, point("status", 1))
SLOW = block(30.0, point("total_wh", 7))
PAIR = block(0.0, point("status", 1), point("confirmed_a", 2))


def test_only_fast_blocks_of_whom_protection_needs_are_kept() -> None:
    for kept, expected in ((True, [True, False]), (False, [False, False])):
        assert [entry.kept for entry in timetable.planned((FAST, SLOW), 0.0, kept=kept)] == expected


def test_a_point_refused_three_times_is_asked_once_a_minute_until_it_is_answered() -> None:
    entries = timetable.planned((FAST,), 0.0, kept=False)
    (entry,) = entries
    refuse(entries, entry, 2)
    assert timetable.fast(entries) == [entry]
    refuse(entries, entry, 1, at_s=10.0)
    assert (timetable.fast(entries), timetable.due(entries, 69.0)) == ([], [])
    assert timetable.due(entries, 70.0) == [entry]
    assert not timetable.readable(entries, "status")
    timetable.answered(entry, 70.0)
    assert (timetable.fast(entries), timetable.due(entries, 200.0)) == ([entry], [])
    assert timetable.readable(entries, "status")


def test_a_kept_point_is_never_left_out() -> None:
    entries = timetable.planned((FAST,), 0.0, kept=True)
    refuse(entries, entries[0], 9)
    assert (entries[0].refused, entries[0].lapsed, timetable.fast(entries)) == (True, False, entries)


def test_a_refused_block_falls_apart_and_its_parts_are_kept_as_it_was() -> None:
    entries = timetable.planned((PAIR,), 0.0, kept=True)
    whole = entries[0]
    refuse(entries, whole, 1)
    assert [(entry.block.address, entry.kept, entry.refusals) for entry in entries] == [
        (1, True, 0),
        (2, True, 0),
    ]
    refuse(entries, whole, 1)
    assert len(entries) == 2


def test_other_failures_are_no_refusals() -> None:
    entries = timetable.planned((SLOW,), 0.0, kept=False)
    for outcome in (Failed("silence"), Failed("exception", 6)) * 3:
        timetable.failed(entries, entries[0], outcome, 5.0, even=False)
    assert (entries[0].refusals, entries[0].due_mono_s) == (0, 6.0)


def test_a_read_back_goes_first_and_only_once() -> None:
    entries = timetable.planned((FAST, SLOW), 0.0, kept=False)
    assert timetable.fast(entries) == entries[:1]
    assert timetable.fast(entries, "total_wh") == [entries[1], entries[0]]
    assert timetable.fast(entries, "status") == entries[:1]
    assert timetable.fast(entries, "power_w") == entries[:1]


def test_the_probe_is_the_smallest_block_that_is_answered() -> None:
    entries = timetable.planned((PAIR, SLOW), 0.0, kept=False)
    assert timetable.smallest(entries) is entries[1]
    refuse(entries, entries[1], 3)
    assert timetable.smallest(entries) is entries[0]
    assert timetable.smallest([]) is None


def test_a_refused_block_gives_up_the_registers_it_was_lengthened_by() -> None:
    """BUS-26, 32: what nobody needs is not what is refused for good."""
    entries = timetable.planned((replace(FAST, count=3),), 0.0, kept=False)
    refuse(entries, entries[0], 1)
    assert [(entry.block, entry.refusals) for entry in entries] == [(FAST, 0)]
    refuse(entries, entries[0], 3)
    assert entries[0].lapsed
