"""Chint DTSU666. Confidence A: drivers and a page of the maker's manual.

Floats that still carry a decimal scale (2301.0 is 230.1 V). Disputed: firmware exists whose electrical values
need no scale; voltages below 50 V prove it. Disputed: one driver reads the voltages between lines at 8192 as
those of the lines. Disputed: older papers give the totals at 16414 and 16424; there they stay unknown.
The meter of that name on a Huawei inverter's line has another map.
"""

from hems.field.profile import Limits, Profile, Proof, Variant
from hems.field.profiles.rows import CT_A, CT_LINE_W, CT_W, row

DTSU666 = Profile(
    key="chint-dtsu666",
    kind="meter",
    maker="Chint",
    models=("DTSU666",),
    points=(
        row("line_v", 3, (8198, 8200, 8202), "f32", 0.1),
        row("line_a", 3, (8204, 8206, 8208), "f32", 0.001, high=CT_A),
        row("power_w", 3, (8210,), "f32", 0.1, high=CT_W, period_s=10),
        row("line_power_w", 3, (8212, 8214, 8216), "f32", 0.1, high=CT_LINE_W),
        row("frequency_hz", 3, (8260,), "f32", 0.01),
        row("import_wh", 3, (4126,), "f32"),
        row("export_wh", 3, (4136,), "f32"),
    ),
    variants=(
        Variant(
            what="values not scaled",
            points=(
                row("line_v", 3, (8198, 8200, 8202), "f32"),
                row("line_a", 3, (8204, 8206, 8208), "f32", high=CT_A),
                row("power_w", 3, (8210,), "f32", high=CT_W, period_s=10),
                row("line_power_w", 3, (8212, 8214, 8216), "f32", high=CT_LINE_W),
                row("frequency_hz", 3, (8260,), "f32"),
            ),
        ),
    ),
    proof=Proof(quantity="line_v", low=50, high=500),
    limits=Limits(max_read=48, holes=True, even=True, gap_s=0.1),
)
