"""How long things take on a serial line."""

from dataclasses import dataclass
from typing import Final

from hems.model.site import Bus

FAST_BAUD: Final = 19_200
FAST_SILENCE_S: Final = 0.00175
STALL_S: Final = 0.05
"""The longest pause inside a frame; slow devices make such pauses."""
READ_OVERHEAD_CHARS: Final = 13
"""Request of 8 and answer of 5 characters around the registers."""


@dataclass(frozen=True, slots=True)
class Wire:
    """One character's duration, and the silence that parts two frames."""

    char_s: float
    silence_s: float


def wire(bus: Bus) -> Wire:
    """The timing of a line: 3.5 characters of silence up to 19,200 baud, 1.75 ms above."""
    bits = 9 + (bus.parity != "N") + bus.stop_bits
    char_s = bits / bus.baud
    return Wire(char_s, 3.5 * char_s if bus.baud <= FAST_BAUD else FAST_SILENCE_S)


def framing(bus: Bus) -> str:
    """Data bits, parity and stop bits as installers write them, ``8N1``."""
    return f"8{bus.parity}{bus.stop_bits}"


def setting(bus: Bus) -> str:
    """Speed and framing, ``9600 8N1``."""
    return f"{bus.baud} {framing(bus)}"


def read_s(wire: Wire, count: int, answer_s: float) -> float:
    """A whole read of `count` registers with both silences; `answer_s` is the device's own time."""
    return (READ_OVERHEAD_CHARS + 2 * count) * wire.char_s + answer_s + 2 * wire.silence_s


def write_s(wire: Wire, function: int, answer_s: float) -> float:
    """A whole write of one register by function 6 or 16."""
    chars = 16 if function == 6 else 19
    return chars * wire.char_s + answer_s + 2 * wire.silence_s
