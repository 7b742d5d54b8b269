"""Deye, Sunsynk and Sol-Ark three-phase hybrids with a low-voltage battery. Confidence A, several rows B.

Disputed: the total power of the grid is a 16-bit value at 625 whose high part lies far away at 690; the
powers of the lines at 622 need none. Not for high-voltage models: their powers of panels and battery are in
10 W, and from firmware 1098 on their totals in whole kWh; nothing known in the map tells them apart. A second
battery is not counted.
"""

from hems.field.profile import Limits, Profile
from hems.field.profiles.rows import row

SG3 = Profile(
    key="deye-sg3",
    kind="meter",
    maker="Deye",
    models=("SUN-xxK-SG three-phase, low voltage", "Sunsynk", "Sol-Ark"),
    points=(
        row("line_v", 3, (598, 599, 600), "u16", 0.1, role="grid"),
        row("frequency_hz", 3, (609,), "u16", 0.01, role="grid", confidence="B"),
        row("line_a", 3, (613, 614, 615), "s16", 0.01, role="grid"),
        row("line_power_w", 3, (622, 623, 624), "s16", role="grid", confidence="B"),
        row("import_wh", 3, (522,), "u32", 0.1, order="L", role="grid"),
        row("export_wh", 3, (524,), "u32", 0.1, order="L", role="grid"),
        row(
            "power_w",
            3,
            (672, 673, 674, 675),
            "u16",
            summed=True,
            positive="generate",
            period_s=2,
            role="pv",
        ),
        row("export_wh", 3, (534,), "u32", 0.1, order="L", role="pv"),
        row("power_w", 3, (590,), "s16", positive="discharge", period_s=2, role="battery"),
        row("level_pct", 3, (588,), "u16", role="battery"),
        row("import_wh", 3, (516,), "u32", 0.1, order="L", role="battery"),
        row("export_wh", 3, (518,), "u32", 0.1, order="L", role="battery"),
    ),
    limits=Limits(max_read=60, holes=True, gap_s=0.1),
)
