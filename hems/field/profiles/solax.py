"""SolaX EV chargers X1/X3-EVC and X1/X3-HAC, generations 1 and 2. Confidence A.

The generations differ in the word order of the total energy. No fail-safe: the last current stays, so a relay
is asked for.
Doubtful (C): that the command register keeps the last command; if it does not, the release is never confirmed
and its read-back is reported.
Disputed: the register that chooses one or three phases: none is touched.
"""

from dataclasses import replace

from hems.field.profile import Limits, Point, Profile, Release, Serial, Setup, Write

NOT_THERE = frozenset({0xFFFF})
POINTS = (
    Point(quantity="status", function=4, addresses=(29,), wire="u16", unit="raw"),
    Point(
        quantity="line_a",
        function=4,
        addresses=(4, 5, 6),
        wire="u16",
        unit="A",
        scale=0.01,
        absent=NOT_THERE,
        low=0,
        high=80,
    ),
    Point(
        quantity="power_w",
        function=4,
        addresses=(11,),
        wire="u16",
        unit="W",
        positive="draw",
        absent=NOT_THERE,
        low=0,
        high=50_000,
        period_s=2,
    ),
    Point(
        quantity="confirmed_a",
        function=3,
        addresses=(1576,),
        wire="u16",
        unit="A",
        scale=0.01,
        low=0,
        high=80,
        period_s=10,
    ),
    Point(
        quantity="released",
        function=3,
        addresses=(1575,),
        wire="u16",
        unit="raw",
        period_s=10,
        confidence="C",
    ),
)
TOTAL = Point(
    quantity="total_wh",
    function=4,
    addresses=(16,),
    wire="u32",
    unit="kWh",
    order="L",
    scale=0.1,
    absent=frozenset({0xFFFFFFFF}),
    period_s=30,
)

EVC_G2 = Profile(
    key="solax-evc-g2",
    kind="charger",
    maker="SolaX",
    models=("X1-EVC G2", "X3-EVC G2", "X1-HAC G2", "X3-HAC G2"),
    points=(*POINTS, TOTAL),
    limits=Limits(),
    serial=Serial(units=(70,)),
    statuses={
        0: "A",
        1: "B",
        2: "C",
        3: "B",
        4: "F",
        5: "A",
        7: "B",
        8: "B",
        11: "B",
        12: "B",
        13: "B",
        17: "B",
    },
    write=Write(
        function=6,
        address=1576,
        scale_a=0.01,
        step_a=0.1,
        min_a=6,
        max_a=32,
        refresh_s=30,
        release=Release(function=6, address=1575, on=4, off=3),
    ),
    setup=(Setup(what="use mode fast", function=6, address=1549, value=1),),
)

EVC_G1 = replace(
    EVC_G2,
    key="solax-evc-g1",
    models=("X1-EVC G1", "X3-EVC G1", "X1-HAC G1", "X3-HAC G1"),
    points=(*POINTS, replace(TOTAL, order="H")),
)
