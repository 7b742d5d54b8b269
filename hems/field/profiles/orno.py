"""ORNO and B+G e-tech meters. Confidence A; several rows of the WS100 have one source (B).

Disputed: the WS100 is read with function 3, the identical OR-WE-525 with function 4; a frequency that makes
sense decides. The OR-WE-517 speaks kW.
"""

from hems.field.profile import Limits, Profile, Proof, Serial
from hems.field.profiles.rows import by_function, row

WS100_POINTS = (
    row("line_v", 3, (256,), "u32", 0.001, confidence="B"),
    row("line_a", 3, (258,), "s32", 0.001, confidence="B"),
    row("line_power_w", 3, (260,), "s32"),
    row("frequency_hz", 3, (266,), "u16", 0.1, confidence="B"),
    row("import_wh", 3, (270,), "u32", 0.01),
    row("export_wh", 3, (280,), "u32", 0.01),
)

WS100 = Profile(
    key="bgetech-ws100",
    kind="meter",
    maker="B+G e-tech",
    models=("WS100", "ORNO OR-WE-525", "ORNO OR-WE-526"),
    points=WS100_POINTS,
    variants=(by_function(WS100_POINTS, 4),),
    proof=Proof(quantity="frequency_hz", low=45, high=55),
    limits=Limits(gap_s=0.1),
    serial=Serial(likely=("1200 8N1", "9600 8N1", "9600 8E1")),
)

WE517 = Profile(
    key="orno-we517",
    kind="meter",
    maker="ORNO",
    models=("OR-WE-516", "OR-WE-517", "B+G e-tech DRT428M-2", "B+G e-tech DRT428M-3"),
    points=(
        row("line_v", 3, (14, 16, 18), "f32"),
        row("frequency_hz", 3, (20,), "f32"),
        row("line_a", 3, (22, 24, 26), "f32"),
        row("power_w", 3, (28,), "f32", unit="kW", period_s=10),
        row("line_power_w", 3, (30, 32, 34), "f32", unit="kW"),
        row("import_wh", 3, (264,), "f32"),
        row("export_wh", 3, (272,), "f32"),
    ),
    limits=Limits(holes=True, even=True, gap_s=0.1),
    serial=Serial(likely=("9600 8E1",)),
)
