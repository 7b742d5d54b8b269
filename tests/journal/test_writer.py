"""The thread that waits for the card (JRN-51)."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from hems.clock import ManualClock, SystemClock
from hems.journal.medium import Done, Job
from hems.journal.writer import Writer
from hems.reactor import Reactor
from hems.sim.media import FailingMedium, MemoryMedium, SlowMedium


@pytest.fixture
def reactor() -> Iterator[Reactor]:
    reactor = Reactor(SystemClock(ZoneInfo("UTC")))
    yield reactor
    reactor.close()


def test_jobs_are_done_in_order_and_answered_on_the_loop(reactor: Reactor) -> None:
    medium = MemoryMedium(bytes(100))
    answers: list[Done] = []
    threads: set[str] = set()

    def take(done: Done) -> None:
        answers.append(done)
        threads.add(threading.current_thread().name)

    writer = Writer(medium, reactor, take)
    for ticket in range(20):
        writer.submit(Job(ticket, ticket, b"x"))
    reactor.run_until(reactor.clock.mono_s() + 5.0, lambda: len(answers) == 20)
    writer.close(1.0)
    assert [done.ticket for done in answers] == list(range(20))
    assert bytes(medium.image[:21]) == b"x" * 20 + b"\0"
    assert threads == {threading.current_thread().name}
    assert medium.closed


def test_waiting_delivers_one_answer(reactor: Reactor) -> None:
    answers: list[Done] = []
    writer = Writer(MemoryMedium(bytes(100)), reactor, answers.append)
    assert not writer.wait(0.0)
    writer.submit(Job(1, 0, b"x"))
    assert writer.wait(5.0)
    assert answers == [Done(1)]
    reactor.run_until(reactor.clock.mono_s() + 5.0, lambda: True)
    assert answers == [Done(1)]
    writer.close(1.0)


def test_many_answers_without_a_turn_of_the_loop_do_not_stop_the_card(reactor: Reactor) -> None:
    answers: list[Done] = []
    writer = Writer(MemoryMedium(bytes(100)), reactor, answers.append)
    for ticket in range(2_000):
        writer.submit(Job(ticket, 0, b"x"))
        assert writer.wait(5.0)
    assert len(answers) == 2_000
    writer.close(1.0)


def test_errors_come_back_as_answers(reactor: Reactor) -> None:
    answers: list[Done] = []
    writer = Writer(FailingMedium(bytes(100), lambda _: 28), reactor, answers.append)
    writer.submit(Job(1, 0, b"x"))
    assert writer.wait(5.0)
    assert answers == [Done(1, error="No space left on device")]
    writer.close(1.0)


def test_a_stalled_card_stops_neither_the_loop_nor_the_end() -> None:
    """JRN-52: virtual minutes pass while the card says nothing; closing does not wait for it."""
    stall = threading.Event()
    medium = SlowMedium(bytes(100), stall.wait)
    reactor = Reactor(ManualClock(datetime(2026, 11, 24, tzinfo=UTC)))
    answers: list[Done] = []
    writer = Writer(medium, reactor, answers.append)
    writer.submit(Job(1, 0, b"x"))
    reactor.run_until(reactor.clock.mono_s() + 600.0)
    assert answers == []
    writer.close(0.01)
    closed_at_once = medium.closed
    thread = next(thread for thread in threading.enumerate() if thread.name == "journal")
    stall.set()
    thread.join(5.0)
    assert (closed_at_once, medium.closed) == (False, True)
    reactor.close()
