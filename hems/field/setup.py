"""Setup rows with read-back: what must be true of a charger before any current is raised. Pure.

Theory of operation. Row by row: read the register, write it only if it differs, read it again. A register
that old firmware cannot read (nor store), be it refused or met with silence, is written blindly and believed
by its acknowledgement. Stored registers are flash and have a daily budget of writes. Afterwards the machine
rests in `done` until the device returns; meanwhile every register that a restart could take away is read
again once a minute, since a short restart may show nowhere else. One that differs begins everything anew.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from hems.field.exchange import Failed, Outcome, Request
from hems.field.profile import Setup
from hems.field.registers import decode, encode, width
from hems.field.setpoint import BELOW

Stage = Literal["reading", "writing", "proving", "done"]
ALLOWED: Final[Mapping[Stage, frozenset[Stage]]] = {
    "reading": frozenset({"writing", "done"}),
    "writing": frozenset({"proving", "reading", "done"}),
    "proving": frozenset({"reading", "done"}),
    "done": frozenset({"reading"}),
}
RETRY_S: Final = 1.0
CHECK_S: Final = 60.0
SILENCES_MAX: Final = 3
"""Reads in vain of a row that need not be readable; who is away altogether is not asked so often."""
REFUSED_RETRY_S: Final = 10.0
STORED_WRITES: Final = 10
DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Charge:
    """What the rows of one charger need to know of it: the current it falls back to, and its lines."""

    fail_safe_a: float = 0.0
    lines: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """Which row is being done; in `done`: how many were read again.

    `held` is what its register holds, `silences` are its reads without an answer, `writes` flash writes by
    row and time.
    """

    stage: Stage = "reading"
    since_mono_s: float = 0.0
    row: int = 0
    held: int = 0
    silences: int = 0
    blind: bool = False
    due_mono_s: float = 0.0
    writes: tuple[tuple[int, float], ...] = ()


def begun(rows: Sequence[Setup], progress: Progress, now_mono_s: float) -> Progress:
    """From the first row again; without rows there is nothing to do."""
    stage: Stage = "reading" if rows else "done"
    return Progress(stage, now_mono_s, due_mono_s=now_mono_s, writes=progress.writes)


def wanted(row: Setup, charge: Charge) -> int:
    """The value a row asks for: its own, or the fail-safe current in its counts, never more than that."""
    if row.fail_safe_scale_a is None:
        return row.value
    if charge.fail_safe_a == 0:
        return row.fail_safe_zero
    per_ampere = row.volts * charge.lines if row.volts else 1.0
    return math.floor(charge.fail_safe_a * per_ampere / row.fail_safe_scale_a + BELOW)


def request(
    rows: Sequence[Setup], progress: Progress, unit: int, charge: Charge, now_mono_s: float
) -> Request | None:
    """The next exchange; ``None`` when done, resting, or out of flash writes for today."""
    row = _row(rows, progress)
    if row is None or now_mono_s < progress.due_mono_s:
        return None
    if progress.stage != "writing":
        address = row.address if row.read_address is None else row.read_address
        return Request(unit, row.read_function, address, width(row.read_wire or row.wire))
    if row.stored and not progress.blind and _written(progress, now_mono_s) >= STORED_WRITES:
        return None
    value = wanted(row, charge)
    if width(row.wire) > 1:
        return Request(unit, row.function, row.address, values=encode(value, row.wire))
    value = progress.held & ~row.mask | value & row.mask
    return Request(unit, row.function, row.address, values=(value,))


def took(
    rows: Sequence[Setup], progress: Progress, outcome: Outcome, charge: Charge, now_mono_s: float
) -> Progress:
    """One step on."""
    row = _row(rows, progress)
    if row is None:
        return progress
    if isinstance(outcome, Failed):
        return _failed(rows, row, progress, outcome, now_mono_s)
    match progress.stage:
        case "reading" | "proving":
            if _holds(row, outcome.registers, wanted(row, charge)):
                return _next(rows, progress, now_mono_s)
            if progress.stage == "proving":
                return _back(progress, now_mono_s, REFUSED_RETRY_S)
            held = outcome.registers[0]
            return replace(progress, stage="writing", since_mono_s=now_mono_s, held=held)
        case "writing":
            return _written_on(rows, row, progress, now_mono_s)
        case "done" if _holds(row, outcome.registers, wanted(row, charge)):
            return _checked(rows, progress, now_mono_s)
        case "done":
            return begun(rows, progress, now_mono_s)


def not_taken(progress: Progress, after: Progress) -> bool:
    """Whether a step found that an acknowledged write had no effect."""
    return progress.stage == "proving" and after.stage == "reading" and after.row == progress.row


def _holds(row: Setup, registers: tuple[int, ...], value: int) -> bool:
    if len(registers) == 1:
        return registers[0] & row.mask == value & row.mask
    return decode(registers, row.read_wire or row.wire) == value


def _volatile(rows: Sequence[Setup]) -> tuple[Setup, ...]:
    """What a restart could take away, as far as it can be read."""
    return tuple(row for row in rows if row.readable and not row.stored)


def _row(rows: Sequence[Setup], progress: Progress) -> Setup | None:
    """The row that is being done or checked."""
    if progress.stage != "done":
        return rows[progress.row]
    volatile = _volatile(rows)
    return volatile[progress.row % len(volatile)] if volatile else None


def _checked(rows: Sequence[Setup], progress: Progress, now_mono_s: float) -> Progress:
    """On to the next check; each row has its turn once a minute."""
    due_s = now_mono_s + CHECK_S / max(1, len(_volatile(rows)))
    return replace(progress, row=progress.row + 1, due_mono_s=due_s)


def _failed(
    rows: Sequence[Setup], row: Setup, progress: Progress, outcome: Failed, now_mono_s: float
) -> Progress:
    if progress.stage == "done":
        return _checked(rows, progress, now_mono_s)
    refused = outcome.kind == "exception"
    unreadable = progress.stage == "reading" and not row.readable
    silences = progress.silences + (unreadable and outcome.kind == "silence")
    progress = replace(progress, silences=silences)
    if unreadable and (refused or silences >= SILENCES_MAX):
        return replace(progress, stage="writing", since_mono_s=now_mono_s, held=0, blind=True)
    return _back(progress, now_mono_s, REFUSED_RETRY_S if refused else RETRY_S)


def _written_on(rows: Sequence[Setup], row: Setup, progress: Progress, now_mono_s: float) -> Progress:
    recent = tuple(entry for entry in progress.writes if now_mono_s - entry[1] < DAY_S)
    writes = (*recent, (progress.row, now_mono_s)) if row.stored and not progress.blind else recent
    progress = replace(progress, writes=writes, due_mono_s=now_mono_s + row.rest_s)
    if progress.blind:
        return _next(rows, progress, now_mono_s)
    return replace(progress, stage="proving", since_mono_s=now_mono_s)


def _next(rows: Sequence[Setup], progress: Progress, now_mono_s: float) -> Progress:
    row = progress.row + 1
    progress = replace(progress, since_mono_s=now_mono_s, row=row, silences=0, blind=False)
    if row < len(rows):
        return replace(progress, stage="reading")
    return _checked(rows, replace(progress, stage="done", row=-1), now_mono_s)


def _back(progress: Progress, now_mono_s: float, pause_s: float) -> Progress:
    due_s = now_mono_s + pause_s
    return replace(progress, stage="reading", since_mono_s=now_mono_s, blind=False, due_mono_s=due_s)


def _written(progress: Progress, now_mono_s: float) -> int:
    return sum(row == progress.row and now_mono_s - at < DAY_S for row, at in progress.writes)
