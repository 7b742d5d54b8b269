"""The desk as a process, over a real pseudo-terminal, in real time."""

import os
import select
import shutil
import signal
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest
from pymodbus.client import ModbusSerialClient

from hems.sim import desk_link
from hems.sim.desk_link import HouseProcess
from hems.sim.frames import seal
from hems.sim.scene import Bus, demo_house
from tests.sim.wire import NOON

SCENE = replace(demo_house(1, "sunny", NOON), buses=(Bus(baud=19_200, delivery="frame"),))


@pytest.fixture
def process() -> Iterator[HouseProcess]:
    built = HouseProcess(SCENE)
    yield built
    built.stop()


def read(descriptor: int, count: int, wait_s: float) -> bytes:
    data, end_s = b"", time.monotonic() + wait_s
    while len(data) < count and (left_s := end_s - time.monotonic()) > 0:
        if select.select([descriptor], [], [], left_s)[0]:
            data += os.read(descriptor, 4096)
    return data


def test_one_exchange_truth_and_a_clean_end() -> None:
    process = HouseProcess(SCENE)
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


def test_a_foreign_master_reads_and_writes(process: HouseProcess) -> None:
    """BUS-128: pymodbus's own client talks with our slave."""
    with ModbusSerialClient(process.port, baudrate=19_200, timeout=0.5, retries=0) as client:
        grid = client.read_input_registers(0, count=18, device_id=1)
        values = client.convert_from_registers(grid.registers, client.DATATYPE.FLOAT32)
        assert isinstance(values, list)
        volts, amps, watts = values[0:3], values[3:6], values[6:9]
        for volt, ampere, watt in zip(volts, amps, watts, strict=True):
            assert watt == pytest.approx(-volt * ampere, rel=1e-5)
        assert not client.write_register(1000, 8, device_id=2).isError()
        assert client.read_holding_registers(1000, count=1, device_id=2).registers == [8]
        assert not client.write_registers(102, [1500], device_id=4).isError()
        assert client.write_register(102, 1500, device_id=4).exception_code == 1
        assert client.read_input_registers(1, count=2, device_id=1).exception_code == 2
        assert client.read_holding_registers(40000, count=124, device_id=5).registers[-2:] == [0xFFFF, 0]


def test_mbpoll_reads(process: HouseProcess) -> None:
    tool = shutil.which("mbpoll")
    if tool is None:
        pytest.skip("mbpoll is not installed")
    line = [tool, "-m", "rtu", "-b", "19200", "-P", "none", "-a", "5", "-0", "-r", "40000", "-c", "2", "-1"]
    done = subprocess.run([*line, process.port], capture_output=True, text=True, timeout=5, check=False)
    assert "21365" in done.stdout
