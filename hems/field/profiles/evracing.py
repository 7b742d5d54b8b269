"""EVRacing EVSE-WB and EVSE-DIN charge controllers. Confidence A; 1001, 1003 and 2000 have one source each.

No watchdog: the last current stays until it is changed or power is lost, so a relay is asked for. No
metering. State 4 (ventilation) is disputed: taken as D, the IEC meaning.
"""

from hems.field.profile import Limits, Point, Profile, Serial, Setup, Write

EVSE_WB = Profile(
    key="evse-wb",
    kind="charger",
    maker="EVRacing",
    models=("EVSE-WB", "EVSE-DIN", "EVSE one"),
    points=(
        Point(quantity="confirmed_a", function=3, addresses=(1000,), wire="u16", unit="A", low=0, high=80),
        Point(quantity="status", function=3, addresses=(1002,), wire="u16", unit="raw"),
        Point(
            quantity="cable_max_a",
            function=3,
            addresses=(1003,),
            wire="u16",
            unit="A",
            # No cable code read, or no cable.
            absent=frozenset({0}),
            low=1,
            high=80,
        ),
    ),
    limits=Limits(max_read=11, holes=True, gap_s=0.1),
    serial=Serial(units=(1, 2)),
    statuses={1: "A", 2: "B", 3: "C", 4: "D", 5: "F"},
    write=Write(function=16, address=1000, scale_a=1, step_a=1, min_a=6, max_a=80, refresh_s=10),
    setup=(
        Setup(what="current after boot 0 A", function=16, address=2000, value=0, stored=True),
        # Bit 7 would make a count of 1000 mean 0.01 A instead of 1 A.
        Setup(
            what="whole ampere",
            function=16,
            address=2005,
            value=0,
            mask=1 << 7,
            stored=True,
            rest_s=1,
        ),
    ),
    # 2001 = 0 switches Modbus off for good.
    never=frozenset({2001}),
)
