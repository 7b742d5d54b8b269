"""A slave with two small devices on a socket pair in virtual time, and every byte with its moment."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from hems.clock import ManualClock
from hems.reactor import Reactor
from hems.sim.faults import Fault
from hems.sim.frames import seal
from hems.sim.pdu import Block, Unit
from hems.sim.ports import PairPlace
from hems.sim.scene import Bus
from hems.sim.slave import Slave

C = 10 / 9600
S = 3.5 * C
T_DEV_S = 0.02
REQUEST = seal(1, struct.pack(">BHH", 3, 0, 10))
ANSWER = seal(1, bytes((3, 20)) + bytes(range(20)))
START = datetime(2027, 6, 15, 12, tzinfo=UTC)
READS: list[tuple[int, int]] = []
WRITES: list[tuple[int, tuple[int, ...]]] = []
RESTARTS: list[str] = []


def write(address: int, values: tuple[int, ...]) -> int:
    WRITES.append((address, values))
    return 0


def device(name: str) -> Unit:
    return Unit(
        name,
        (Block(3, 0, 10, lambda: bytes(range(20))),),
        answer_s=(T_DEV_S, T_DEV_S),
        writes_by=frozenset({6}),
        write=write,
        on_read=lambda address, count: READS.append((address, count)),
        on_restart=lambda: RESTARTS.append(name),
    )


@dataclass
class Bench:
    clock: ManualClock
    loop: Reactor
    place: PairPlace
    near: socket.socket
    slave: Slave
    came: list[tuple[float, bytes]]

    def listen(self) -> None:
        """Keep what comes; an end of file is the last thing that does."""
        near = self.near

        def hear() -> None:
            data = near.recv(4096)
            self.came.append((self.now(), data))
            if not data:
                self.loop.forget(near.fileno())

        self.loop.watch(near.fileno(), hear)

    def ask(self, frame: bytes, seconds: float = 0.3) -> bytes:
        """What comes within so many seconds of a request."""
        before = len(self.came)
        self.near.send(frame)
        self.wait_until(self.now() + seconds)
        return b"".join(data for _, data in self.came[before:])

    def now(self) -> float:
        return self.clock.mono_s() - 1000.0

    def wait_until(self, second: float) -> None:
        self.loop.run_until(1000.0 + second)

    def bytes(self) -> bytes:
        return b"".join(data for _, data in self.came)


def bench_of(bus: Bus, *faults: Fault) -> Bench:
    clock = ManualClock(START)
    loop = Reactor(clock)
    place = PairPlace()
    slave = Slave({1: device("one"), 2: device("two")}, place, loop, clock, bus, faults=faults)
    near = place.open()
    bench = Bench(clock, loop, place, near, slave, [])
    bench.listen()
    for list_of in (READS, WRITES, RESTARTS):
        list_of.clear()
    return bench


@contextmanager
def opened_bench(bus: Bus, *faults: Fault) -> Iterator[Bench]:
    bench = bench_of(bus, *faults)
    try:
        yield bench
    finally:
        bench.slave.close()
        bench.loop.close()
        bench.near.close()


ANSWER_S = 8 * C + S + T_DEV_S
"""The first bit of the answer: request, silence, the device's own time (BUS-55)."""


def near_to(second: float) -> object:
    return pytest.approx(second, abs=2e-6)
