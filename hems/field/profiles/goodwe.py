"""GoodWe ET, EH, BT and BH hybrids. Confidence A, several rows B.

The grid's power is positive for export, the battery's for discharge. The total of exports is not known. A
second battery is not counted. Disputed is only where newer models are told what to do; nothing is written.
"""

from hems.field.profile import Limits, Profile, Serial
from hems.field.profiles.rows import row

ET = Profile(
    key="goodwe-et",
    kind="meter",
    maker="GoodWe",
    models=("ET", "EH", "BT", "BH"),
    points=(
        row("line_v", 3, (36052, 36053, 36054), "u16", 0.1, role="grid"),
        row("line_a", 3, (36055, 36056, 36057), "u16", 0.1, role="grid"),
        row("line_power_w", 3, (36019, 36021, 36023), "s32", positive="export", role="grid"),
        row("power_w", 3, (36025,), "s32", positive="export", period_s=10, role="grid"),
        row("frequency_hz", 3, (36014,), "u16", 0.01, role="grid", confidence="B"),
        row("import_wh", 3, (36017,), "f32", unit="Wh", role="grid", confidence="B"),
        row(
            "power_w",
            3,
            (35105, 35109, 35113, 35117),
            "u32",
            summed=True,
            positive="generate",
            period_s=2,
            role="pv",
        ),
        row("export_wh", 3, (35191,), "u32", 0.1, role="pv"),
        row("power_w", 3, (35182,), "s32", positive="discharge", period_s=2, role="battery"),
        row("level_pct", 3, (37007,), "u16", role="battery"),
        row("import_wh", 3, (35206,), "u32", 0.1, role="battery", confidence="B"),
        row("export_wh", 3, (35209,), "u32", 0.1, role="battery"),
    ),
    limits=Limits(holes=True, forbidden=((36066, 36120),), gap_s=0.1),
    serial=Serial(units=(247,)),
)
