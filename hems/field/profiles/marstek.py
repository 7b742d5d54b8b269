"""Marstek Venus batteries. Confidence A for power and level, others B or C.

Powers are positive for discharge; currents take the sign of the power. Disputed: the frequency of generation
3 is in tenths, that of the older ones in hundredths; other values are implausible. The Venus A has the same
map as generation 3 with the sign of the power turned, and is not named here.
"""

from hems.field.profile import Limits, Profile, Serial
from hems.field.profiles.rows import row

SERIAL = Serial(likely=("115200 8N1",))
LIMITS = Limits(gap_s=0.1)
# Reset and factory reset.
NEVER = frozenset({41000, 41001})

VENUS_2 = Profile(
    key="marstek-venus-2",
    kind="meter",
    maker="Marstek",
    models=("Venus E generation 1", "Venus E generation 2", "Venus C"),
    points=(
        row("line_v", 3, (32200,), "u16", 0.1, role="battery", confidence="B"),
        row("line_a", 3, (32201,), "s16", 0.01, period_s=2, role="battery", confidence="B"),
        row("power_w", 3, (32202,), "s32", positive="discharge", period_s=2, role="battery"),
        row("frequency_hz", 3, (32204,), "s16", 0.01, role="battery", confidence="B"),
        row("level_pct", 3, (32104,), "u16", role="battery"),
        row("import_wh", 3, (33000,), "u32", 0.01, role="battery", confidence="B"),
        row("export_wh", 3, (33002,), "s32", 0.01, role="battery"),
    ),
    limits=LIMITS,
    serial=SERIAL,
    never=NEVER,
)

VENUS_3 = Profile(
    key="marstek-venus-3",
    kind="meter",
    maker="Marstek",
    models=("Venus E generation 3",),
    points=(
        row("line_v", 3, (32200,), "u16", 0.1, role="battery", confidence="B"),
        row("line_a", 3, (37004,), "s16", 0.004, period_s=2, role="battery", confidence="C"),
        row("power_w", 3, (30006,), "s16", positive="discharge", period_s=2, role="battery"),
        row("frequency_hz", 3, (32204,), "s16", 0.1, role="battery", confidence="B"),
        row("level_pct", 3, (34002,), "u16", 0.1, role="battery"),
        row("import_wh", 3, (33000,), "u32", 0.01, role="battery", confidence="B"),
        row("export_wh", 3, (33002,), "s32", 0.01, role="battery"),
    ),
    limits=LIMITS,
    serial=SERIAL,
    never=NEVER,
)
