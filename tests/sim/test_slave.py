"""The slave's times, exact to the microsecond in virtual time (BUS-10, BUS-90)."""

import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from hems.clock import FastClock, ManualClock
from hems.reactor import Reactor
from hems.sim.faults import Fault, FaultKind
from hems.sim.frames import seal
from hems.sim.ports import PairPlace, PtyPlace
from hems.sim.scene import Bus
from hems.sim.slave import Slave
from tests.sim.far_end import (
    ANSWER,
    ANSWER_S,
    READS,
    REQUEST,
    START,
    T_DEV_S,
    WRITES,
    Bench,
    C,
    S,
    bench_of,
    device,
    near_to,
    opened_bench,
)


@pytest.fixture
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with opened_bench(Bus(delivery=getattr(request, "param", "frame"))) as built:
        yield built


@pytest.mark.parametrize("bench", ["frame"], indirect=True)
def test_a_whole_answer_arrives_with_its_last_stop_bit(bench: Bench) -> None:
    bench.near.send(REQUEST)
    bench.wait_until(0.5)
    assert bench.came == [(near_to(ANSWER_S + 25 * C), ANSWER)]
    (row,) = bench.slave.log
    assert (row.unit, row.function) == (1, 3)
    assert row.request_s - 1000.0 == near_to(0.0)
    assert row.request_end_s - 1000.0 == near_to(8 * C)
    assert row.answer_s is not None
    assert row.answer_s - 1000.0 == near_to(ANSWER_S)
    assert row.answer_end_s is not None
    assert row.answer_end_s - 1000.0 == near_to(ANSWER_S + 25 * C)
    assert row.late_s < 1e-6
    assert READS == [(0, 10)]


@pytest.mark.parametrize("bench", ["bytewise"], indirect=True)
def test_bytes_arrive_one_by_one_each_with_its_stop_bit(bench: Bench) -> None:
    bench.near.send(REQUEST)
    bench.wait_until(0.5)
    assert bench.bytes() == ANSWER
    for place, (second, data) in enumerate(bench.came, 1):
        assert len(data) == 1
        assert second == near_to(ANSWER_S + place * C)


@pytest.mark.parametrize("bench", ["bytewise"], indirect=True)
def test_a_slave_held_up_says_so_and_catches_up(bench: Bench) -> None:
    """BUS-126: samples in which the slave itself was late can be left out."""
    bench.near.send(REQUEST)
    bench.wait_until(ANSWER_S + 4.5 * C)
    bench.clock.advance(1.0)
    bench.wait_until(2.0)
    assert bench.came[-1] == (near_to(ANSWER_S + 4.5 * C + 1.0), ANSWER[4:])
    row = bench.slave.log[0]
    assert row.late_s == near_to(1.0 - 0.5 * C)
    assert row.answer_end_s is not None
    assert row.answer_end_s - 1000.0 == near_to(ANSWER_S + 4.5 * C + 1.0)


@pytest.mark.parametrize("bench", ["fifo8"], indirect=True)
def test_a_fifo_hands_over_eights_and_the_rest_after_its_timeout(bench: Bench) -> None:
    """BUS-86: the last characters come 3.2 characters late; the true end is the last stop bit."""
    bench.near.send(REQUEST)
    bench.wait_until(0.5)
    assert [len(data) for _, data in bench.came] == [8, 8, 8, 1]
    seconds = [second for second, _ in bench.came]
    assert seconds == [near_to(ANSWER_S + chars * C) for chars in (8, 16, 24, 25 + 3.2)]
    end_s = bench.slave.log[0].answer_end_s
    assert end_s is not None
    assert end_s - 1000.0 == near_to(ANSWER_S + 25 * C)


@pytest.mark.parametrize(
    ("baud", "bits", "char_s", "silence_s"),
    [
        (1200, 10, 10 / 1200, 35 / 1200),
        (19_200, 11, 11 / 19_200, 38.5 / 19_200),
        (38_400, 10, 10 / 38_400, 0.00175),
        (115_200, 10, 10 / 115_200, 0.00175),
    ],
)
def test_character_and_silence(baud: int, bits: int, char_s: float, silence_s: float) -> None:
    """BUS-10: s = 3.5 c up to 19,200 baud, 1.75 ms above."""
    bench = bench_of(Bus(baud=baud, bits=bits, delivery="frame"))
    bench.near.send(REQUEST)
    bench.wait_until(1.0)
    assert bench.came[0][0] == near_to(8 * char_s + silence_s + T_DEV_S + 25 * char_s)
    bench.slave.close()
    bench.loop.close()
    bench.near.close()


