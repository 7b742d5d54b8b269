"""What the snapshot says, judged: only finite figures, only as old as a rule can use them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import floor, inf
from typing import Final

from hems.core.prices import YEARS
from hems.core.rules import HandRules, MeterRules
from hems.model.instant import Instant
from hems.model.snapshot import ChargerReading, MeterReading, Status
from hems.model.units import NOMINAL_V, PerLine

FIGURE_MAX = 1e12
"""Nothing on a house's wires is larger; NaN and infinities fail the same comparison."""

NO_TIME: Final = datetime(YEARS.start, 1, 1, tzinfo=UTC)
"""Stands for a wall time that cannot be; calendars can reckon with it."""

VOLTS = (180.0, 280.0)
"""A line voltage outside is a reading error, not a voltage to reckon with."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid reading that protection can use: all three line currents are there."""

    at_mono_s: float
    power_w: float
    line_a: PerLine
    line_v: PerLine | None


@dataclass(frozen=True, slots=True)
class Sight:
    """One charger as this cycle sees it.

    `answers`: it answered lately and takes what is written. `good`: nothing is open with it either (setup,
    an unsure write). `status` is ``None`` once it is older than the charger may be silent, and while one that
    tells none draws nothing. `line_a` and
    `power_w` are there only while fresh; `skew_s` is their distance from the grid reading. `lines`: it is
    switched to one line (1) or to all of them (3).
    """

    age_s: float = inf
    answers: bool = False
    good: bool = False
    lost: bool = True
    status: Status | None = None
    line_a: PerLine | None = None
    skew_s: float = 0.0
    power_w: float | None = None
    total_wh: float | None = None
    acknowledged_a: float | None = None
    highest_a: float | None = None
    cable_max_a: float | None = None
    lines: int | None = None


NOTHING = Sight()


def believed(now: Instant) -> Instant:
    """The moment; a wall time that is in no year of ours is nobody's, and not trusted."""
    if now.wall.year in YEARS and now.wall.utcoffset() is not None:
        return now
    return Instant(now.mono_s, NO_TIME, trusted=False)


def figure(value: float | None) -> float | None:
    """The value if it is a figure to reckon with, else ``None``."""
    return value if value is not None and -FIGURE_MAX <= value <= FIGURE_MAX else None


def per_line(values: PerLine | None) -> PerLine | None:
    """All three values, or ``None`` when one of them is no figure."""
    if values is None or any(figure(value) is None for value in values):
        return None
    return values


def grid(reading: MeterReading | None, now_s: float, rules: MeterRules) -> Grid | None:
    """The grid reading, or ``None`` when protection cannot use it."""
    if reading is None or figure(reading.power_w) is None or not reading.at_mono_s <= now_s + rules.ahead_s:
        return None
    line_a = per_line(reading.line_a)
    if line_a is None or figure(reading.at_mono_s) is None:
        return None
    return Grid(reading.at_mono_s, reading.power_w, line_a, per_line(reading.line_v))


def charger(
    reading: ChargerReading | None, grid_mono_s: float | None, now_s: float, rules: HandRules
) -> Sight:
    """One charger's reading; a charger that never answered is lost."""
    if reading is None or figure(reading.at_mono_s) is None:
        return NOTHING
    age_s = now_s - reading.at_mono_s
    refuses = reading.refusals >= rules.refusals
    answers = age_s <= rules.fresh_s and not refuses
    lost = age_s > rules.lost_s or refuses
    measured_mono_s = figure(reading.measured_mono_s)
    measured = measured_mono_s is not None and now_s - measured_mono_s <= rules.measured_s
    line_a = _drawn(reading.line_a) if measured else None
    return Sight(
        age_s=age_s,
        answers=answers,
        good=answers and reading.ready and not reading.unsure,
        lost=lost,
        status=None if lost else reading.status or _charging(line_a, rules.flow_a),
        line_a=line_a,
        skew_s=abs(measured_mono_s - grid_mono_s)
        if measured_mono_s is not None and grid_mono_s is not None
        else inf,
        power_w=figure(reading.power_w) if measured else None,
        total_wh=figure(reading.total_wh),
        acknowledged_a=figure(reading.acknowledged_a),
        highest_a=figure(reading.highest_a),
        cable_max_a=figure(reading.cable_max_a),
        lines=_switched_to(reading.lines),
    )


def volts(line_v: PerLine | None, lines: Sequence[int]) -> float:
    """The mean voltage of the lines with these indices; 230 V where the meter gives none to believe."""
    if line_v is None or not lines:
        return NOMINAL_V
    mean_v = sum(line_v[line] for line in lines) / len(lines)
    return mean_v if VOLTS[0] <= mean_v <= VOLTS[1] else NOMINAL_V


def floor_step(value_a: float, step_a: float) -> float:
    """The largest multiple of the step that is not above the value; never negative."""
    return max(0.0, round(floor(value_a / step_a + 1e-9) * step_a, 6))


def _switched_to(lines: int | None) -> int | None:
    if lines is None or lines < 1:
        return None
    return 1 if lines == 1 else 3


def _drawn(line_a: PerLine | None) -> PerLine | None:
    """Currents of a load: never below zero."""
    figures = per_line(line_a)
    return None if figures is None else (max(0.0, figures[0]), max(0.0, figures[1]), max(0.0, figures[2]))


def _charging(line_a: PerLine | None, flow_a: float) -> Status | None:
    """What a current says of a charger that tells no status; none says nothing: a car may wait."""
    return "C" if line_a is not None and max(line_a) > flow_a else None
