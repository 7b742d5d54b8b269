"""An ASCII line through the slave in virtual time (BUS-21, BUS-90; C02)."""

from dataclasses import replace

import pytest

from hems.sim.faults import Fault
from hems.sim.frames import seal
from hems.sim.scene import Bus
from tests.sim.far_end import READS, T_DEV_S, device, near_to, opened_bench

BUS = Bus(baud=38_400, bits=11, framing="ascii", delivery="frame")
C = 11 / 38_400
PDU = bytes.fromhex("03 0000 0003")
REQUEST = b":010300000003F9\r\n"
ANSWER = b":010306000102030405E7\r\n"


def test_a_request_ends_with_its_line_and_owes_no_silence() -> None:
    with opened_bench(BUS) as bench:
        assert bench.ask(REQUEST) == ANSWER
        assert bench.came == [(near_to((17 + 23) * C + T_DEV_S), ANSWER)]
        assert READS == [(0, 3)]
        (row,) = bench.slave.log
        assert (row.unit, row.function) == (1, 3)
        assert row.answer_s is not None
        assert row.answer_s - 1000.0 == near_to(17 * C + T_DEV_S)
        bench.wait_until((17 + 23) * C + T_DEV_S)
        assert bench.ask(REQUEST) == ANSWER
        assert bench.slave.early == 0


def test_a_request_may_come_in_pieces_within_a_second() -> None:
    with opened_bench(BUS) as bench:
        bench.near.send(REQUEST[:5])
        bench.wait_until(0.9)
        assert bench.ask(REQUEST[5:]) == ANSWER
        bench.near.send(REQUEST[:5])
        bench.wait_until(3.0)
        assert bench.ask(REQUEST[5:]) == b""
        assert bench.slave.requests == 3


@pytest.mark.parametrize("frame", [b":01030000000AF3\r\n", b"::\r\n", b":0G03\r\n", b"\xff\xff\r\n", b"\r\n"])
def test_what_is_no_frame_gets_no_answer(frame: bytes) -> None:
    with opened_bench(BUS) as bench:
        assert bench.ask(frame, 2.0) == b""
        assert bench.slave.requests == 1
        assert bench.ask(REQUEST) == ANSWER


def test_a_request_into_an_answer_is_early() -> None:
    with opened_bench(replace(BUS, delivery="bytewise")) as bench:
        bench.near.send(REQUEST)
        bench.wait_until(17 * C + T_DEV_S + 3.5 * C)
        bench.near.send(REQUEST)
        bench.wait_until(1.0)
        assert bench.slave.early == 1


def test_a_box_that_sleeps_after_a_second_of_silence_loses_the_request_that_wakes_it() -> None:
    """C02: after idle send each request twice; answers start with >, a read without unit finds the box."""
    with opened_bench(BUS) as bench:
        unit = replace(device("box"), start=">", wake_after_s=1.0, found=True)
        bench.slave._units = {1: unit}
        answer = b">" + ANSWER[1:]
        assert bench.ask(REQUEST, 0.1) == b""
        assert bench.ask(REQUEST, 0.9) == answer
        assert bench.ask(seal(0, PDU, "ascii"), 1.2) == answer
        assert bench.ask(REQUEST, 0.5) == b""
        assert bench.ask(seal(7, PDU, "ascii"), 0.9) == b""
        assert bench.ask(REQUEST, 0.5) == answer


@pytest.mark.parametrize(
    ("fault", "heard"),
    [
        (Fault("crc"), ANSWER[:-3] + b"0\r\n"),
        (Fault("short", value=9), ANSWER[:9]),
        (Fault("prefix", data="FF3A"), b"\xff:" + ANSWER),
        (Fault("exception", value=2), b":0183027A\r\n"),
        (Fault("silence"), b""),
        (Fault("echo"), REQUEST + ANSWER),
        (Fault("other_unit"), b":020306000102030405E6\r\n"),
    ],
)
def test_faults_strike_ascii_lines_too(fault: Fault, heard: bytes) -> None:
    with opened_bench(BUS, fault) as bench:
        assert bench.ask(REQUEST) == heard
