"""Finder 7M.38. Confidence A; the frequency has one source (B), the totals are doubtful (C).

Disputed: the totals; 2752 and 2756 are taken, one driver reads an import at 2638. To be compared with the
display of the device.
"""

from hems.field.profile import Limits, Profile, Serial
from hems.field.profiles.rows import row

F7M38 = Profile(
    key="finder-7m38",
    kind="meter",
    maker="Finder",
    models=("7M.38",),
    points=(
        row("line_v", 4, (2500, 2502, 2504), "f32"),
        row("line_a", 4, (2516, 2518, 2520), "f32"),
        row("line_power_w", 4, (2530, 2532, 2534), "f32"),
        row("power_w", 4, (2536,), "f32", period_s=10),
        row("frequency_hz", 4, (2584,), "f32", confidence="B"),
        row("import_wh", 4, (2752,), "f32", unit="Wh", confidence="C"),
        row("export_wh", 4, (2756,), "f32", unit="Wh", confidence="C"),
    ),
    limits=Limits(gap_s=0.1),
    serial=Serial(likely=("38400 8N1",)),
)