@pytest.mark.parametrize(("gap_s", "early"), [(S, 0), (S - 1e-5, 1), (0.0, 1), (1.0, 0)])
def test_requests_before_the_silence_are_counted(bench: Bench, gap_s: float, early: int) -> None:
    """BUS-102: the number of early requests, by the slave's own clock."""
    bench.near.send(REQUEST)
    end_s = ANSWER_S + 25 * C
    bench.wait_until(end_s + gap_s)
    bench.near.send(REQUEST)
    bench.wait_until(3.0)
    assert bench.slave.early == early
    assert bench.slave.requests == 2
    assert bench.slave.log[1].gap_s == near_to(gap_s)
    assert bench.bytes() == 2 * ANSWER


@pytest.mark.parametrize("bench", ["bytewise"], indirect=True)
def test_a_request_into_an_answer_is_early(bench: Bench) -> None:
    bench.near.send(REQUEST)
    bench.wait_until(ANSWER_S + 5.5 * C)
    bench.near.send(seal(2, REQUEST[1:-2]))
    bench.wait_until(1.0)
    assert bench.slave.early == 1


def test_a_request_soon_after_an_unanswered_one_is_measured_from_its_last_bit(bench: Bench) -> None:
    bench.near.send(seal(9, REQUEST[1:-2]))
    bench.wait_until(8 * C + S)
    bench.near.send(REQUEST)
    bench.wait_until(1.0)
    assert bench.slave.early == 0
    assert bench.slave.log[1].gap_s == near_to(S)
    assert [row.answer_s is None for row in bench.slave.log] == [True, False]


def test_a_request_in_pieces_is_one_frame_until_the_silence(bench: Bench) -> None:
    bench.near.send(REQUEST[:3])
    bench.wait_until(3 * C)
    bench.near.send(REQUEST[3:])
    bench.wait_until(0.5)
    assert bench.bytes() == ANSWER
    bench.near.send(REQUEST[:3])
    bench.wait_until(0.5 + 3 * C + S + 1e-4)
    bench.near.send(REQUEST[3:])
    bench.wait_until(1.5)
    assert bench.bytes() == ANSWER
    assert bench.slave.requests == 3


@pytest.mark.parametrize(
    "frame", [REQUEST[:-1] + b"\0", seal(7, REQUEST[1:-2]), b"\x01", seal(0, REQUEST[1:-2])]
)
def test_wrong_sums_and_foreign_units_get_no_answer(bench: Bench, frame: bytes) -> None:
    bench.near.send(frame)
    bench.wait_until(1.0)
    assert bench.came == []
    assert bench.slave.requests == 1
    assert READS == []


def test_silence_ends_by_itself_and_by_healing(bench: Bench) -> None:
    bench.slave.inject(Fault("silence", "one", until_s=1.0))
    bench.near.send(REQUEST)
    bench.near.send(b"")
    bench.wait_until(0.5)
    assert bench.came == []
    bench.near.send(seal(2, REQUEST[1:-2]))
    bench.wait_until(1.5)
    assert bench.bytes() == seal(2, ANSWER[1:-2])
    bench.near.send(REQUEST)
    bench.wait_until(2.0)
    assert bench.bytes() == seal(2, ANSWER[1:-2]) + ANSWER
    bench.slave.inject(Fault("silence", "one"))
    bench.slave.inject(Fault("silence", "two"))
    bench.slave.heal("one")
    bench.near.send(REQUEST)
    bench.wait_until(3.0)
    bench.near.send(seal(2, REQUEST[1:-2]))
    bench.wait_until(4.0)
    assert bench.bytes() == seal(2, ANSWER[1:-2]) + 2 * ANSWER


def test_a_silent_or_refusing_device_does_not_take_a_write_a_late_one_does(bench: Bench) -> None:
    order = seal(1, struct.pack(">BHH", 6, 3, 9))
    kinds: tuple[FaultKind, ...] = ("silence", "exception", "crc", "short", "late")
    for second, kind in enumerate(kinds):
        bench.slave.inject(Fault(kind, "one", value=2.0))
        bench.near.send(order)
        bench.wait_until(second + 0.9)
        bench.slave.heal("one")
        bench.wait_until(second + 1.0)
        assert len(WRITES) == max(0, second - 1)
    assert bench.bytes() == seal(1, b"\x86\x02") + order[:-1] + bytes((order[-1] ^ 0x55,)) + order[:2]
    bench.wait_until(8.0)
    assert bench.bytes().endswith(order)


def test_a_lost_answer_and_stray_bytes_alone(bench: Bench) -> None:
    """Fault matrix, a timed-out write is carried out; noise without an answer costs its own time."""
    order = seal(1, struct.pack(">BHH", 6, 3, 9))
    bench.slave.inject(Fault("short", "one", value=0))
    assert bench.ask(order) == b""
    assert WRITES == [(3, (9,))]
    bench.slave.inject(Fault("noise", "one", value=4))
    assert len(bench.ask(REQUEST)) == 4
    assert bench.slave.log[0].answer_end_s is None


