"""Frames on their way, and what an exchange's record says (BUS-90, BUS-126)."""

import os
from datetime import UTC, datetime

import pytest

from hems.clock import ManualClock
from hems.reactor import Reactor
from hems.sim.sending import Exchange, Sender

START = datetime(2027, 6, 15, 12, tzinfo=UTC)


def test_overhead_is_what_the_line_stood_idle_beyond_the_silence() -> None:
    row = Exchange(1, 3, request_s=0.0, request_end_s=0.01, gap_s=1.0)
    assert row.overhead_s(0.002) is None
    row.answer_end_s = 0.05
    assert row.overhead_s(0.002) is None
    row.next_s = 0.0523
    assert row.overhead_s(0.002) == pytest.approx(0.0003)


def test_several_frames_may_be_under_way_and_be_dropped() -> None:
    clock = ManualClock(START)
    loop = Reactor(clock)
    take, put = os.pipe()
    os.set_blocking(take, False)
    sender = Sender(loop, clock, 0.001, "bytewise")
    sender.descriptor = put
    now_s = clock.mono_s()
    exchange = Exchange(1, 3, now_s, now_s, 0.0)
    assert sender.send(b"abc", now_s, exchange=exchange) == pytest.approx(now_s + 0.003)
    assert sender.send(b"XY", now_s + 0.0015) == pytest.approx(now_s + 0.0035)
    assert sender.send(b"", now_s) == now_s
    heard = [sender.is_heard]
    loop.run_until(now_s + 0.0026)
    heard.append(sender.is_heard)
    assert heard == [False, True]
    assert os.read(take, 10) == b"abX"
    loop.run_until(now_s + 0.0031)
    assert exchange.answer_end_s == pytest.approx(now_s + 0.003)
    assert os.read(take, 10) == b"c"
    sender.drop()
    loop.run_until(now_s + 0.1)
    with pytest.raises(BlockingIOError):
        os.read(take, 10)
    assert sender.quiet_since_s == pytest.approx(now_s + 0.003)
    loop.close()
    for descriptor in (take, put):
        os.close(descriptor)
