"""Twenty honest clients among hostile ones, before the running service (API-14, API-141).

Time is virtual, so what is held here is what does not hang on it: nobody's fault reaches the log, no cycle is
missed, every honest client hears the very same bytes, and what the door keeps for all of them stays small.
"""

import errno
import json
import logging
import socket
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle, pairwise
from typing import Any, Final

import pytest

from hems.api.rows import Transport
from tests.stories.clients import GOOD, OpenStreet, Street, Wire, qt

HELLO: Final = qt("JSONRPC.Hello", 0, {}, None)
INTROSPECT: Final = qt("JSONRPC.Introspect", 1, {}, None)
EVERY_S: Final = 0.2
STORM_S: Final = 4
MOST_AT_ONCE: Final = 72 * 1024
MOST_BYTES: Final = 4 * 1024 * 1024


class Raw(Wire):
    """A client that keeps the bytes it hears as they are."""

    def _hear(self, chunk: bytes) -> None:
        self.heard += chunk
        if not chunk:
            super()._hear(chunk)

    def notifications(self) -> list[bytes]:
        """All lines that nobody asked for."""
        assert self.heard.endswith(b"\n")
        return [line for line in self.heard.splitlines() if b'"notification":' in line]


@dataclass
class Vandal:
    """A client that comes back whenever it is thrown out, and sends a piece each time it is let act."""

    pieces: Iterator[bytes]
    transport: Transport = "unix"
    reads: int = 1 << 18
    source: str = "127.0.0.9"
    greets: bool = True
    connected: int = 0
    line: socket.socket | None = None
    rest: bytes = b""
    thrown_out: int = field(default=0)

    def act(self, street: Street) -> None:
        """Connect, or read a little and send what fits."""
        if self.line is None:
            self._connect(street)
            return
        try:
            if self.reads and not self.line.recv(self.reads):
                raise ConnectionResetError
        except BlockingIOError:
            pass
        except OSError:
            self._leave()
            return
        self.rest = self.rest or next(self.pieces)
        try:
            self.rest = self.rest[self.line.send(self.rest[:MOST_AT_ONCE]) :]
        except BlockingIOError:
            pass
        except OSError:
            self._leave()

    def _connect(self, street: Street) -> None:
        unix = self.transport == "unix"
        made = socket.socket(socket.AF_UNIX if unix else socket.AF_INET)
        made.setblocking(False)
        if not unix:
            made.bind((self.source, 0))
        where: Any = street.path if unix else ("127.0.0.1", street.ports[self.transport])
        if made.connect_ex(where) not in (0, errno.EINPROGRESS):
            made.close()
            return
        self.line, self.rest = made, HELLO if self.greets else b""
        self.connected += 1

    def _leave(self) -> None:
        assert self.line is not None
        self.line.close()
        self.line, self.thrown_out = None, self.thrown_out + 1


def asked(method: str, **params: Any) -> bytes:
    """A request."""
    return qt(method, 7, params, None)


def prices(street: Street) -> bytes:
    """The largest that fits."""
    begin = street.stage.clock.now().wall.replace(minute=0, second=0)
    times = [(begin + timedelta(minutes=15 * i)).isoformat() for i in range(701)]
    slots = [{"start": times[i], "end": times[i + 1], "price_eur_kwh": 0.1} for i in range(700)]
    return asked("Hems.PutPrices", provider="awattar-de", slots=slots)


def gang(street: Street) -> list[Vandal]:
    """All that is hostile, more than there are places."""
    deep = b'{"a":' * 31 + b"["
    login = asked("JSONRPC.Authenticate", username="anna", password="x", deviceName="y")
    mode = asked("Hems.SetMode", charger="garage", mode="surplus") * 64
    bad: list[tuple[bytes, dict[str, Any]]] = [
        (b"a" * 1_048_576, {}),
        (b"{" * 1_048_576, {}),
        (b'{"a":[' + b"{}," * 30_000, {}),
        (deep * 3_000, {}),
        (b"\xff\xfe" * 5_000 + b'{"id":1}', {}),
        (INTROSPECT * 10_000, {}),
        (INTROSPECT * 300, {"reads": 0}),
        (INTROSPECT * 300, {"reads": 1}),
        (mode, {}),
        (prices(street), {}),
        (asked("Energy.GetPowerBalanceLogs", sampleRate="SampleRate15Mins", **{"from": 0}), {}),
        (login * 50, {"transport": "tcp"}),
        (b"\x16\x03\x01\x02\x00\x01\x00", {"transport": "tls", "greets": False}),
        (HELLO, {"transport": "tls", "greets": False}),
        (b"", {"transport": "tls", "greets": False, "source": "127.0.0.8"}),
    ]
    vandals = [Vandal(cycle([data]), **keys) for data, keys in bad]
    slow = (bytes((byte,)) for byte in cycle(asked("Energy.GetPowerBalance")))
    crowd = [Vandal(cycle([asked("Hems.GetView") * 10])) for _ in range(16)]
    return [*vandals, Vandal(slow), *crowd]


