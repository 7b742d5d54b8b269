"""Framing: what a stream is cut into, however it arrives."""

import json
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hems.api.codec import ALLOWED, Broken, Heard, Packet, Scanner, decode, encode
from hems.api.limits import Limits

PLAIN = b'{"id":1,"method":"JSONRPC.Hello"}'
INDENTED = json.dumps({"id": 2, "params": {"a": [1, {"b": '} ] \\ " é'}]}}, indent=4).encode()
SMALL = Limits(request_bytes=64, nesting=4)


class Watched(Scanner):
    """A scanner that takes no step its table does not allow."""

    def __setattr__(self, name: str, value: object) -> None:
        if name == "stage" and hasattr(self, "stage"):
            assert value == self.stage or value in ALLOWED[self.stage]
        super().__setattr__(name, value)


def heard(*pieces: bytes, limits: Limits | None = None) -> list[Heard]:
    scanner = Watched(limits)
    found: list[Heard] = []
    for piece in pieces:
        found += scanner.feed(piece, 0.0)
    return found


def due(scanner: Scanner) -> float | None:
    return scanner.due_mono_s


@pytest.mark.parametrize("packet", [PLAIN, INDENTED], ids=["compact", "indented"])
def test_a_packet_may_be_cut_anywhere(packet: bytes) -> None:
    """API-21: also after an inner brace, inside an escape, inside a character."""
    for cut in range(1, len(packet)):
        assert heard(packet[:cut], packet[cut:]) == [Packet(packet)]
    assert heard(*[packet[i : i + 1] for i in range(len(packet))]) == [Packet(packet)]


def test_packets_may_be_glued_and_stand_between_blank_lines() -> None:
    """API-21."""
    stream = b"\r\n " + PLAIN + PLAIN + b"\n\n\r\n" + INDENTED + b"\t\n"
    assert heard(stream) == [Packet(PLAIN), Packet(PLAIN), Packet(INDENTED)]


@given(st.lists(st.sampled_from([PLAIN, INDENTED, b"\n", b"{}"]), max_size=6), st.data())
def test_how_a_stream_is_segmented_changes_nothing(parts: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(parts)
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=8))
    edges = sorted({0, len(stream), *cuts})
    assert heard(*[stream[a:b] for a, b in pairwise(edges)]) == [
        Packet(part) for part in parts if part != b"\n"
    ]


@pytest.mark.parametrize(
    ("noise", "reason"),
    [
        (b"GET / HTTP/1.1\r\n", "an object was expected"),
        (b"[1,2]\n", "an object was expected"),
        (b'x{"a":{}}', "an object was expected"),
        (b"x}", "an object was expected"),
        (b"\x16\x03\x01\x02\n", "an object was expected"),
        (b"}", "a bracket closes that was not opened"),
        (b'{"a":]', "a bracket closes that was not opened"),
        (b'{"a":[1}', "a bracket closes that was not opened"),
        (b'{"a":"b\n', "a line break stands inside a text"),
        (b'{"a":"b\\\n', "a line break stands inside a text"),
    ],
)
def test_what_is_broken_is_said_once_and_the_next_packet_is_heard(noise: bytes, reason: str) -> None:
    """API-22."""
    for cut in range(len(noise)):
        assert heard(noise[:cut] + noise[cut:], PLAIN) == [Broken(reason), Packet(PLAIN)]
        assert heard(noise[:cut], noise[cut:] + PLAIN)[0] == Broken(reason)


def test_an_object_that_is_not_closed_breaks_after_a_quarter_of_a_second() -> None:
    """API-22."""
    scanner = Watched()
    assert scanner.feed(b'{"a":{"b":1}', 10.0) == ()
    assert due(scanner) == 10.25
    assert scanner.feed(b"", 10.2) == ()
    assert scanner.feed(b"", 10.25) == (Broken("the object was not closed"),)
    assert due(scanner) is None
    assert scanner.feed(PLAIN, 11.0) == (Packet(PLAIN),)


