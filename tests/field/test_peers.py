"""The line against slaves that others wrote: libmodbus and pymodbus's server (BUS-128)."""

import os
import shutil
import subprocess
import sys
import tty
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC
from functools import partial
from pathlib import Path
from typing import Literal

import pytest

from hems.clock import SystemClock
from hems.field.exchange import Accepted, Failed, Outcome, Request
from hems.field.line import Line
from hems.field.link import Job, Link
from hems.field.port import open_serial
from hems.field.profile import Limits, Serial
from hems.model.site import Bus
from hems.reactor import Reactor

PEERS = Path(__file__).parent / "peers"
UNIT = 7
PATIENCE_S = 20.0
CHAR_S, SILENCE_CHARS = 10 / 9600, 3.5

CONVERSATION: Sequence[tuple[Request, Outcome]] = (
    (Request(UNIT, 3, 4, 3), Accepted((1004, 1005, 1006))),
    (Request(UNIT, 4, 90, 10), Accepted(tuple(range(1090, 1100)))),
    (Request(UNIT, 1, 0, 11), Accepted((0, 1) * 5 + (0,))),
    (Request(UNIT, 2, 3, 2), Accepted((1, 0))),
    (Request(UNIT, 6, 5, values=(0xFFFF,)), Accepted()),
    (Request(UNIT, 16, 6, values=(1, 0x8000)), Accepted()),
    (Request(UNIT, 3, 4, 4), Accepted((1004, 0xFFFF, 1, 0x8000))),
    (Request(UNIT, 5, 8, values=(1,)), Accepted()),
    (Request(UNIT, 15, 0, values=(1, 1, 0, 0, 1, 1, 0, 0, 0)), Accepted()),
    (Request(UNIT, 1, 0, 9), Accepted((1, 1, 0, 0, 1, 1, 0, 0, 0))),
    (Request(UNIT, 3, 0x3000, 1), Failed("exception", 2)),
    (Request(UNIT, 3, 0, 20), Accepted((*range(1000, 1005), 0xFFFF, 1, 0x8000, *range(1008, 1020)))),
)


class Cable:
    """Two pseudo-terminals end to end at the line's pace: else a foreign slave would answer at once."""

    def __init__(self, reactor: Reactor, far: int) -> None:
        self._reactor = reactor
        self._far = far
        self._near, line_end = os.openpty()
        self._line_end = line_end
        tty.setraw(line_end)
        self.port = os.ttyname(line_end)
        for descriptor, other in ((self._near, far), (far, self._near)):
            os.set_blocking(descriptor, False)
            reactor.watch(descriptor, partial(self._carry, descriptor, other))

    def _carry(self, source: int, target: int) -> None:
        data = os.read(source, 4096)
        after_s = (len(data) + SILENCE_CHARS) * CHAR_S
        self._reactor.call_at(self._reactor.clock.mono_s() + after_s, lambda: self._put(target, data))

    def _put(self, target: int, data: bytes) -> None:
        os.write(target, data)

    def close(self) -> None:
        for descriptor in (self._near, self._far):
            self._reactor.forget(descriptor)
        os.close(self._near)
        os.close(self._line_end)


@contextmanager
def peer(*command: str) -> Iterator[int]:
    """A slave process at the far end of a pseudo-terminal; ``PORT`` in the command is its path."""
    near, far = os.openpty()
    tty.setraw(far)
    words = [os.ttyname(far) if word == "PORT" else word for word in command]
    process = subprocess.Popen(words, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield near
    finally:
        process.kill()
        process.communicate()
        os.close(far)
        os.close(near)


def talk(descriptor: int, framing: Literal["rtu", "ascii"]) -> list[Outcome]:
    """The whole conversation over a real line."""
    reactor = Reactor(SystemClock(UTC))
    cable = Cable(reactor, descriptor)
    bus = Bus(name="a", port=cable.port, framing=framing, echo="no")
    line = Line(bus, reactor, reactor.clock, open_serial)
    serial = Serial(framing=framing)
    link = Link(UNIT, Limits(), serial)
    outcomes: list[Outcome] = []
    ask = iter(CONVERSATION)

    def onward() -> None:
        if pair := next(ask, None):
            line.start(Job(pair[0], link, took))

    def took(outcome: Outcome, at_mono_s: float) -> None:
        outcomes.append(outcome)
        reactor.call_at(at_mono_s, onward)

    onward()
    reactor.run_until(reactor.clock.mono_s() + PATIENCE_S, lambda: len(outcomes) == len(CONVERSATION))
    line.close()
    cable.close()
    reactor.close()
    assert line.counts.early == 0
    return outcomes


@pytest.fixture(scope="module")
def libmodbus_slave(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The small C program, compiled; skipped where compiler or library are missing."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler: install gcc to test against libmodbus")
    program = tmp_path_factory.mktemp("peer") / "slave"
    build = subprocess.run(
        [compiler, "-I/usr/include/modbus", str(PEERS / "slave.c"), "-lmodbus", "-o", str(program)],
        capture_output=True,
        text=True,
        check=False,
    )
    if "modbus.h" in build.stderr or "-lmodbus" in build.stderr:
        pytest.skip("no libmodbus: install libmodbus-dev to test against it")
    assert build.returncode == 0, build.stderr
    return str(program)


def test_a_libmodbus_slave_understands_and_is_understood(libmodbus_slave: str) -> None:
    with peer(libmodbus_slave, "PORT", str(UNIT)) as descriptor:
        assert talk(descriptor, "rtu") == [outcome for _, outcome in CONVERSATION]


@pytest.mark.parametrize("framing", ["rtu", "ascii"])
def test_a_pymodbus_server_understands_and_is_understood(framing: Literal["rtu", "ascii"]) -> None:
    with peer(sys.executable, str(PEERS / "server.py"), "PORT", framing, str(UNIT)) as descriptor:
        assert talk(descriptor, framing) == [outcome for _, outcome in CONVERSATION]
