"""Janitza meters with the block at 19000. Confidence A.

Disputed: one source calls 19068 production; it counts what is bought as produced for the grid. 19068 is the
import, 19076 the export. UMG 103, 104, 511 and 604 have other maps.
"""

from hems.field.profile import Limits, Profile
from hems.field.profiles.rows import CT_A, CT_LINE_W, CT_W, row

UMG96RM = Profile(
    key="janitza-umg96rm",
    kind="meter",
    maker="Janitza",
    models=("UMG 96RM-E", "UMG 801", "UMG 806", "B-series", "Weidmüller EM525"),
    points=(
        row("line_v", 3, (19000, 19002, 19004), "f32"),
        row("line_a", 3, (19012, 19014, 19016), "f32", high=CT_A),
        row("line_power_w", 3, (19020, 19022, 19024), "f32", high=CT_LINE_W),
        row("power_w", 3, (19026,), "f32", high=CT_W, period_s=10),
        row("frequency_hz", 3, (19050,), "f32"),
        row("import_wh", 3, (19068,), "f32", unit="Wh"),
        row("export_wh", 3, (19076,), "f32", unit="Wh"),
    ),
    limits=Limits(holes=True, even=True, gap_s=0.1),
)
