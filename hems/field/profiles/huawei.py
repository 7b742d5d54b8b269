"""Huawei SUN2000 with LUNA2000 battery and its own grid meter. Confidence A; the yield has one source (B).

The grid's power is positive for export, the battery's for charging. Disputed: the yield; 32108 counts what
the panels gave, like their power at 32064, 32106 what left the inverter. Disputed: whether the grid's totals
are signed; below 21 GWh both read the same.
"""

from hems.field.profile import Limits, Profile
from hems.field.profiles.rows import row

SUN2000 = Profile(
    key="huawei-sun2000",
    kind="meter",
    maker="Huawei",
    models=("SUN2000",),
    points=(
        row("line_v", 3, (37101, 37103, 37105), "s32", 0.1, role="grid"),
        row("line_a", 3, (37107, 37109, 37111), "s32", 0.01, role="grid"),
        row("power_w", 3, (37113,), "s32", positive="export", period_s=10, role="grid"),
        row("export_wh", 3, (37119,), "s32", 0.01, role="grid"),
        row("import_wh", 3, (37121,), "s32", 0.01, role="grid"),
        row("line_power_w", 3, (37132, 37134, 37136), "s32", positive="export", role="grid"),
        row("power_w", 3, (32064,), "s32", positive="generate", period_s=2, role="pv"),
        row("export_wh", 3, (32108,), "u32", 0.01, role="pv", confidence="B"),
        row("power_w", 3, (37765,), "s32", positive="charge", period_s=2, role="battery"),
        row("level_pct", 3, (37760,), "u16", 0.1, role="battery"),
        row("import_wh", 3, (37780,), "u32", 0.01, role="battery"),
        row("export_wh", 3, (37782,), "u32", 0.01, role="battery"),
    ),
    limits=Limits(max_read=64, holes=True, gap_s=0.1),
)
