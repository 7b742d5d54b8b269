"""Setup rows with read-back: what must be true of a charger before any current is raised. Pure.

Theory of operation. Row by row: read the register, write it only if it differs, read it again. A register
that old firmware cannot read (nor store) is written blindly and believed by its acknowledgement. Stored
registers are flash and have a daily budget of writes. Afterwards the machine rests in `done` until the
device returns.
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
    """Which row is being done; `held` is what its register holds, `writes` flash writes by row and time."""

    stage: Stage = "reading"
    since_mono_s: float = 0.0
    row: int = 0
    held: int = 0
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
    if progress.stage == "done" or now_mono_s < progress.due_mono_s:
        return None
    row = rows[progress.row]
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
    row = rows[progress.row]
    if isinstance(outcome, Failed):
        return _failed(row, progress, outcome, now_mono_s)
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
        case "done":
            return progress


def not_taken(progress: Progress, after: Progress) -> bool:
    """Whether a step found that an acknowledged write had no effect."""
    return progress.stage == "proving" and after.stage == "reading" and after.row == progress.row


def _holds(row: Setup, registers: tuple[int, ...], value: int) -> bool:
    if len(registers) == 1:
        return registers[0] & row.mask == value & row.mask
    return decode(registers, row.read_wire or row.wire) == value


def _failed(row: Setup, progress: Progress, outcome: Failed, now_mono_s: float) -> Progress:
    refused = outcome.kind == "exception"
    if refused and progress.stage == "reading" and not row.readable:
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
    stage: Stage = "reading" if row < len(rows) else "done"
    return replace(progress, stage=stage, since_mono_s=now_mono_s, row=row, blind=False)


def _back(progress: Progress, now_mono_s: float, pause_s: float) -> Progress:
    due_s = now_mono_s + pause_s
    return replace(progress, stage="reading", since_mono_s=now_mono_s, blind=False, due_mono_s=due_s)


def _written(progress: Progress, now_mono_s: float) -> int:
    return sum(row == progress.row and now_mono_s - at < DAY_S for row, at in progress.writes)
