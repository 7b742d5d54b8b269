"""ABL eMH1 and eMH2 with the controllers EVCC2 and EVCC3. Confidence A; currents C, active limit B.

Modbus ASCII with a start mark of its own; a wrong request is met with silence. No energy and no power: both
follow from the currents, whose sensor is optional. No fail-safe: the upstream timeout can only be set in the
set-up state, so the last duty cycle stays and a relay is asked for.
The high byte of a block's first word repeats the low byte of its address; the low byte is the state.
Disputed: the order of the three currents (maker 1, 2, 3; drivers L3, L2, L1): the maker's is taken, and the
lines a car on one line loads must be those of the configuration, or its order is turned there.
Disputed: the state is also read at 4 (undocumented): 46 is taken, of the maker's paper.
Disputed: 19200 baud as the default of one driver: 38400 is tried first.
Disputed: ampere times 16.6 instead of 1/0.06: 0.06 A is exact, and the active limit is compared with it.
"""

from hems.field.profile import Limits, Point, Profile, Serial, Write

NO_SENSOR = frozenset({0x03E8})
FULL_DUTY = 0x03E8

EMH = Profile(
    key="abl-emh",
    kind="charger",
    maker="ABL",
    models=("eMH1", "eMH2", "SENEC Wallbox pro"),
    points=(
        Point(quantity="status", function=3, addresses=(46,), wire="u16", unit="raw", mask=0x00FF),
        Point(
            quantity="line_a",
            function=3,
            addresses=(48, 49, 50),
            wire="u16",
            unit="A",
            scale=0.1,
            absent=NO_SENSOR,
            low=0,
            high=80,
            confidence="C",
        ),
        Point(
            quantity="confirmed_a",
            function=3,
            addresses=(18,),
            wire="u16",
            unit="A",
            scale=0.06,
            mask=0x0FFF,
            zeros=frozenset({FULL_DUTY}),
            low=0,
            high=80,
            period_s=10,
            confidence="B",
        ),
    ),
    limits=Limits(max_read=8, whole=((15, 19), (46, 50))),
    serial=Serial(
        framing="ascii",
        bauds=(38400, 19200),
        framings=("8E1",),
        likely=("38400 8E1", "19200 8E1"),
        units=tuple(range(1, 17)),
        answer_start=">",
        low_address_echo=True,
        wake_after_s=1,
    ),
    statuses={
        0xA1: "A",
        0xB1: "B",
        0xB2: "B",
        0xC2: "C",
        0xC3: "C",
        0xC4: "C",
        0xE0: "E",
        0xE1: "E",
        0xE2: "E",
        0xE3: "E",
        0xF1: "F",
        0xF2: "F",
        0xF3: "F",
        0xF4: "F",
        0xF5: "F",
        0xF6: "F",
        0xF7: "F",
        0xF8: "F",
        0xF9: "F",
        0xFA: "F",
        0xFB: "F",
    },
    write=Write(
        function=16,
        address=20,
        scale_a=0.06,
        step_a=0.06,
        min_a=6,
        max_a=32,
        refresh_s=30,
        zero=FULL_DUTY,
    ),
    # 44 changes the unit id.
    never=frozenset({44}),
)
