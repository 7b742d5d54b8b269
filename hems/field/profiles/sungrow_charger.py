"""Sungrow AC007, AC011E-01 and AC22E-01. Confidence B: one source.

It wants to be read every 30 s to stay online, which every tick does. No fail-safe: the last current stays, so
a relay is asked for.
Disputed (C): a count of 21202 is 0.1 A in the source's code and 0.01 A in its comment: 0.1 A is taken. Were
it 0.01 A, a tenth would be told: no car charges, nothing is overloaded.
"""

from hems.field.profile import Limits, Point, Profile, Release, Serial, Setup, Write

AC011E = Profile(
    key="sungrow-ac011e",
    kind="charger",
    maker="Sungrow",
    models=("AC007", "AC011E-01", "AC22E-01"),
    points=(
        Point(quantity="status", function=4, addresses=(21316,), wire="u16", unit="raw", confidence="B"),
        # The registers between are voltages.
        Point(
            quantity="line_a",
            function=4,
            addresses=(21302, 21304, 21306),
            wire="u16",
            unit="A",
            scale=0.1,
            absent=frozenset({0xFFFF}),
            low=0,
            high=80,
            confidence="B",
        ),
        Point(
            quantity="power_w",
            function=4,
            addresses=(21307,),
            wire="u32",
            unit="W",
            order="L",
            positive="draw",
            absent=frozenset({0xFFFFFFFF}),
            low=0,
            high=50_000,
            period_s=2,
            confidence="B",
        ),
        Point(
            quantity="total_wh",
            function=4,
            addresses=(21299,),
            wire="u32",
            unit="Wh",
            order="L",
            absent=frozenset({0xFFFFFFFF}),
            period_s=30,
            confidence="B",
        ),
        Point(
            quantity="confirmed_a",
            function=3,
            addresses=(21202,),
            wire="u16",
            unit="A",
            scale=0.1,
            low=0,
            high=80,
            period_s=10,
            confidence="C",
        ),
        # 0 starts, 1 stops.
        Point(
            quantity="released",
            function=3,
            addresses=(21211,),
            wire="u16",
            unit="raw",
            period_s=10,
            confidence="B",
        ),
    ),
    confidence="B",
    limits=Limits(),
    serial=Serial(units=(248,)),
    statuses={1: "A", 2: "B", 3: "C", 4: "B", 5: "B", 6: "B", 9: "F"},
    write=Write(
        function=6,
        address=21202,
        scale_a=0.1,
        step_a=0.1,
        min_a=6,
        max_a=32,
        refresh_s=30,
        release=Release(function=6, address=21211, on=0, off=1),
    ),
    setup=(Setup(what="available", function=6, address=21210, value=1),),
)
