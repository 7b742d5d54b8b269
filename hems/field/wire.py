"""How long things take on a serial line."""

from dataclasses import dataclass
from typing import Final

from hems.model.site import Bus

FAST_BAUD: Final = 19_200
FAST_SILENCE_S: Final = 0.00175
STALL_S: Final = 0.05
"""The longest pause inside a frame; slow devices make such pauses."""
BIT_READS: Final = frozenset({1, 2})
READS: Final = frozenset({1, 2, 3, 4})
FIFO_BYTES: Final = 8
"""An on-board port hands over this many characters at a time,"""
FIFO_TIMEOUT_CHARS: Final = 3.2
"""and what is left when so many more could have come: measured 2.5 ms at 19,200, 4.6 ms at 9,600 baud."""


@dataclass(frozen=True, slots=True)
class Wire:
    """One character's duration, the silence that parts two frames, and whether bytes travel as two digits.

    `stall_s` is the longest pause inside a frame as the line sees it. `lag_s` is how much too late the last
    characters are handed over, unless they fill the port's buffer.
    """

    char_s: float
    silence_s: float
    ascii: bool = False
    stall_s: float = STALL_S
    lag_s: float = 0.0


def wire(bus: Bus) -> Wire:
    """The timing of a line: 3.5 characters of silence up to 19,200 baud, 1.75 ms above."""
    bits = 9 + (bus.parity != "N") + bus.stop_bits
    char_s = bits / bus.baud
    silence_s = 3.5 * char_s if bus.baud <= FAST_BAUD else FAST_SILENCE_S
    if bus.adapter != "pl011":
        return Wire(char_s, silence_s, bus.framing == "ascii")
    lag_s = FIFO_TIMEOUT_CHARS * char_s
    return Wire(char_s, silence_s, bus.framing == "ascii", STALL_S + FIFO_BYTES * char_s + lag_s, lag_s)


def framing(bus: Bus) -> str:
    """Data bits, parity and stop bits as installers write them, ``8N1``."""
    return f"8{bus.parity}{bus.stop_bits}"


def setting(bus: Bus) -> str:
    """Speed and framing, ``9600 8N1`` or ``38400 8E1 ASCII``."""
    return f"{bus.baud} {framing(bus)}" + (" ASCII" if bus.framing == "ascii" else "")


def request_chars(wire: Wire, function: int, count: int = 1) -> int:
    """The length of a request on the wire; `count` are registers or bits."""
    body = 6
    if function == 15:
        body = 7 + (count + 7) // 8
    elif function == 16:
        body = 7 + 2 * count
    return _framed_chars(wire, body)


def answer_chars(wire: Wire, function: int, count: int = 1) -> int:
    """The length of the answer to it."""
    if function in BIT_READS:
        return _framed_chars(wire, 3 + (count + 7) // 8)
    return _framed_chars(wire, 3 + 2 * count if function in READS else 6)


def exchange_s(wire: Wire, function: int, count: int, answer_s: float) -> float:
    """A whole exchange of `count` registers or bits with both silences, which ASCII does not owe.

    `answer_s` is the device's own time.
    """
    chars = request_chars(wire, function, count) + answer_chars(wire, function, count)
    return chars * wire.char_s + answer_s + (0 if wire.ascii else 2 * wire.silence_s)


def _framed_chars(wire: Wire, body: int) -> int:
    """RTU adds a check sum of two bytes; ASCII writes body and check byte as digits between `:` and CR LF."""
    return 1 + 2 * (body + 1) + 2 if wire.ascii else body + 2
