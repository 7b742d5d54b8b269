"""When heartbeats are due: BUS-47, BUS-64."""

from hypothesis import given
from hypothesis import strategies as st

from hems.field.exchange import Accepted, Failed
from hems.field.heartbeats import Beat, begun, due, took
from hems.field.profile import Heartbeat

ROWS = (
    Heartbeat(function=6, address=0x0D00, value=0x55AA, every_s=5),
    Heartbeat(function=6, address=7, value=1, every_s=20),
)


def test_all_are_due_at_first_and_after_their_period() -> None:
    beats = begun(ROWS, 100.0)
    assert due(beats, 100.0, 102.0) == [0, 1]
    beats = (took(ROWS, beats[0], 0, Accepted(), 100.2), beats[1])
    assert due(beats, 100.3, 102.0) == [1]
    beats = (beats[0], took(ROWS, beats[1], 1, Accepted(), 100.4))
    assert due(beats, 103.0, 105.0) == []
    assert due(beats, 104.0, 106.0) == [0]
    assert beats[0].taken_mono_s == 100.2


def test_a_failed_one_is_tried_again_but_not_in_the_same_tick() -> None:
    (beat, _) = begun(ROWS, 100.0)
    beat = took(ROWS, beat, 0, Failed("silence"), 100.2)
    assert due((beat,), 100.3, 102.0) == []
    assert due((beat,), 101.1, 103.0) == [0]
    assert beat.taken_mono_s == Beat(0.0).taken_mono_s


def test_a_short_period_fills_no_tick() -> None:
    rows = (Heartbeat(function=6, address=1, value=1, every_s=1),)
    beat = took(rows, begun(rows, 0.0)[0], 0, Accepted(), 0.2)
    assert due((beat,), 0.3, 2.0) == []
    assert due((beat,), 1.1, 3.0) == [0]


@given(st.lists(st.booleans(), min_size=10, max_size=60))
def test_without_failures_no_gap_is_longer_than_the_period(answers: list[bool]) -> None:
    """Asked once a tick, two ticks ahead."""
    beat, last_s, failed = begun(ROWS, 0.0)[0], 0.0, False
    for tick, answered in enumerate(answers):
        now_s = tick + 0.3
        if due((beat,), now_s, tick + 2.0):
            beat = took(ROWS, beat, 0, Accepted() if answered else Failed("crc"), now_s)
            failed = not answered
            last_s = now_s if answered else last_s
        assert failed or now_s - last_s <= ROWS[0].every_s
