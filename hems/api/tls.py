"""Encryption between two buffers, so that no handshake ever waits for a peer (API-12)."""

import ssl
from pathlib import Path
from typing import Final

from hems.errors import HemsError

CHUNK_BYTES: Final = 16 * 1024


class Parted(Exception):  # noqa: N818 (the peer's decision, or its nonsense; not a failure of the program)
    """The peer ends the connection, or what it sends is no TLS."""


def context(certificate: str, key: str) -> ssl.SSLContext:
    """TLS 1.2 or newer with this certificate; one that cannot be used is a `HemsError`.

    The library would ask a terminal for the password of a key that has one, and wait for it.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    for what, file in (("certificate", certificate), ("key", key)):
        try:
            Path(file).open("rb").close()
        except OSError as error:
            raise HemsError(f"the {what} {file} cannot be used ({error.strerror})") from None
    try:
        made.load_cert_chain(certificate, key, password="")
    except (OSError, ValueError):
        words = "they are no pair in PEM, or the key has a password"
        raise HemsError(
            f"the certificate {certificate} cannot be used with the key {key} ({words})"
        ) from None
    return made


class Tunnel:
    """One encrypted connection; it is fed and emptied by whoever holds the socket."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.secured = False
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)

    def receive(self, data: bytes) -> bytes:
        """What the bytes from the wire mean; raises `Parted`."""
        self._incoming.write(data)
        found = bytearray()
        try:
            if not self.secured:
                self._tls.do_handshake()
                self.secured = True
            while chunk := self._tls.read(CHUNK_BYTES):
                found += chunk
        except ssl.SSLWantReadError:
            return bytes(found)
        except ssl.SSLError as error:
            raise Parted(str(error)) from None
        raise Parted("the peer has ended the connection")

    def send(self, data: bytes) -> None:
        """Encrypt; the bytes for the wire are in `waiting` afterwards. Raises `Parted`."""
        try:
            self._tls.write(data)
        except ssl.SSLError as error:
            raise Parted(str(error)) from None

    def waiting(self) -> bytes:
        """Bytes for the wire, once."""
        return self._outgoing.read()
