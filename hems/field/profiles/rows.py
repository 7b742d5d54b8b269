"""Rows of measuring devices: what all of them share, so that a profile reads like its maker's table.

Currents and powers of protection are read in every tick, voltages and levels every 10 s, totals every 30 s,
the frequency every minute: it proves address, type, order and scale. Powers are positive for import unless a
row says otherwise. Ranges are those of a directly connected house meter; meters with transformers widen them.

Maps of nothing but pairs of registers at even addresses are read `even`: no read ends in half a value.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Literal

from hems.field.profile import FAST, Confidence, Point, Positive, Quantity, Role, Unit, Variant
from hems.field.registers import WireType, WordOrder

Read = Literal[3, 4]

UNITS: Final[Mapping[Quantity, Unit]] = {
    "line_v": "V",
    "line_a": "A",
    "line_power_w": "W",
    "power_w": "W",
    "frequency_hz": "Hz",
    "level_pct": "%",
    "import_wh": "kWh",
    "export_wh": "kWh",
}
PERIODS_S: Final[Mapping[Quantity, float]] = {
    "line_v": 10,
    "line_a": FAST,
    "line_power_w": FAST,
    "power_w": FAST,
    "frequency_hz": 60,
    "level_pct": 10,
    "import_wh": 30,
    "export_wh": 30,
}
RANGES: Final[Mapping[Quantity, tuple[float, float | None]]] = {
    "line_v": (0, 300),
    "line_a": (-300, 300),
    "line_power_w": (-80_000, 80_000),
    "power_w": (-240_000, 240_000),
    "frequency_hz": (45, 55),
    "level_pct": (0, 100),
    "import_wh": (0, None),
    "export_wh": (0, None),
}
"""Base units. Voltages are those of a line against neutral: 400 V would be between two lines."""
CT_A: Final = 6_000.0
CT_LINE_W: Final = 1_500_000.0
CT_W: Final = 4_500_000.0
"""How far the ranges of a meter with current transformers reach."""
ABSENT: Final[Mapping[WireType, frozenset[int]]] = {
    "u16": frozenset({0xFFFF}),
    "s16": frozenset({0x7FFF, 0x8000}),
    "u32": frozenset({0xFFFF_FFFF}),
    "s32": frozenset({0x7FFF_FFFF, 0x8000_0000}),
    "u64": frozenset({0xFFFF_FFFF_FFFF_FFFF}),
    "s64": frozenset({0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000}),
}
"""Patterns that mean "not there" wherever a maker marks it at all; floats say it with NaN."""
DIRECTED: Final[frozenset[Quantity]] = frozenset({"line_power_w", "power_w"})


def row(
    quantity: Quantity,
    function: Read,
    addresses: tuple[int, ...],
    wire: WireType,
    scale: float = 1.0,
    unit: Unit | None = None,
    *,
    order: WordOrder = "H",
    scale_at: int | None = None,
    summed: bool = False,
    positive: Positive = "import",
    absent: frozenset[int] | None = None,
    high: float | None = None,
    period_s: float | None = None,
    role: Role | Literal[""] = "",
    models: tuple[int, ...] = (),
    confidence: Confidence = "A",
) -> Point:
    """One row of a table; `high` widens a range to both sides, what is not given is as usual."""
    low, usual_high = RANGES[quantity]
    return Point(
        quantity=quantity,
        function=function,
        addresses=addresses,
        wire=wire,
        unit=UNITS[quantity] if unit is None else unit,
        order=order,
        scale=scale,
        scale_at=scale_at,
        summed=summed,
        positive=positive if quantity in DIRECTED else "",
        absent=ABSENT.get(wire, frozenset()) if absent is None else absent,
        low=-high if high is not None and low < 0 else low,
        high=usual_high if high is None else high,
        period_s=PERIODS_S[quantity] if period_s is None else period_s,
        role=role,
        models=models,
        confidence=confidence,
    )


def by_function(points: tuple[Point, ...], function: Read) -> Variant:
    """The same rows read with another function."""
    return Variant(
        what=f"read with function {function}",
        points=tuple(replace(point, function=function) for point in points),
    )
