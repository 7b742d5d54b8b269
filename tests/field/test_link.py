"""What a line knows about a unit: BUS-13, 30, 31, 33, 80."""

import pytest

from hems.field.exchange import Kind, Request
from hems.field.link import LineCounts, Link
from hems.field.plan import Block
from hems.field.profile import FAST, Limits


def test_the_timeout_follows_the_latency() -> None:
    """BUS-13: the cap until it answers, then four latencies between 0.1 s and the cap."""
    link = Link(1, Limits(answer_max_s=0.5))
    assert link.timeout_s == link.hold_s == 0.5
    link.answered(0.05)
    assert link.timeout_s == pytest.approx(0.2)
    link.answered(0.13)
    assert link.latency_s == pytest.approx(0.06)
    for _ in range(60):
        link.answered(0.01)
    assert link.timeout_s == 0.1
    for _ in range(60):
        link.answered(0.3)
    assert link.timeout_s == 0.5
    assert Link(1, Limits(answer_max_s=5.0)).timeout_s == 0.6


def test_the_quiet_follows_the_longest_answer() -> None:
    """BUS-30: one and a half of the longest, at least the timeout, at most 0.6 s."""
    link = Link(1, Limits())
    link.answered(0.1)
    link.answered(0.16)
    assert link.hold_s == pytest.approx(max(0.24, link.timeout_s))
    link.late(0.5)
    assert link.hold_s == 0.6
    assert link.errors["late"] == 1


def test_a_late_answer_within_the_quiet_teaches_nothing() -> None:
    link = Link(1, Limits())
    link.answered(0.1)
    longest_s = link.longest_s
    link.late(0.12)
    assert link.longest_s == longest_s


def test_latencies_are_kept_in_fixed_memory() -> None:
    """BUS-80: percentiles to a quarter's precision."""
    link = Link(1, Limits())
    assert link.latency_ms(0.5) is None
    for _ in range(95):
        link.answered(0.020)
    for _ in range(5):
        link.answered(0.2)
    link.answered(0.0001)
    link.answered(9.0)
    median, late = link.latency_ms(0.5), link.latency_ms(0.97)
    assert median is not None
    assert late is not None
    assert 20 <= median <= 25
    assert 200 <= late <= 250


ONE, OTHER, LONGER = Request(1, 3, 10, 1), Request(1, 3, 11, 1), Request(1, 3, 10, 2)


def doubtful(*asked: Request) -> Link:
    """A link whose first request timed out at 100 s."""
    link = Link(1, Limits())
    for request in asked:
        link.asked(request)
    link.failed("silence", asked[0], 100.0)
    return link


def test_after_a_timeout_only_the_same_request_of_that_shape_is_admitted() -> None:
    """BUS-33 a: writes always, other shapes too; for 5 s."""
    link = doubtful(ONE, OTHER)
    assert link.admits(ONE, 100.1)
    assert not link.admits(OTHER, 104.9)
    assert link.admits(LONGER, 100.1)
    assert link.admits(Request(1, 4, 11, 1), 100.1)
    assert link.admits(Request(1, 16, 11, values=(1,)), 100.1)
    written = doubtful(Request(1, 16, 11, values=(1,)))
    assert written.admits(Request(1, 16, 11, values=(2,)), 100.1)
    assert link.admits(OTHER, 105.0)
    assert not link.settled(ONE, 100.2)
    assert link.admits(OTHER, 100.3)


def test_bits_in_equal_bytes_have_equal_shapes() -> None:
    link = doubtful(Request(1, 1, 0, 3))
    assert not link.admits(Request(1, 1, 8, 8), 100.1)
    assert link.admits(Request(1, 1, 8, 9), 100.1)
    assert link.admits(Request(1, 2, 8, 3), 100.1)


def test_a_second_answer_matters_only_where_it_could_be_taken_for_anothers() -> None:
    """BUS-33 b: shared shapes of reads, and blocks of written registers; single writes show their value."""
    assert doubtful(ONE).settled(ONE, 100.2)
    assert not doubtful(ONE, OTHER).settled(ONE, 100.2)
    assert doubtful(ONE, OTHER).settled(ONE, 106.0)
    single = Request(1, 6, 5, values=(1,))
    assert doubtful(single).settled(single, 100.2)
    block = Request(1, 16, 5, values=(1,))
    assert not doubtful(block).settled(Request(1, 16, 5, values=(2,)), 100.2)


