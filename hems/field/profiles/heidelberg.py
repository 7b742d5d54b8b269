"""Heidelberg Wallbox Energy Control. Confidence A: the maker's tables of 2020-10-20 and 2021-02-22.

Power and energy are apparent values (VA, VAh), taken for W and Wh here: up to a few per cent high. Until
V1.0.7 register 258 cannot be read; 261 is lost at power-up. State 8 (derating) is disputed: taken as C.
Disputed: the write function (maker FC6, some drivers FC16); FC6 is the safe choice.
"""

from hems.field.profile import Limits, Point, Profile, Serial, Setup, Watchdog, Write

ENERGY_CONTROL = Profile(
    key="heidelberg-energy-control",
    kind="charger",
    maker="Heidelberg / Amperfied",
    models=("Energy Control", "SENEC Wallbox pro s", "Walther-Werke basicEVO PRO"),
    points=(
        Point(quantity="status", function=4, addresses=(5,), wire="u16", unit="raw"),
        Point(
            quantity="line_a",
            function=4,
            addresses=(6, 7, 8),
            wire="u16",
            unit="A",
            scale=0.1,
            low=0,
            high=40,
        ),
        Point(
            quantity="power_w",
            function=4,
            addresses=(14,),
            wire="u16",
            unit="VA",
            positive="draw",
            low=0,
            high=25_000,
        ),
        Point(quantity="total_wh", function=4, addresses=(17,), wire="u32", unit="VAh", period_s=30),
        Point(
            quantity="confirmed_a",
            function=3,
            addresses=(261,),
            wire="u16",
            unit="A",
            scale=0.1,
            low=0,
            high=16,
            period_s=10,
        ),
    ),
    limits=Limits(max_read=17, holes=True, gap_s=0.1),
    serial=Serial(bauds=(19200,), framings=("8E1",), likely=("19200 8E1",), units=tuple(range(1, 17))),
    statuses={
        2: "A",
        3: "A",
        4: "B",
        5: "B",
        6: "C",
        7: "C",
        8: "C",
        9: "E",
        10: "F",
        11: "F",
    },
    write=Write(
        function=6, address=261, scale_a=0.1, step_a=0.1, min_a=6, max_a=16, refresh_s=7.5, pace_s=20
    ),
    # Standby first: a box in standby powers its bus interface down.
    setup=(
        Setup(what="standby off", function=6, address=258, value=4, readable=False, stored=True),
        Setup(what="watchdog 15 s", function=6, address=257, value=15_000, stored=True),
        Setup(what="fail-safe current", function=6, address=262, fail_safe_scale_a=0.1, stored=True),
    ),
    watchdog=Watchdog(timeout_s=15, fed_by="access"),
    sleeps=True,
)
