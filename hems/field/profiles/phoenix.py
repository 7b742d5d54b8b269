"""Phoenix Contact EV Charge Control Basic with RS-485. Confidence A; 24001 and 4000 have one source.

The status is two letters in one register: "A1" is 0x4131; the 2 of "C2" says that the pilot signals. No
metering. No fail-safe: the current stays until it is changed or power is lost, so a relay is asked for.
Disputed: the status is a holding register in the maker's manual, drivers read it with function 4: the first
that gives letters is kept.
Doubtful (C): parity and stop bits are nowhere stated; the search tries 8N1 first.
"""

from hems.field.profile import Limits, Point, Profile, Proof, Release, Serial, Setup, Variant, Write

EV_CC = Profile(
    key="phoenix-ev-cc",
    kind="charger",
    maker="Phoenix Contact",
    models=("EV Charge Control Basic EV-CC-AC1-M3",),
    points=(
        Point(quantity="status", function=3, addresses=(24000,), wire="u16", unit="raw"),
        Point(
            quantity="cable_max_a",
            function=3,
            addresses=(24001,),
            wire="u16",
            unit="A",
            # No cable.
            absent=frozenset({0, 0xFFFF}),
            low=6,
            high=80,
            period_s=60,
            confidence="B",
        ),
        Point(
            quantity="confirmed_a",
            function=3,
            addresses=(22000,),
            wire="u16",
            unit="A",
            low=0,
            high=80,
            period_s=10,
        ),
        Point(quantity="released", function=1, addresses=(20000,), wire="bool", unit="raw", period_s=10),
    ),
    # From "A0" to "F9".
    proof=Proof(quantity="status", low=0x4130, high=0x4639),
    variants=(
        Variant(
            what="status by function 4",
            points=(Point(quantity="status", function=4, addresses=(24000,), wire="u16", unit="raw"),),
        ),
    ),
    limits=Limits(),
    serial=Serial(bauds=(9600, 19200), likely=("9600 8N1", "19200 8N1")),
    statuses={
        0x4131: "A",
        0x4231: "B",
        0x4232: "B",
        0x4331: "C",
        0x4332: "C",
        0x4431: "D",
        0x4432: "D",
        0x4530: "E",
        0x4630: "F",
    },
    write=Write(
        function=6,
        address=22000,
        scale_a=1,
        step_a=1,
        min_a=6,
        max_a=63,
        refresh_s=30,
        release=Release(function=5, address=20000),
    ),
    setup=(Setup(what="released by coil 20000", function=6, address=4000, value=3, stored=True),),
    # 21000 restarts it.
    never=frozenset({21000}),
)
