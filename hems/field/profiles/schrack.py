"""Schrack i-CHARGE CION and Smartfox Pro Charger. Confidence A; the current after a start has one source.

The factory's least current is 13 A: lowered to 6 A, as is the current after a start (16 A). No metering. No
fail-safe: the last current stays, so a relay is asked for.
Disputed: the word order of two times, which are not used here.
"""

from hems.field.profile import ONCE, Limits, Point, Profile, Release, Serial, Setup, Write

CION = Profile(
    key="schrack-cion",
    kind="charger",
    maker="Schrack",
    models=("i-CHARGE CION", "Smartfox Pro Charger"),
    points=(
        Point(quantity="status", function=3, addresses=(139,), wire="u16", unit="raw"),
        Point(quantity="released", function=3, addresses=(100,), wire="u16", unit="raw", period_s=10),
        Point(
            quantity="confirmed_a",
            function=3,
            addresses=(101,),
            wire="u16",
            unit="A",
            low=0,
            high=63,
            period_s=10,
        ),
        Point(
            quantity="cable_max_a",
            function=3,
            addresses=(128,),
            wire="u16",
            unit="A",
            # No cable.
            absent=frozenset({0, 0xFFFF}),
            low=6,
            high=63,
            period_s=60,
        ),
        Point(
            quantity="hardware_max_a",
            function=3,
            addresses=(127,),
            wire="u16",
            unit="A",
            absent=frozenset({0xFFFF}),
            low=6,
            high=63,
            period_s=ONCE,
        ),
    ),
    limits=Limits(),
    serial=Serial(likely=("57600 8N1",)),
    # "A" to "D"; "U" is undefined or an error.
    statuses={0x41: "A", 0x42: "B", 0x43: "C", 0x44: "D", 0x55: "F"},
    write=Write(
        function=6,
        address=101,
        scale_a=1,
        step_a=1,
        min_a=6,
        max_a=32,
        refresh_s=30,
        release=Release(function=6, address=100),
    ),
    setup=(
        Setup(what="least current 6 A", function=6, address=507, value=6, stored=True),
        Setup(what="current after a start 6 A", function=6, address=501, value=6, stored=True),
    ),
    # 1000 resets it.
    never=frozenset({1000}),
)
