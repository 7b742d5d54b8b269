"""A set-point ⇄ the registers of one kind of charger. Pure."""

import math
from typing import Final

from hems.field.exchange import Request
from hems.field.profile import Write
from hems.field.registers import FLOATS, encode

BELOW: Final = 1e-6
"""Counts so little below a whole one are that whole one."""


def bounded(write: Write, limit_a: float) -> float:
    """The highest set-point the device knows that is not above `limit_a`; 0 below its least current."""
    steps = math.floor(min(limit_a, write.max_a) / write.step_a + BELOW)
    rounded_a = round(float(steps * write.step_a), 3)
    return rounded_a if rounded_a >= write.min_a else 0.0


def requests(write: Write, unit: int, limit_a: float, lines: int) -> tuple[Request, ...]:
    """What tells a charger on so many lines an already bounded set-point, in the order it must be sent.

    Where a release pauses the charger, 0 A is the pause alone; any current is told before the release.
    """
    release = write.release
    if release is not None and limit_a == 0:
        return (Request(unit, release.function, release.address, values=(release.off,)),)
    current = Request(unit, write.function, write.address, values=registers(write, limit_a, lines))
    if release is None:
        return (current,)
    return (current, Request(unit, release.function, release.address, values=(release.on,)))


def registers(write: Write, limit_a: float, lines: int) -> tuple[int, ...]:
    """The current as the device wants it; a count never says more than `limit_a`."""
    if limit_a == 0:
        return encode(write.zero, write.wire, write.order)
    count = limit_a * per_ampere(write, lines) / write.scale_a
    return encode(count if write.wire in FLOATS else math.floor(count + BELOW), write.wire, write.order)


def per_ampere(write: Write, lines: int) -> float:
    """What a register in watts says for each ampere; 1 where it holds ampere."""
    return write.volts * lines if write.volts else 1.0
