"""ETEK EKEPC2-C and EKEPC2-S charge controllers. Confidence A.

It is told a duty cycle of 0.01 %: ampere times 167. While paused it reports "emergency stop" (19): the level
of the pilot then tells whether a car is plugged in. No fail-safe: the last current stays, so a relay is asked
for.
Its power is that of an optional meter; 0 does not tell a car that rests from a meter that is not fitted, so 0
is not there. One current for all lines (162) says nothing of each.
Disputed (C): the energy at 164 is in Wh or in kWh, as that meter has it: left out; a meter of its own counts.
"""

from hems.field.profile import Limits, Point, Profile, Release, Serial, Write

AMPERE_PER_COUNT = 1 / 167

EKEPC2 = Profile(
    key="etek-ekepc2",
    kind="charger",
    maker="ETEK",
    models=("EKEPC2-C", "EKEPC2-S"),
    points=(
        Point(quantity="status", function=3, addresses=(141,), wire="u16", unit="raw"),
        Point(quantity="pilot", function=3, addresses=(153,), wire="u16", unit="raw"),
        Point(
            quantity="power_w",
            function=3,
            addresses=(163,),
            wire="u16",
            unit="W",
            positive="draw",
            absent=frozenset({0, 0xFFFF}),
            low=0,
            high=50_000,
            period_s=2,
        ),
        Point(
            quantity="confirmed_a",
            function=3,
            addresses=(109,),
            wire="u16",
            unit="A",
            scale=AMPERE_PER_COUNT,
            low=0,
            high=80,
            period_s=10,
        ),
        # 1 starts, 2 stops.
        Point(quantity="released", function=3, addresses=(89,), wire="u16", unit="raw", period_s=10),
    ),
    limits=Limits(),
    serial=Serial(units=(255,)),
    statuses={1: "A", 2: "F", 3: "B", 4: "B", 5: "C", 19: "B"},
    unplugged_below={19: 300},
    write=Write(
        function=6,
        address=109,
        scale_a=AMPERE_PER_COUNT,
        step_a=0.1,
        min_a=6,
        max_a=32,
        refresh_s=30,
        release=Release(function=6, address=89, on=1, off=2),
    ),
)
