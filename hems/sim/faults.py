"""What may go wrong on the wire, as rows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, Literal

from hems.sim.pdu import READ_HOLDING, READ_INPUT, refusal, seal

FaultKind = Literal["silence", "deaf", "late", "crc", "short", "exception", "noise", "vanish"]

READING: Final = frozenset({READ_HOLDING, READ_INPUT})


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of one device ("" = of all), from and until seconds after the desk's start.

    `value` is for `late` the seconds an answer waits longer, for `short` the bytes that are left of it, for
    `exception` the code, for `noise` the number of stray bytes before it. `share` is the share 0..1 of the
    requests it befalls. `silence` and `exception` leave a request undone, `deaf` only writes; `crc`, `short`,
    `late` and `noise` spoil the answer to a request that was carried out. `vanish` takes the whole port away
    at `from_s`.
    """

    kind: FaultKind
    device: str = ""
    value: float = 0.0
    from_s: float = 0.0
    until_s: float = math.inf
    share: float = 1.0

    def befalls(self, device: str, elapsed_s: float, chance: Random) -> bool:
        """Whether it strikes this request."""
        if self.device not in {"", device} or not self.from_s <= elapsed_s < self.until_s:
            return False
        return self.share >= 1.0 or chance.random() < self.share


@dataclass(frozen=True, slots=True)
class Spoilt:
    """What is left of an answer; `late_s` is added to the device's own time."""

    frame: bytes
    late_s: float = 0.0


def refused(faults: Sequence[Fault], number: int, function: int) -> bytes | None:
    """The answer to a request which is not carried out: b"" = none at all; ``None`` = carry it out."""
    for fault in faults:
        if fault.kind == "silence" or (fault.kind == "deaf" and function not in READING):
            return b""
        if fault.kind == "exception":
            return seal(number, refusal(function, int(fault.value)))
    return None


def spoil(faults: Sequence[Fault], frame: bytes, chance: Random) -> Spoilt:
    """The answer as it gets onto the wire."""
    late_s = 0.0
    for fault in faults:
        match fault.kind:
            case "late":
                late_s += fault.value
            case "crc":
                frame = frame[:-1] + bytes(byte ^ 0x55 for byte in frame[-1:])
            case "short":
                frame = frame[: int(fault.value)]
            case "noise":
                frame = chance.randbytes(int(fault.value)) + frame
            case _:
                pass  # befell the request, not its answer
    return Spoilt(frame, late_s)
