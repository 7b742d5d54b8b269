"""Encryption between buffers, with a certificate made for the test."""

import pty
import ssl
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from hems.api.tls import Parted, Tunnel, context
from hems.errors import HemsError


class Peer:
    """A client at the other end of the tunnel."""

    def __init__(self, tunnel: Tunnel) -> None:
        outside = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        outside.check_hostname = False
        outside.verify_mode = ssl.CERT_NONE
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = outside.wrap_bio(self.incoming, self.outgoing)
        self.tunnel = tunnel

    def shake(self) -> None:
        for _ in range(6):
            with suppress(ssl.SSLWantReadError):
                self.tls.do_handshake()
            self.pass_on()

    def pass_on(self) -> bytes:
        found = self.tunnel.receive(self.outgoing.read())
        self.incoming.write(self.tunnel.waiting())
        return found


def test_bytes_go_through_both_ways(certificate: tuple[str, str]) -> None:
    """API-12."""
    tunnel = Tunnel(context(*certificate))
    peer = Peer(tunnel)
    peer.shake()
    assert tunnel.secured
    assert peer.tls.version() in ("TLSv1.2", "TLSv1.3")
    peer.tls.write(b'{"id":1}' * 4000)
    assert peer.pass_on() == b'{"id":1}' * 4000
    tunnel.send(b"answer")
    peer.incoming.write(tunnel.waiting())
    assert peer.tls.read(64) == b"answer"


def test_a_handshake_that_comes_byte_by_byte_is_waited_for(certificate: tuple[str, str]) -> None:
    tunnel = Tunnel(context(*certificate))
    peer = Peer(tunnel)
    with pytest.raises(ssl.SSLWantReadError):
        peer.tls.do_handshake()
    hello = peer.outgoing.read()
    for i in range(len(hello)):
        assert tunnel.receive(hello[i : i + 1]) == b""
    assert tunnel.waiting()


@pytest.mark.parametrize(
    "noise", [b'{"id":1,"method":"JSONRPC.Hello"}\n', b"GET / HTTP/1.1\r\n\r\n", b"\x00" * 32]
)
def test_what_is_no_tls_is_parted_from_at_once(certificate: tuple[str, str], noise: bytes) -> None:
    """API-12: the old clients try it without encryption first."""
    with pytest.raises(Parted):
        Tunnel(context(*certificate)).receive(noise)


def test_a_peer_that_says_goodbye_has_parted(certificate: tuple[str, str]) -> None:
    tunnel = Tunnel(context(*certificate))
    peer = Peer(tunnel)
    peer.shake()
    with pytest.raises(ssl.SSLWantReadError):
        peer.tls.unwrap()
    with pytest.raises(Parted):
        peer.pass_on()


def test_nothing_can_be_sent_before_hands_were_shaken(certificate: tuple[str, str]) -> None:
    with pytest.raises(Parted):
        Tunnel(context(*certificate)).send(b"x")


def test_old_versions_are_refused(certificate: tuple[str, str]) -> None:
    """API-12."""
    assert context(*certificate).minimum_version == ssl.TLSVersion.TLSv1_2


def test_a_certificate_that_cannot_be_used_is_said(certificate: tuple[str, str], tmp_path: Path) -> None:
    """API-12: which file it is, and what is wrong with it."""
    none, bad = str(tmp_path / "none"), tmp_path / "bad"
    bad.write_text("neither certificate nor key")
    with pytest.raises(HemsError, match=r"the certificate .*/none cannot be used \(No such file"):
        context(none, certificate[1])
    with pytest.raises(HemsError, match=r"the key .*/none cannot be used \(No such file"):
        context(certificate[0], none)
    for pair in ((str(bad), certificate[1]), (certificate[0], str(bad))):
        with pytest.raises(HemsError, match="they are no pair in PEM"):
            context(*pair)


AT_A_TERMINAL = """
import fcntl, sys, termios
from hems.api.tls import context
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
try:
    context(sys.argv[1], sys.argv[2])
except Exception as error:
    print(error)
"""


def test_nobody_is_asked_for_the_password_of_a_key(certificate: tuple[str, str], tmp_path: Path) -> None:
    """API-12: a terminal that waits for one would keep the service from starting."""
    locked = str(tmp_path / "locked.key")
    change = ["openssl", "ec", "-in", certificate[1], "-aes128", "-passout", "pass:secret", "-out", locked]
    subprocess.run(change, check=True, capture_output=True)
    ours, theirs = pty.openpty()
    with open(ours, "rb", buffering=0), open(theirs, "wb", buffering=0) as terminal:
        command = [sys.executable, "-c", AT_A_TERMINAL, certificate[0], locked]
        done = subprocess.run(
            command, stdin=terminal, stdout=subprocess.PIPE, timeout=20, check=True, start_new_session=True
        )
    assert b"the key has a password" in done.stdout
