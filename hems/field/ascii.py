"""A request and its answer as ASCII frames: a start sign, hexadecimal digits, a check byte, CR LF.

Theory of operation. Neither the start sign nor CR LF can occur among the digits, so an answer is searched for
from start sign to start sign; what lies between is noise. Digits, their even number, the end and the check
byte are proved here before anything is decoded. The check byte is only eight bits: the fixed length, the
shape and, where a device repeats it, the low byte of the address have to hold as well.
"""

from typing import Final

from pymodbus.framer import FramerAscii
from pymodbus.pdu import DecodePDU

from hems.field.exchange import (
    CHECK_BYTES,
    EXCEPTION_BYTES,
    READS,
    Failed,
    Kind,
    Outcome,
    Pending,
    Request,
    answered,
    fits,
    pdu,
    refuses,
)

FRAMER: Final = FramerAscii(DecodePDU(False))
START: Final = ":"
END: Final = b"\r\n"
DIGITS: Final = frozenset(b"0123456789ABCDEFabcdef")
EXCEPTION_CHARS: Final = 11
HEAD_DIGITS: Final = 6
"""Unit, function and byte count."""


def frame(request: Request) -> bytes:
    """The ASCII frame of a request; raises ``ValueError`` outside the protocol's bounds."""
    return FRAMER.buildFrame(pdu(request))


def answer_chars(request: Request) -> int:
    """The length of the wanted answer: two digits for each byte, one check byte instead of two."""
    return 2 * request.answer_bytes + 1


def judge(
    request: Request, received: bytes, start: str = START, *, low_address_echo: bool = False
) -> Outcome | Pending:
    """What the bytes received since the request mean; never raises. The answer begins with `start`."""
    sign = start.encode()
    suspicion: Kind | None = None
    over = False
    missing = answer_chars(request)
    at = received.find(sign)
    while at >= 0:
        size = _fitting_chars(request, received[at + 1 : at + 1 + HEAD_DIGITS])
        if size is not None:
            answer = received[at : at + size]
            body = _body(answer)
            if body is not None:
                return _outcome(request, body, at, len(received) - at - len(answer), low_address_echo)
            if END in answer or len(answer) == size:
                suspicion, over = "crc" if len(answer) == size else "short", True
            elif _digits_so_far(answer, size):
                return Pending(size - len(answer), suspicion or "short", at)
            else:
                suspicion, missing = "crc", size - len(answer)
        at = received.find(sign, at + 1)
    if suspicion:
        return Failed(suspicion) if over else Pending(missing, suspicion, len(received))
    return _stranger(request, received, sign)


def sound(received: bytes) -> bool:
    """Whether these bytes are one whole frame of anybody, whatever sign it starts with."""
    return _body(received) is not None


def _outcome(request: Request, body: bytes, skipped: int, extra: int, low_address_echo: bool) -> Outcome:
    refused = refuses(request, body)
    if len(body) != (EXCEPTION_BYTES if refused else request.answer_bytes) - CHECK_BYTES:
        return Failed("shape")
    repeats = low_address_echo and request.function in READS and not refused
    if repeats and body[3] != request.address & 0xFF:
        return Failed("shape")
    return answered(request, body, skipped, extra)


def _fitting_chars(request: Request, digits: bytes) -> int | None:
    """The length of the answer that begins with these digits, ``None`` if ours cannot."""
    if not DIGITS.issuperset(digits):
        return None
    head = bytes.fromhex(digits[: len(digits) & ~1].decode())
    if refuses(request, head):
        return EXCEPTION_CHARS
    return answer_chars(request) if fits(request, head) else None


def _digits_so_far(answer: bytes, size: int) -> bool:
    return DIGITS.issuperset(answer[1 : size - 2]) and END.startswith(answer[size - 2 :])


def _body(received: bytes) -> bytes | None:
    """The bytes of a whole frame without its check byte; ``None`` if anything is wrong with it."""
    digits = received[1:-2]
    if len(digits) < HEAD_DIGITS or len(digits) % 2 or received[-2:] != END or not DIGITS.issuperset(digits):
        return None
    body = bytes.fromhex(digits.decode())
    return body[:-1] if FramerAscii.check_LRC(body[:-1], body[-1]) else None


def _stranger(request: Request, received: bytes, sign: bytes) -> Outcome | Pending:
    """Nothing fits: another unit's frame, our unit's answer to something else, or mere noise.

    After another unit's frame ours may still come; after a wrong answer of our own unit it will not.
    """
    whole = answer_chars(request)
    at = received.find(sign)
    end = received.find(END, at)
    body = _body(received[at : end + len(END)]) if 0 <= at < end else None
    if body is None:
        return Pending(whole, "noise", len(received))
    return Failed("shape") if body[0] == request.unit else Pending(whole, "unit", len(received))
