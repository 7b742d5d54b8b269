"""LG Therma V, R32 and R290. Confidence A; the power is doubtful (C): not on all models, and reads high.

The cycle of the outdoor unit tells heating from cooling, two bits tell defrost and hot water, a third whether
the compressor turns. External control drops after 30..60 s without a request; it is read every 2 s.
Disputed: the maker's page swaps the names of functions 3 and 4: 4 reads inputs.
"""

from hems.field.profile import Limits, Point, Profile, Serial

THERMA_V = Profile(
    key="lg-therma-v",
    kind="heat_pump",
    maker="LG",
    models=("Therma V R32", "Therma V R290"),
    points=(
        Point(quantity="operating_state", function=4, addresses=(1,), wire="u16", unit="raw", period_s=2),
        Point(quantity="compressor_rating", function=2, addresses=(3,), wire="bool", unit="raw", period_s=2),
        Point(quantity="defrosting", function=2, addresses=(4,), wire="bool", unit="raw", period_s=2),
        Point(quantity="hot_water", function=2, addresses=(5,), wire="bool", unit="raw", period_s=2),
        Point(
            quantity="power_w",
            function=4,
            addresses=(35,),
            wire="u16",
            unit="W",
            positive="draw",
            absent=frozenset({0xFFFF}),
            low=0,
            high=32_000,
            period_s=2,
            confidence="C",
        ),
    ),
    limits=Limits(max_read=25),
    serial=Serial(units=(33,)),
    operating={0: 0, 1: 3, 2: 1},
)
