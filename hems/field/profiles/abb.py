"""ABB B and A series. Confidence A; the text that names the model has one source (B).

Meters without export (steel, bronze) leave its counter "not there". The terminals A and B are named the other
way round than on most devices. Disputed: where the power factors of the lines lie; they are not read.
"""

from hems.field.profile import Identify, Limits, Profile, Serial
from hems.field.profiles.rows import row

SHARED = (
    row("frequency_hz", 3, (23340,), "u16", 0.01),
    row("import_wh", 3, (20480,), "u64", 0.01),
    row("export_wh", 3, (20484,), "u64", 0.01),
)
LIMITS = Limits(holes=True, gap_s=0.1)
SERIAL = Serial(likely=("9600 8N1", "9600 8E1", "19200 8E1", "19200 8N1"), units=(1, 2, 201))

B23 = Profile(
    key="abb-b23",
    kind="meter",
    maker="ABB",
    models=("B23", "B24", "A43", "A44"),
    points=(
        row("line_v", 3, (23296, 23298, 23300), "u32", 0.1),
        row("line_a", 3, (23308, 23310, 23312), "u32", 0.01),
        row("power_w", 3, (23316,), "s32", 0.01, period_s=10),
        row("line_power_w", 3, (23318, 23320, 23322), "s32", 0.01),
        *SHARED,
    ),
    identify=Identify(function=3, address=35168, count=6, texts=("B23", "B24", "A43", "A44")),
    limits=LIMITS,
    serial=SERIAL,
)

# On one line the power of the line is not filled, the total is.
B21 = Profile(
    key="abb-b21",
    kind="meter",
    maker="ABB",
    models=("B21", "A41"),
    points=(
        row("line_v", 3, (23296,), "u32", 0.1, confidence="B"),
        row("line_a", 3, (23308,), "u32", 0.01, confidence="B"),
        row("line_power_w", 3, (23316,), "s32", 0.01),
        *SHARED,
    ),
    identify=Identify(function=3, address=35168, count=6, texts=("B21", "A41")),
    limits=LIMITS,
    serial=SERIAL,
)
