"""The service manager's notifications: ready, alive, stopping."""

import os
import socket
from collections.abc import Mapping


class Watchdog:
    """Tells the service manager that the loop is alive, and only after a completed cycle.

    A slow card does not count: protection goes on without it. Without a manager every call does nothing.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        path = environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + path[1:] if path.startswith("@") else path
        self._socket: socket.socket | None = None
        self._ready = False
        if self._address:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._socket.setblocking(False)

    def cycle_completed(self) -> None:
        """Alive; the first time also ready."""
        self._send("WATCHDOG=1" if self._ready else "READY=1\nWATCHDOG=1")
        self._ready = True

    def stopping(self) -> None:
        """The service ends on purpose."""
        self._send("STOPPING=1")

    def close(self) -> None:
        """Release the socket."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _send(self, state: str) -> None:
        if self._socket is None:
            return
        try:
            self._socket.sendto(state.encode(), self._address)
        except OSError:
            return  # a full or vanished manager socket must never hold up the loop
