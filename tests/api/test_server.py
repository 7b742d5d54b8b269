"""The door's sockets, for real: a loop, clients in the same process, and time that passes only when idle."""

import errno
import json
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hems.api.door import Door
from hems.api.house import House
from hems.api.limits import Limits
from hems.api.rows import Transport
from hems.api.server import Server
from hems.api.sockets import Listener, listen_tcp, listen_unix
from hems.api.tls import context
from hems.clock import ManualClock
from hems.model.endpoint import Endpoint
from hems.reactor import Reactor
from tests.api.doorstep import TOYS, Box, Glass, NoHistory, Porch
from tests.api.drawers import HOUSE, NOON, Keys
from tests.panel.views import HOUSE as VIEW

HELLO = b'{"id":1,"method":"JSONRPC.Hello"}\n'
ECHO = b'{"id":2,"method":"Toy.Echo","params":{"say":"hi"}}\n'
ALL = b'{"id":3,"method":"JSONRPC.SetNotificationStatus","params":{"enabled":true}}\n'


class Yard:
    """A served door with clients before it."""

    def __init__(self, resources: ExitStack, folder: Path) -> None:
        self.clock = ManualClock(NOON)
        self.reactor = Reactor(self.clock)
        self.resources = resources
        self.folder = folder
        self.keys = Keys()
        self.box = Box()
        self.house = House(HOUSE, self.box, NoHistory(), self.keys.keyring, Glass(), Porch())
        self.path = str(folder / "door.sock")
        resources.callback(self.reactor.close)

    def open(
        self,
        *transports: Transport,
        limits: Limits | None = None,
        certificate: tuple[str, str] | None = None,
        house: House | None = None,
    ) -> Server:
        listeners = [self._listener(transport) for transport in transports or ("unix",)]

        def make_door(wake: Callable[[], None]) -> Door:
            return Door(TOYS, house or self.house, wake, limits)

        tls = context(*certificate) if certificate else None
        server = Server(self.reactor, self.clock, make_door, listeners, tls=tls, limits=limits)
        self.resources.callback(server.close)
        return server

    def _listener(self, transport: Transport) -> Listener:
        if transport == "unix":
            return listen_unix(self.path, "nobody-has-this-group", 16)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        return listen_tcp(Endpoint("127.0.0.1", self.port), transport, 16)

    def client(self, *, tcp: bool = False) -> socket.socket:
        made = socket.socket(socket.AF_INET if tcp else socket.AF_UNIX, socket.SOCK_STREAM)
        self.resources.callback(made.close)
        made.settimeout(0)
        while made.connect_ex(("127.0.0.1", self.port) if tcp else self.path) == errno.EAGAIN:
            self.turn(0.001)
        return made

    def turn(self, seconds: float = 0.01) -> None:
        self.reactor.run_until(self.clock.mono_s() + seconds)

    def heard(self, client: socket.socket, seconds: float = 0.01) -> list[Any]:
        """All lines; ``None`` at the end of the connection."""
        data, ended = b"", False
        for _ in range(50):
            self.turn(seconds / 50)
            with suppress(BlockingIOError):
                while not ended:
                    chunk = client.recv(65536)
                    data, ended = data + chunk, not chunk
        return [*map(json.loads, data.splitlines()), *([None] if ended else [])]

    def heard_bytes(self, client: socket.socket) -> bytes:
        """All bytes until the end of the connection."""
        data = b""
        for _ in range(50):
            self.turn(0.001)
            with suppress(BlockingIOError):
                while chunk := client.recv(65536):
                    data += chunk
        return data


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    with ExitStack() as resources:
        yield Yard(resources, tmp_path)


@pytest.mark.parametrize("transport", ["unix", "tcp"])
def test_a_client_is_answered(yard: Yard, transport: Transport) -> None:
    yard.open(transport)
    client = yard.client(tcp=transport == "tcp")
    yard.turn()
    client.send(HELLO + ECHO)
    hello, echo = yard.heard(client)
    assert hello["params"]["server"] == "nymea"
    assert echo == {
        "id": 2,
        "params": {"language": "en", "said": "hi", "who": ""},
        "status": "success",
    }


