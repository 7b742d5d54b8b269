"""Whether the devices can do what is asked: BUS-8, 47, 57, 64."""

from dataclasses import replace
from typing import Literal

import pytest
from msgspec import structs

from hems.errors import ConfigError
from hems.field import wiring
from hems.field.profile import Heartbeat, Profile, Surplus, Watchdog
from hems.field.profiles import PROFILES
from hems.model.site import Bus, Charger, Config, Device, HeatPump, Meter
from tests.field.houses import CAR, GARAGE, GRID, PUMP, PV, house
from tests.field.test_budget import PLAIN_PUMP

SLOW = Bus(name="a", port="far-end", baud=2400)
BOX = Charger(name="box", number=1, bus="a", unit=2, profile="heidelberg-energy-control")
SDM = PROFILES["eastron-sdm630"]
EVSE = PROFILES["evse-wb"]
FEW = {
    profile.key: profile
    for profile in (
        SDM,
        PROFILES["eastron-sdm72dm-v2"],
        PROFILES["sunspec"],
        PROFILES["sungrow-sh"],
        EVSE,
        PROFILES["heidelberg-energy-control"],
        PLAIN_PUMP,
    )
}


def complaint(config: Config, **changed: Profile) -> str:
    known = {**FEW, **{profile.key: profile for profile in changed.values()}}
    with pytest.raises(ConfigError) as raised:
        wiring.check(config, known)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_the_demo_house_fits() -> None:
    wiring.check(house(GRID, CAR, PV, GARAGE, PUMP), FEW)
    wiring.check(house(GRID, BOX, buses=(Bus(name="a", port="p", baud=19200, parity="E"),)), PROFILES)


@pytest.mark.parametrize(
    ("devices", "words"),
    [
        (
            (Meter(name="g", bus="a", unit=1, profile="sdm", role="grid"),),
            "meter[0].profile: 'sdm' is not known; "
            "known are eastron-sdm630, eastron-sdm72dm-v2, sungrow-sh, sunspec",
        ),
        (
            (GRID, Charger(name="c", number=1, bus="a", unit=2, profile="eastron-sdm630")),
            "charger[0].profile: 'eastron-sdm630' is a meter; "
            "choose one of evse-wb, heidelberg-energy-control",
        ),
        (
            (GRID, HeatPump(name="p", number=1, bus="a", unit=2, profile="evse-wb")),
            "heat_pump[0].profile: 'evse-wb' is a charger; choose one of lambda-eul",
        ),
        (
            (GRID, BOX),
            "charger[0].bus: heidelberg-energy-control speaks 19200 8E1, but bus[0] is 9600 8N1; "
            'give it a line with baud = 19200, parity = "E"',
        ),
        (
            (Meter(name="g", bus="a", unit=1, profile="sungrow-sh", role="grid"),),
            "meter[0].role: sungrow-sh cannot be a grid meter; choose another role or profile",
        ),
        (
            (GRID, Charger(name="c", number=1, bus="a", unit=2, profile="evse-wb")),
            "charger[0].relay: evse-wb keeps charging when this unit stops; "
            "name a relay that disables it, or set accept_no_failsafe = true",
        ),
    ],
)
def test_complaints_begin_with_the_path(devices: tuple[Device, ...], words: str) -> None:
    assert complaint(house(*devices)) == words


def test_currents_beyond_the_device() -> None:
    bus = Bus(name="a", port="p", baud=19200, parity="E")
    high = Charger(name="c", number=1, bus="a", unit=2, profile=BOX.profile, max_a=32)
    assert complaint(house(GRID, high, buses=(bus,))).startswith(
        "charger[0].max_a: 32 A is above the 16 A of"
    )
    write = PROFILES["evse-wb"].write
    assert write is not None
    coarse = replace(PROFILES["evse-wb"], write=replace(write, min_a=8))
    assert complaint(house(GRID, GARAGE), evse=coarse).startswith("charger[0].min_a: 6 A is below the 8 A of")


def test_the_grid_needs_line_currents_in_every_tick() -> None:
    """BUS-65: a meter without them may never guard the fuse."""
    blind = replace(SDM, points=tuple(point for point in SDM.points if point.quantity != "line_a"))
    words = "meter[0].role: eastron-sdm630 does not measure the current of each line; the fuse needs it"
    assert complaint(house(GRID), sdm=blind) == words
    late = replace(
        SDM,
        points=tuple(
            replace(point, period_s=10) if point.quantity == "line_a" else point for point in SDM.points
        ),
    )
    assert complaint(house(GRID), sdm=late) == words
    mute = replace(SDM, points=())
    assert complaint(house(GRID), sdm=mute).startswith("meter[0].role: eastron-sdm630 cannot be a grid meter")


def test_a_charger_that_cannot_be_told() -> None:
    deaf = replace(PROFILES["evse-wb"], write=None)
    assert complaint(house(GRID, GARAGE), evse=deaf) == (
        "charger[0].profile: evse-wb cannot be told a current; choose another"
    )


