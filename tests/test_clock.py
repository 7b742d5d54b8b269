import ctypes
import os
import selectors
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hems.clock import (
    TIMEX_STATUS_OFFSET,
    ExactClock,
    FastClock,
    ManualClock,
    SystemClock,
    kernel_synchronised,
)

VIENNA = ZoneInfo("Europe/Vienna")
START = datetime(2026, 10, 25, 1, 59, 0, tzinfo=VIENNA)


@pytest.fixture
def selector() -> Iterator[selectors.BaseSelector]:
    with selectors.SelectSelector() as opened:
        yield opened


@pytest.fixture
def readable(selector: selectors.BaseSelector) -> Iterator[int]:
    """A descriptor of the selector that has a byte."""
    reader, writer = os.pipe()
    os.write(writer, b"x")
    selector.register(reader, selectors.EVENT_READ)
    yield reader
    os.close(reader)
    os.close(writer)


def test_the_kernel_says_whether_the_clock_is_disciplined() -> None:
    """The answer depends on the machine; that there is one does not."""
    assert kernel_synchronised() in (True, False)


@pytest.mark.parametrize(
    ("result", "status", "synchronised"), [(0, 0x2000, True), (5, 0x0040, False), (-1, 0, False)]
)
def test_only_a_kernel_without_the_unsync_flag_is_trusted(
    monkeypatch: pytest.MonkeyPatch, result: int, status: int, synchronised: bool
) -> None:
    class Library:
        def adjtimex(self, timex: bytearray) -> int:
            """The status word stands after modes, offset, freq, maxerror and esterror."""
            offset = TIMEX_STATUS_OFFSET
            memoryview(timex).cast("B")[offset : offset + 4] = status.to_bytes(4, "little")
            return result

    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: Library())
    assert kernel_synchronised() is synchronised
    assert SystemClock(VIENNA).now().trusted is synchronised


def test_the_system_clock_is_the_machines() -> None:
    clock = SystemClock(VIENNA)
    before_s, now = time.monotonic(), clock.now()
    assert before_s <= now.mono_s <= clock.mono_s()
    assert now.wall.tzinfo is VIENNA
    assert abs(now.wall - datetime.now(UTC)) < timedelta(seconds=5)


def test_the_system_clock_is_not_trusted_before_it_once_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a battery-backed clock starts with an old time, whatever the kernel says."""
    monkeypatch.setattr("hems.clock.kernel_synchronised", lambda: True)
    clock = SystemClock(VIENNA)
    now = clock.now()
    trusted = [now.trusted]
    for away_s in (-60.0, 60.0):
        clock.not_before = now.wall + timedelta(seconds=away_s)
        trusted.append(clock.now().trusted)
    assert trusted == [True, True, False]


def test_one_wrong_second_in_the_future_is_not_believed_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten minutes of a disciplined clock outweigh what was once taken for the time."""
    synchronised = [True]
    monotonic_s = [100.0]
    monkeypatch.setattr("hems.clock.kernel_synchronised", lambda: synchronised[0])
    monkeypatch.setattr("hems.clock.time.monotonic", lambda: monotonic_s[0])
    clock = SystemClock(VIENNA)
    clock.not_before = datetime(2099, 1, 1, tzinfo=VIENNA)

    def trusted_after(seconds: float) -> bool:
        monotonic_s[0] += seconds
        return clock.now().trusted

    assert [trusted_after(0.0), trusted_after(599.0)] == [False, False]
    synchronised[0] = False
    assert not trusted_after(10.0)
    synchronised[0] = True
    assert [trusted_after(0.0), trusted_after(599.9), trusted_after(0.2)] == [False, False, True]


def test_the_system_clock_waits_in_the_selector(selector: selectors.BaseSelector) -> None:
    clock = SystemClock(VIENNA)
    before_s = time.monotonic()
    assert not clock.rest(selector, 0.01)
    assert not clock.rest(selector, -1.0)
    assert 0.009 <= time.monotonic() - before_s < 1.0


def test_a_fast_clock_runs_so_many_times_as_fast(selector: selectors.BaseSelector) -> None:
    clock = FastClock(START, 1000.0)
    real_s, before = time.monotonic(), clock.now()
    assert not clock.rest(selector, 10.0)
    passed_s = clock.mono_s() - before.mono_s
    assert passed_s >= 10.0
    assert abs(passed_s / 1000.0 - (time.monotonic() - real_s)) < 0.05
    assert before.wall >= START
    assert before.wall.tzinfo is VIENNA


def test_a_fast_clock_goes_on_from_a_later_time_only() -> None:
    clock = FastClock(START, 1.0)
    clock.go_on_from(START - timedelta(hours=1))
    assert START <= clock.now().wall < START + timedelta(minutes=1)
    clock.go_on_from(START + timedelta(hours=5))
    assert clock.now().wall >= START + timedelta(hours=5)


def test_a_clock_crosses_a_clock_change_in_its_zone() -> None:
    """60 s and more after 01:59 summer time comes 02:00, an hour later 02:00 again."""
    clock = ManualClock(START)
    clock.advance(61.0)
    first = clock.now().wall
    clock.advance(3600.0)
    second = clock.now().wall
    assert (first.hour, first.fold, second.hour, second.fold) == (2, 0, 2, 1)


def test_a_manual_clock_leaps_only_when_nothing_is_ready(
    selector: selectors.BaseSelector, readable: int
) -> None:
    clock = ManualClock(START)
    assert clock.mono_s() == 1000.0
    ((key, _),) = clock.rest(selector, 5.0)
    assert (key.fd, clock.mono_s()) == (readable, 1000.0)
    os.read(readable, 1)
    assert not clock.rest(selector, 5.0)
    assert clock.mono_s() == 1005.0
    assert clock.now().wall == START + timedelta(seconds=5)


def test_a_manual_clock_never_goes_back_and_says_whether_it_is_trusted() -> None:
    clock = ManualClock(START, trusted=False)
    clock.advance(-3.0)
    assert (clock.mono_s(), clock.now().trusted) == (1000.0, False)
    clock.trusted = True
    assert clock.now().trusted


def test_an_exact_clock_wakes_when_it_is_due_or_when_something_comes() -> None:
    """BUS-126: a measuring slave must not be late itself."""
    clock = ExactClock(START, 1.0)
    with selectors.SelectSelector() as selector:
        near, far = socket.socketpair()
        selector.register(near, selectors.EVENT_READ)
        begin_s = clock.mono_s()
        assert clock.rest(selector, 0.001) == []
        assert clock.mono_s() - begin_s >= 0.001
        far.send(b"x")
        ((key, _),) = clock.rest(selector, 10.0)
        assert key.fileobj is near
        assert len(clock.rest(selector, 0.0)) == 1
        near.close()
        far.close()


def test_a_manual_clock_can_be_set_without_time_passing() -> None:
    clock = ManualClock(datetime(2026, 1, 1, 12, 0, tzinfo=UTC))
    clock.advance(10.0)
    clock.turn(-3600.0)
    assert clock.mono_s() == 1010.0
    assert clock.now().wall == datetime(2026, 1, 1, 11, 0, 10, tzinfo=UTC)
