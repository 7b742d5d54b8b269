"""Schneider iEM3000. Confidence A: the maker's manual and drivers; the serial settings are a hint only (C).

Powers are in kW. The maker's register numbers begin with one; addresses here with zero. Disputed: one driver
reads the maker's numbers as they are with function 4, and the voltages between lines at 3020. The disputed
float counter at 45099 is not read: the 64-bit one is exact.
"""

from hems.field.profile import Limits, Profile, Serial
from hems.field.profiles.rows import row

POINTS = (
    row("line_a", 3, (2999, 3001, 3003), "f32"),
    row("line_v", 3, (3027, 3029, 3031), "f32"),
    row("line_power_w", 3, (3053, 3055, 3057), "f32", unit="kW"),
    row("power_w", 3, (3059,), "f32", unit="kW", period_s=10),
    row("frequency_hz", 3, (3109,), "f32"),
    row("import_wh", 3, (3203,), "s64", unit="Wh"),
)
LIMITS = Limits(gap_s=0.1)
SERIAL = Serial(likely=("19200 8E1", "9600 8E1", "9600 8N1"))

IEM3155 = Profile(
    key="schneider-iem3155",
    kind="meter",
    maker="Schneider Electric",
    models=("iEM3155", "iEM3255", "iEM3355"),
    points=(*POINTS, row("export_wh", 3, (3207,), "s64", unit="Wh")),
    limits=LIMITS,
    serial=SERIAL,
)

IEM3150 = Profile(
    key="schneider-iem3150",
    kind="meter",
    maker="Schneider Electric",
    models=("iEM3150", "iEM3250", "iEM3350"),
    points=POINTS,
    limits=LIMITS,
    serial=SERIAL,
)
