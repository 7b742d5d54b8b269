"""Samsung EHS through the interface MIM-B19N. Confidence A.

Without a mapping of its own it says what is switched on, not what runs: heating and cooling count while the
circuit is on in that mode, an automatic mode tells neither. Whether the compressor turns and whether hot
water is made it does not say, nor any power: a meter of its own measures.
Disputed: values with mapped addresses (flow): none is used.
"""

from hems.field.profile import Limits, Point, Profile, Serial

COOLING, HEATING = 0x0001_0001, 0x0001_0004

MIM_B19N = Profile(
    key="samsung-mim-b19n",
    kind="heat_pump",
    maker="Samsung",
    models=("MIM-B19N", "MIM-B19NT"),
    points=(
        # 52 is on or off, 53 the mode: read as one number.
        Point(quantity="operating_state", function=3, addresses=(52,), wire="u32", unit="raw", period_s=2),
        Point(quantity="defrosting", function=3, addresses=(2,), wire="u16", unit="raw", period_s=2),
    ),
    limits=Limits(gap_s=0.1),
    serial=Serial(likely=("9600 8E1",), units=(1, 2)),
    operating={0: 0, 1: 0, 4: 0, COOLING: 3, HEATING: 1},
)
