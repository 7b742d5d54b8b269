"""An answer on its way through the faults that strike it: first what it says, then the bytes of its frame."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from hems.sim.faults import Fault
from hems.sim.frames import ASCII_END, ASCII_START, Framing, seal
from hems.sim.pdu import READS, REFUSED

SIBLINGS: Final = {1: 2, 2: 1, 3: 4, 4: 3, 5: 15, 6: 16, 15: 5, 16: 6}
"""The function that is most easily taken for another."""


@dataclass(frozen=True, slots=True)
class Spoilt:
    """What gets onto the wire: it begins `late_s` later, and pauses (seconds) before the bytes named."""

    frame: bytes
    late_s: float = 0.0
    pauses: Mapping[int, float] = field(default_factory=dict)


def spoil(
    faults: Sequence[Fault],
    number: int,
    pdu: bytes,
    chance: Random,
    char_s: float,
    *,
    framing: Framing = "rtu",
    start: str = ASCII_START,
) -> Spoilt:
    """The answer `pdu` of the unit `number` as it gets onto the wire."""
    for fault in faults:
        number, pdu = _disguised(fault, number, pdu)
    frame = seal(number, pdu, framing, start)
    late_s, pauses = 0.0, {}
    for fault in faults:
        if fault.kind == "late":
            late_s += fault.figure
        elif fault.kind == "pause":
            pauses[fault.at] = fault.figure
        elif fault.kind == "babble":
            frame = chance.randbytes(max(1, round(fault.figure / char_s)))
        elif fault.kind == "twin":
            other = seal(number, _other(pdu, chance), framing, start)
            frame = collided(frame, other, round(fault.figure / char_s))
        else:
            frame = _damaged(fault, frame, chance, framing)
    return Spoilt(frame, late_s, pauses)


def collided(first: bytes, second: bytes, after: int) -> bytes:
    """What two senders make of the same wire, the second `after` characters later: zeros win."""
    second = b"\xff" * after + second
    length = max(len(first), len(second))
    pairs = zip(first.ljust(length, b"\xff"), second.ljust(length, b"\xff"), strict=True)
    return bytes(one & other for one, other in pairs)


def _disguised(fault: Fault, number: int, pdu: bytes) -> tuple[int, bytes]:
    function, more = pdu[0], int(fault.figure)
    is_read, is_refusal = function in READS, bool(function & REFUSED)
    match fault.kind:
        case "other_unit":
            return (number + more) & 0xFF, pdu
        case "other_function":
            shown = more or SIBLINGS[function & ~REFUSED] | function & REFUSED
            return number, bytes((shown,)) + pdu[1:]
        case "other_count" if is_read:
            data = pdu[2:] + bytes(max(0, _width(function) * more))
            data = data[: len(pdu) - 2 + _width(function) * more]
            return number, bytes((function, len(data))) + data
        case "other_count" if not is_refusal:
            return number, pdu[:3] + _plus(pdu[3:5], more)
        case "other_address" if not is_read and not is_refusal:
            return number, pdu[:1] + _plus(pdu[1:3], more) + pdu[3:]
    return number, pdu


def _damaged(fault: Fault, frame: bytes, chance: Random, framing: Framing) -> bytes:
    match fault.kind:
        case "crc" if framing == "ascii":
            return frame[:-3] + (b"1" if frame[-3:-2] == b"0" else b"0") + ASCII_END
        case "crc":
            return frame[:-1] + bytes(byte ^ 0x55 for byte in frame[-1:])
        case "short":
            return frame[: int(fault.figure)]
        case "noise":
            return chance.randbytes(int(fault.figure)) + frame
        case "prefix":
            return bytes.fromhex(fault.data) + frame
        case "suffix":
            return frame + bytes.fromhex(fault.data)
    return frame


def _other(pdu: bytes, chance: Random) -> bytes:
    """An answer of the same shape with other contents."""
    kept = 2 if pdu[0] in READS else 1
    return pdu[:kept] + chance.randbytes(len(pdu) - kept)


def _width(function: int) -> int:
    return 2 if function in {3, 4} else 1


def _plus(word: bytes, more: int) -> bytes:
    return (int.from_bytes(word, "big") + more & 0xFFFF).to_bytes(2, "big")
