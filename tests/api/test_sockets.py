"""Listening sockets: stale files, rights, and who is at the far end (API-10, API-11)."""

import os
import socket
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest

from hems.api.sockets import listen_tcp, listen_unix, prepare
from hems.errors import HemsError
from hems.model.endpoint import Endpoint

NOBODY = "nobody-has-this-group"


def group() -> str:
    import grp

    return grp.getgrgid(os.getgid()).gr_name


def test_the_group_may_connect_and_nobody_else(tmp_path: Path) -> None:
    """API-11: owner, group and mode are set before anybody can connect."""
    path = tmp_path / "s"
    listener = listen_unix(str(path), group(), 4)
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    assert path.stat().st_gid == os.getgid()
    assert listener.socket.getblocking() is False
    listener.close()
    assert not path.exists()
    listener.close()


def test_a_service_that_may_not_give_files_away_lets_its_own_group_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """API-11, APL-14: a hardened unit is refused the call itself, whatever it asks for."""

    def refuse(*_asked: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chown", refuse)
    path = tmp_path / "s"
    listener = listen_unix(str(path), group(), 4)
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    listener.close()


def test_another_group_is_given_the_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """API-11."""
    given: list[object] = []
    other = os.getgid() + 1
    monkeypatch.setattr("grp.getgrnam", lambda name: SimpleNamespace(gr_gid=other))
    monkeypatch.setattr(os, "chown", lambda *asked: given.append(asked))
    path = str(tmp_path / "s")
    listen_unix(path, "another", 4).close()
    assert given == [(path, -1, other)]


def test_without_the_group_only_our_own_user_may_connect(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "s"
    listener = listen_unix(str(path), NOBODY, 4)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert NOBODY in caplog.text
    listener.close()


def test_a_stale_file_is_removed_only_if_nobody_answers_on_it(tmp_path: Path) -> None:
    """API-11."""
    path = str(tmp_path / "s")
    listener = listen_unix(path, NOBODY, 4)
    with pytest.raises(HemsError, match="somebody answers"):
        listen_unix(path, NOBODY, 4)
    listener.socket.close()
    listen_unix(path, NOBODY, 4).close()


def test_what_is_no_socket_is_never_removed(tmp_path: Path) -> None:
    path = tmp_path / "s"
    path.write_text("precious")
    with pytest.raises(HemsError, match="is no socket"):
        listen_unix(str(path), NOBODY, 4)
    assert path.read_text() == "precious"


def test_a_place_that_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(HemsError, match="cannot be made"):
        listen_unix(str(tmp_path / "none" / "s"), NOBODY, 4)
    (tmp_path / "file").write_text("")
    with pytest.raises(HemsError, match="cannot be looked at"):
        listen_unix(str(tmp_path / "file" / "s"), NOBODY, 4)


def test_a_queue_that_is_full_is_somebody(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    listener = listen_unix(path, NOBODY, 0)
    waiting = []
    for _ in range(4):
        client = socket.socket(socket.AF_UNIX)
        client.setblocking(False)
        client.connect_ex(path)
        waiting.append(client)
    with pytest.raises(HemsError, match="cannot be taken"):
        listen_unix(path, NOBODY, 4)
    for client in waiting:
        client.close()
    listener.close()


def test_the_far_end_of_a_unix_socket_has_a_user_and_a_process(tmp_path: Path) -> None:
    """API-11."""
    listener = listen_unix(str(tmp_path / "s"), NOBODY, 4)
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(tmp_path / "s"))
        peer, _ = listener.socket.accept()
        assert prepare(peer, "unix") == ("", f"uid {os.getuid()}, pid {os.getpid()}")
        assert peer.getblocking() is False
        peer.close()
    listener.close()


@pytest.mark.parametrize("where", [Endpoint("127.0.0.1", 0), Endpoint("::", 0)], ids=["four", "six"])
def test_a_tcp_connection_is_kept_alive_and_never_waits(where: Endpoint) -> None:
    """API-14; ``::`` takes IPv4 as well."""
    if where.six and not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    listener = listen_tcp(where, "tcp", 4)
    port = listener.socket.getsockname()[1]
    with socket.create_connection(("127.0.0.1", port)):
        peer, _ = listener.socket.accept()
        address, words = prepare(peer, "tcp")
        assert address.endswith("127.0.0.1")
        assert words == address
        assert peer.getblocking() is False
        assert peer.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 60
        peer.close()
    with pytest.raises(HemsError, match=f"port {port} of "):
        listen_tcp(Endpoint(where.host, port), "tcp", 4)
    listener.close()
