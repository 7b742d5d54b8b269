"""SunSpec inverters with integers and scale factors (models 101, 102, 103). Confidence A: the standard.

Addresses are offsets from the model's identity register; where that lies is read from the device. 0xFFFF
(u16) and 0x8000 (s16, scale factors) mean "not implemented", an accumulator of 0 too.
"""

from hems.field.profile import Chain, Limits, Point, Profile

INVERTER = Profile(
    key="sunspec",
    kind="meter",
    maker="SunSpec Alliance members",
    models=("model 101", "model 102", "model 103"),
    points=(
        Point(
            models=(103, 102, 101),
            quantity="line_a",
            function=3,
            addresses=(3, 4, 5),
            wire="u16",
            unit="A",
            scale_at=6,
            absent=frozenset({0xFFFF}),
            low=0,
            high=300,
            period_s=2,
        ),
        Point(
            models=(103, 102, 101),
            quantity="power_w",
            function=3,
            addresses=(14,),
            wire="s16",
            unit="W",
            scale_at=15,
            positive="generate",
            absent=frozenset({0x8000}),
            low=-5_000,
            high=200_000,
            period_s=2,
        ),
        Point(
            models=(103, 102, 101),
            quantity="export_wh",
            function=3,
            addresses=(24,),
            wire="acc32",
            unit="Wh",
            scale_at=26,
            period_s=30,
        ),
    ),
    limits=Limits(holes=True),
    chain=Chain(markers=(40_000, 50_000, 0), lengths={101: 50, 102: 50, 103: 50}),
)