def test_a_late_answer_comes_late_into_somebody_elses_time(bench: Bench) -> None:
    bench.slave.inject(Fault("late", "one", value=0.35))
    bench.near.send(REQUEST)
    bench.wait_until(0.3)
    bench.near.send(seal(2, REQUEST[1:-2]))
    bench.wait_until(1.0)
    assert bench.came == [
        (near_to(0.3 + ANSWER_S + 25 * C), seal(2, ANSWER[1:-2])),
        (near_to(0.35 + ANSWER_S + 25 * C), ANSWER),
    ]
    assert READS == [(0, 10)]


def test_the_log_tells_what_a_request_cost(bench: Bench) -> None:
    """BUS-90, BUS-126: from the true end of the answer to the next request, less the silence."""
    bench.near.send(REQUEST)
    end_s = ANSWER_S + 25 * C
    bench.wait_until(end_s + S + 0.0003)
    row = bench.slave.log[0]
    assert row.overhead_s(S) is None
    bench.near.send(seal(9, REQUEST[1:-2]))
    bench.wait_until(1.0)
    assert row.overhead_s(bench.slave.silence_s) == near_to(0.0003)
    bench.near.send(REQUEST)
    bench.wait_until(2.0)
    assert bench.slave.log[1].next_s == near_to(1001.0)
    assert bench.slave.log[1].overhead_s(S) is None


def test_a_pause_parts_the_bytes_of_an_answer(bench: Bench) -> None:
    bench.slave.inject(Fault("pause", at=3, value=0.04))
    bench.near.send(REQUEST)
    bench.wait_until(1.0)
    assert bench.came == [
        (near_to(ANSWER_S + 3 * C), ANSWER[:3]),
        (near_to(ANSWER_S + 25 * C + 0.04), ANSWER[3:]),
    ]


def test_noise_comes_in_front(bench: Bench) -> None:
    bench.slave.inject(Fault("noise", value=3))
    bench.near.send(REQUEST)
    bench.wait_until(1.0)
    assert bench.bytes()[3:] == ANSWER
    assert bench.came[0][0] == near_to(ANSWER_S + 28 * C)


def test_vanishing_closes_the_line_for_good(bench: Bench) -> None:
    bench.slave.inject(Fault("vanish", from_s=0.5))
    bench.near.send(REQUEST)
    bench.wait_until(1.0)
    assert bench.bytes() == ANSWER
    assert bench.came[-1] == (near_to(0.5), b"")


@pytest.mark.parametrize("second", [4 * C, ANSWER_S])
def test_vanishing_in_the_middle_of_an_exchange_is_quiet(bench: Bench, second: float) -> None:
    bench.slave.inject(Fault("vanish", from_s=second))
    bench.near.send(REQUEST)
    bench.wait_until(1.0)
    assert bench.came == [(near_to(second), b"")]


def test_a_master_who_hangs_up_ends_it(bench: Bench) -> None:
    far = bench.near.detach()
    bench.loop.forget(far)
    os.close(far)
    bench.wait_until(1.0)
    bench.slave.close()
    assert bench.slave.requests == 0


def test_a_terminal_nobody_holds_open_any_more_ends_it(tmp_path: Path) -> None:
    """A pseudo-terminal's far end reports EIO once its near end is closed everywhere."""
    clock = ManualClock(START)
    loop = Reactor(clock)
    place = PtyPlace(tmp_path / "port")
    slave = Slave({1: device("one")}, place, loop, clock)
    far = slave._sender.descriptor
    os.close(place.near)
    place.near = -1
    loop.run_until(clock.mono_s() + 1.0)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(far)
    slave.close()
    loop.close()


def test_a_master_who_hangs_up_before_the_answer_ends_it(bench: Bench) -> None:
    bench.near.send(REQUEST)
    bench.wait_until(ANSWER_S)
    bench.slave.inject(Fault("noise"))
    bench.near.shutdown(socket.SHUT_RD)
    bench.wait_until(1.0)
    assert bench.slave.log[0].answer_end_s is not None


@pytest.mark.parametrize("speed", [1.0, 10.0])
def test_pacing_keeps_the_clocks_seconds_at_any_speed(speed: float) -> None:
    """In the clock's seconds a run at ten times the speed takes what it takes at one."""
    clock = FastClock(START, speed)
    loop = Reactor(clock)
    place = PairPlace()
    slave = Slave({1: device("one")}, place, loop, clock)
    near = place.open()
    came = bytearray()
    loop.watch(near.fileno(), lambda: came.extend(near.recv(4096)))
    begin_s = clock.mono_s()
    near.send(REQUEST)
    loop.run_until(begin_s + 5.0, lambda: bool(slave.log) and slave.log[0].answer_end_s is not None)
    took_s = clock.mono_s() - begin_s
    assert bytes(came) + near.recv(4096) * (len(came) < 25) == ANSWER
    row = slave.log[0]
    assert row.answer_end_s is not None
    assert row.answer_end_s - row.request_s >= ANSWER_S + 25 * C - 1e-6
    assert ANSWER_S + 25 * C <= took_s < ANSWER_S + 25 * C + 0.1 * speed
    slave.close()
    loop.close()
    near.close()
