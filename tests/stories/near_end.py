"""The near end of a wire made of a socket pair: bytes pass at once, so virtual time stays exact."""

import socket


class SocketPort:
    """A port over one end of a socket pair."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self._end = end

    def fileno(self) -> int:
        return self._end.fileno()

    def read(self, size: int) -> bytes:
        try:
            return self._end.recv(size)
        except BlockingIOError:
            return b""

    def write(self, data: bytes) -> int:
        return self._end.send(data)

    def close(self) -> None:
        self._end.close()
