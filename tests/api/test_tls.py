"""Encryption between buffers, with a certificate made for the test."""

import ssl
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
    """API-12."""
    with pytest.raises(HemsError, match="cannot be used"):
        context(str(tmp_path / "none.crt"), certificate[1])
    (tmp_path / "bad.crt").write_text("no certificate")
    with pytest.raises(HemsError, match="cannot be used"):
        context(str(tmp_path / "bad.crt"), certificate[1])
