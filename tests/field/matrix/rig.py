"""A real line at the near end of simulated devices, in virtual time; every byte has its true moment."""

import socket
import struct
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Literal, Self

from hems.clock import ManualClock
from hems.field.exchange import READS, Accepted, Outcome, Request
from hems.field.line import Line
from hems.field.link import Job, Link
from hems.field.port import DescriptorPort, told
from hems.field.profile import Framing, Limits
from hems.model.loop import Loop
from hems.model.site import Bus
from hems.reactor import Reactor
from hems.sim import scene
from hems.sim.faults import Fault
from hems.sim.pdu import Block, Unit
from hems.sim.ports import PairPlace
from hems.sim.slave import Slave, silence_s

Echo = Literal["auto", "yes", "no"]
START: Final = datetime(2026, 6, 21, 12, 0, tzinfo=UTC)
BAUD: Final = 9600
C: Final = 10 / BAUD
S: Final = 3.5 * C
STALL_S: Final = 0.05
T_DEV_S: Final = 0.02
SLOW_S: Final = 0.08
REGISTERS: Final = 200
UNITS: Final = {1: T_DEV_S, 2: T_DEV_S, 3: SLOW_S}
"""Unit 3 thinks longer than the others."""
READ: Final = Request(1, 3, 10, 12)
LONG: Final = Request(1, 3, 10, 30)
SHORTER: Final = Request(1, 3, 40, 5)
ONE: Final = Request(1, 3, 60, 1)
OTHER: Final = Request(1, 3, 61, 1)
INPUTS: Final = Request(1, 4, 10, 12)
COILS: Final = Request(1, 1, 8, 10)
WRITE: Final = Request(1, 6, 100, values=(60,))
WRITE_MANY: Final = Request(1, 16, 100, values=(60, 61))
WRITE_COIL: Final = Request(1, 5, 3, values=(1,))
WRITE_COILS: Final = Request(1, 15, 3, values=(1, 0, 1))


class SocketDevice:
    """A socket as an opened serial device."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def fileno(self) -> int:
        return self._end.fileno()

    def reset_output_buffer(self) -> None:
        """A socket drops its output by itself."""

    def close(self) -> None:
        self._end.close()


def opener(place: PairPlace) -> Callable[[Bus], DescriptorPort]:
    """What opens the near end, as a serial port is opened."""

    def opened(bus: Bus) -> DescriptorPort:
        with told(bus.port):
            return DescriptorPort(bus.port, SocketDevice(place.open()))

    return opened


def true_words(unit: int, address: int, count: int) -> tuple[int, ...]:
    """What the registers hold: every one tells whose it is."""
    return tuple(unit << 12 | address + i for i in range(count))


def device(unit: int, answer_s: float, written: list[Request]) -> Unit:
    """Registers that name themselves, coils that are 1 at every third address, and a list of the writes."""

    def write(address: int, values: tuple[int, ...]) -> int:
        written.append(Request(unit, 16, address, values=values))
        return 0

    def image() -> bytes:
        return struct.pack(f">{REGISTERS}H", *true_words(unit, 0, REGISTERS))

    return Unit(
        f"unit{unit}",
        (Block(3, 0, REGISTERS, image), Block(4, 0, REGISTERS, image), Block(1, 0, 64, lambda: COIL_IMAGE)),
        answer_s=(answer_s, answer_s),
        writes_by=frozenset({5, 6, 15, 16}),
        write=write,
        write_bits=write,
    )


COIL_IMAGE: Final = bytes(int(i % 3 == 0) for i in range(64))


def true_answer(request: Request) -> tuple[int, ...]:
    """The registers or bits a right answer carries; none for a write."""
    if request.function == 1:
        return tuple(COIL_IMAGE[request.address : request.address + request.count])
    return true_words(request.unit, request.address, request.count) if request.function in READS else ()


class Rig:
    """One line, its links, its slave; `ended` has every outcome with its request and its time."""

    def __init__(
        self,
        framing: Framing = "rtu",
        *,
        echo: bool = False,
        declared: Echo = "no",
        clock: ManualClock | None = None,
        faults: tuple[Fault, ...] = (),
        held: Callable[[Loop], Loop] = lambda loop: loop,
    ) -> None:
        self.clock = clock or ManualClock(START)
        self.loop = Reactor(self.clock)
        self.place = PairPlace()
        self.written: list[Request] = []
        units = {number: device(number, answer_s, self.written) for number, answer_s in UNITS.items()}
        self.sim_bus = scene.Bus(baud=BAUD, framing=framing, echo=echo)
        self.slave = Slave(units, self.place, self.loop, self.clock, self.sim_bus, faults=faults)
        bus = Bus(name="a", port="far-end", baud=BAUD, framing=framing, echo=declared)
        self.line = Line(bus, held(self.loop), self.clock, opener(self.place), UNITS)
        self.links = {number: Link(number, Limits()) for number in UNITS}
        self.ended: list[tuple[Request, Outcome, float]] = []

    @property
    def first_s(self) -> float:
        """From the end of a request until its answer begins."""
        return silence_s(self.sim_bus) + T_DEV_S

    def chars(self, bytes_: int) -> int:
        """The length of a frame that is so long in RTU."""
        return bytes_ if self.sim_bus.framing == "rtu" else 2 * bytes_ + 1

    def answer_s(self, request: Request = READ) -> float:
        """How long the wanted answer is on the wire."""
        return self.chars(request.answer_bytes) * C

    def play(self, *requests: Request, seconds: float = 5.0) -> list[Outcome]:
        """Exchanges one after the other without a pause, each asked for as soon as the one before ended."""
        rest = deque(requests)
        before = len(self.ended)

        def go() -> None:
            request = rest.popleft()
            self.line.start(
                Job(request, self.links[request.unit], lambda outcome, at_s: done(request, outcome, at_s))
            )

        def done(request: Request, outcome: Outcome, at_s: float) -> None:
            self.ended.append((request, outcome, at_s))
            if isinstance(outcome, Accepted):
                assert outcome.registers == true_answer(request), "a wrong value was delivered"
            if rest:
                go()

        go()
        self.loop.run_until(self.clock.mono_s() + seconds, lambda: len(self.ended) == before + len(requests))
        return [outcome for _, outcome, _ in self.ended[before:]]

    def run(self, seconds: float) -> None:
        """Let time pass."""
        self.loop.run_until(self.clock.mono_s() + seconds)

    def meet(self, *units: int) -> None:
        """Good exchanges, so that latencies are known."""
        for unit in units or (1,):
            (outcome,) = self.play(Request(unit, 3, 10, 12))
            assert isinstance(outcome, Accepted)

    def strike(self, *faults: Fault) -> None:
        """From now on; nothing that was asked before counts."""
        for fault in faults:
            self.slave.inject(fault)

    def free_s(self, number: int = -2) -> float:
        """From the end of that request to the first byte of the next one, by the slave's clock."""
        log = self.slave.log
        return log[number + 1].request_s - log[number].request_end_s

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the line; a request into the silence is a failure."""
        self.line.close()
        self.slave.close()
        self.place.vanish()
        self.loop.close()
        if error is None:
            assert self.line.counts.early == 0, "a request left before the silence had passed (BUS-102)"
