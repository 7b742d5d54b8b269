"""A blocking client of the door on its Unix socket, for commands in processes of their own (API-150)."""

import contextlib
import socket
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Final, Self, TypeVar

import msgspec

from hems.errors import HemsError

TIMEOUT_S: Final = 50.0
"""A wish is answered within 45 s at the latest."""

READ_BYTES: Final = 65_536
LARGEST_BYTES: Final = 16 * 1024 * 1024
GRANTED: Final = "HemsErrorNoError"

Packet = dict[str, Any]
Told = TypeVar("Told")


class NotRunning(HemsError):  # noqa: N818 (a state of the service, not of the program)
    """Nobody answers at the socket, or nobody whom we understand."""

    exit_code: ClassVar[int] = 3


class NoPermission(HemsError):  # noqa: N818 (a state of the socket, not of the program)
    """This user may not connect."""

    exit_code: ClassVar[int] = 4


class Refused(HemsError):  # noqa: N818 (an answer, not a failure)
    """The door does not do that; the text is its own."""

    exit_code: ClassVar[int] = 1


class Client:
    """One connection that has greeted the door; a `locale` such as ``de_AT`` chooses its language."""

    def __init__(self, path: str | Path, *, timeout_s: float = TIMEOUT_S, locale: str = "en_US") -> None:
        self._path = path
        self._number = 0
        self._read = b""
        self._heard: deque[Packet] = deque()
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._line.settimeout(timeout_s)
            self._connect()
            self.call("JSONRPC.Hello", locale=locale)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        with contextlib.suppress(OSError):
            self._line.close()

    def fileno(self) -> int:
        """The descriptor, for who waits for several."""
        return self._line.fileno()

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """The reply's parameters; `Refused` if the door says no, `NotRunning` if it says nothing."""
        number = self.send(method, **params)
        passed_over: list[Packet] = []
        while True:
            heard = deque(self.take() or self.listen())
            while heard:
                packet = heard.popleft()
                if packet.get("id") == number and "notification" not in packet:
                    self._heard.extend((*passed_over, *heard))
                    return self._judged(method, packet)
                passed_over.append(packet)

    def send(self, method: str, **params: Any) -> int:
        """Send a request whose reply comes with what is listened to; its number."""
        self._number += 1
        request = {"id": self._number, "method": method, "params": params}
        try:
            self._line.sendall(msgspec.json.encode(request) + b"\n")
        except OSError as error:
            raise self._silent(error) from None
        return self._number

    def take(self) -> list[Packet]:
        """What has been heard and not been looked at, without waiting."""
        heard = list(self._heard)
        self._heard.clear()
        return heard

    def listen(self) -> list[Packet]:
        """What one read brings, after what had been heard; nothing while a packet is not whole."""
        try:
            more = self._line.recv(READ_BYTES)
        except OSError as error:
            raise self._silent(error) from None
        if not more or len(self._read) > LARGEST_BYTES:
            raise NotRunning(f"{self._path}: the service has ended the connection; is it still running?")
        *lines, self._read = (self._read + more).split(b"\n")
        self._heard.extend(understood(Packet, line, self._path) for line in lines)
        return self.take()

    def _connect(self) -> None:
        try:
            self._line.connect(str(self._path))
        except PermissionError:
            raise NoPermission(
                f"{self._path}: no permission; join the group that owns it, or use sudo"
            ) from None
        except OSError as error:
            raise NotRunning(
                f"the service does not answer at {self._path} ({error.strerror or error}); is it running?"
                " --socket or HEMS_SOCKET names another place"
            ) from None

    def _judged(self, method: str, packet: Packet) -> dict[str, Any]:
        if packet.get("status") != "success":
            raise Refused(f"{method}: {packet.get('error', 'no reason given')}")
        return told(dict[str, Any], packet.get("params", {}), self._path)

    def _silent(self, error: OSError) -> NotRunning:
        why = error.strerror or error
        return NotRunning(f"{self._path}: the service does not answer ({why}); is it still running?")


def understood(kind: type[Told], line: bytes, whose: object) -> Told:
    """A line of the wire as what it must be; `NotRunning` if it is not."""
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _stranger(whose) from None


def told(kind: type[Told], reply: object, whose: object = "the service") -> Told:
    """A reply as what it must be; members that are not known are left out."""
    try:
        return msgspec.convert(reply, kind)
    except msgspec.ValidationError:
        raise _stranger(whose) from None


def _stranger(whose: object) -> NotRunning:
    return NotRunning(f"{whose}: speaks another language; is it this program's own service and version?")
