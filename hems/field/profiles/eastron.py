"""Eastron three-phase meters. Confidence A: several drivers and the maker's V1.7 protocol agree.

Currents are magnitudes; powers are positive for import. All values are floats, most significant word first
from the factory ("register order" may have been changed on the device). 18 registers are a proven block.
"""

from hems.field.profile import Limits, Point, Profile, Serial

POINTS = (
    Point(
        quantity="line_v", function=4, addresses=(0, 2, 4), wire="f32", unit="V", low=0, high=500, period_s=10
    ),
    Point(quantity="line_a", function=4, addresses=(6, 8, 10), wire="f32", unit="A", low=0, high=300),
    Point(
        quantity="line_power_w",
        function=4,
        addresses=(12, 14, 16),
        wire="f32",
        unit="W",
        positive="import",
        low=-80_000,
        high=80_000,
    ),
    Point(quantity="import_wh", function=4, addresses=(72,), wire="f32", unit="kWh", period_s=30),
    Point(quantity="export_wh", function=4, addresses=(74,), wire="f32", unit="kWh", period_s=30),
)

# 100 ms between two requests to the meter are proven. 200 ms on a change of unit is a habit of drivers, but
# not known to be needed: the turn time of a device that misses requests is raised while it runs.
LIMITS = Limits(max_read=60, even=True, gap_s=0.1)

SDM630 = Profile(
    key="eastron-sdm630",
    kind="meter",
    maker="Eastron",
    models=("SDM630-Modbus V1", "SDM630-Modbus V2"),
    points=POINTS,
    limits=LIMITS,
    serial=Serial(bauds=(2400, 4800, 9600, 19200, 38400), framings=("8N1", "8E1", "8O1", "8N2")),
)

# Disputed: some batches refuse more than about 10 registers. The block is split on such a refusal.
SDM72DM_V2 = Profile(
    key="eastron-sdm72dm-v2",
    kind="meter",
    maker="Eastron",
    models=("SDM72DM-V2",),
    points=POINTS,
    limits=LIMITS,
    serial=Serial(bauds=(2400, 4800, 9600, 19200, 38400), framings=("8N1", "8E1", "8O1", "8N2")),
)
