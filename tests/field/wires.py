"""A scripted slave on the far end of a socket pair, in virtual time, and a check sum of its own."""

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from hems.clock import ManualClock
from hems.errors import PortError
from hems.field.wire import wire
from hems.model.loop import Clock, Loop
from hems.model.site import Bus
from hems.reactor import Reactor

NOON = datetime(2026, 6, 21, 12, 0, tzinfo=UTC)


def crc(body: bytes) -> bytes:
    """CRC-16/MODBUS bit by bit, low byte first."""
    value = 0xFFFF
    for byte in body:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value.to_bytes(2, "little")


def framed(hexadecimal: str) -> bytes:
    body = bytes.fromhex(hexadecimal)
    return body + crc(body)


def lettered(hexadecimal: str, start: str = ":") -> bytes:
    """An ASCII frame with a check byte of its own making."""
    check = -sum(bytes.fromhex(hexadecimal)) & 0xFF
    return f"{start}{hexadecimal}{check:02x}\r\n".upper().encode()


class PairPort:
    """One end of a socket pair as a port; a closed far end is a lost port."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        end.setblocking(False)

    def fileno(self) -> int:
        return self.end.fileno()

    def read(self, size: int) -> bytes:
        try:
            data = self.end.recv(size)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            raise PortError("far end closed")
        return data

    def write(self, data: bytes) -> int:
        try:
            return self.end.send(data)
        except OSError:
            raise PortError("far end closed") from None

    def close(self) -> None:
        self.end.close()


@dataclass
class Reply:
    """What the slave sends: chunks, each so long after the end of the request or of the last chunk."""

    chunks: list[tuple[float, bytes]]


@dataclass
class Memory:
    """Registers of one unit, and what was written to it; writes at `deaf` addresses are acknowledged only."""

    input: dict[int, int] = field(default_factory=dict)
    holding: dict[int, int] = field(default_factory=dict)
    writes: list[tuple[float, int, int]] = field(default_factory=list)
    mute: bool = False
    refuse: dict[int, int] = field(default_factory=dict)
    coils: dict[int, int] = field(default_factory=dict)
    deaf: set[int] = field(default_factory=set)


def answer(memory: Memory, request: bytes, now_s: float) -> bytes | None:
    """An honest device: the answer's body and check sum; ``None`` is silence."""
    unit, function = request[0], request[1]
    address, count = int.from_bytes(request[2:4], "big"), int.from_bytes(request[4:6], "big")
    if memory.mute:
        return None
    code = memory.refuse.get(address)
    if code:
        return framed(f"{unit:02x}{function | 0x80:02x}{code:02x}")
    if function == 2:
        return framed(f"{unit:02x}8201")
    if function == 1:
        return framed(f"{unit:02x}0101{memory.coils.get(address, 0):02x}")
    if function == 5:
        memory.coils[address] = int(count == 0xFF00)
        memory.writes.append((now_s, address, memory.coils[address]))
        return request
    if function in (3, 4):
        bank = memory.holding if function == 3 else memory.input
        if any(address + i not in bank for i in range(count)):
            return framed(f"{unit:02x}{function | 0x80:02x}02")
        body = b"".join(bank[address + i].to_bytes(2, "big") for i in range(count))
        return framed(f"{unit:02x}{function:02x}{2 * count:02x}" + body.hex())
    body = request[4:6] if function == 6 else request[7:-2]
    for i in range(len(body) // 2 if address not in memory.deaf else 0):
        memory.holding[address + i] = int.from_bytes(body[2 * i : 2 * i + 2], "big")
    memory.writes.append((now_s, address, int.from_bytes(body, "big")))
    return request if function == 6 else framed(request[:6].hex())


class Slave:
    """All devices of one line; paces every byte, logs every request with its first byte's time.

    `script` may answer a request with a `Reply`; where it returns ``None`` the honest memory answers after
    `think_s`.
    """

    def __init__(self, bus: Bus, loop: Loop, clock: Clock) -> None:
        self.wire = wire(bus)
        self.ascii = bus.framing == "ascii"
        self.loop = loop
        self.clock = clock
        self.units: dict[int, Memory] = {}
        self.requests: list[tuple[float, bytes]] = []
        self.script: Callable[[int, bytes], Reply | None] = lambda number, request: None
        self.think_s = 0.02
        self.openings = 0
        self.absent = False
        self.end: socket.socket | None = None

    def open(self, bus: Bus) -> PairPort:
        if self.absent:
            raise PortError(f"{bus.port}: no such file or directory")
        self.close()
        self.openings += 1
        near, self.end = socket.socketpair()
        self.end.setblocking(False)
        self.loop.watch(self.end.fileno(), self._request)
        return PairPort(near)

    def close(self) -> None:
        if self.end is not None:
            self.loop.forget(self.end.fileno())
            self.end.close()
            self.end = None

    def send_at(self, at_s: float, data: bytes) -> float:
        """Bytes on the wire from `at_s` on, each seen at its stop bit; returns the last one's time."""
        last_s = at_s
        for i in range(len(data)):
            last_s = at_s + (i + 1) * self.wire.char_s
            self.loop.call_at(last_s, partial(self._byte, data[i : i + 1], self.end))
        return last_s

    def _byte(self, part: bytes, end: socket.socket | None) -> None:
        if end is self.end and end is not None:
            end.send(part)

    def _request(self) -> None:
        assert self.end is not None
        data = self.end.recv(4096)
        if not data:
            self.close()
            return
        now_s = self.clock.mono_s()
        assert data[-2:] == (b"\r\n" if self.ascii else crc(data[:-2]))
        self.requests.append((now_s, data))
        sent_s = now_s + len(data) * self.wire.char_s
        reply = self.script(len(self.requests), data)
        if reply is None:
            memory = self.units.get(data[0])
            body = None if memory is None else answer(memory, data, now_s)
            reply = Reply([] if body is None else [(self.think_s, body)])
        at_s = sent_s
        for after_s, chunk in reply.chunks:
            at_s = self.send_at(at_s + after_s, chunk)


@dataclass
class Bench:
    """A virtual loop with one scripted line."""

    bus: Bus = field(default_factory=lambda: Bus(name="a", port="far-end", echo="no"))

    def __post_init__(self) -> None:
        self.clock = ManualClock(NOON)
        self.loop = Reactor(self.clock)
        self.slave = Slave(self.bus, self.loop, self.clock)

    def run(self, seconds: float) -> None:
        self.loop.run_until(self.clock.mono_s() + seconds)
