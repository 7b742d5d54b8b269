import contextlib
import ctypes
import os
import selectors
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

import pytest

from hems.clock import ManualClock
from hems.reactor import Alarm, Reactor

PR_GET_TIMERSLACK = 30
START = datetime(2026, 6, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def reactor() -> Iterator[Reactor]:
    made = Reactor(ManualClock(START))
    yield made
    made.close()


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    yield reader, writer
    os.close(reader)
    os.close(writer)


def test_the_clockwork_is_finer_than_a_millisecond(reactor: Reactor) -> None:
    """BUS-4: epoll and poll round a wait up to whole milliseconds."""
    assert type(reactor.selector) is selectors.SelectSelector


def test_timers_ring_in_order_of_time_and_equal_ones_in_order_of_asking(reactor: Reactor) -> None:
    rung: list[tuple[str, float]] = []

    def ring(name: str) -> None:
        rung.append((name, reactor.clock.mono_s()))

    for name, at_s in (("c", 1003.0), ("a", 1001.0), ("d", 1003.0), ("b", 1001.5), ("never", 1009.0)):
        reactor.call_at(at_s, partial(ring, name))
    reactor.run_until(1005.0)
    assert rung == [("a", 1001.0), ("b", 1001.5), ("c", 1003.0), ("d", 1003.0)]
    assert reactor.clock.mono_s() == 1005.0


def test_a_timer_in_the_past_rings_in_the_next_turn(reactor: Reactor) -> None:
    rung: list[float] = []
    reactor.call_at(5.0, lambda: rung.append(reactor.clock.mono_s()))
    reactor.run_until(1000.0)
    assert rung == [1000.0]


def test_a_cancelled_timer_does_not_ring_even_when_it_is_due_in_the_same_turn(reactor: Reactor) -> None:
    rung: list[str] = []
    late = reactor.call_at(1001.0, lambda: rung.append("late"))
    reactor.call_at(1000.5, lambda: rung.append("early")).cancel()
    second = reactor.call_at(1002.0, lambda: rung.append("second"))
    reactor.call_at(1001.0, lambda: rung.append("kept"))
    reactor.call_at(1001.9, second.cancel)
    late.cancel()
    late.cancel()
    reactor.run_until(1003.0)
    assert rung == ["kept"]


def test_a_timer_cancels_another_that_is_due_with_it(reactor: Reactor) -> None:
    rung: list[str] = []
    alarms: list[Alarm] = []

    def first() -> None:
        alarms[0].cancel()

    reactor.call_at(1001.0, first)
    alarms.append(reactor.call_at(1001.0, lambda: rung.append("second")))
    reactor.run_until(1002.0)
    assert rung == []


def test_a_timer_set_by_a_timer_rings_in_a_later_turn(reactor: Reactor) -> None:
    rung: list[float] = []

    def again() -> None:
        rung.append(reactor.clock.mono_s())
        if len(rung) < 3:
            reactor.call_at(reactor.clock.mono_s() + 0.5, again)

    reactor.call_at(1001.0, again)
    reactor.run_until(1010.0)
    assert rung == [1001.0, 1001.5, 1002.0]


def test_what_is_ready_is_served_before_timers(reactor: Reactor, pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    order: list[str] = []

    def read() -> None:
        os.read(reader, 1)
        order.append("ready")

    reactor.watch(reader, read)
    reactor.call_at(999.0, lambda: order.append("timer"))
    os.write(writer, b"x")
    reactor.run_until(1000.0)
    assert order == ["ready", "timer"]


def test_no_time_passes_while_something_is_ready(reactor: Reactor, pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    os.write(writer, b"xxx")
    seen: list[float] = []

    def read() -> None:
        os.read(reader, 1)
        seen.append(reactor.clock.mono_s())

    reactor.watch(reader, read)
    reactor.run_until(1002.0)
    assert seen == [1000.0] * 3
    assert reactor.clock.mono_s() == 1002.0


def test_stops_when_done_is_true_after_a_turn(reactor: Reactor) -> None:
    rung: list[float] = []
    for at_s in (1001.0, 1002.0, 1003.0):
        reactor.call_at(at_s, lambda: rung.append(reactor.clock.mono_s()))
    reactor.run_until(1010.0, lambda: len(rung) == 2)
    assert rung == [1001.0, 1002.0]
    assert reactor.clock.mono_s() == 1002.0


def test_a_later_watch_replaces_an_earlier_one(reactor: Reactor, pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    seen: list[str] = []
    reactor.watch(reader, lambda: seen.append("old"))
    reactor.watch(reader, lambda: seen.append(f"new {os.read(reader, 1)!r}"))
    os.write(writer, b"x")
    reactor.run_until(1001.0)
    assert seen == ["new b'x'"]


def test_a_forgotten_descriptor_is_not_served(reactor: Reactor, pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    seen: list[str] = []
    reactor.watch(reader, lambda: seen.append("served"))
    os.write(writer, b"x")
    reactor.forget(reader)
    reactor.forget(reader)
    reactor.run_until(1001.0)
    assert seen == []


def test_room_for_bytes_is_told_once(reactor: Reactor) -> None:
    """A slow reader: nothing is told while its socket is full, and one call when it takes bytes again."""
    here, there = socket.socketpair()
    here.setblocking(False)
    with here, there:
        heard: list[str] = []
        reactor.watch(here.fileno(), lambda: heard.append(here.recv(9).decode()))
        with contextlib.suppress(BlockingIOError):
            while True:
                here.send(bytes(65536))
        reactor.watch_room(here.fileno(), lambda: heard.append("room"))
        reactor.run_until(reactor.clock.mono_s() + 1.0)
        assert heard == []
        with contextlib.suppress(BlockingIOError):
            while there.recv(1 << 20, socket.MSG_DONTWAIT):
                pass
        there.send(b"read")
        reactor.run_until(reactor.clock.mono_s() + 1.0)
        assert heard == ["room", "read"]
        reactor.watch_room(here.fileno(), lambda: reactor.forget(here.fileno()))
        there.send(b"late")
        reactor.run_until(reactor.clock.mono_s() + 1.0)
        assert heard == ["room", "read"]


def test_a_descriptor_may_be_watched_for_room_alone(reactor: Reactor) -> None:
    """API-14: whoever takes nothing is not read from, and may take more later."""
    here, there = socket.socketpair()
    with here, there:
        here.setblocking(False)
        heard: list[str] = []
        there.send(b"unread")
        with contextlib.suppress(BlockingIOError):
            while True:
                here.send(b"x" * 4096)
        reactor.watch_room(here.fileno(), lambda: heard.append("first"))
        reactor.watch_room(here.fileno(), lambda: heard.append("room"))
        reactor.run_until(reactor.clock.mono_s() + 1)
        assert heard == []
        there.recv(1 << 20)
        reactor.run_until(reactor.clock.mono_s() + 1)
        assert heard == ["room"]
        assert not reactor.selector.get_map()
        reactor.watch_room(here.fileno(), lambda: heard.append("never"))
        reactor.watch(here.fileno(), lambda: heard.append(here.recv(64).decode()))
        reactor.run_until(reactor.clock.mono_s() + 1)
        assert heard == ["room", "unread"]
        reactor.forget(here.fileno())


def test_a_callback_may_forget_another_that_is_ready_in_the_same_turn(reactor: Reactor) -> None:
    pipes = [os.pipe(), os.pipe()]
    readers = [reader for reader, _ in pipes]
    served: list[int] = []

    def serve(mine: int, other: int) -> None:
        served.append(mine)
        os.read(mine, 1)
        reactor.forget(other)

    reactor.watch(readers[0], lambda: serve(readers[0], readers[1]))
    reactor.watch(readers[1], lambda: serve(readers[1], readers[0]))
    for _, writer in pipes:
        os.write(writer, b"x")
    reactor.run_until(1001.0)
    assert len(served) == 1
    for descriptor in (end for pair in pipes for end in pair):
        os.close(descriptor)


def test_a_closed_reactor_has_nothing_left(pipe: tuple[int, int]) -> None:
    reactor = Reactor(ManualClock(START))
    reactor.watch(pipe[0], lambda: None)
    reactor.call_at(1001.0, lambda: None)
    reactor.close()
    assert reactor.selector.get_map() is None


def test_waits_end_on_time() -> None:
    """BUS-100: the kernel would add up to 50 µs to every silence."""
    Reactor(ManualClock(START)).close()
    assert ctypes.CDLL(None).prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0) == 1


def test_it_tells_how_long_nothing_is_due(reactor: Reactor) -> None:
    """PNL-11: until the next timer that still rings, the end of the turn, or bytes that are expected."""
    said: list[float | None] = []
    reactor.call_at(1000.0, lambda: said.append(reactor.free_s()))
    reactor.call_at(1000.5, lambda: None).cancel()
    reactor.call_at(1003.0, lambda: None)
    reactor.run_until(1002.0)
    assert said == [2.0]
    reactor.run_until(1009.0, lambda: True)
    assert reactor.free_s() == 6.0
    reactor.call_at(1007.0, lambda: None)
    assert reactor.free_s() == 4.0


def test_another_timer_of_the_same_turn_leaves_nothing_free(reactor: Reactor) -> None:
    """PNL-11."""
    said: list[float | None] = []
    for _ in range(2):
        reactor.call_at(1000.0, lambda: said.append(reactor.free_s()))
    reactor.run_until(1002.0)
    assert said == [0.0, 2.0]


def test_nobody_may_hold_it_up_while_bytes_are_expected(reactor: Reactor) -> None:
    """PNL-11: the last characters of an answer."""
    said: dict[float, float | None] = {}
    reactor.expect(7, 1001.0, 1001.5)
    reactor.expect(8, 1002.0, 1003.0)
    reactor.expect(8, 1004.0, 1005.0)

    def say() -> None:
        said[reactor.clock.mono_s()] = reactor.free_s()

    for at_s in (1000.5, 1001.0, 1001.4, 1001.5, 1002.5, 1004.5):
        reactor.call_at(at_s, say)
    reactor.run_until(1010.0)
    assert said == {1000.5: 0.5, 1001.0: None, 1001.4: None, 1001.5: 1.0, 1002.5: 1.5, 1004.5: None}


def test_timers_behind_one_that_failed_ring_in_the_next_turn(reactor: Reactor) -> None:
    rung: list[str] = []

    def fail() -> None:
        raise RuntimeError

    reactor.call_at(1000.0, fail)
    reactor.call_at(1000.0, lambda: rung.append("second"))
    with pytest.raises(RuntimeError):
        reactor.run_until(1001.0)
    reactor.run_until(1001.0)
    assert rung == ["second"]
