"""What goes wrong with a port and its line, through the slave (BUS-24, BUS-91, BUS-92)."""

from collections.abc import Iterator

import pytest

from hems.clock import ManualClock
from hems.reactor import Reactor
from hems.sim.faults import Fault
from hems.sim.frames import opened, seal
from hems.sim.ports import PairPlace
from hems.sim.scene import Bus
from hems.sim.slave import Slave
from tests.sim.far_end import (
    ANSWER,
    ANSWER_S,
    REQUEST,
    RESTARTS,
    START,
    WRITES,
    Bench,
    C,
    S,
    device,
    near_to,
    opened_bench,
)


@pytest.fixture
def bench() -> Iterator[Bench]:
    with opened_bench(Bus(delivery="frame")) as built:
        yield built


@pytest.mark.parametrize("delivery", ["bytewise", "frame"])
def test_on_an_echoing_line_the_request_comes_back_with_its_own_stop_bits(delivery: str) -> None:
    """BUS-24: the near end hears itself while it sends, then the answer."""
    bus = Bus(echo=True, delivery="bytewise" if delivery == "bytewise" else "frame")
    with opened_bench(bus) as bench:
        assert bench.ask(REQUEST) == REQUEST + ANSWER
        echoed = [second for second, data in bench.came if second < 8 * C + S]
        assert echoed[-1] == near_to(8 * C)
        assert len(echoed) == (8 if delivery == "bytewise" else 1)
        assert bench.came[-1][0] == near_to(ANSWER_S + 25 * C)
        assert bench.ask(seal(9, REQUEST[1:-2])) == seal(9, REQUEST[1:-2])
        assert bench.slave.early == 0


def test_an_echo_may_be_a_fault_and_too_short(bench: Bench) -> None:
    bench.slave.inject(Fault("echo", "one"))
    assert bench.ask(REQUEST) == REQUEST + ANSWER
    assert bench.ask(seal(2, REQUEST[1:-2])) == seal(2, ANSWER[1:-2])
    bench.slave.heal("one")
    bench.slave.inject(Fault("echo_short", value=3, nth=1))
    assert bench.ask(REQUEST) == REQUEST[:-3] + ANSWER
    assert bench.ask(REQUEST) == ANSWER
    bench.slave.inject(Fault("echo_short", value=99))
    assert bench.ask(REQUEST) == ANSWER


def test_a_request_in_pieces_echoes_in_pieces() -> None:
    with opened_bench(Bus(echo=True)) as bench:
        bench.near.send(REQUEST[:3])
        bench.wait_until(C)
        bench.near.send(REQUEST[3:])
        bench.wait_until(8 * C + S)
        assert bench.came == [
            (near_to((place + 1) * C), REQUEST[place : place + 1]) for place in range(len(REQUEST))
        ]


def test_a_port_that_vanished_returns_under_its_name(bench: Bench) -> None:
    """BUS-92: whoever holds it open sees the hang-up; there is a new pair behind the old name."""
    bench.slave.inject(Fault("vanish", from_s=0.5, until_s=2.0))
    bench.wait_until(1.0)
    assert bench.came == [(near_to(0.5), b"")]
    with pytest.raises(FileNotFoundError):
        bench.place.open()
    bench.wait_until(2.0)
    bench.near.close()
    bench.near = bench.place.open()
    bench.listen()
    assert bench.ask(REQUEST) == ANSWER


def test_a_port_may_vanish_with_a_request_and_return_by_seconds_or_by_word(bench: Bench) -> None:
    """It is gone when the second request has been heard: nothing of an answer arrives."""
    bench.slave.inject(Fault("vanish", value=1.0, nth=2))
    assert bench.ask(REQUEST) == ANSWER
    bench.near.send(REQUEST)
    bench.wait_until(0.5)
    assert bench.came[-1] == (near_to(0.3 + 8 * C + S), b"")
    bench.wait_until(0.3 + 8 * C + S + 1.0)
    bench.place.open().close()
    for back in (Fault("back"), None):
        bench.slave.inject(Fault("vanish"))
        with pytest.raises(FileNotFoundError):
            bench.place.open()
        if back is None:
            bench.slave.heal("")
        else:
            bench.slave.inject(back)
        bench.place.open().close()


@pytest.mark.parametrize("second", [8 * C, ANSWER_S + 3.5 * C])
def test_what_is_under_way_when_the_port_vanishes_never_arrives(second: float) -> None:
    with opened_bench(Bus()) as bench:
        bench.slave.inject(Fault("vanish", from_s=second, until_s=second + C))
        bench.near.send(REQUEST)
        bench.wait_until(second + 2 * C)
        heard = bench.bytes()
        bench.near.close()
        bench.near = bench.place.open()
        bench.listen()
        bench.wait_until(1.0)
        assert bench.bytes() == heard
        assert bench.slave.log[-1].answer_end_s is None if bench.slave.log else heard == b""


