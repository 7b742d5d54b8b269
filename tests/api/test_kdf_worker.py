"""API-41: the helper's side of the socket."""

import hashlib
import resource
import socket

import pytest

from hems.api import kdf_worker
from hems.api.kdf_worker import HEAD, request, serve
from hems.api.passwords import COST


def test_each_request_is_answered_with_its_scrypt() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        asked = [(b"salt of 16 bytes", b"Correct horse 7"), (b"another 16 bytes", b"")]
        ours.sendall(b"".join(request((1024, 8, 1), salt, password) for salt, password in asked))
        ours.shutdown(socket.SHUT_WR)
        serve(theirs)
        for salt, password in asked:
            expected = hashlib.scrypt(password, salt=salt, n=1024, r=8, p=1, dklen=32)
            assert ours.recv(32) == expected


def test_a_request_that_is_cut_off_is_the_end() -> None:
    for cut in (0, 3):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.sendall(request((1024, 8, 1), b"salt", b"password")[:cut])
            ours.close()
            serve(theirs)


def test_the_cost_is_what_was_measured() -> None:
    assert COST == (16384, 8, 1)
    assert request(COST, b"s", b"pw") == HEAD.pack(16384, 8, 1, 1, 2) + b"spw"


def test_it_gives_way_where_it_may_and_works_where_it_may_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hardened service may set neither its priority nor its limits."""
    asked: list[object] = []

    def refuse(*given: object) -> None:
        asked.append(given)
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.nice", refuse)
    monkeypatch.setattr("resource.setrlimit", refuse)
    kdf_worker.give_way()
    assert asked == [(10,), (resource.RLIMIT_CORE, (0, 0))]
