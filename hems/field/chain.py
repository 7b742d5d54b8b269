"""The walk through a map that a device publishes itself. Pure.

A marker at one of a few places is followed by models: identity, length, data; 0xFFFF ends the chain. The
whole chain is walked, unknown models are skipped, the first of each known one is kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from hems.field.exchange import Accepted, Outcome, Request
from hems.field.profile import Chain
from hems.field.timetable import PLAN_AT_FAULT

MARKER: Final = (0x5375, 0x6E53)
"""``SunS``"""
END: Final = 0xFFFF
MODELS_MAX: Final = 64
REGISTERS_MAX: Final = 4_000
ADDRESS_MAX: Final = 0xFFFD
AGAIN_S: Final = 60.0
"""A map in which nothing of use was found is walked through again after so long."""


@dataclass(frozen=True, slots=True)
class Model:
    """Where a model's identity register lies, and how long the device says its data is."""

    header: int
    length: int


@dataclass(frozen=True, slots=True)
class Walk:
    """Where we are: which marker place, the next model's header, and what was found so far."""

    place: int = 0
    header: int | None = None
    steps: int = 0
    found: Mapping[int, Model] = field(default_factory=dict)
    done: bool = False


def request(walk: Walk, chain: Chain, unit: int) -> Request:
    """The next two registers to look at."""
    address = chain.markers[walk.place] if walk.header is None else walk.header
    return Request(unit, 3, address, 2)


def took(walk: Walk, chain: Chain, outcome: Outcome) -> Walk:
    """One step on; at a dead end the next marker place is tried, the first again after the last.

    Silence, broken frames and a device that is busy change nothing: the same step is asked again. A chain
    that breaks off after something was found, because the device does not have what follows, ends there.
    """
    elsewhere = Walk((walk.place + 1) % len(chain.markers))
    if not isinstance(outcome, Accepted):
        if outcome.kind != "exception" or outcome.code not in PLAN_AT_FAULT:
            return walk
        return replace(walk, done=True) if walk.found else elsewhere
    first = chain.markers[walk.place] + len(MARKER)
    if walk.header is None:
        return Walk(walk.place, first) if outcome.registers == MARKER else elsewhere
    identity, length = outcome.registers
    found = walk.found
    if identity in chain.lengths and identity not in found:
        found = {**found, identity: Model(walk.header, length)}
    onward = walk.header + 2 + length
    walk = replace(walk, steps=walk.steps + 1, found=found)
    if identity == END or walk.steps >= MODELS_MAX or onward > min(ADDRESS_MAX, first + REGISTERS_MAX):
        return replace(walk, done=True) if found else elsewhere
    return replace(walk, header=onward)


def odd_lengths(walk: Walk, chain: Chain) -> tuple[int, ...]:
    """Models whose length differs from the one known of them; their first registers are read all the same."""
    return tuple(
        identity for identity, model in walk.found.items() if model.length != chain.lengths[identity]
    )
