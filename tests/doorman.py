"""A door in a thread that answers as it is told, for clients that wait for it."""

import contextlib
import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

Request = dict[str, Any]
Answer = Callable[[Request], bytes | None]
"""What goes back for a request; ``None`` hangs up."""


def line(**packet: object) -> bytes:
    return json.dumps(packet).encode() + b"\n"


def reply(request: Request, **params: object) -> bytes:
    return line(id=request["id"], status="success", params=params)


class Doorman:
    """Serves every connection until it is closed; `requests` holds what was asked for."""

    def __init__(self, path: Path, answer: Answer) -> None:
        self.path = str(path)
        self.requests: list[Request] = []
        self._answer = answer
        self._peers: list[socket.socket] = []
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.path)
        self._listener.listen()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def tell(self, packet: bytes) -> None:
        """To everybody who is there."""
        for peer in self._peers:
            with contextlib.suppress(OSError):
                peer.sendall(packet)

    def close(self) -> None:
        """Hang up on everybody."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for peer in self._peers:
            with contextlib.suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5.0)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                peer, _ = self._listener.accept()
                self._peers.append(peer)
                thread = threading.Thread(target=self._serve, args=(peer,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, peer: socket.socket) -> None:
        with peer, peer.makefile("rb") as lines, contextlib.suppress(OSError):
            for text in lines:
                request = json.loads(text)
                self.requests.append(request)
                answer = self._answer(request)
                if answer is None:
                    return
                peer.sendall(answer)