def honest(street: Street) -> list[Raw]:
    """Twenty that want to hear everything, by each way in."""
    street.here().call("JSONRPC.CreateUser", username="anna", password=GOOD)
    found: list[Raw] = []
    for number in range(20):
        transport: Transport = "unix" if number < 12 else "tcp" if number < 18 else "tls"
        teller = street.wire(transport) if transport != "tls" else None
        wire = Raw(street, transport)
        if teller is not None:
            teller.close()
        wire.ask("JSONRPC.Hello")
        street.turn()
        if transport == "tls":
            wire.ask("JSONRPC.Authenticate", username="anna", password=GOOD, deviceName="x")
            street.turn()
            wire.token = json.loads(wire.heard.splitlines()[-1])["params"]["token"]
        found.append(wire)
    return found


def let_loose(street: Street, vandals: list[Vandal]) -> Callable[[], None]:
    """Everybody acts again and again, in the middle of cycles, too; what ends it."""
    storming = True

    def act() -> None:
        for vandal in vandals:
            vandal.act(street)
        if storming:
            street.stage.at(EVERY_S, act)

    act()

    def end() -> None:
        nonlocal storming
        storming = False
        for vandal in vandals:
            if vandal.line is not None:
                vandal.line.close()

    return end


def kept_bytes() -> int:
    """What the door holds of the memory."""
    snapshot = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, "*/hems/api/*")])
    return sum(statistic.size for statistic in snapshot.statistics("filename"))


def test_honest_clients_among_hostile_ones(open_street: OpenStreet, caplog: pytest.LogCaptureFixture) -> None:
    """API-141: none of them feels the others."""
    caplog.set_level(logging.WARNING)
    street = open_street()
    street.stage.plug()
    judge = street.judge
    clients = honest(street)
    for wire in clients:
        wire.ask("JSONRPC.SetNotificationStatus", enabled=True)
    street.turn()
    vandals = gang(street)
    street.resources.callback(let_loose(street, vandals))
    tracemalloc.start()
    street.resources.callback(tracemalloc.stop)
    cycles = len(street.stage.views)
    for _ in range(STORM_S):
        for wire in clients:
            wire.ask("Energy.GetPowerBalance")
        street.let_pass(1.0)
    views = street.stage.views[cycles:]
    assert len(views) == STORM_S, "a cycle each second"
    gaps = [later.now.mono_s - former.now.mono_s for former, later in pairwise(views)]
    assert gaps == pytest.approx([1.0] * len(gaps), abs=0.005)
    assert [record for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR] == []
    assert street.server.words == ""
    assert kept_bytes() < MOST_BYTES

    heard = [wire.notifications() for wire in clients]
    assert len(heard[0]) > 2 * STORM_S
    assert all(lines == heard[0] for lines in heard)
    for line in heard[0]:
        judge.line(json.loads(line), "")
    for wire in clients:
        replies = [json.loads(line) for line in wire.heard.splitlines() if b'"notification":' not in line]
        assert [reply["id"] for reply in replies] == sorted(wire.asked)
        assert {reply["status"] for reply in replies} == {"success"}
        assert not wire.ended
    letters, braces, *others = vandals
    assert letters.thrown_out >= 1, "1 MiB without a request"
    assert braces.thrown_out >= 1
    (deaf,) = [vandal for vandal in others if not vandal.reads]
    assert deaf.connected == 1, "who does not read is not read from, for 30 s"
    assert deaf.thrown_out == 0
    assert sum(vandal.thrown_out for vandal in vandals) > 20
    health = street.server.health()
    assert health.clients <= 32
    assert health.dropped > 20
