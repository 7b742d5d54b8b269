"""Eastron meters. Confidence A: several drivers and the maker's protocols V1.7 (SDM630), V2.4 (SDM120) agree.

Currents are magnitudes; powers are positive for import. All values are floats, most significant word first
from the factory ("register order" may have been changed on the device). 18 registers are a proven block.

Disputed: one driver divides frequencies above 100 by ten, no other does; here they are implausible. Disputed:
one driver swaps the import and export counters of single lines; those are not read.
"""

from hems.field.profile import Limits, Profile, Serial
from hems.field.profiles.rows import row

THREE_LINES = (
    row("line_v", 4, (0, 2, 4), "f32"),
    row("line_a", 4, (6, 8, 10), "f32"),
    row("line_power_w", 4, (12, 14, 16), "f32"),
    row("frequency_hz", 4, (70,), "f32"),
    row("import_wh", 4, (72,), "f32"),
    row("export_wh", 4, (74,), "f32"),
)
# The total power is that of the line: address 52 does not exist.
ONE_LINE = (
    row("line_v", 4, (0,), "f32"),
    row("line_a", 4, (6,), "f32"),
    row("line_power_w", 4, (12,), "f32"),
    row("frequency_hz", 4, (70,), "f32"),
    row("import_wh", 4, (72,), "f32"),
    row("export_wh", 4, (74,), "f32"),
)

# 100 ms between two requests to the meter are proven. 200 ms on a change of unit is a habit of drivers, but
# not known to be needed: the turn time of a device that misses requests is raised while it runs.
LIMITS = Limits(max_read=60, even=True, gap_s=0.1)
ONE_LINE_LIMITS = Limits(max_read=20, holes=True, even=True, gap_s=0.1)
SERIAL = Serial(bauds=(2400, 4800, 9600, 19200, 38400), framings=("8N1", "8E1", "8O1", "8N2"))
# From the factory at 2400, often ordered at 9600.
ONE_LINE_SERIAL = Serial(bauds=(1200, 2400, 4800, 9600), likely=("2400 8N1", "9600 8N1"))

SDM630 = Profile(
    key="eastron-sdm630",
    kind="meter",
    maker="Eastron",
    models=("SDM630-Modbus V1", "SDM630-Modbus V2"),
    points=THREE_LINES,
    limits=LIMITS,
    serial=SERIAL,
)

# Disputed: some batches refuse more than about 10 registers. The block is split on such a refusal.
SDM72DM_V2 = Profile(
    key="eastron-sdm72dm-v2",
    kind="meter",
    maker="Eastron",
    models=("SDM72DM-V2",),
    points=THREE_LINES,
    limits=LIMITS,
    serial=SERIAL,
)

SDM120 = Profile(
    key="eastron-sdm120",
    kind="meter",
    maker="Eastron",
    models=("SDM120-Modbus",),
    points=ONE_LINE,
    limits=ONE_LINE_LIMITS,
    serial=ONE_LINE_SERIAL,
)

SDM230 = Profile(
    key="eastron-sdm230",
    kind="meter",
    maker="Eastron",
    models=("SDM220-Modbus", "SDM230-Modbus"),
    points=ONE_LINE,
    limits=ONE_LINE_LIMITS,
    serial=Serial(likely=("2400 8N1", "9600 8N1")),
)
