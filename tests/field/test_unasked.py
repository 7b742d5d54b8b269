"""Bytes nobody asked for: BUS-31, fault row 23."""

import pytest

from hems.field.codec import RTU
from hems.field.link import LineCounts, Link
from hems.field.profile import Limits
from hems.field.unasked import FRAME_MAX, Unasked
from tests.field.wires import framed


def test_sound_frames_between_two_silences_are_somebody_elses() -> None:
    """Requests and answers of another master, whole; not noise, not half a frame."""
    counts = LineCounts()
    unasked = Unasked(counts)
    for at_s, heard in enumerate((framed("0104000600" + "0c"), framed("0104020001"), b"\x00\x55", b"")):
        unasked.take(heard[:3], at_s)
        unasked.take(heard[3:], at_s)
        unasked.silence(RTU, float(at_s))
    assert counts.foreign == 2
    assert counts.foreign_lately(50.0) == 2
    assert counts.foreign_lately(60.5) == 1
    assert counts.unasked_bytes == 8 + 7 + 2


def test_the_first_bytes_after_a_timeout_are_its_late_answer() -> None:
    counts, link = LineCounts(), Link(1, Limits())
    unasked = Unasked(counts)
    unasked.blame(link, 10.0)
    unasked.take(framed("0104020001"), 10.45)
    unasked.silence(RTU, 10.5)
    assert link.errors["late"] == 1
    assert link.longest_s == pytest.approx(0.45)
    assert counts.foreign == 0
    unasked.take(b"\x01", 11.0)
    assert link.errors["late"] == 1


def test_after_the_next_request_nobody_is_blamed() -> None:
    link = Link(1, Limits())
    unasked = Unasked(LineCounts())
    unasked.blame(link, 10.0)
    unasked.forget()
    unasked.take(b"\x01", 10.4)
    assert link.errors["late"] == 0


def test_noise_long_afterwards_is_nobodys_late_answer() -> None:
    link = Link(1, Limits())
    unasked = Unasked(LineCounts())
    unasked.blame(link, 10.0)
    unasked.take(b"\x01", 15.0)
    assert link.errors["late"] == 0
    assert link.longest_s == 0.0


def test_babble_takes_no_memory() -> None:
    counts = LineCounts()
    unasked = Unasked(counts)
    for _ in range(100):
        unasked.take(bytes(100), 0.0)
    assert len(unasked._heard) <= FRAME_MAX + 100
    assert counts.unasked_bytes == 10_000
