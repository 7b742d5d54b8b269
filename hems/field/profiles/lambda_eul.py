"""Lambda EU-L and Zewotherm heat pumps. Confidence B; that it speaks RTU at all is claimed once (C).

State registers go raw to the counters, which own their rules. Power at 1012 is the newer of two disputed
places (103 before firmware 1.1.3). The 32-bit totals are left out until their word order is proved at run
time: it depends on the firmware.
"""

from hems.field.profile import Limits, Point, Profile

EU_L = Profile(
    key="lambda-eul",
    kind="heat_pump",
    maker="Lambda Wärmepumpen",
    models=("EU08L", "EU13L", "EU15L", "EU20L", "EU35L"),
    points=(
        Point(quantity="machine_state", function=3, addresses=(1002,), wire="u16", unit="raw", period_s=2),
        Point(quantity="operating_state", function=3, addresses=(1003,), wire="u16", unit="raw", period_s=2),
        Point(
            quantity="compressor_rating", function=3, addresses=(1010,), wire="u16", unit="raw", period_s=2
        ),
        Point(
            quantity="power_w",
            function=3,
            addresses=(1012,),
            wire="s16",
            unit="W",
            positive="draw",
            low=-1_000,
            high=32_000,
            period_s=2,
        ),
    ),
    limits=Limits(holes=True, answer_max_s=0.6),
    module_stride=100,
)
