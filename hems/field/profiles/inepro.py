"""inepro PRO380 and its brothers. Confidence A; the serial settings are a hint only (C).

Powers are in kW. Disputed: one driver has a second profile with the sum of both directions at 24576 as the
import; the import total is 24588.
"""

from hems.field.profile import Limits, Profile, Serial
from hems.field.profiles.rows import row

PRO380 = Profile(
    key="inepro-pro380",
    kind="meter",
    maker="inepro",
    models=("PRO380", "WAGO 879-30xx", "KDK 2PUCT"),
    points=(
        row("line_v", 3, (20482, 20484, 20486), "f32"),
        row("frequency_hz", 3, (20488,), "f32"),
        row("line_a", 3, (20492, 20494, 20496), "f32"),
        row("power_w", 3, (20498,), "f32", unit="kW", period_s=10),
        row("line_power_w", 3, (20500, 20502, 20504), "f32", unit="kW"),
        row("import_wh", 3, (24588,), "f32"),
        row("export_wh", 3, (24600,), "f32"),
    ),
    limits=Limits(holes=True, even=True, gap_s=0.1),
    serial=Serial(likely=("9600 8E1", "9600 8N1")),
)
