"""What a line knows about a unit: BUS-13, 14, 30, 31, 80."""

import pytest

from hems.field.link import Link
from hems.field.profile import Limits


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


def test_the_turn_time_climbs_with_misses() -> None:
    """BUS-14: three misses in twenty; 20, 50, 100, 200 ms."""
    link = Link(1, Limits())
    seen = []
    for _ in range(15):
        link.turned(missed=True)
        link.answered(0.02)
        seen.append(link.turn_s)
    assert seen[2::3] == [0.02, 0.05, 0.1, 0.2, 0.2]
    steady = Link(1, Limits(turn_s=0.05))
    for i in range(100):
        steady.turned(missed=i % 10 == 0)
        steady.answered(0.02)
    assert steady.turn_s == 0.05


def test_a_row_of_misses_is_one_and_counts_when_the_unit_answers_again() -> None:
    """BUS-14: an absence says nothing about the turn time, however long or often it is asked after."""
    link = Link(1, Limits())
    for _ in range(2):
        for _ in range(50):
            link.turned(missed=True)
        assert link.turn_s == 0.0
        link.answered(0.02)
    assert link.turn_s == 0.0
    link.turned(missed=True)
    link.answered(0.02)
    assert link.turn_s == 0.02


def test_after_three_misses_in_a_row_the_longest_turn_is_tried() -> None:
    link = Link(1, Limits(turn_s=0.05))
    for due_s in (0.05, 0.05, 0.05, 0.2):
        assert link.turn_due_s == due_s
        link.turned(missed=True)
    link.answered(0.02)
    assert link.turn_due_s == 0.05
    assert Link(1, Limits(turn_s=0.5)).turn_due_s == 0.5


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