def test_a_segment_may_be_a_single_byte(yard: Yard) -> None:
    yard.open()
    client = yard.client()
    for byte in HELLO + ECHO:
        client.send(bytes((byte,)))
        yard.turn(0.001)
    assert [line["id"] for line in yard.heard(client)] == [1, 2]


def test_news_reach_all_who_listen(yard: Yard) -> None:
    """API-62: twenty clients."""
    server = yard.open()
    clients = [yard.client() for _ in range(20)]
    yard.turn()
    for client in clients:
        client.send(HELLO + ALL)
    assert all(len(yard.heard(client)) == 2 for client in clients)
    server.show(VIEW)
    heard = [yard.heard(client) for client in clients]
    assert all(lines == heard[0] for lines in heard)
    assert [line["notification"] for line in heard[0]][:2] == ["Toy.Changed", "Toy.Moved"]


def test_whoever_hangs_up_is_forgotten(yard: Yard) -> None:
    server = yard.open()
    client = yard.client()
    yard.turn()
    assert server.health().clients == 1
    client.close()
    yard.turn()
    assert server.health().clients == 0


def test_a_dropped_client_is_told_why_first(yard: Yard) -> None:
    """API-30, check 11."""
    yard.open()
    client = yard.client()
    yard.turn()
    client.send(ECHO * 3)
    first, *rest = yard.heard(client)
    assert first["error"] == "Handshake required. Call JSONRPC.Hello first."
    assert rest[-1] is None
    assert len(rest) == 1


def test_ten_seconds_without_hello_end_a_connection(yard: Yard) -> None:
    """API-14."""
    yard.open()
    client = yard.client()
    yard.turn(9.9)
    assert yard.heard(client) == []
    assert yard.heard(client, 0.2) == [None]


def test_a_slow_reader_is_waited_for_and_then_dropped(yard: Yard) -> None:
    """API-14: it is not asked for more, and 30 s without a byte taken end it."""
    limits = replace(Limits(), deaf_bytes=4096)
    server = yard.open(limits=limits)
    client = yard.client()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    yard.turn()
    client.send(HELLO)
    yard.heard(client)
    asked = b'{"id":9,"method":"Toy.Echo","params":{"say":"%s"}}' % (b"x" * 7000)
    sent = 0
    with suppress(BlockingIOError):
        while sent < 4_000_000:
            sent += client.send(asked)
            yard.turn(0.001)
    yard.turn(5.0)
    assert server.health().clients == 1
    yard.turn(31.0)
    assert server.health() == replace(server.health(), clients=0, dropped=1)


def test_what_waits_is_sent_when_there_is_room(yard: Yard) -> None:
    yard.open()
    client = yard.client()
    yard.turn()
    asked = b'{"id":9,"method":"Toy.Echo","params":{"say":"%s"}}' % (b"x" * 90_000)
    client.send(HELLO)
    yard.turn()
    for _ in range(8):
        rest = asked
        while rest:
            with suppress(BlockingIOError):
                rest = rest[client.send(rest) :]
            yard.turn(0.001)
    lines = yard.heard(client, 1.0)
    assert [line["id"] for line in lines] == [1] + [9] * 8


def test_refusals_of_the_door_close_the_connection(yard: Yard) -> None:
    yard.open("tcp", limits=replace(Limits(), remote=1))
    first, second = yard.client(tcp=True), yard.client(tcp=True)
    assert yard.heard(second) == [None]
    first.send(HELLO)
    assert len(yard.heard(first)) == 1


