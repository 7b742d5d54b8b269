"""A set-point ⇄ the registers of one kind of charger. Pure."""

import math
from typing import Final

from hems.field.exchange import Request
from hems.field.profile import TO_BASE, Point, Surplus, Unit, Write
from hems.field.registers import CODES, FLOATS, encode

BELOW: Final = 1e-6
"""Counts so little below a whole one are that whole one."""
POWERS: Final[frozenset[Unit]] = frozenset({"W", "kW", "VA"})


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


def held_a(write: Write, point: Point, confirmed: float, released: float | None, lines: int) -> float:
    """The current a charger holds by what its confirming point reads; 0 where it reads as paused."""
    if write.release is not None and released == write.release.off:
        return 0.0
    return confirmed / per_ampere(write, lines) if point.unit in POWERS else confirmed


def tolerance_a(write: Write, point: Point, lines: int) -> float:
    """How far a read-back may lie from what was told: half a step of the coarser of both."""
    per_count = write.scale_a / per_ampere(write, lines)
    told_a = write.step_a if write.wire in FLOATS else per_count
    read_a = 0.0 if point.wire in FLOATS else abs(point.scale) * TO_BASE[point.unit]
    if point.unit in POWERS:
        read_a /= per_ampere(write, lines)
    return max(told_a, read_a) / 2 + BELOW


def surplus(row: Surplus, unit: int, power_w: float) -> Request:
    """What tells a heat pump the watts it may have, as near as its register can say them."""
    bits = 16 * len(encode(0, row.wire))
    signed = CODES[row.wire].islower()
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    value = power_w if row.wire in FLOATS else min(max(round(power_w), low), high)
    return Request(unit, row.function, row.address, values=encode(value, row.wire))