def test_a_slow_sender_is_waited_for() -> None:
    """API-22: only what ends with a brace can be taken for complete by who sent it."""
    scanner = Watched()
    scanner.feed(b'{"a":{"b":1},', 10.0)
    assert scanner.feed(b"", 99.0) == ()
    assert scanner.feed(b'"c":1}', 100.0) == (Packet(b'{"a":{"b":1},"c":1}'),)


@pytest.mark.parametrize(
    ("big", "reason"),
    [
        (b'{"a":"' + b"x" * 80 + b'\\" }{ y"}', "it is longer than 0 KiB"),
        (b'{"a":[[[[1]]], "}\\"", 1]}', "it is nested deeper than 4"),
        (b'{"a":1' + b" " * 80 + b"}", "it is longer than 0 KiB"),
    ],
)
def test_what_is_too_much_is_said_at_once_and_skipped_to_its_end(big: bytes, reason: str) -> None:
    """API-14: its inside is never taken for a packet."""
    for cut in range(len(big)):
        assert heard(big[:cut], big[cut:] + PLAIN, limits=SMALL) == [Broken(reason), Packet(PLAIN)]


def test_what_is_skipped_ends_with_a_raw_line_break_in_a_text_or_when_it_stalls() -> None:
    assert heard(b'{"a":"' + b"x" * 80, b'\n{"b":1}', limits=SMALL)[1:] == [Packet(b'{"b":1}')]
    scanner = Watched(SMALL)
    scanner.feed(b'{"a":' * 5 + b"}", 1.0)
    assert scanner.feed(b"", 1.25) == ()
    assert scanner.feed(PLAIN, 2.0) == (Packet(PLAIN),)


def test_the_bytes_since_the_last_packet_are_counted() -> None:
    """API-14: those that are skipped and those that are broken, too."""
    scanner = Watched(SMALL)
    scanner.feed(PLAIN + b"\n\n", 0.0)
    assert scanner.unfinished_bytes == 2
    scanner.feed(b"noise\n" + b'{"a":' * 5, 0.0)
    assert scanner.unfinished_bytes == 33


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b'{"id":32,,"method":"Energy.GetRootMeter"}', "a member name was expected at byte 9"),
        (b'{"a":1,}', "a member was expected after the comma at byte 7"),
        (b'{"a" 1}', "a colon was expected at byte 5"),
        (b'{"a":1 2}', "a comma or the end of the object was expected at byte 7"),
        (b'{"a":[1 2]}', "a comma or the end of the list was expected at byte 8"),
        (b'{"a":NaN}', "a value was expected at byte 5"),
        (b'{"a":01}', "a number is malformed at byte 6"),
        (b'{"a":"\\x"}', "an escape in a text is malformed at byte 8"),
        (b'{"a":"\xff"}', "its bytes are not UTF-8"),
        (b'{"a":1e999}', "a number is too large"),
        (b'{"a":"\\ud800"}', "it is malformed"),
    ],
)
def test_what_is_no_json_is_said_in_our_words(text: bytes, reason: str) -> None:
    """API-30, check 1."""
    assert decode(Packet(text)) == Broken(reason)


def test_a_packet_is_an_object() -> None:
    assert decode(Packet(INDENTED)) == json.loads(INDENTED)


@given(st.binary(max_size=300))
@example(b'{"a":"\\')
@example(b"{{{{{}}}}}")
def test_no_bytes_upset_the_scanner(noise: bytes) -> None:
    """Whatever comes, after a line break, a brace and a quarter of a second the next packet is heard."""
    scanner = Watched(SMALL)
    for one in (*scanner.feed(noise, 0.0), *scanner.feed(b'\n"\n}', 0.0)):
        if isinstance(one, Packet):
            decode(one)
    scanner.feed(b'"\n}', 1.0)
    scanner.feed(b"", 2.0)
    assert scanner.stage == "between"
    assert scanner.feed(PLAIN, 3.0) == (Packet(PLAIN),)


def test_a_record_is_one_sorted_line() -> None:
    """API-20; what is not finite leaves no house (API-7)."""
    line = encode({"b": "ä\n", "a b": [1, 2.0], "a": float("nan")})
    assert line == '{"a":null,"a b":[1,2.0],"b":"ä\\n"}\n'.encode()
