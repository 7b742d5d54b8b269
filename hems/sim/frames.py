"""Modbus frames of both framings, made and judged by hand, sharing nothing with those who read them."""

from typing import Final, Literal

Framing = Literal["rtu", "ascii"]

ASCII_START: Final = ":"
ASCII_END: Final = b"\r\n"
HEX_DIGITS: Final = frozenset(b"0123456789ABCDEFabcdef")
LEAST_BODY: Final = 2
"""Unit and function."""


def _crc_row(row: int) -> int:
    for _ in range(8):
        row = row >> 1 ^ 0xA001 if row & 1 else row >> 1
    return row


CRC_TABLE: Final = tuple(_crc_row(byte) for byte in range(256))


def crc16(data: bytes) -> bytes:
    """The CRC of Modbus RTU (polynomial 0xA001 reflected, start 0xFFFF), low byte first, as on the wire."""
    crc = 0xFFFF
    for byte in data:
        crc = crc >> 8 ^ CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc.to_bytes(2, "little")


def lrc8(data: bytes) -> int:
    """The LRC of Modbus ASCII: the two's complement of the sum, 0..255."""
    return -sum(data) & 0xFF


def seal(number: int, pdu: bytes, framing: Framing = "rtu", start: str = ASCII_START) -> bytes:
    """A whole frame of the unit `number`; `start` is the sign an ASCII frame begins with."""
    body = bytes((number,)) + pdu
    if framing == "rtu":
        return body + crc16(body)
    text = (body + bytes((lrc8(body),))).hex().upper()
    return start.encode() + text.encode() + ASCII_END


def opened(frame: bytes, framing: Framing = "rtu") -> tuple[int, bytes] | None:
    """Unit, and function code with data, of a sound frame; ``None`` for anything else.

    An ASCII request begins at its last colon: whatever stood before it was given up.
    """
    if framing == "rtu":
        body = frame[:-2]
        sound = len(body) >= LEAST_BODY and crc16(body) == frame[-2:]
        return (body[0], body[1:]) if sound else None
    _, colon, text = frame.rpartition(ASCII_START.encode())
    digits = text.removesuffix(ASCII_END)
    if not colon or digits == text or len(digits) % 2 or not HEX_DIGITS.issuperset(digits):
        return None
    data = bytes.fromhex(digits.decode())
    return (data[0], data[1:-1]) if len(data) > LEAST_BODY and sum(data) & 0xFF == 0 else None
