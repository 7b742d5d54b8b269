"""When blocks are read and what becomes of refused ones: BUS-26."""

from dataclasses import replace

from hems.field import timetable
from hems.field.exchange import Failed
from hems.field.plan import Block
from hems.field.profile import ONCE, Point, Quantity
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
    assert not timetable.readable(entries, ("status",))
    timetable.answered(entry, 70.0)
    assert (timetable.fast(entries), timetable.due(entries, 200.0)) == ([entry], [])
    assert timetable.readable(entries, ("status",))


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


def test_when_a_plan_is_outdated() -> None:
    """BUS-55: t_dev is measured; twice as long or half as long is worth a new plan."""
    entries = timetable.planned((FAST, SLOW), 0.0, kept=False, answer_s=0.02)
    worth = [timetable.outdated(entries, answer_s) for answer_s in (0.009, 0.01, 0.04, 0.041)]
    assert worth == [True, False, False, True]
    fine = timetable.planned((FAST,), 0.0, kept=False, answer_s=0.001)
    assert not timetable.outdated(fine, 0.004)
    assert not timetable.outdated([], 0.3)


def test_a_plan_that_was_refused_in_parts_is_not_made_again() -> None:
    """BUS-26: what the device has shown is remembered for this run."""
    entries = timetable.planned((PAIR, SLOW), 0.0, kept=False)
    refuse(entries, entries[0], 1)
    assert len(entries) == 3
    assert not timetable.outdated(entries, 0.3)
    single = timetable.planned((FAST,), 0.0, kept=False)
    refuse(single, single[0], 1)
    assert not timetable.outdated(single, 0.3)


def test_a_new_plan_goes_on_where_the_one_before_it_stood() -> None:
    before = timetable.planned((FAST, SLOW), 0.0, kept=False)
    timetable.answered(before[1], 100.0)
    both = replace(SLOW, points=(*SLOW.points, *FAST.points))
    after = timetable.planned((SLOW, FAST, both), 101.0, kept=False)
    timetable.inherit(after, before)
    assert [entry.due_mono_s for entry in after] == [130.0, 0.0, 0.0]


def test_once_is_once_until_it_is_planned_again() -> None:
    """BUS-56: a nameplate is read after each return, and again only if it was missed."""
    entries = timetable.planned((replace(SLOW, period_s=ONCE),), 0.0, kept=False)
    assert timetable.fast(entries) == []
    timetable.failed(entries, entries[0], Failed("silence"), 5.0, even=False)
    assert timetable.due(entries, 6.0) == entries
    timetable.answered(entries[0], 6.0)
    assert timetable.due(entries, 1e9) == []
