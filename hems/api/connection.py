"""One client's socket: bytes it has for us, bytes it has not taken yet, and encryption in between."""

import socket
from contextlib import suppress

from hems.api.tls import Parted, Tunnel

DRAIN_BYTES = 64 * 1024


class Connection:
    """A socket that never waits. `ready`: it may have bytes; `unread` are those not looked at yet."""

    def __init__(self, number: int, peer: socket.socket, tunnel: Tunnel | None) -> None:
        self.number = number
        self.ready = False
        self.unread = b""
        self.turn_bytes = 0
        self.watched = False
        self._peer = peer
        self._tunnel = tunnel
        self._out = bytearray()
        self.descriptor = peer.fileno()

    @property
    def secured(self) -> bool:
        """Whether its bytes are requests by now."""
        return self._tunnel is None or self._tunnel.secured

    @property
    def unsent_bytes(self) -> int:
        """What waits for the peer to take it."""
        return len(self._out)

    def take(self, most_bytes: int) -> bytes:
        """Some bytes of requests, none if there are none yet; raises `Parted` at the end."""
        if not self.unread and self.ready:
            self.unread = self._read(most_bytes)
        piece, self.unread = self.unread[:most_bytes], self.unread[most_bytes:]
        return piece

    def send(self, data: bytes) -> None:
        """Send what can be sent now; the rest waits. Raises `Parted` if there is nobody any more."""
        if self._tunnel is not None:
            self._tunnel.send(data)
            data = self._tunnel.waiting()
        self._out += data
        self.flush()

    def flush(self) -> None:
        """Send what waits, as far as the peer takes it."""
        while self._out:
            try:
                sent = self._peer.send(self._out)
            except BlockingIOError:
                return
            except OSError as error:
                self._out.clear()
                raise Parted(str(error)) from None
            del self._out[:sent]

    def close(self) -> None:
        """Hang up; what the peer sent meanwhile is thrown away, so that it sees our last words."""
        with suppress(OSError):
            self._peer.recv(DRAIN_BYTES)
        self._peer.close()

    def _read(self, most_bytes: int) -> bytes:
        try:
            data = self._peer.recv(most_bytes)
        except BlockingIOError:
            self.ready = False
            return b""
        except OSError as error:
            raise Parted(str(error)) from None
        if not data:
            raise Parted("the peer has ended the connection")
        self.ready = len(data) == most_bytes
        self.turn_bytes += len(data)
        if self._tunnel is None:
            return data
        try:
            return self._tunnel.receive(data)
        finally:
            self._out += self._tunnel.waiting()
            self.flush()
