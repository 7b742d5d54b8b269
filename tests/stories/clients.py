"""Clients of the whole appliance: bytes as the known programs form them, over real sockets, in virtual time.

`Street` is the service with its face and its door on the simulated house; a `Wire` is one connection, whose
bytes are taken in by the same loop as soon as they come.
"""

import errno
import json
import select
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Final

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory
from msgspec import structs

import hems.doorway
from hems.api.kdf import Kdf
from hems.api.rows import Transport
from hems.assembly import open_door, open_face
from hems.model.edges import Api
from hems.model.site import Config
from hems.sim.glass import Glass
from tests.stories.introspected import Judge, record
from tests.stories.stage import RaiseCurtain, Stage, config

GOOD: Final = "Correct horse 42"
OK_PIN: Final = 13
HELPER_S: Final = 10.0
PATIENCE_S: Final = 50


def qt(method: str, number: int, params: dict[str, Any], token: str | None) -> bytes:
    """As Qt writes a request in one line: sorted, compact, and a line feed."""
    said = {"id": number, "method": method, "params": params} | ({} if token is None else {"token": token})
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def indented(method: str, number: int, params: dict[str, Any], _: str | None) -> bytes:
    """As Qt writes it over many lines, never with a token, here without line feed: the app's logins."""
    said = {"id": number, "method": method, "params": params}
    return json.dumps(said, sort_keys=True, indent=4, ensure_ascii=False).encode()


def old(method: str, number: int, params: dict[str, Any], token: str | None) -> bytes:
    """As the old command line writes it: in the order it was made, with blanks, without empty params."""
    said: dict[str, Any] = {"id": number, "method": method}
    said |= {} if token is None else {"token": token}
    said |= {"params": params} if params else {}
    return json.dumps(said).encode() + b"\n"


Form = Callable[[str, int, dict[str, Any], str | None], bytes]


class PatientKdf(Kdf):
    """The helper's time is real, the story's is not: whoever hands it a password waits for it."""

    def _hand_over(self, job: int) -> bool:
        handed = super()._hand_over(job)
        assert self._end is not None
        assert select.select([self._end], [], [], HELPER_S)[0]
        return handed


class Wire:
    """One connection; `lines` are what has come, each with its time. `form` writes its requests."""

    def __init__(
        self,
        street: "Street",
        transport: Transport,
        *,
        form: Form = qt,
        source: str = "127.0.0.1",
        first: int = 1,
    ) -> None:
        self.street = street
        self.form = form
        self.token: str | None = None
        self.lines: list[tuple[float, dict[str, Any]]] = []
        self.heard = b""
        self.ended = False
        self.asked: dict[int, str] = {}
        self._next = first
        self._rest = b""
        self._plain = street.connect(transport, source)
        self._socket: socket.socket = self._plain
        if transport == "tls":
            self._socket = self._shake()
        street.watch(self._plain.fileno(), self._take)

    def _shake(self) -> ssl.SSLSocket:
        made = CLIENT.wrap_socket(self._plain, do_handshake_on_connect=False)
        self.street.resources.callback(made.close)
        self._plain = made
        for _ in range(100):
            self.street.turn()
            with suppress(ssl.SSLWantReadError):
                made.do_handshake()
                return made
        raise AssertionError("no handshake")

    def _take(self) -> None:
        with suppress(BlockingIOError, ssl.SSLWantReadError):
            while not self.ended:
                try:
                    chunk = self._socket.recv(1 << 16)
                except ConnectionResetError:
                    chunk = b""
                self._hear(chunk)

    def _hear(self, chunk: bytes) -> None:
        if not chunk:
            self.ended = True
            self.street.forget(self._plain.fileno())
            return
        self.heard += chunk
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        now_s = self.street.stage.clock.mono_s()
        self.lines += [(now_s, record(line)) for line in whole]

    def close(self) -> None:
        """Hang up."""
        if not self.ended:
            self.ended = True
            self.street.forget(self._plain.fileno())
        self._socket.close()

    def send(self, data: bytes, pieces_of: int = 1 << 20) -> None:
        """Send it in segments of so many bytes, between which the loop turns."""
        for begin in range(0, len(data), pieces_of):
            self._socket.sendall(data[begin : begin + pieces_of])
            self.street.turn()

    def ask(
        self,
        method: str,
        given: Mapping[str, Any] | None = None,
        *,
        pieces_of: int = 1 << 20,
        form: Form | None = None,
        **params: Any,
    ) -> int:
        """Send a request; its number."""
        number, self._next = self._next, self._next + 1
        self.asked[number] = method
        self.send((form or self.form)(method, number, {**(given or {}), **params}, self.token), pieces_of)
        return number

    def answer(self, number: int) -> dict[str, Any]:
        """The whole answer to a request; it comes with the next cycle at the latest."""
        for _ in range(PATIENCE_S):
            self.street.turn()
            for _, line in self.lines:
                if line["id"] == number and "notification" not in line:
                    return line
            assert not self.ended, self.heard[-500:]
            self.street.let_pass(1.0)
        raise AssertionError(f"{self.asked[number]} is not answered")

    def call(
        self,
        method: str,
        given: Mapping[str, Any] | None = None,
        *,
        pieces_of: int = 1 << 20,
        form: Form | None = None,
        **params: Any,
    ) -> Any:
        """What a request is answered with, which succeeds."""
        answer = self.answer(self.ask(method, given, pieces_of=pieces_of, form=form, **params))
        assert answer["status"] == "success", answer
        return answer["params"]

    def refused(self, method: str, given: Mapping[str, Any] | None = None, **params: Any) -> tuple[str, str]:
        """Status and text of a refusal."""
        answer = self.answer(self.ask(method, given, **params))
        assert "params" not in answer, answer
        return answer["status"], answer["error"]

    def told(self, name: str) -> list[Any]:
        """What was told by the notifications of this name."""
        return [line["params"] for _, line in self.lines if line.get("notification") == name]

    def judge(self) -> None:
        """Everything that came fits what the door says of itself."""
        for _, line in self.lines:
            self.street.judge.line(line, self.asked.get(line["id"], ""))

    def numbers(self) -> list[int]:
        """The replies' numbers, in the order in which they came."""
        return [line["id"] for _, line in self.lines if "notification" not in line]


