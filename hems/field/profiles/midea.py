"""Midea M-Thermal Arctic, R290 and R32, through its wired controller. Confidence A.

The power at 150 is that of heating; cooling and hot water have registers of their own (181, 185).
Disputed by model: a count of energy is 0.01 kWh on R290 and 1 kWh on others: 0.01 kWh is taken; on
others the totals are a hundredth of the truth, which the power shows.
Disputed: code 5 (hot water) belongs to the operation mode at 199, not to the mode that is set.
"""

from hems.field.profile import Limits, Point, Profile

NOT_FITTED = frozenset({0xFFFF})

M_THERMAL = Profile(
    key="midea-m-thermal",
    kind="heat_pump",
    maker="Midea",
    models=("M-Thermal Arctic R290", "M-Thermal Arctic R32", "Kaisai", "Hyundai", "Rotenso"),
    points=(
        Point(quantity="operating_state", function=3, addresses=(199,), wire="u16", unit="raw", period_s=2),
        Point(
            quantity="defrosting",
            function=3,
            addresses=(128,),
            wire="u16",
            unit="raw",
            mask=1 << 1,
            period_s=2,
        ),
        # In Hz.
        Point(
            quantity="compressor_rating",
            function=3,
            addresses=(100,),
            wire="u16",
            unit="raw",
            absent=NOT_FITTED,
            period_s=2,
        ),
        Point(
            quantity="power_w",
            function=3,
            addresses=(150,),
            wire="u16",
            unit="kW",
            scale=0.01,
            positive="draw",
            absent=NOT_FITTED,
            low=0,
            high=32_000,
            period_s=2,
        ),
        Point(
            quantity="electric_wh",
            function=3,
            addresses=(143,),
            wire="u32",
            unit="kWh",
            scale=0.01,
            absent=frozenset({0xFFFFFFFF}),
            period_s=30,
        ),
        Point(
            quantity="thermal_wh",
            function=3,
            addresses=(145,),
            wire="u32",
            unit="kWh",
            scale=0.01,
            absent=frozenset({0xFFFFFFFF}),
            period_s=30,
        ),
    ),
    limits=Limits(max_read=100, holes=True, forbidden=((23, 99),), single=((200, 290),)),
    operating={0: 0, 2: 3, 3: 1, 5: 2},
)
