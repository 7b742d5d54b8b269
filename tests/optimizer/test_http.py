"""One request, one answer."""

from hypothesis import given
from hypothesis import strategies as st

from hems.optimizer.http import BODY_MAX, HEAD_MAX, Answer, Reading, Void, request

GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n{ } x"


def read(data: bytes, *, size: int = 1, closed: bool = True) -> Reading | Answer | Void:
    """What an answer comes to that arrives in pieces."""
    reading: Reading | Answer | Void = Reading()
    pieces = [data[at : at + size] for at in range(0, len(data), size)] + ([b""] if closed else [])
    for piece in pieces:
        assert isinstance(reading, Reading)
        reading = reading.feed(piece)
        if not isinstance(reading, Reading):
            return reading
    return reading


def test_a_request_is_one_connection_and_one_body() -> None:
    """API-120, the example of section 18."""
    assert request("GET", "/health") == (
        b"GET /health HTTP/1.1\r\nHost: optimizer\r\nConnection: close\r\n\r\n"
    )
    assert request("POST", "/optimize", b"{}").endswith(
        b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    )


def test_an_answer_may_come_in_any_pieces() -> None:
    for size in (1, 2, 7, len(GOOD)):
        assert read(GOOD, size=size) == Answer(200, b"{ } x")
    assert read(GOOD[:-1], closed=False) == Reading(GOOD[:-1])


def test_what_is_no_answer_is_void_in_words() -> None:
    """API-120: chunked or longer than 256 KiB is invalid; API-125."""
    cases = {
        b"": "cut off",
        GOOD[:-2]: "cut off",
        b"SSH-2.0\r\n\r\n": "not HTTP",
        b"HTTP/1.1 2x0 OK\r\n\r\n": "not HTTP",
        b"HTTP/1.1 200 OK\r\n\r\n{}": "no Content-Length",
        b"HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\n{}": "no Content-Length",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n": "pieces",
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (BODY_MAX + 1): "longer than",
        b"HTTP/1.1 200 OK\r\n" + b"a" * HEAD_MAX: "no end",
    }
    for data, words in cases.items():
        found = read(data, size=4096)
        assert isinstance(found, Void), data[:40]
        assert words in found.words


@given(st.binary(max_size=300), st.integers(1, 50))
def test_no_bytes_raise(data: bytes, size: int) -> None:
    assert isinstance(read(data, size=size), Answer | Void)
    assert isinstance(read(b"HTTP/1.1 200 OK\r\n" + data, size=size), Answer | Void)
