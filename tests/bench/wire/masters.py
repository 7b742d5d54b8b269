"""Masters that ask one slave for the same registers again and again: ours, and those of others."""

import json
import select
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hems.clock import Ready, SystemClock
from hems.field.exchange import Accepted, Outcome, Request
from hems.field.line import Line
from hems.field.link import Job, Link
from hems.field.port import open_serial
from hems.field.profile import Limits
from hems.model.site import Baud, Bus
from hems.reactor import Reactor
from tests.bench.wire.slave import UNIT

HERE = Path(__file__).parent
TIMEOUT_S = 0.5
REPLAYED = 250


@dataclass(frozen=True)
class Spent:
    """What a master needed: processor seconds and wake-ups per exchange, exchanges that failed.

    `idle_cpu_s` is what the machine spends on the same waiting when nothing is done in between.
    """

    cpu_s: float
    failed: int
    wake_ups: float | None = None
    idle_cpu_s: float | None = None


Master = Callable[[str, Baud, int, int], Spent]
"""(port, baud, registers, exchanges) → what it needed."""


class CountingClock(SystemClock):
    """The machine's clock, which remembers how long each waiting lasted."""

    def __init__(self) -> None:
        super().__init__(UTC)
        self.waits_s: list[float] = []

    def rest(self, selector: Any, wait_s: float) -> Ready:
        """Wait once more."""
        began_s = time.monotonic()
        ready = super().rest(selector, wait_s)
        self.waits_s.append(time.monotonic() - began_s)
        return ready


def idle_cpu_s(waits_s: Sequence[float]) -> float:
    """Processor seconds of a process that waits just as long, and does nothing."""
    some = waits_s[:REPLAYED]
    before = time.process_time()
    for wait_s in some:
        select.select([], [], [], wait_s)
    return (time.process_time() - before) * len(waits_s) / len(some)


def hems(port: str, baud: Baud, count: int, exchanges: int) -> Spent:
    """Our own line, as the service uses it."""
    clock = CountingClock()
    reactor = Reactor(clock)
    line = Line(Bus(name="a", port=port, baud=baud, echo="no"), reactor, clock, open_serial)
    link = Link(UNIT, Limits())
    request = Request(UNIT, 3, 0, count)
    outcomes: list[Outcome] = []

    def took(outcome: Outcome, at_mono_s: float) -> None:
        outcomes.append(outcome)
        if len(outcomes) < exchanges:
            line.start(Job(request, link, took))

    reactor.run_until(clock.mono_s() + 1, lambda: line.stage == "idle")
    clock.waits_s.clear()
    before = time.process_time()
    line.start(Job(request, link, took))
    reactor.run_until(clock.mono_s() + 3600, lambda: len(outcomes) >= exchanges)
    spent_s, waits_s = time.process_time() - before, tuple(clock.waits_s)
    line.close()
    reactor.close()
    failed = sum(not isinstance(outcome, Accepted) for outcome in outcomes)
    return Spent(spent_s / exchanges, failed, len(waits_s) / exchanges, idle_cpu_s(waits_s) / exchanges)


def pymodbus(port: str, baud: Baud, count: int, exchanges: int) -> Spent:
    """The blocking client of pymodbus."""
    from pymodbus.client import ModbusSerialClient

    with ModbusSerialClient(port, baudrate=baud, timeout=TIMEOUT_S, retries=0) as client:
        before = time.process_time()
        failed = sum(
            client.read_holding_registers(0, count=count, device_id=UNIT).isError() for _ in range(exchanges)
        )
        spent_s = time.process_time() - before
    return Spent(spent_s / exchanges, failed)


def minimalmodbus(port: str, baud: Baud, count: int, exchanges: int) -> Spent:
    """minimalmodbus, the usual choice for small scripts."""
    import minimalmodbus as other

    instrument = other.Instrument(port, UNIT)
    instrument.serial.baudrate = baud
    instrument.serial.timeout = TIMEOUT_S
    failed = 0
    before = time.process_time()
    for _ in range(exchanges):
        try:
            instrument.read_registers(0, count)
        except other.ModbusException:
            failed += 1
    spent_s = time.process_time() - before
    instrument.serial.close()
    return Spent(spent_s / exchanges, failed)


def libmodbus(program: Path) -> Master:
    """The compiled C master."""

    def run(port: str, baud: Baud, count: int, exchanges: int) -> Spent:
        words = [str(program), port, str(baud), str(count), str(exchanges)]
        told = json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE).stdout)
        return Spent(told["cpu_s"] / exchanges, told["failed"])

    return run


def others(folder: str) -> tuple[dict[str, Master], list[str]]:
    """The masters of others that are installed here, and words about those that are not."""
    found: dict[str, Master] = {"pymodbus": pymodbus}
    missing = []
    if find_spec("minimalmodbus") is None:
        missing.append("minimalmodbus is not installed: pip install 'hems[bench]'")
    else:
        found["minimalmodbus"] = minimalmodbus
    program = Path(folder, "master")
    compiler = shutil.which("cc")
    build = ["-O2", "-I/usr/include/modbus", str(HERE / "master.c"), "-lmodbus", "-o", str(program)]
    if compiler and subprocess.run([compiler, *build], capture_output=True, check=False).returncode == 0:
        found["libmodbus"] = libmodbus(program)
    else:
        missing.append("libmodbus or a C compiler is missing: install libmodbus-dev and gcc")
    return found, missing
