"""Lambda EU-L and Zewotherm heat pumps. Confidence B; that it speaks RTU at all is claimed once (C).

State registers go raw to the counters, which own their rules.
Disputed: the power lies at 103 before firmware 1.1.3 and at 1012 from then on: 1012 is taken, which every
module has of its own; where it is refused, health says so.
Disputed: the word order of the 32-bit totals, high first before firmware 1.1.3 and low first from then on:
their registers go on as they are, and the order in which they rise like the power is found at run time.
The surplus belongs to the controller, whatever the module; single registers are written with function 16. It
is read back where it was written; what 104 says of it, perhaps what the controller works with, is not known.
"""

from hems.field.profile import Limits, Point, Profile, Surplus

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
        Point(
            quantity="electric_wh",
            function=3,
            addresses=(1020,),
            wire="s32",
            unit="Wh",
            order="?",
            period_s=30,
        ),
        Point(
            quantity="thermal_wh",
            function=3,
            addresses=(1022,),
            wire="s32",
            unit="Wh",
            order="?",
            period_s=30,
            confidence="B",
        ),
    ),
    confidence="B",
    limits=Limits(holes=True, answer_max_s=0.6),
    surplus=Surplus(function=16, address=102, wire="s16", refresh_s=9),
    module_stride=100,
)
