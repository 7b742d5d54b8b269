"""A process of its own that hashes passwords, one after the other, for who holds the other end of a socket.

It is run as a file and imports nothing of ours, so it starts in a few milliseconds. It ends when the other
end is closed, and keeps nothing.
"""

import hashlib
import os
import resource
import socket
from contextlib import suppress
from struct import Struct
from typing import Final

HEAD: Final = Struct("<IIIHH")
"""n, r and p of scrypt, bytes of the salt and of the password; both follow."""

HASH_BYTES: Final = 32
MEMORY_BYTES_MAX: Final = 64 * 1024 * 1024
NICE: Final = 10
"""The control cycle goes first."""


def request(cost: tuple[int, int, int], salt: bytes, password: bytes) -> bytes:
    """What is sent for one password."""
    return HEAD.pack(*cost, len(salt), len(password)) + salt + password


def serve(end: socket.socket) -> None:
    """Answer each request with its hash until the other end is closed."""
    while head := _whole(end, HEAD.size):
        n, r, p, salt_bytes, password_bytes = HEAD.unpack(head)
        salt, password = _whole(end, salt_bytes), _whole(end, password_bytes)
        hashed = hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, maxmem=MEMORY_BYTES_MAX, dklen=HASH_BYTES)
        end.sendall(hashed)


def give_way() -> None:
    """Let others go first and leave no picture of the memory behind, as far as the service allows it."""
    with suppress(OSError, ValueError):
        os.nice(NICE)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _whole(end: socket.socket, size: int) -> bytes:
    """So many bytes, or none at all when the other end has been closed."""
    parts = b""
    while len(parts) < size:
        part = end.recv(size - len(parts))
        if not part:
            return b""
        parts += part
    return parts


if __name__ == "__main__":
    give_way()
    with socket.socket(fileno=0) as standard_input:
        serve(standard_input)
