"""The desk as a process, over a real pseudo-terminal, in real time."""

import fcntl
import os
import select
import signal
import struct
import time
from contextlib import suppress
from dataclasses import replace

import pytest

from hems.sim import desk_link
from hems.sim.desk_link import HouseProcess
from hems.sim.faults import Fault
from hems.sim.frames import seal
from hems.sim.scene import Bus, Device, demo_house
from tests.sim.wire import NOON

SCENE = replace(demo_house(1, "sunny", NOON), buses=(Bus(baud=19_200, delivery="frame"),))


def read(descriptor: int, count: int, wait_s: float) -> bytes:
    data, end_s = b"", time.monotonic() + wait_s
    while len(data) < count and (left_s := end_s - time.monotonic()) > 0:
        if select.select([descriptor], [], [], left_s)[0]:
            data += os.read(descriptor, 4096)
    return data


def test_one_exchange_truth_and_a_clean_end() -> None:
    process = HouseProcess(SCENE)
    process.wait()
    assert process.latest["requests"] == 0
    port = os.open(process.port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    os.write(port, seal(5, struct.pack(">BHH", 3, 40000, 2)))
    assert read(port, 9, 3.0) == seal(5, b"\x03\x04SunS")
    assert select.select([process.fd], [], [], 3.0)[0]
    assert process.take()
    assert process.take()
    assert process.latest["pv_w"] > 8000.0
    process.send({"relay": {"garage": True}})
    last = process.stop()
    assert last["requests"] == 1
    assert last["early"] == 0
    os.close(port)


def test_a_desk_that_died_is_noticed() -> None:
    process = HouseProcess(SCENE)
    process.send({"relay": "nonsense ends it"})
    end_s = time.monotonic() + 5.0
    while process.take():
        assert time.monotonic() < end_s
        select.select([process.fd], [], [], 1.0)
    process.wait()
    process.send({"relay": {}})
    process.stop()


def test_a_desk_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_link, "END_WAIT_S", 0.1)
    process = HouseProcess(SCENE)
    assert select.select([process.fd], [], [], 3.0)[0]
    process._process.send_signal(signal.SIGSTOP)
    last = process.stop()
    assert last["requests"] == 0
    assert process.stop() == last
    assert process._process.returncode == -signal.SIGKILL


def test_vanishing_is_seen_by_the_port_that_is_open() -> None:
    process = HouseProcess(SCENE)
    port = os.open(process.port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    process.send({"fault": {"kind": "vanish"}})
    assert select.select([port], [], [], 3.0)[0]
    with suppress(OSError):
        assert os.read(port, 1) == b""
    process.stop()
    os.close(port)


def opened_port(process: HouseProcess, name: str) -> int:
    return os.open(process.ports[name], os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)


TWO = replace(
    SCENE,
    buses=(Bus("a", 19_200, delivery="frame"), Bus("b", 38_400, 11, "ascii", delivery="frame")),
    devices=(Device("roof", "sunspec", 5), Device("meter", "abb-b23", 5, measures="grid", bus="b")),
)
READ_B23 = bytes.fromhex("03 8900 0002")


def test_a_desk_has_any_number_of_lines() -> None:
    """BUS-90: one process, each line with its own port, speed, framing, and log."""
    process = HouseProcess(TWO)
    rtu, text = opened_port(process, "a"), opened_port(process, "b")
    os.write(rtu, seal(5, struct.pack(">BHH", 3, 40000, 2)))
    os.write(text, seal(5, READ_B23, "ascii"))
    assert read(rtu, 9, 3.0) == seal(5, b"\x03\x04SunS")
    answer = seal(5, b"\x03\x04" + struct.pack(">I", 4_200_005), "ascii")
    assert read(text, len(answer), 3.0) == answer
    (row,) = process.log("b")
    assert (row.unit, row.function) == (5, 3)
    assert row.answer_end_s is not None
    assert row.answer_end_s > row.request_end_s
    assert process.stop()["requests"] == 2
    for port in (rtu, text):
        os.close(port)


def until_it_opens(process: HouseProcess, name: str) -> int:
    end_s = time.monotonic() + 3.0
    while True:
        try:
            port = opened_port(process, name)
            fcntl.flock(port, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(port)
        except FileNotFoundError:
            pass
        else:
            return port
        assert time.monotonic() < end_s
        select.select([process.fd], [], [], 0.02)


def test_a_line_that_begins_absent_another_busy() -> None:
    """BUS-92, fault matrix: there or free some time later, under the name it always had."""
    faults = (Fault("vanish", bus="a", until_s=0.3), Fault("busy", bus="b", until_s=0.3))
    process = HouseProcess(replace(TWO, faults=faults))
    assert not os.path.lexists(process.ports["a"])
    held = opened_port(process, "b")
    with pytest.raises(BlockingIOError):
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(held)
    rtu, text = until_it_opens(process, "a"), until_it_opens(process, "b")
    os.write(rtu, seal(5, struct.pack(">BHH", 3, 40000, 2)))
    assert read(rtu, 9, 3.0) == seal(5, b"\x03\x04SunS")
    process.stop()
    assert not os.path.lexists(process.ports["a"])
    for port in (rtu, text):
        os.close(port)


def test_a_port_that_returns_has_its_old_name() -> None:
    process = HouseProcess(SCENE)
    port = opened_port(process, "rs485-a")
    process.send({"fault": {"kind": "vanish", "value": 0.05}})
    assert select.select([port], [], [], 3.0)[0]
    again = until_it_opens(process, "rs485-a")
    os.write(again, seal(5, struct.pack(">BHH", 3, 40000, 2)))
    assert read(again, 9, 3.0) == seal(5, b"\x03\x04SunS")
    process.stop()
    for descriptor in (port, again):
        os.close(descriptor)