def test_a_watchdog_must_be_fed_in_time() -> None:
    """BUS-47: refresh_s + 2 ticks within 0.8 of the device's own watchdog."""
    bus = Bus(name="a", port="p", baud=19200, parity="E")
    box = PROFILES["heidelberg-energy-control"]
    by_write = replace(box, watchdog=Watchdog(timeout_s=11.8, fed_by="write"))
    assert complaint(house(GRID, BOX, buses=(bus,)), box=by_write) == (
        "charger[0].profile: heidelberg-energy-control would be refreshed after up to 9.5 s, "
        "too late for its watchdog of 11.8 s; mend the profile"
    )
    wiring.check(
        house(GRID, BOX, buses=(bus,)),
        {**PROFILES, box.key: replace(box, watchdog=Watchdog(timeout_s=12, fed_by="write"))},
    )
    wiring.check(
        house(GRID, BOX, buses=(bus,)),
        {**PROFILES, box.key: replace(box, watchdog=Watchdog(timeout_s=4, fed_by="access"))},
    )


def test_a_reaction_beyond_two_seconds() -> None:
    """BUS-57"""
    chargers = [
        Charger(name=f"c{i}", number=i, bus="a", unit=10 + i, profile="evse-wb", accept_no_failsafe=True)
        for i in range(1, 6)
    ]
    assert complaint(house(GRID, *chargers)) == (
        "bus[0]: the reaction to an overload would take 2.06 s, more than 2.0 s; "
        "raise its speed or move devices to another line"
    )


def test_a_slow_read_without_room() -> None:
    config = house(GRID, PUMP, buses=(SLOW,))
    assert complaint(config) == "bus[0]: no room in a tick to read pump; raise its speed or move devices"


def test_on_off_needs_a_charger_that_knows_its_fixed_current() -> None:
    """CHG-71: one that keeps its last current must not be switched on unheard."""
    switched = structs.replace(GARAGE, fallback="on_off")
    assert complaint(house(GRID, switched)) == (
        "charger[0].fallback: evse-wb cannot be told what to charge with when Modbus is lost; use 'stop'"
    )
    told = structs.replace(BOX, relay="garage", fallback="on_off")
    wiring.check(house(GRID, told, buses=(Bus(name="a", port="p", baud=19200, parity="E"),)), PROFILES)


def test_a_device_of_another_framing_needs_its_own_line() -> None:
    """BUS-8: ASCII and RTU are never mixed, in either direction."""
    typed = replace(EVSE, serial=replace(EVSE.serial, framing="ascii"))
    assert complaint(house(GRID, GARAGE), evse=typed) == (
        'charger[0].bus: evse-wb speaks ASCII, but bus[0] has framing = "rtu"; '
        'give it a line with framing = "ascii"'
    )
    line = Bus(name="a", port="p", framing="ascii")
    assert complaint(house(GRID, GARAGE, buses=(line,)), evse=typed) == (
        'meter[0].bus: eastron-sdm630 speaks RTU, but bus[0] has framing = "ascii"; '
        'give it a line with framing = "rtu", baud = 9600, parity = "N"'
    )
    own = Bus(name="b", port="q", framing="ascii")
    apart = structs.replace(GARAGE, bus="b")
    wiring.check(house(GRID, apart, buses=(Bus(name="a", port="p"), own)), {**FEW, EVSE.key: typed})


def test_a_meter_of_one_line_cannot_guard_three() -> None:
    """CHG-30: what flows on the others would count as nothing."""
    single = replace(
        SDM,
        points=tuple(
            replace(point, addresses=point.addresses[:1]) if len(point.addresses) == 3 else point
            for point in SDM.points
        ),
    )
    assert complaint(house(GRID), sdm=single) == (
        "meter[0].lines: eastron-sdm630 measures 1 of 3 lines; "
        "the fuse needs all three, take a meter for three lines"
    )
    small = replace(PROFILES["eastron-sdm72dm-v2"], points=single.points)
    assert complaint(house(GRID, CAR), small=small) == (
        "meter[1].lines: eastron-sdm72dm-v2 measures 1 of 3 lines; name no more in meter[1].lines"
    )
    one = structs.replace(CAR, lines=("L2",))
    wiring.check(house(GRID, one), {**FEW, small.key: small})


def test_heartbeats_and_watts_are_promises_too() -> None:
    """BUS-47: whatever feeds the watchdog comes within 0.8 of its time, a tick late at both ends."""
    beat = Heartbeat(function=6, address=7, value=1, every_s=5)
    watts = Surplus(function=16, address=102, wire="s16", refresh_s=10)
    slower = replace(beat, address=8, every_s=60)

    def judged(fed_by: Literal["access", "write", "heartbeat"], timeout_s: float, pump: Profile) -> str:
        guarded = replace(pump, watchdog=Watchdog(timeout_s=timeout_s, fed_by=fed_by))
        try:
            wiring.check(house(GRID, PUMP), {**FEW, pump.key: guarded})
        except ConfigError as error:
            return str(error)
        return ""

    words = (
        "heat_pump[0].profile: lambda-eul would be refreshed after up to {} s, too late for its watchdog of"
    )
    beating, told = replace(PLAIN_PUMP, heartbeats=(beat,)), replace(PLAIN_PUMP, surplus=watts)
    assert judged("heartbeat", 10, beating) == ""
    assert judged("heartbeat", 8.7, beating).startswith(words.format(7))
    assert judged("heartbeat", 100, PLAIN_PUMP).startswith(words.format("inf"))
    assert judged("heartbeat", 60, replace(beating, heartbeats=(beat, slower))).startswith(words.format(62))
    assert judged("write", 15, told) == ""
    assert judged("write", 14.9, told).startswith(words.format(12))
    assert judged("write", 100, PLAIN_PUMP).startswith(words.format("inf"))
    assert judged("access", 5, PLAIN_PUMP) == ""
    assert judged("access", 4.9, PLAIN_PUMP).startswith(words.format(4))
    assert judged("access", 100, replace(PLAIN_PUMP, points=())).startswith(words.format("inf"))


