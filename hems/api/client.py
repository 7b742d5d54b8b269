"""A blocking client of the door on its Unix socket, for commands in processes of their own (API-150)."""

import contextlib
import socket
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import msgspec

from hems.errors import HemsError

TIMEOUT_S: Final = 50.0
"""A wish is answered within 45 s at the latest."""

READ_BYTES: Final = 65_536
LARGEST_BYTES: Final = 16 * 1024 * 1024


class NotRunning(HemsError):  # noqa: N818 (a state of the service, not of the program)
    """Nobody answers at the socket."""


class Refused(HemsError):  # noqa: N818 (an answer, not a failure)
    """The door does not do that; the text is its own."""


class Client:
    """One connection that has greeted the door."""

    def __init__(self, path: str | Path, *, timeout_s: float = TIMEOUT_S) -> None:
        self._path = path
        self._number = 0
        self._read = b""
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._line.settimeout(timeout_s)
            self._connect()
            self.call("JSONRPC.Hello")
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

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """The reply's parameters; `Refused` if the door says no, `NotRunning` if it says nothing."""
        self._number += 1
        request = {"id": self._number, "method": method, "params": params}
        try:
            self._line.sendall(msgspec.json.encode(request) + b"\n")
            reply = self._reply()
        except OSError as error:
            raise NotRunning(f"{self._path}: does not answer ({error})") from None
        if reply.get("status") != "success":
            raise Refused(f"{method}: {reply.get('error', 'no reason given')}")
        found: dict[str, Any] = reply.get("params", {})
        return found

    def _connect(self) -> None:
        try:
            self._line.connect(str(self._path))
        except PermissionError:
            raise Refused(f"{self._path}: no permission; join the group that owns it") from None
        except OSError as error:
            raise NotRunning(f"{self._path}: the service does not run ({error.strerror})") from None

    def _reply(self) -> dict[str, Any]:
        """The answer to the last request; what is told unasked is passed over."""
        while True:
            line, found, rest = self._read.partition(b"\n")
            if not found:
                more = self._line.recv(READ_BYTES)
                if not more or len(self._read) > LARGEST_BYTES:
                    raise NotRunning(f"{self._path}: the connection has ended")
                self._read += more
                continue
            self._read = rest
            try:
                packet = msgspec.json.decode(line, type=dict[str, Any])
            except msgspec.DecodeError:
                raise NotRunning(f"{self._path}: speaks another language") from None
            if packet.get("id") == self._number and "notification" not in packet:
                return packet
