"""The walk through a map that a device publishes itself. Pure.

A marker at one of a few places is followed by models: identity, length, data; 0xFFFF ends the chain.
"""

from dataclasses import dataclass

from hems.field.exchange import Accepted, Outcome, Request
from hems.field.profile import Chain

MARKER = (0x5375, 0x6E53)
"""``SunS``"""
END = 0xFFFF
MODELS_MAX = 64
ADDRESS_MAX = 0xFFFD


@dataclass(frozen=True, slots=True)
class Walk:
    """Where we are: which marker place, and the next model's header; `base` once the model is found."""

    place: int = 0
    header: int | None = None
    models: int = 0
    base: int | None = None


def request(walk: Walk, chain: Chain, unit: int) -> Request:
    """The next two registers to look at."""
    address = chain.markers[walk.place] if walk.header is None else walk.header
    return Request(unit, 3, address, 2)


def took(walk: Walk, chain: Chain, outcome: Outcome) -> Walk:
    """One step on; at a dead end the next marker place is tried, the first again after the last.

    Silence and broken frames change nothing: the same step is asked again.
    """
    elsewhere = Walk((walk.place + 1) % len(chain.markers))
    if not isinstance(outcome, Accepted):
        return elsewhere if outcome.kind == "exception" else walk
    if walk.header is None:
        start = chain.markers[walk.place] + len(MARKER)
        return Walk(walk.place, start) if outcome.registers == MARKER else elsewhere
    identity, length = outcome.registers
    if identity in chain.models:
        return Walk(walk.place, walk.header, walk.models, walk.header)
    onward = walk.header + 2 + length
    if identity == END or walk.models >= MODELS_MAX or onward > ADDRESS_MAX:
        return elsewhere
    return Walk(walk.place, onward, walk.models + 1)