def test_a_profile_that_cannot_be_read_within_its_own_limits() -> None:
    """BUS-55, 60: a mistake in the data is told before anything is sent."""
    fenced = replace(SDM, limits=replace(SDM.limits, forbidden=((8, 8),)))
    assert complaint(house(GRID), sdm=fenced) == (
        "bus[0]: eastron-sdm630 does not bear a read of grid; mend the profile"
    )


def test_the_meters_own_age_is_part_of_the_reaction() -> None:
    """BUS-57"""
    old = replace(SDM, refresh_s=0.8)
    assert complaint(house(GRID, GARAGE), sdm=old) == (
        "bus[0]: the reaction to an overload would take 2.07 s, 0.80 s of it the meter's own, "
        "more than 2.0 s; raise its speed or move devices to another line"
    )


def test_fast_reads_that_do_not_end_in_time() -> None:
    """BUS-5: what is not read 0.7 s after the tick began would always be old."""
    meters = [Meter(name=f"m{i}", bus="a", unit=i, profile=SDM.key, role="charger") for i in range(2, 13)]
    assert complaint(house(GRID, *meters)) == (
        "bus[0]: the fast reads of one tick take 0.79 s, more than 0.70 s; "
        "raise its speed or move devices to another line"
    )


def test_a_tick_that_would_overflow() -> None:
    """BUS-56: reads, set-points and heartbeats of one tick end in it."""
    beats = tuple(Heartbeat(function=6, address=i, value=1, every_s=60) for i in range(24))
    beating = replace(PLAIN_PUMP, heartbeats=beats)
    assert complaint(house(GRID, PUMP), pump=beating) == (
        "bus[0]: all reads and writes of one tick take 1.13 s, more than 1.00 s; "
        "raise its speed or move devices to another line"
    )


def test_a_device_of_an_ascii_line_names_every_key_it_needs() -> None:
    """BUS-8"""
    box = Charger(name="box", number=1, bus="a", unit=2, profile="abl-emh")
    with pytest.raises(ConfigError) as raised:
        wiring.check(house(GRID, box), PROFILES)
    assert str(raised.value) == (
        'charger[0].bus: abl-emh speaks ASCII, but bus[0] has framing = "rtu"; '
        'give it a line with framing = "ascii", baud = 38400, parity = "E"'
    )


def test_a_profile_that_is_nearly_right_is_proposed() -> None:
    """Of the device's own kind, a dozen at most."""
    near = Charger(name="c", number=1, bus="a", unit=2, profile="evse-w8")
    many = {f"x{i:02d}": replace(EVSE, key=f"x{i:02d}") for i in range(14)}
    with pytest.raises(ConfigError) as raised:
        wiring.check(house(GRID, near), {**FEW, **many})
    assert str(raised.value) == (
        "charger[0].profile: 'evse-w8' is not known; did you mean evse-wb? known are evse-wb, "
        "heidelberg-energy-control, x00, x01, x02, x03, x04, x05, x06, x07, x08, x09, … and 4 more"
    )


def test_a_pump_that_cannot_be_told_of_surplus_is_not_asked_to_listen() -> None:
    """CHG-100."""
    pump = HeatPump(name="p", number=1, bus="a", unit=4, profile="lg-therma-v", surplus="positive")
    profile = next(one for one in PROFILES.values() if one.kind == "heat_pump" and one.surplus is None)
    told = structs.replace(pump, profile=profile.key)
    assert complaint(house(GRID, told), lg=profile) == (
        f"heat_pump[0].surplus: {profile.key} cannot be told what surplus there is; use 'off'"
    )
    wiring.check(house(GRID, structs.replace(told, surplus="off")), {**FEW, profile.key: profile})


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("eastron-sdm630", ("grid", "pv", "battery", "charger", "circuit")),
        ("eastron-sdm230", ("pv", "battery", "charger")),
        ("sunspec", ("grid", "pv", "battery")),
        ("evse-wb", ()),
        ("lambda-eul", ()),
    ],
)
def test_what_a_product_may_measure(key: str, expected: tuple[str, ...]) -> None:
    """BUS-74: the roles that are proposed for what was found."""
    assert wiring.roles(PROFILES[key]) == expected
