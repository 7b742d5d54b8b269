"""Sungrow SH-RS and SH-RT hybrids. Confidence A, several rows B.

Disputed: the battery's power at 13021 is signed or not, by firmware; 5213 replaced it, positive for discharge
as the source of that row says (B). Where 5213 is refused, the battery's power stays unknown: a wrong sign
would be worse. The currents of the grid are not known, so this is no grid meter.
"""

from hems.field.profile import Limits, Profile
from hems.field.profiles.rows import row

NOT_THERE = frozenset({0x7FFF_FFFF, 0xFFFF_FFFF})
"""The first is the maker's mark for all 32-bit values, unsigned ones too."""

SH = Profile(
    key="sungrow-sh",
    kind="meter",
    maker="Sungrow",
    models=("SH-RS", "SH-RT"),
    points=(
        row("line_v", 4, (5018, 5019, 5020), "u16", 0.1, role="pv"),
        row(
            "power_w",
            4,
            (5016,),
            "u32",
            order="L",
            absent=NOT_THERE,
            positive="generate",
            period_s=2,
            role="pv",
        ),
        row("export_wh", 4, (13002,), "u32", 0.1, order="L", absent=NOT_THERE, role="pv"),
        row(
            "power_w",
            4,
            (5213,),
            "s32",
            order="L",
            positive="discharge",
            period_s=2,
            role="battery",
            confidence="B",
        ),
        row("level_pct", 4, (13022,), "u16", 0.1, role="battery"),
        row(
            "import_wh", 4, (13040,), "u32", 0.1, order="L", absent=NOT_THERE, role="battery", confidence="B"
        ),
        row("export_wh", 4, (13026,), "u32", 0.1, order="L", absent=NOT_THERE, role="battery"),
    ),
    limits=Limits(gap_s=0.1),
)
