"""One request and the only answers it accepts, and both as RTU frames; no clock and no descriptor.

Theory of operation. `judge` looks at everything received since the request and says: accepted, refused for
good, or pending with the number of bytes still owed. It searches the buffer for the first place where unit,
function and byte count fit the request, so stray bytes before an answer cost only their own time. Every shape
and the check sum are proved here before pymodbus decodes anything: its own decoders shorten odd byte counts
silently, raise on truncated bodies and accept other functions and counts.
"""

from dataclasses import dataclass
from typing import Final, Literal

from pymodbus.framer import FramerRTU
from pymodbus.pdu import DecodePDU, ModbusPDU
from pymodbus.pdu.bit_message import (
    ReadCoilsRequest,
    ReadDiscreteInputsRequest,
    WriteMultipleCoilsRequest,
    WriteSingleCoilRequest,
)
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    ReadHoldingRegistersResponse,
    ReadInputRegistersRequest,
    WriteMultipleRegistersRequest,
    WriteSingleRegisterRequest,
)

Function = Literal[1, 2, 3, 4, 5, 6, 15, 16]
Kind = Literal[
    "silence",
    "crc",
    "short",
    "noise",
    "unit",
    "shape",
    "echo",
    "exception",
    "late",
    "implausible",
    "not_taken",
    "port",
    "withdrawn",
]
"""Kinds of error, as they are counted per device; `withdrawn` never left, and is not counted."""
Shape = tuple[int, ...]

BIT_READS: Final = frozenset({1, 2})
READS: Final = frozenset({1, 2, 3, 4})
SINGLE_WRITES: Final = frozenset({5, 6})
COIL_ON: Final = 0xFF00
EXCEPTION: Final = 0x80
EXCEPTION_BYTES: Final = 5
CHECK_BYTES: Final = 2
WRITE_ANSWER_BYTES: Final = 8
FRAME_BYTES: Final = 4
"""The shortest frame: unit, function, check sum."""
FRAMER: Final = FramerRTU(DecodePDU(False))


@dataclass(frozen=True, slots=True)
class Request:
    """A read of `count` registers, or a write of `values`, at a unit's zero-based address.

    With functions 1, 2, 5 and 15 these are bits, 0 or 1.
    """

    unit: int
    function: Function
    address: int
    count: int = 1
    values: tuple[int, ...] = ()

    @property
    def answer_bytes(self) -> int:
        """The length of the wanted answer."""
        return 5 + self.data_bytes if self.function in READS else WRITE_ANSWER_BYTES

    @property
    def data_bytes(self) -> int:
        """The bytes of data in the answer to a read."""
        return (self.count + 7) // 8 if self.function in BIT_READS else 2 * self.count

    @property
    def shape(self) -> Shape:
        """Requests to one unit whose answers cannot be told apart have equal shapes.

        The answer to a read shows its function and length; the answer to a write its address and its value,
        or its quantity.
        """
        match self.function:
            case 1 | 2 | 3 | 4:
                return (self.function, self.data_bytes)
            case 5 | 6:
                return (self.function, self.address, self.values[0])
            case 15 | 16:
                return (self.function, self.address, len(self.values))


@dataclass(frozen=True, slots=True)
class Accepted:
    """The answer: its registers (none for a write), stray bytes before and after it."""

    registers: tuple[int, ...] = ()
    noise_bytes: int = 0
    extra_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Failed:
    """No answer; `code` is the device's exception code."""

    kind: Kind
    code: int = 0


@dataclass(frozen=True, slots=True)
class Pending:
    """Not yet: `missing` bytes are owed after `skipped` stray ones; `kind` names it if nothing more comes."""

    missing: int
    kind: Kind
    skipped: int = 0


Outcome = Accepted | Failed


def frame(request: Request) -> bytes:
    """The RTU frame of a request; raises ``ValueError`` outside the protocol's bounds."""
    return FRAMER.buildFrame(pdu(request))


def judge(request: Request, received: bytes) -> Outcome | Pending:
    """What the bytes received since the request mean; never raises."""
    suspicion: Kind | None = None
    broken = False
    for at in range(len(received)):
        size = _fitting_size(request, received[at : at + 3])
        if size is None:
            continue
        answer = received[at : at + size]
        if len(answer) < size:
            return Pending(size - len(answer), suspicion or "short", at)
        if sound(answer):
            return answered(request, answer[:-2], at, len(received) - at - size)
        if size == request.answer_bytes:
            broken = True
        suspicion = "crc"
    if broken:
        return Failed("crc")
    if suspicion:
        return Pending(request.answer_bytes, suspicion, len(received))
    return _stranger(request, received)