class Street:
    """The service with every way in open, and who stands before it."""

    def __init__(
        self,
        raise_curtain: RaiseCurtain,
        folder: Path,
        certificate: tuple[str, str],
        resources: ExitStack,
        installation: Config | None = None,
        *,
        panel: bool = True,
        needs_button: bool = True,
        short: bool = False,
        **scene: Any,
    ) -> None:
        self.resources = resources
        self.path = str(folder / "hems.sock")
        self.ports = {"tcp": free_port(), "tls": free_port()}
        installed = installation or config()
        if not panel:
            installed = structs.replace(
                installed, panel=structs.replace(installed.panel, display="none", buttons=None)
            )
        api = Api(
            socket=self.path,
            tcp=f"127.0.0.1:{self.ports['tcp']}",
            tls=f"127.0.0.1:{self.ports['tls']}",
            certificate=certificate[0],
            key=certificate[1],
            first_user_needs_button=needs_button,
        )
        self.stage: Stage = raise_curtain(structs.replace(installed, api=api), short=short, **scene)
        self.stage.house.supervisor.start()
        self.glass = Glass()
        self.panel = open_face(self.stage.house, resources, bus=self.glass if panel else None)
        self.server = open_door(self.stage.house, self.panel, resources)
        assert self.server.words == ""
        self.let_pass(3.0)
        self._judge: Judge | None = None

    def connect(self, transport: Transport, source: str) -> socket.socket:
        """A socket that never waits; whoever listens takes it in the next turns."""
        unix = transport == "unix"
        made = socket.socket(socket.AF_UNIX if unix else socket.AF_INET, socket.SOCK_STREAM)
        self.resources.callback(made.close)
        made.setblocking(False)
        if not unix:
            made.bind((source, 0))
        where: Any = self.path if unix else ("127.0.0.1", self.ports[transport])
        for _ in range(1000):
            if made.connect_ex(where) not in (errno.EAGAIN, errno.EINPROGRESS, errno.EALREADY):
                return made
            self.turn()
        raise AssertionError("nobody takes a connection")

    def wire(self, transport: Transport = "unix", **keys: Any) -> Wire:
        """A client."""
        return Wire(self, transport, **keys)

    def here(self) -> Wire:
        """A client on the Unix socket that has said hello."""
        wire = self.wire()
        wire.call("JSONRPC.Hello")
        return wire

    def watch(self, descriptor: int, call: Callable[[], None]) -> None:
        """Clients live in the loop of the service."""
        self.stage.house.reactor.watch(descriptor, call)
        self.resources.callback(lambda: self.forget(descriptor))

    def forget(self, descriptor: int) -> None:
        """Read from it no more."""
        self.stage.house.reactor.forget(descriptor)

    def turn(self) -> None:
        """Some turns of the loop, in which no time passes."""
        for _ in range(4):
            self.stage.house.reactor.run_until(self.stage.clock.mono_s())

    def let_pass(self, seconds: float) -> None:
        """So much time, with a cycle at its beginning and each second."""
        ends_mono_s = self.stage.clock.mono_s() + seconds
        self.stage.play(seconds)
        self.stage.house.reactor.run_until(ends_mono_s)

    def press_ok(self, down_s: float = 0.1) -> None:
        """A finger on the button that says OK."""
        factory = gpiozero.Device.pin_factory
        assert isinstance(factory, MockFactory)
        pin = factory.pin(OK_PIN)
        pin.drive_low()
        self.let_pass(down_s)
        pin.drive_high()
        self.let_pass(0.5)

    @property
    def judge(self) -> Judge:
        """What the door says of itself."""
        if self._judge is None:
            wire = self.here()
            self._judge = Judge(wire.call("JSONRPC.Introspect"))
            wire.close()
        return self._judge


CLIENT: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
CLIENT.check_hostname = False
CLIENT.verify_mode = ssl.CERT_NONE
"""Clients of a certificate that signs itself."""


def free_port() -> int:
    """A port of this machine that nobody has."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


OpenStreet = Callable[..., Street]


@pytest.fixture
def open_street(
    raise_curtain: RaiseCurtain,
    tmp_path: Path,
    certificate: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[OpenStreet]:
    """Opens the door of an appliance; the arguments are those of `Street`."""
    monkeypatch.setattr(hems.doorway, "Kdf", PatientKdf)
    with ExitStack() as resources:

        def opened(installation: Config | None = None, **keys: Any) -> Street:
            return Street(raise_curtain, tmp_path, certificate, resources, installation, **keys)

        yield opened
