"""SunSpec inverters, meters and batteries. Confidence A: the standard.

Addresses are offsets from the model's identity register; where that lies is read from the device. 0xFFFF
(u16), 0x8000 (s16, scale factors) and NaN mean "not implemented", an accumulator of 0 too. Models of fewer
lines have rows of their own: a line that is not implemented would take the others with it.

An inverter's power includes what a battery behind it gives. Disputed: a meter's power is positive for import
with most makers, for export with SolarEdge. A battery's level is in model 802 or 124, its power in 802 only.
Model 160 (strings) is of no fixed length and not read: it is passed over like any unknown model.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from hems.field.profile import Chain, Limits, Point, Profile, Quantity, Role
from hems.field.profiles.rows import row
from hems.field.registers import WireType

Family = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
"""The models of three lines, of two, of one."""

INVERTERS: Final[Family] = ((103,), (102,), (101,))
FLOAT_INVERTERS: Final[Family] = ((113,), (112,), (111,))
METERS: Final[Family] = ((203, 204), (202,), (201,))
FLOAT_METERS: Final[Family] = ((213, 214), (212,), (211,))
UNHURRIED_S: Final = 2.0
"""No fuse hangs on what an inverter or a battery says."""
LENGTHS: Final = {
    **dict.fromkeys((101, 102, 103), 50),
    **dict.fromkeys((111, 112, 113), 60),
    **dict.fromkeys((201, 202, 203, 204), 105),
    **dict.fromkeys((211, 212, 213, 214), 124),
    120: 26,
    124: 24,
    802: 62,
}


def by_lines(
    quantity: Quantity,
    family: Family,
    addresses: tuple[int, int, int],
    wire: WireType,
    scale_at: int | None = None,
    *,
    role: Role,
    period_s: float | None = None,
) -> Sequence[Point]:
    """A row for each number of lines."""
    return [
        row(quantity, 3, addresses[:lines], wire, scale_at=scale_at, role=role, models=of, period_s=period_s)
        for lines, of in zip((3, 2, 1), family, strict=True)
    ]


def whole(
    quantity: Quantity,
    family: Family,
    address: int,
    wire: WireType,
    scale_at: int | None = None,
    *,
    role: Role,
    period_s: float | None = None,
) -> Point:
    """A row of all models of a family; totals are in Wh."""
    return row(
        quantity,
        3,
        (address,),
        wire,
        unit="Wh" if quantity in ("import_wh", "export_wh") else None,
        scale_at=scale_at,
        positive="generate" if role == "pv" else "import",
        period_s=period_s,
        role=role,
        models=tuple(model for models in family for model in models),
    )


PV: Final = (
    *by_lines("line_a", INVERTERS, (3, 4, 5), "u16", 6, role="pv", period_s=UNHURRIED_S),
    *by_lines("line_v", INVERTERS, (10, 11, 12), "u16", 13, role="pv"),
    whole("power_w", INVERTERS, 14, "s16", 15, role="pv", period_s=UNHURRIED_S),
    whole("frequency_hz", INVERTERS, 16, "u16", 17, role="pv"),
    whole("export_wh", INVERTERS, 24, "acc32", 26, role="pv"),
    *by_lines("line_a", FLOAT_INVERTERS, (4, 6, 8), "f32", role="pv", period_s=UNHURRIED_S),
    *by_lines("line_v", FLOAT_INVERTERS, (16, 18, 20), "f32", role="pv"),
    whole("power_w", FLOAT_INVERTERS, 22, "f32", role="pv", period_s=UNHURRIED_S),
    whole("frequency_hz", FLOAT_INVERTERS, 24, "f32", role="pv"),
    whole("export_wh", FLOAT_INVERTERS, 32, "f32", role="pv"),
)
GRID: Final = (
    *by_lines("line_a", METERS, (3, 4, 5), "s16", 6, role="grid"),
    *by_lines("line_v", METERS, (8, 9, 10), "s16", 15, role="grid"),
    *by_lines("line_power_w", METERS, (19, 20, 21), "s16", 22, role="grid"),
    whole("power_w", METERS, 18, "s16", 22, role="grid", period_s=10),
    whole("frequency_hz", METERS, 16, "s16", 17, role="grid"),
    whole("export_wh", METERS, 38, "acc32", 54, role="grid"),
    whole("import_wh", METERS, 46, "acc32", 54, role="grid"),
    *by_lines("line_a", FLOAT_METERS, (4, 6, 8), "f32", role="grid"),
    *by_lines("line_v", FLOAT_METERS, (12, 14, 16), "f32", role="grid"),
    *by_lines("line_power_w", FLOAT_METERS, (30, 32, 34), "f32", role="grid"),
    whole("power_w", FLOAT_METERS, 28, "f32", role="grid", period_s=10),
    whole("frequency_hz", FLOAT_METERS, 26, "f32", role="grid"),
    whole("export_wh", FLOAT_METERS, 60, "f32", role="grid"),
    whole("import_wh", FLOAT_METERS, 68, "f32", role="grid"),
)
BATTERY: Final = (
    row(
        "power_w",
        3,
        (47,),
        "s16",
        scale_at=63,
        positive="discharge",
        period_s=UNHURRIED_S,
        role="battery",
        models=(802,),
    ),
    row("level_pct", 3, (11,), "u16", scale_at=56, role="battery", models=(802,)),
    row("level_pct", 3, (8,), "u16", scale_at=22, role="battery", models=(124,)),
)

SUNSPEC: Final = Profile(
    key="sunspec",
    kind="meter",
    maker="SunSpec Alliance members",
    models=tuple(f"model {model}" for model in LENGTHS),
    # Of the usual marks 0x7FFF is a number here.
    points=tuple(replace(point, absent=point.absent - {0x7FFF}) for point in (*PV, *GRID, *BATTERY)),
    limits=Limits(holes=True),
    chain=Chain(markers=(40_000, 50_000, 0), lengths=LENGTHS),
)
