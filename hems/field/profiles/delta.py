"""Delta AC MAX, connector 1. Confidence B: one source; 8N1 is assumed (C).

It is told watts: 230 V times ampere times its lines. One current for all lines (1007) says nothing of each,
and its counter is one of the session: a meter of its own measures better.
Doubtful: a fail-safe power of 0 W may leave it without power until its cable is pulled. 0 W is told all the
same where the installation wants it to stop: no current is the safe side; its status tells.
"""

from hems.field.profile import Limits, Point, Profile, Release, Serial, Setup, Watchdog, Write

NOT_THERE = frozenset({0xFFFFFFFF})

AC_MAX = Profile(
    key="delta-ac-max",
    kind="charger",
    maker="Delta Electronics",
    models=("AC MAX basic", "AC MAX smart"),
    points=(
        Point(quantity="status", function=4, addresses=(1001,), wire="u16", unit="raw", confidence="B"),
        Point(
            quantity="power_w",
            function=4,
            addresses=(1005,),
            wire="u32",
            unit="W",
            positive="draw",
            absent=NOT_THERE,
            low=0,
            high=50_000,
            confidence="B",
        ),
        # In watts, as it is told.
        Point(
            quantity="confirmed_a",
            function=3,
            addresses=(1600,),
            wire="u32",
            unit="W",
            low=0,
            high=50_000,
            period_s=10,
            confidence="B",
        ),
        # 0 charges, 1 suspends.
        Point(
            quantity="released",
            function=3,
            addresses=(1602,),
            wire="u16",
            unit="raw",
            period_s=10,
            confidence="B",
        ),
    ),
    confidence="B",
    limits=Limits(),
    serial=Serial(likely=("115200 8N1",)),
    statuses={0: "A", 1: "B", 2: "B", 3: "C", 4: "B", 5: "B", 6: "B", 7: "B"},
    write=Write(
        function=16,
        address=1600,
        wire="u32",
        scale_a=1,
        step_a=0.1,
        min_a=6,
        max_a=32,
        refresh_s=7.5,
        volts=230,
        release=Release(function=16, address=1602, on=0, off=1),
    ),
    setup=(
        Setup(what="watchdog 15 s", function=16, address=202, value=15),
        Setup(what="fail-safe power", function=16, address=203, wire="u32", fail_safe_scale_a=1, volts=230),
        Setup(what="watchdog on", function=16, address=201, value=1),
    ),
    watchdog=Watchdog(timeout_s=15, fed_by="access"),
)