def test_a_line_may_begin_absent_or_busy() -> None:
    """Fault matrix, absent or busy at start."""
    clock, place = ManualClock(START), PairPlace()
    loop = Reactor(clock)
    faults = [Fault("vanish", until_s=3.0), Fault("busy", until_s=5.0)]
    slave = Slave({1: device("one")}, place, loop, clock, faults=faults)
    with pytest.raises(FileNotFoundError):
        place.open()
    loop.run_until(clock.mono_s() + 4.0)
    with pytest.raises(BlockingIOError):
        place.open()
    loop.run_until(clock.mono_s() + 1.1)
    place.open().close()
    slave.close()
    loop.run_until(clock.mono_s() + 5.0)
    with pytest.raises(FileNotFoundError):
        place.open()
    loop.close()


def test_a_stuck_port_takes_nothing_and_what_it_took_is_lost(bench: Bench) -> None:
    bench.slave.inject(Fault("stuck", value=1.0, from_s=0.5))
    bench.wait_until(0.6)
    with pytest.raises(BlockingIOError):
        bench.near.send(REQUEST)
    bench.wait_until(1.6)
    assert bench.ask(REQUEST) == ANSWER
    assert bench.slave.requests == 1
    bench.slave.inject(Fault("stuck"))
    bench.slave.inject(Fault("stuck"))
    bench.slave.inject(Fault("vanish", value=0.1))
    bench.slave.inject(Fault("stuck"))
    bench.slave.heal("")
    bench.near.close()
    bench.near = bench.place.open()
    bench.listen()
    assert bench.ask(REQUEST) == ANSWER


def test_a_restarted_device_is_silent_and_then_as_after_power_up(bench: Bench) -> None:
    bench.slave.inject(Fault("restart", "one", from_s=0.5))
    bench.slave.inject(Fault("restart", "two", nth=1, value=1.0))
    bench.wait_until(0.6)
    assert RESTARTS == ["one"]
    assert bench.ask(REQUEST) == b""
    assert bench.ask(seal(2, REQUEST[1:-2])) == b""
    assert RESTARTS == ["one", "two"]
    bench.wait_until(2.5)
    assert bench.ask(REQUEST) == ANSWER
    bench.slave.inject(Fault("restart"))
    assert RESTARTS == ["one", "two", "one", "two"]


def test_a_fault_that_was_taken_back_in_time_does_not_begin(bench: Bench) -> None:
    bench.slave.inject(Fault("restart", "one", from_s=0.5))
    bench.slave.heal("one")
    bench.wait_until(1.0)
    assert RESTARTS == []


@pytest.mark.parametrize("framing", ["rtu", "ascii"])
def test_another_master_asks_and_is_answered(framing: str) -> None:
    """Fault matrix, another master: sound frames of a unit nobody here owns, at a rate."""
    bus = Bus(delivery="frame", framing="ascii" if framing == "ascii" else "rtu")
    with opened_bench(bus) as bench:
        bench.slave.inject(Fault("foreign_master", value=4, from_s=1.0, until_s=2.0))
        bench.wait_until(3.0)
        frames = [opened(data, bus.framing) for _, data in bench.came]
        assert len(frames) == 8
        assert {frame[0] for frame in frames if frame} == {99}
        assert [frame and len(frame[1]) for frame in frames] == [5, 6] * 4
        bench.slave.inject(Fault("foreign_master"))
        bench.wait_until(3.9)
        bench.slave.heal("")
        bench.wait_until(10.0)
        assert len(bench.came) == 12


def test_babble_goes_on_whatever_is_asked() -> None:
    with opened_bench(Bus()) as bench:
        bench.slave.inject(Fault("babble", value=0.5, nth=1))
        bench.near.send(REQUEST)
        bench.wait_until(0.2)
        bench.near.send(REQUEST)
        bench.wait_until(1.0)
        assert len(bench.bytes()) == 480 + 25
        assert bench.slave.early == 1


def test_broadcasts_are_carried_out_unanswered(bench: Bench) -> None:
    """BUS-51: unit 0, writes only."""
    assert bench.ask(seal(0, bytes.fromhex("06 0003 0009"))) == b""
    assert WRITES == [(3, (9,)), (3, (9,))]
    assert bench.ask(seal(0, REQUEST[1:-2])) == b""
