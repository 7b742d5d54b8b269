"""Lovato DMG610. Confidence A; the totals have one source (B), the frequency is doubtful (C).

Disputed: the scale of the frequency, 0.001 or 0.01 Hz; 0.001 is taken, other values are implausible.
"""

from hems.field.profile import Limits, Profile, Serial
from hems.field.profiles.rows import CT_A, CT_LINE_W, CT_W, row

DMG610 = Profile(
    key="lovato-dmg610",
    kind="meter",
    maker="Lovato Electric",
    models=("DMG610",),
    points=(
        row("line_v", 4, (1, 3, 5), "u32", 0.01),
        row("line_a", 4, (7, 9, 11), "u32", 0.0001, high=CT_A),
        row("line_power_w", 4, (19, 21, 23), "s32", 0.01, high=CT_LINE_W),
        row("frequency_hz", 4, (49,), "u32", 0.001, confidence="C"),
        row("power_w", 4, (57,), "s32", 0.01, high=CT_W, period_s=10),
        row("import_wh", 4, (6943,), "u64", 0.01, confidence="B"),
        row("export_wh", 4, (6947,), "u64", 0.01, confidence="B"),
    ),
    limits=Limits(gap_s=0.1),
    serial=Serial(units=(1, 2, 8)),
)