def test_a_fault_of_the_door_closes_it_and_nothing_else(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    server = yard.open()
    client = yard.client()
    yard.turn()

    def fail(*_: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(server._door, "work", fail)
    client.send(HELLO)
    assert yard.heard(client) == [None]
    assert "the door failed" in caplog.text
    assert server.health().words == "closed after a fault of its own"
    server.show(VIEW)
    assert not Path(yard.path).exists()


def shaken(yard: Yard, client: socket.socket) -> ssl.SSLSocket:
    outside = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    outside.check_hostname = False
    outside.verify_mode = ssl.CERT_NONE
    made = outside.wrap_socket(client, do_handshake_on_connect=False)
    yard.resources.callback(made.close)
    for _ in range(50):
        yard.turn(0.001)
        with suppress(ssl.SSLWantReadError):
            made.do_handshake()
            return made
    raise AssertionError("no handshake")


def tls_lines(yard: Yard, client: ssl.SSLSocket) -> list[Any]:
    data, ended = b"", False
    for _ in range(50):
        yard.turn(0.001)
        with suppress(ssl.SSLWantReadError):
            while not ended:
                chunk = client.recv(65536)
                data, ended = data + chunk, not chunk
    return [*map(json.loads, data.splitlines()), *([None] if ended else [])]


def test_an_encrypted_client_comes_in_with_its_token(yard: Yard, certificate: tuple[str, str]) -> None:
    """API-12, API-42."""
    yard.open("tls", certificate=certificate)
    issued = yard.keys.keyring._issue("", "tablet", 0, ())
    assert issued is not None
    client = shaken(yard, yard.client(tcp=True))
    token = issued.text.encode()
    client.send(b'{"id":1,"method":"JSONRPC.Hello","token":"%s"}' % token)
    client.send(b'{"id":2,"method":"Toy.Rule","token":"%s"}' % token)
    hello, answer = tls_lines(yard, client)
    assert hello["params"]["authenticated"] is True
    assert answer["status"] == "success"
    client.send(b'{"id":3,"method":"Toy.Echo"}')
    changed, end = tls_lines(yard, client)
    assert changed["status"] == "unauthorized"
    assert end is None


def test_what_is_not_encrypted_is_hung_up_on_without_lockdown(
    yard: Yard, certificate: tuple[str, str]
) -> None:
    """API-12, S4: plain first, then TLS, at once."""
    yard.open("tls", certificate=certificate)
    plain = yard.client(tcp=True)
    yard.turn()
    plain.send(HELLO)
    with suppress(ConnectionResetError):
        assert yard.heard(plain) == [None]
    client = shaken(yard, yard.client(tcp=True))
    client.send(HELLO)
    assert tls_lines(yard, client)[0]["params"]["initialSetupRequired"] is True


def test_half_a_handshake_ends_after_five_seconds(yard: Yard, certificate: tuple[str, str]) -> None:
    """API-14."""
    server = yard.open("tls", certificate=certificate)
    client = yard.client(tcp=True)
    yard.turn()
    client.send(b"\x16\x03\x01")
    yard.turn(4.9)
    assert server.health().clients == 1
    yard.turn(0.2)
    assert server.health().clients == 0


def test_last_words_wait_for_room_but_not_for_ever(yard: Yard) -> None:
    """API-14, API-30: whoever is dropped hears why, if it listens within five seconds."""
    limits = replace(Limits(), deaf_bytes=4_000_000, backlog_bytes=9_000_000)
    yard.open(limits=limits)
    clients = [yard.client(), yard.client()]
    yard.turn()
    asked = b'{"id":9,"method":"Toy.Echo","params":{"say":"%s"}}' % (b"x" * 90_000)
    for client in clients:
        client.send(HELLO)
        yard.turn()
        for _ in range(6):
            rest = asked
            while rest:
                with suppress(BlockingIOError):
                    rest = rest[client.send(rest) :]
                yard.turn(0.001)
        client.send(b'{"id":10,"method":"Toy.Echo","token":"other"}')
        yard.turn()
    *_, last, end = yard.heard(clients[0], 1.0)
    assert (last["id"], last["status"], end) == (10, "unauthorized", None)
    yard.turn(5.0)
    lines = yard.heard_bytes(clients[1])
    assert not lines.endswith(b"\n"), "what it did not take in time is lost"
