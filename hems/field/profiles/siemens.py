"""Siemens SENTRON PAC2200, RTU variant. Confidence A; the frequency is doubtful (C).

Disputed: drivers read with function 3 or 4; both are accepted. Disputed: the frequency at 46 is even in a map
of odd addresses, papers of its brothers have it at 55: what lies there must be 45 to 55 Hz to be believed.
"""

from hems.field.profile import Limits, Profile
from hems.field.profiles.rows import CT_A, CT_LINE_W, CT_W, row

PAC2200 = Profile(
    key="siemens-pac2200",
    kind="meter",
    maker="Siemens",
    models=("SENTRON PAC2200",),
    points=(
        row("line_v", 3, (1, 3, 5), "f32"),
        row("line_a", 3, (13, 15, 17), "f32", high=CT_A),
        row("line_power_w", 3, (25, 27, 29), "f32", high=CT_LINE_W),
        row("frequency_hz", 3, (46,), "f32", confidence="C"),
        row("power_w", 3, (65,), "f32", high=CT_W, period_s=10),
        row("import_wh", 3, (801,), "f64", unit="Wh"),
        row("export_wh", 3, (809,), "f64", unit="Wh"),
    ),
    limits=Limits(gap_s=0.1),
)
