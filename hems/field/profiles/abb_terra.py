"""ABB Terra AC from firmware 1.6.5. Confidence A; the timeout's read-back has one source.

0 A pauses. The counter is one of the session, so there is no total: a meter of its own counts better. After
its communication timeout it falls back to a current that is set in the app and cannot be read here: no
promise is built on it, and a relay is asked for.
Disputed: read function 3 (two sources) or 4 (one): tried in this order, the current of the hardware decides.
Disputed: status 3 (C1): taken as C, the IEC meaning; one driver says B.
Disputed: odd behaviour just below 16 A: the active limit is compared with what was told.
"""

from dataclasses import replace

from hems.field.profile import ONCE, Limits, Point, Profile, Proof, Setup, Variant, Write

NOT_THERE = frozenset({0xFFFFFFFF})
POINTS = (
    Point(quantity="status", function=3, addresses=(16396,), wire="u32", unit="raw", mask=0x7F00),
    Point(
        quantity="confirmed_a",
        function=3,
        addresses=(16398,),
        wire="u32",
        unit="A",
        scale=0.001,
        low=0,
        high=80,
    ),
    Point(
        quantity="line_a",
        function=3,
        addresses=(16400, 16402, 16404),
        wire="u32",
        unit="A",
        scale=0.001,
        absent=NOT_THERE,
        low=0,
        high=80,
    ),
    Point(
        quantity="power_w",
        function=3,
        addresses=(16412,),
        wire="u32",
        unit="W",
        positive="draw",
        absent=NOT_THERE,
        low=0,
        high=50_000,
    ),
    Point(
        quantity="hardware_max_a",
        function=3,
        addresses=(16390,),
        wire="u32",
        unit="A",
        scale=0.001,
        absent=NOT_THERE,
        low=6,
        high=80,
        period_s=ONCE,
    ),
)

TERRA_AC = Profile(
    key="abb-terra-ac",
    kind="charger",
    maker="ABB",
    models=("Terra AC",),
    points=POINTS,
    proof=Proof(quantity="hardware_max_a", low=6, high=80),
    variants=(
        Variant(what="read with function 4", points=tuple(replace(point, function=4) for point in POINTS)),
    ),
    # The holes between 16390 and 16417 are voltages.
    limits=Limits(max_read=28, holes=True),
    statuses={0: "A", 1: "B", 2: "B", 3: "C", 4: "C", 5: "F"},
    write=Write(
        function=16,
        address=16640,
        wire="u32",
        scale_a=0.001,
        step_a=0.1,
        min_a=6,
        max_a=32,
        refresh_s=15,
    ),
    setup=(
        Setup(
            what="communication timeout 30 s",
            function=16,
            address=16646,
            value=30,
            read_address=16416,
            read_wire="u32",
            readable=False,
        ),
    ),
    # 16643 locks; 16645 ends the session, and the app may have to enable it again.
    never=frozenset({16643, 16645}),
)
