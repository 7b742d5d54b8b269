"""How bytes that have come over the wire reach the program that reads them: one by one, or in packets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, Literal

ROUNDING_S: Final = 1e-9

Delivery = Literal["bytewise", "fifo8", "usb1", "usb16", "frame"]


@dataclass(frozen=True, slots=True)
class Packing:
    """When what has gathered is handed over: when `size` bytes are there, or earlier.

    Earlier means: `held_chars` after the last byte if no other follows within `patience_chars` of it, or
    `latency_s` after the first one.
    """

    size: int
    patience_chars: float = 0.0
    held_chars: float = 0.0
    latency_s: float | None = None


PACKINGS: Final[Mapping[Delivery, Packing]] = {
    "bytewise": Packing(1),
    "fifo8": Packing(8, patience_chars=3.2, held_chars=3.2),
    "usb1": Packing(62, latency_s=0.001),
    "usb16": Packing(62, latency_s=0.016),
    "frame": Packing(1 << 16, patience_chars=1.5),
}
"""`fifo8` is a UART's FIFO of eight with a receive timeout of 32 bits; `usb1` and `usb16` are USB bridges
with packets of 62 bytes whose latency timer of 1 or 16 ms starts with a packet's first byte; `frame` hands
over a whole frame, or its part before a pause, with its last stop bit: cheap in virtual hours."""


def stop_bits(length: int, char_s: float, pauses: Mapping[int, float] | None = None) -> list[float]:
    """When each byte's stop bit is through, in seconds after the frame's first bit.

    `pauses` are silences in seconds before the byte of that place.
    """
    held = pauses or {}
    return list(accumulate(char_s + held.get(place, 0.0) for place in range(length)))


def pieces(times: Sequence[float], delivery: Delivery, char_s: float) -> list[tuple[int, float]]:
    """Hand-overs as (bytes handed over by then, when); `times` are those of the stop bits."""
    packing = PACKINGS[delivery]
    rows: list[tuple[int, float]] = []
    first = 0
    for place, at_s in enumerate(times):
        if place > first:
            limit_s, handed_s = _due(packing, times[first], times[place - 1], char_s)
            if at_s > limit_s + ROUNDING_S:
                rows.append((place, handed_s))
                first = place
        if place + 1 - first == packing.size:
            rows.append((place + 1, at_s))
            first = place + 1
    if first < len(times):
        rows.append((len(times), _due(packing, times[first], times[-1], char_s)[1]))
    return rows


def _due(packing: Packing, first_s: float, last_s: float, char_s: float) -> tuple[float, float]:
    """Until when another byte would still join the packet, and when it is handed over otherwise."""
    if packing.latency_s is not None:
        due_s = first_s + packing.latency_s
        return due_s, due_s
    return last_s + packing.patience_chars * char_s, last_s + packing.held_chars * char_s