def test_equal_shapes_are_known_before_either_is_asked() -> None:
    """BUS-33 b: the very first late answer may meet the other one."""
    link = doubtful(ONE)
    link.declare([Block(3, 10, 1, (), FAST), Block(3, 11, 1, (), FAST), Block(3, 10, 2, (), FAST)])
    assert not link.settled(ONE, 100.2)
    link = doubtful(LONGER)
    link.declare([Block(3, 10, 1, (), FAST), Block(3, 10, 2, (), FAST)])
    assert link.settled(LONGER, 100.2)


def test_an_answer_of_another_shape_settles_all_that_was_owed() -> None:
    """A unit answers in order; one of the same shape may itself be the late one."""
    link = doubtful(ONE, OTHER, LONGER)
    assert link.settled(LONGER, 100.2)
    assert link.admits(OTHER, 100.3)
    link = doubtful(ONE, OTHER, LONGER)
    link.failed("silence", LONGER, 100.2)
    assert not link.settled(ONE, 100.4)
    assert not link.admits(Request(1, 3, 20, 2), 100.5)


def test_a_perhaps_late_answer_teaches_how_late_the_next_may_be() -> None:
    """BUS-31, 33: the quiet after it must reach as far; what is later than 0.6 s teaches nothing."""
    link = doubtful(ONE, OTHER)
    link.settled(ONE, 100.25)
    assert link.hold_s == pytest.approx(0.375)
    link = doubtful(ONE, OTHER)
    link.settled(ONE, 101.0)
    assert link.longest_s == 0.0
    link.answered(None)
    assert link.latency_s is None
    assert link.accepted == 1


@pytest.mark.parametrize("kind", ["silence", "noise", "unit", "short", "shape", "echo"])
def test_what_leaves_an_answer_owed(kind: Kind) -> None:
    link = Link(1, Limits())
    link.failed(kind, ONE, 100.0)
    assert not link.admits(OTHER, 100.1)
    assert link.errors[kind] == 1


@pytest.mark.parametrize("kind", ["crc", "exception"])
def test_what_ends_an_exchange_may_be_an_earlier_ones_answer(kind: Kind) -> None:
    """With nothing owed before, the answer was this one's; else its own may still come."""
    link = Link(1, Limits())
    link.failed(kind, ONE, 100.0)
    assert link.admits(OTHER, 100.1)
    link.failed("silence", LONGER, 100.0)
    link.failed(kind, ONE, 100.5)
    assert not link.admits(OTHER, 100.6)


def test_the_histogram_reaches_beyond_the_longest_answer() -> None:
    """BUS-80: p99 and the exact maximum, 32 steps."""
    link = Link(1, Limits())
    assert link.latency_max_ms is None
    for _ in range(99):
        link.answered(0.004)
    link.answered(0.595)
    assert link.latency_max_ms == pytest.approx(595)
    p95, p99, last = (link.latency_ms(share) for share in (0.95, 0.99, 1.0))
    assert p95 == p99
    assert last is not None
    assert 595 <= last <= 650
    assert len(link._histogram) == 32


def test_frames_of_somebody_else_are_counted_in_a_window() -> None:
    """Row 23: of 60 s, in fixed memory."""
    counts = LineCounts()
    for second in range(100):
        counts.overheard(float(second))
    assert counts.foreign == 100
    assert counts.foreign_lately(99.0) == 16
    assert counts.foreign_lately(150.0) == 10
    assert counts.foreign_lately(200.0) == 0


def test_a_single_slow_answer_is_forgotten_in_minutes() -> None:
    """BUS-30 with a memory that fades: else one slow moment would cost every slow read its room for ever."""
    link = Link(1, Limits())
    link.answered(0.25)
    assert link.hold_s == pytest.approx(0.375)
    for _ in range(60):
        link.answered(0.03)
    assert link.hold_s > 0.25
    for _ in range(540):
        link.answered(0.03)
    assert link.hold_s == pytest.approx(link.timeout_s)
