"""OBO Bettermann Ion and Viridian EPC 2.0. Confidence A; fall-back and hardware current have one source.

Printed numbers 4xxxx are one-based. No metering.
"""

from hems.field.profile import ONCE, Limits, Point, Profile, Release, Serial, Setup, Watchdog, Write

ION = Profile(
    key="obo-ion",
    kind="charger",
    maker="OBO Bettermann / Viridian",
    models=("Ion", "EPC 2.0", "EcoHarmony EVSE controller"),
    points=(
        Point(quantity="status", function=3, addresses=(11,), wire="u16", unit="raw"),
        Point(quantity="released", function=3, addresses=(5,), wire="u16", unit="raw", period_s=10),
        Point(
            quantity="confirmed_a",
            function=3,
            addresses=(6,),
            wire="u16",
            unit="A",
            low=0,
            high=32,
            period_s=10,
        ),
        Point(
            quantity="hardware_max_a",
            function=3,
            addresses=(44,),
            wire="u16",
            unit="A",
            absent=frozenset({0xFFFF}),
            low=6,
            high=80,
            period_s=ONCE,
            confidence="B",
        ),
    ),
    limits=Limits(),
    serial=Serial(likely=("19200 8E1",), units=(101,)),
    statuses={0: "A", 1: "B", 2: "C", 3: "D", 4: "F"},
    write=Write(
        function=6,
        address=6,
        scale_a=1,
        step_a=1,
        min_a=6,
        max_a=32,
        refresh_s=7.5,
        release=Release(function=6, address=5),
    ),
    setup=(
        Setup(what="watchdog 15 s", function=6, address=28, value=15_000),
        Setup(what="fail-safe current", function=6, address=30, fail_safe_scale_a=1),
    ),
    watchdog=Watchdog(timeout_s=15, fed_by="access"),
)
