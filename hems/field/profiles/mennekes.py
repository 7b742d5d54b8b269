"""Mennekes AMTRON Compact 2.0s, Start 2.0s and 4You 300. Confidence A.

Heartbeat, release and limit belong together: the limit is honoured only while the heartbeat runs, and 0 A is
never told (0 means "no limit" in specification V2.0): the release blocks, whatever some drivers write.
Fail-safe: 0 means that a loss is ignored, 1 that charging pauses. 1850 exists from layout 1.0.3 on: an older
one refuses it, is never ready and gets no current.
Disputed: the word order of floats: high first, then low first, until the current of the hardware lies in
6..32 A; the limit is told in the order that was proved.
Disputed: the unit id (50 or 1) and the speed: the search tries all of them.
"""

from dataclasses import replace

from hems.field.profile import (
    ONCE,
    Heartbeat,
    Limits,
    Point,
    Profile,
    Proof,
    Release,
    Serial,
    Setup,
    Variant,
    Watchdog,
    Write,
)

FLOATS = (
    Point(
        quantity="line_a",
        function=3,
        addresses=(1280, 1282, 1284),
        wire="f32",
        unit="A",
        low=0,
        high=80,
    ),
    Point(
        quantity="power_w",
        function=3,
        addresses=(1298,),
        wire="f32",
        unit="W",
        positive="draw",
        low=0,
        high=50_000,
        period_s=2,
    ),
    Point(quantity="total_wh", function=3, addresses=(4096,), wire="f32", unit="kWh", low=0, period_s=30),
    Point(
        quantity="confirmed_a",
        function=3,
        addresses=(770,),
        wire="f32",
        unit="A",
        low=0,
        high=80,
        period_s=10,
    ),
    Point(
        quantity="hardware_max_a",
        function=3,
        addresses=(774,),
        wire="f32",
        unit="A",
        low=6,
        high=32,
        period_s=ONCE,
    ),
)
TOLD = Write(
    function=16,
    address=770,
    wire="f32",
    scale_a=1,
    step_a=0.1,
    min_a=6,
    max_a=32,
    refresh_s=5,
    pace_s=5,
    release=Release(function=6, address=3333),
)

AMTRON_COMPACT = Profile(
    key="mennekes-amtron-compact",
    kind="charger",
    maker="Mennekes",
    models=("AMTRON Compact 2.0s", "AMTRON Start 2.0s", "AMTRON 4You 300", "Kostal ENECTOR"),
    points=(
        Point(quantity="status", function=3, addresses=(256,), wire="u16", unit="raw"),
        *FLOATS,
        Point(quantity="released", function=3, addresses=(3333,), wire="u16", unit="raw", period_s=10),
    ),
    proof=Proof(quantity="hardware_max_a", low=6, high=32),
    variants=(
        Variant(
            what="low word first",
            points=tuple(replace(point, order="L") for point in FLOATS),
            write=replace(TOLD, order="L"),
        ),
    ),
    limits=Limits(max_read=6),
    serial=Serial(likely=("57600 8N2", "9600 8N2"), units=(50, 11, 12, 13, 14, 1)),
    statuses={1: "A", 2: "B", 3: "B", 4: "B", 5: "C", 6: "F"},
    write=TOLD,
    heartbeats=(Heartbeat(function=6, address=3328, value=0x55AA, every_s=5),),
    setup=(
        Setup(
            what="fail-safe current",
            function=6,
            address=1850,
            fail_safe_scale_a=1,
            fail_safe_zero=1,
            stored=True,
        ),
    ),
    watchdog=Watchdog(timeout_s=10, fed_by="heartbeat"),
)
