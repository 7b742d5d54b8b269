"""When an answer is looked at again: BUS-11, 12, 23."""

import pytest

from hems.field.codec import RTU
from hems.field.exchange import Accepted, Request
from hems.field.reception import LATE_CHARS, SEEN_CHARS, Reception, Wait
from hems.field.wire import STALL_S, Wire
from tests.field.wires import framed

READ = Request(1, 4, 0, 20)
GOOD = framed("010428" + "00" * 40)
C = 0.001


def reception() -> Reception:
    wire = Wire(C, 3.5 * C)
    return Reception(READ, RTU, wire, sent_mono_s=9.9, timeout_s=0.3, first_mono_s=10.0, last_mono_s=10.0)


def test_header_then_the_last_character() -> None:
    coming = reception()
    first = coming.take(GOOD[:1], 10.0, listening=True)
    assert isinstance(first, Wait)
    assert not first.listen
    assert abs(first.wake_mono_s - (10.0 + (4 + LATE_CHARS) * C)) < 1e-9
    header = coming.take(GOOD[1:5], first.wake_mono_s, listening=False)
    assert isinstance(header, Wait)
    assert abs(header.wake_mono_s - (10.0 + (43 + LATE_CHARS) * C)) < 1e-9
    last = coming.take(GOOD[5:44], header.wake_mono_s, listening=False)
    assert isinstance(last, Wait)
    assert last.listen
    assert coming.take(GOOD[44:], 10.044, listening=True) == Accepted((0,) * 20)


def test_a_stall_ends_after_50_ms() -> None:
    coming = reception()
    coming.take(GOOD[:20], 10.019, listening=True)
    wait = coming.take(b"", 10.05, listening=False)
    assert isinstance(wait, Wait)
    assert wait.listen
    assert wait.end_mono_s == pytest.approx(10.019 + STALL_S + SEEN_CHARS * C)
    assert wait.kind == "short"


def test_a_stutter_cannot_go_on_for_ever() -> None:
    """BUS-12: first byte + 1.5 × predicted + 50 ms is the very end."""
    coming = reception()
    wait = None
    for i in range(10):
        wait = coming.take(GOOD[i : i + 1], 10.0 + i * 0.04, listening=True)
    assert isinstance(wait, Wait)
    assert abs(wait.end_mono_s - (10.0 + 1.5 * len(GOOD) * C + STALL_S)) < 1e-9


def test_another_units_frame_leaves_the_timeout_in_force() -> None:
    wait = reception().take(framed("0204020000"), 10.0, listening=True)
    assert isinstance(wait, Wait)
    assert wait.kind == "unit"
    assert wait.end_mono_s == 9.9 + 0.3


def test_a_long_answer_is_not_awaited_beyond_the_timeout_for_another_units_frame() -> None:
    """Row 12: the answer that did not begin in time has no time of its own."""
    coming = reception()
    coming.timeout_s = 0.12
    wait = coming.take(framed("0204020000"), 10.0, listening=True)
    assert isinstance(wait, Wait)
    assert wait.wake_mono_s == pytest.approx(9.9 + 0.12)
