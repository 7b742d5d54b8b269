"""HTTP/1.1 as far as the bridge needs it: one request on a connection, one answer with a length. Sans I/O."""

from dataclasses import dataclass
from typing import Final

HEAD_MAX: Final = 8_192
BODY_MAX: Final = 262_144
"""Bytes of an answer's head and body; a longer one is void."""

END_OF_HEAD: Final = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Void:
    """An answer that is none, and why."""

    words: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What has come of an answer so far."""

    received: bytes = b""

    def feed(self, data: bytes) -> "Reading | Answer | Void":
        """More of it; no bytes are its end."""
        received = self.received + data
        head, separator, body = received.partition(END_OF_HEAD)
        if not separator:
            if len(received) > HEAD_MAX:
                return Void("the answer has no end of its head")
            return Reading(received) if data else Void("the answer was cut off")
        parsed = _head(head)
        if isinstance(parsed, Void):
            return parsed
        status, length = parsed
        if len(body) >= length:
            return Answer(status, body[:length])
        return Reading(received) if data else Void("the answer was cut off")


def request(method: str, path: str, body: bytes | None = None) -> bytes:
    """One request, the connection closed after its answer."""
    lines = [f"{method} {path} HTTP/1.1", "Host: optimizer", "Connection: close"]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


def _head(head: bytes) -> tuple[int, int] | Void:
    """Status and length of the body."""
    first, *rest = head.split(b"\r\n")
    version, _, after = first.partition(b" ")
    status = after[:3]
    if version not in (b"HTTP/1.1", b"HTTP/1.0") or len(status) != 3 or not status.isdigit():
        return Void("the answer is not HTTP")
    fields = {name.strip().lower(): value.strip() for name, _, value in (row.partition(b":") for row in rest)}
    if b"transfer-encoding" in fields:
        return Void("the answer comes in pieces of its own; a Content-Length was expected")
    length = fields.get(b"content-length", b"")
    if not length.isdigit() or len(length) > 9:
        return Void("the answer has no Content-Length")
    if int(length) > BODY_MAX:
        return Void(f"the answer is longer than {BODY_MAX} bytes")
    return int(status), int(length)