def sound(received: bytes) -> bool:
    """Whether these bytes are one whole frame of anybody."""
    check = int.from_bytes(received[-2:], "big")
    return len(received) >= FRAME_BYTES and FramerRTU.check_CRC(received[:-2], check)


def fits(request: Request, head: bytes) -> bool:
    """Whether the wanted answer can begin with these bytes (unit, function, and a read's byte count)."""
    if request.function in READS:
        return bytes((request.unit, request.function, request.data_bytes)).startswith(head[:3])
    return bytes((request.unit, request.function)).startswith(head[:2])


def refuses(request: Request, head: bytes) -> bool:
    """Whether an exception to this request begins with these bytes."""
    return head[:2] == bytes((request.unit, request.function | EXCEPTION))


def answered(request: Request, body: bytes, skipped: int, extra: int) -> Outcome:
    """The meaning of a whole sound answer that fits or refuses; `body` is without its check sum."""
    if body[1] & EXCEPTION:
        return Failed("exception", body[2])
    if request.function in BIT_READS:
        bits = int.from_bytes(body[3:], "little")
        return Accepted(tuple(bits >> i & 1 for i in range(request.count)), skipped, extra)
    if request.function in READS:
        registers = ReadHoldingRegistersResponse()
        registers.decode(body[2:])
        return Accepted(tuple(registers.registers), skipped, extra)
    confirmed = request.values[0] if request.function in SINGLE_WRITES else len(request.values)
    if request.function == 5:
        confirmed *= COIL_ON
    wanted = request.address.to_bytes(2, "big") + confirmed.to_bytes(2, "big")
    return Accepted((), skipped, extra) if body[2:6] == wanted else Failed("shape")


def _fitting_size(request: Request, head: bytes) -> int | None:
    """The length of the answer that begins like this, ``None`` if ours cannot; the rest is taken on trust."""
    if head[0] != request.unit:
        return None
    if refuses(request, head):
        return EXCEPTION_BYTES
    return request.answer_bytes if fits(request, head) else None


def _stranger(request: Request, received: bytes) -> Outcome | Pending:
    """Nothing fits: another unit's frame, our unit's answer to something else, or mere noise.

    After another unit's frame ours may still come; after a wrong answer of our own unit it will not.
    """
    whole = request.answer_bytes
    ours = received[:1] == bytes((request.unit,))
    if _is_frame(received):
        return Failed("shape") if ours else Pending(whole, "unit", len(received))
    return Pending(whole, "shape" if ours else "noise", len(received))


def _is_frame(received: bytes) -> bool:
    """Whether the bytes begin with a sound frame of some device's answer."""
    if len(received) < EXCEPTION_BYTES:
        return False
    function = received[1]
    size = 5 + received[2] if function in READS else WRITE_ANSWER_BYTES
    if function & EXCEPTION:
        size = EXCEPTION_BYTES
    return len(received) >= size and sound(received[:size])


def pdu(request: Request) -> ModbusPDU:
    """The request for a framer; raises ``ValueError`` outside the protocol's bounds."""
    unit, address = request.unit, request.address
    match request.function:
        case 1:
            return ReadCoilsRequest(dev_id=unit, address=address, count=request.count)
        case 2:
            return ReadDiscreteInputsRequest(dev_id=unit, address=address, count=request.count)
        case 5:
            return WriteSingleCoilRequest(dev_id=unit, address=address, bits=[bool(request.values[0])])
        case 15:
            bits = [bool(value) for value in request.values]
            return WriteMultipleCoilsRequest(dev_id=unit, address=address, bits=bits)
        case 3:
            return ReadHoldingRegistersRequest(dev_id=unit, address=address, count=request.count)
        case 4:
            return ReadInputRegistersRequest(dev_id=unit, address=address, count=request.count)
        case 6:
            return WriteSingleRegisterRequest(dev_id=unit, address=address, registers=request.values)
        case 16:
            return WriteMultipleRegistersRequest(dev_id=unit, address=address, registers=request.values)
