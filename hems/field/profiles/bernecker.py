"""Bernecker MPM3PM. Confidence A.

Disputed: the function; 4 first, then 3: a frequency that makes sense decides. Disputed: the scale of the
power factors; they are not read.
"""

from hems.field.profile import Limits, Profile, Proof, Serial
from hems.field.profiles.rows import by_function, row

POINTS = (
    row("import_wh", 4, (2,), "u32", 0.01),
    row("export_wh", 4, (4,), "u32", 0.01),
    row("line_v", 4, (8, 10, 12), "u32", 0.1),
    row("line_a", 4, (14, 16, 18), "u32", 0.01),
    row("line_power_w", 4, (20, 22, 24), "s32", 0.01),
    row("power_w", 4, (38,), "s32", 0.01, period_s=10),
    row("frequency_hz", 4, (44,), "u32", 0.01),
)

MPM3PM = Profile(
    key="bernecker-mpm3pm",
    kind="meter",
    maker="Bernecker Engineering",
    models=("MPM3PM",),
    points=POINTS,
    variants=(by_function(POINTS, 3),),
    proof=Proof(quantity="frequency_hz", low=45, high=55),
    limits=Limits(holes=True, even=True, gap_s=0.1),
    serial=Serial(units=(5, 6, 8)),
)
