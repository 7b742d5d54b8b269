"""Frames against examples worked out by hand (BUS-21)."""

import pytest

from hems.sim.frames import crc16, lrc8, opened, seal


@pytest.mark.parametrize(
    ("body", "crc"),
    [("01 03 00 00 00 0a", "c5 cd"), ("01 04 00 00 00 02", "71 cb"), ("02 07", "41 12")],
)
def test_crc_of_known_frames(body: str, crc: str) -> None:
    """Examples every Modbus primer prints."""
    data = bytes.fromhex(body)
    assert crc16(data).hex(" ") == crc
    assert opened(bytes.fromhex(body + crc)) == (data[0], data[1:])
    assert seal(data[0], data[1:]) == bytes.fromhex(body + crc)
    assert opened(bytes.fromhex(body + "00 00")) is None
    assert opened(b"\x01") is None


def test_lrc_makes_the_sum_zero() -> None:
    """01 + 03 + 0A = 0E, and 0E + F2 = 100."""
    assert lrc8(bytes.fromhex("01 03 00 00 00 0a")) == 0xF2
    assert lrc8(b"\0") == 0


def test_an_ascii_frame_is_hexadecimal_between_its_sign_and_the_line_end() -> None:
    assert seal(1, bytes.fromhex("03 00 00 00 0a"), "ascii") == b":01030000000AF2\r\n"
    assert seal(1, bytes.fromhex("03 02 2e b2"), "ascii", ">") == b">0103022EB21A\r\n"


@pytest.mark.parametrize(
    ("frame", "meaning"),
    [
        (b":01030000000AF2\r\n", (1, bytes.fromhex("03 00 00 00 0a"))),
        (b":01030000000af2\r\n", (1, bytes.fromhex("03 00 00 00 0a"))),
        (b"noise:0103:01030000000AF2\r\n", (1, bytes.fromhex("03 00 00 00 0a"))),
        (b":01030000000AF3\r\n", None),
        (b":01030000000AF2\n", None),
        (b":01030000000AF\r\n", None),
        (b":0103 000000AF2\r\n", None),
        (b">01030000000AF2\r\n", None),
        (b":01FF\r\n", None),
        (b":\r\n", None),
        (b"", None),
    ],
)
def test_what_is_an_ascii_frame(frame: bytes, meaning: tuple[int, bytes] | None) -> None:
    assert opened(frame, "ascii") == meaning
