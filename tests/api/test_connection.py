"""One client's socket, piece by piece."""

import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

from hems.api.connection import Connection
from hems.api.tls import Parted


@pytest.fixture
def ends() -> Iterator[tuple[Connection, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    connection = Connection(1, ours, None)
    yield connection, theirs
    connection.close()
    theirs.close()


def test_bytes_are_taken_in_pieces(ends: tuple[Connection, socket.socket]) -> None:
    """API-14."""
    connection, theirs = ends
    assert connection.secured
    assert connection.take(4) == b"", "nobody said that there was anything"
    theirs.send(b"abcdef")
    connection.ready = True
    assert (connection.take(4), connection.ready) == (b"abcd", True)
    assert (connection.take(4), connection.ready) == (b"ef", False)
    assert connection.turn_bytes == 6


def test_a_false_alarm_is_none(ends: tuple[Connection, socket.socket]) -> None:
    connection, _ = ends
    connection.ready = True
    assert connection.take(4) == b""
    assert not connection.ready


def test_the_end_is_told(ends: tuple[Connection, socket.socket]) -> None:
    connection, theirs = ends
    theirs.close()
    connection.ready = True
    with pytest.raises(Parted):
        connection.take(4)
    with pytest.raises(Parted):
        connection.send(b"x")
    assert connection.unsent_bytes == 0


def test_what_the_peer_does_not_take_waits(ends: tuple[Connection, socket.socket]) -> None:
    connection, theirs = ends
    connection.send(bytes(4_000_000))
    waiting = connection.unsent_bytes
    assert waiting > 0
    theirs.setblocking(False)
    with suppress(BlockingIOError):
        while theirs.recv(1 << 20):
            connection.flush()
    assert connection.unsent_bytes == 0


def test_a_broken_connection_is_told() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    theirs = socket.create_connection(listener.getsockname())
    ours, _ = listener.accept()
    ours.setblocking(False)
    connection = Connection(1, ours, None)
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    theirs.close()
    connection.ready = True
    with pytest.raises(Parted):
        connection.take(4)
    connection.close()
    listener.close()
