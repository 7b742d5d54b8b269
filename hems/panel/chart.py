"""Prices as upright bars in pixels; pure geometry (PNL-45).

A slot that has three pixels or more is a bar, solid if it is chosen, else a wall and a lid. A narrower one is
its top pixel, and a chosen one stands over the full height. More slots than pixels become means of an hour.
What is below zero hangs under the base line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hems.panel.layout import Strokes

WIDTH: Final = 126
TOP: Final = 16
BOTTOM: Final = 48
"""Pixel rows of the highest price and of the lowest."""
AXIS: Final = 50
CURSOR_TOP: Final = 13
BROAD: Final = 3
TICK_HOURS: Final = 6
NOW_DEPTH: Final = 2
FLAT_EUR_KWH: Final = 1e-5
"""Prices that differ by less from nothing have no height."""

Line = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Bar:
    """A span of time with its price in EUR/kWh, and whether something is planned in it."""

    start: datetime
    end: datetime
    eur_kwh: float
    chosen: bool = False


def fitting(bars: Sequence[Bar]) -> tuple[Bar, ...]:
    """As many as there are pixels at most: quarter-hours become hours where there are too many."""
    return tuple(bars) if len(bars) <= WIDTH else _hourly(bars)[:WIDTH]


def _hourly(bars: Sequence[Bar]) -> tuple[Bar, ...]:
    hours: dict[datetime, list[Bar]] = {}
    for bar in bars:
        hours.setdefault(bar.start.replace(minute=0, second=0, microsecond=0), []).append(bar)
    return tuple(
        Bar(
            parts[0].start,
            parts[-1].end,
            sum(part.eur_kwh for part in parts) / len(parts),
            any(part.chosen for part in parts),
        )
        for parts in hours.values()
    )


def step_px(bars: Sequence[Bar]) -> int:
    """Pixels that each bar has."""
    return max(1, min(12, WIDTH // max(1, len(bars))))


def strokes(bars: Sequence[Bar], cursor: int | None) -> Strokes:
    """The bars, the axis with a tick at every sixth hour and a mark for now, which is where it begins.

    The bar at `cursor` has a dotted line above it.
    """
    wide = step_px(bars)
    low = min(0.0, *(bar.eur_kwh for bar in bars)) if bars else 0.0
    high = max(0.0, *(bar.eur_kwh for bar in bars)) if bars else 0.0
    scale = (BOTTOM - TOP) / (high - low) if high - low > FLAT_EUR_KWH else 0.0
    base = BOTTOM + round(low * scale)
    lines: list[Line] = []
    for place, bar in enumerate(bars):
        x, top = place * wide, base - round(bar.eur_kwh * scale)
        first, last = sorted((top, base))
        lines += _broad(x, first, last, wide, bar) if wide >= BROAD else _narrow(x, top, wide, bar)
        if place == cursor:
            lines += [(x + wide // 2 - (wide > 1), y, y) for y in range(CURSOR_TOP, first - 1, 2)]
    lines += _axis(bars, wide)
    if low < 0:
        lines += [(x, base, base) for x in range(0, len(bars) * wide, 2)]
    return Strokes(tuple(lines))


def _broad(x: int, first: int, last: int, wide: int, bar: Bar) -> list[Line]:
    """A solid bar, or a wall and a lid."""
    if bar.chosen:
        return [(column, first, last) for column in range(x, x + wide)]
    lid = first if bar.eur_kwh >= 0 else last
    return [(x, first, last), *((column, lid, lid) for column in range(x + 1, x + wide))]


def _narrow(x: int, top: int, wide: int, bar: Bar) -> list[Line]:
    """A stroke over the full height, or the top pixel."""
    first, last = (TOP, BOTTOM) if bar.chosen else (top, top)
    return [(column, first, last) for column in range(x, x + wide)]


def _axis(bars: Sequence[Bar], wide: int) -> list[Line]:
    """Dots, a tick at every sixth hour, and a mark for now at the left."""
    dots = [(x, AXIS, AXIS) for x in range(0, len(bars) * wide, 3)]
    return [*dots, *((x, AXIS - 1, AXIS + 1) for x, _ in ticks(bars)), (0, AXIS - 1, AXIS + NOW_DEPTH)]


def ticks(bars: Sequence[Bar]) -> list[tuple[int, int]]:
    """Pixel column and local hour of every sixth hour."""
    wide = step_px(bars)
    found = []
    for place, bar in enumerate(bars):
        begins = place == 0 or bar.start - bars[place - 1].start < timedelta(hours=TICK_HOURS)
        if begins and bar.start.minute == 0 and bar.start.hour % TICK_HOURS == 0:
            found.append((place * wide, bar.start.hour))
    return found
