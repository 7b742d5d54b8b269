"""An installation in words: BUS-58."""

from dataclasses import replace

from msgspec import structs

from hems.describe import describe, installed, plan, remarks
from hems.field.budget import Pace
from hems.field.profile import ONCE, Profile
from hems.field.profiles import PROFILES
from hems.model.site import Bus, Charger, Charging, HeatPump, Meter, Operator, Relay, SgReady, Site, Vehicle
from tests.field.houses import CAR, CARPORT, GARAGE, GRID, PUMP, PV, house
from tests.field.test_budget import PLAIN_PUMP, known
from tests.test_wired import whole


def test_the_plan_of_a_bus_in_words() -> None:
    text = plan(house(GRID, CAR, GARAGE, PUMP), known(PLAIN_PUMP))
    assert text[0] == "a  9600 8N1  silence 3.65 ms  echo auto"
    assert text[1].split() == ["each", "tick", "grid", "eastron-sdm630", "@1", "fc4", "6+12", "66", "ms"]
    assert text[3].split() == ["garage", "evse-wb", "@2", "fc3", "1000+4", "49", "ms"]
    slow = next(row for row in text if "slow" in row)
    assert slow.split()[:2] == ["slow", "grid"]
    assert slow.endswith("ms / 10 s")
    assert "  writes     garage 1000 47 ms / 10 s" in text
    assert text[-1].startswith("  load ")
    assert text[-1].endswith("%  reaction 1.34 s (limit 2.0 s); 1.64 s if one device is dead")


def test_what_is_also_read_after_each_write_is_told() -> None:
    """BUS-46, 58: it is part of the reaction."""
    box = Charger(name="box", number=1, bus="a", unit=7, profile="heidelberg-energy-control")
    after = [row for row in plan(house(GRID, box), PROFILES) if row.endswith(" / 10 s and after writes")]
    assert [row.split()[4] for row in after] == ["261+1"]


def test_several_chargers_have_a_reaction_each() -> None:
    text = plan(house(GRID, GARAGE, CARPORT), PROFILES)
    assert (
        "reaction 1.47 s (garage 1.32 s, carport 1.47 s) (limit 2.0 s); 1.77 s if one device is dead"
        in text[-1]
    )


def test_the_meters_own_age_is_in_the_reaction() -> None:
    """BUS-57"""
    old = replace(PROFILES["eastron-sdm630"], refresh_s=0.5)
    assert "reaction 1.27 s" in plan(house(GRID, GARAGE), PROFILES)[-1]
    assert "reaction 1.77 s" in plan(house(GRID, GARAGE), known(old))[-1]


def test_a_line_without_chargers_has_no_reaction() -> None:
    buses = (
        Bus(name="a", port="p", echo="no"),
        Bus(name="b", port="q", framing="ascii", baud=38400, parity="E"),
    )
    second = HeatPump(name="second", number=2, bus="a", unit=4, profile="lambda-eul", module=2)
    text = plan(house(GRID, PUMP, second, buses=buses), known(PLAIN_PUMP))
    assert text[0].endswith("echo no")
    assert not any("reaction" in row or "writes" in row for row in text)
    assert text[-2].startswith("b  38400 8E1")
    assert text[-2].endswith("silence 1.75 ms  echo auto")


def test_a_published_map_is_told_by_offsets_and_once_by_its_name() -> None:
    inverter = PROFILES["sunspec"]
    power = replace(next(p for p in inverter.points if p.quantity == "power_w"), period_s=ONCE)
    mixed = replace(inverter, points=(power,))
    text = plan(house(GRID, PV), known(mixed), {"pv": Pace(answer_s=0.12)})
    (row,) = [row.split() for row in text if "sunspec" in row]
    assert row == ["pv", "sunspec", "@5", "fc3", "+14+2", "145", "ms", "once"]


def _remarks(*changed: Profile, pump: bool = True) -> list[str]:
    config = house(GRID, GARAGE, *([PUMP] if pump else []))
    return list(remarks(config, known(*changed)))


def test_what_is_less_than_certain_is_remarked() -> None:
    """Profiles with one source, doubtful rows, and the age of the meter's own values (BUS-57)."""
    found = _remarks(PLAIN_PUMP)
    assert "pump: lambda-eul is known from one source" in [one.split(";")[0] for one in found]
    assert (
        "grid: the age of the values of eastron-sdm630 is not known; the reaction takes them as new" in found
    )
    evse = PROFILES["evse-wb"]
    unsure = replace(evse, points=tuple(replace(point, confidence="C") for point in evse.points[:2]))
    sure = replace(PROFILES["eastron-sdm630"], refresh_s=0.25)
    found = _remarks(unsure, sure, pump=False)
    assert found == [
        "garage: evse-wb: to be verified on the device: confirmed_a, status",
        "grid: the age of the values of eastron-sdm630 may be 0.25 s, which is in the reaction",
    ]
    assert _remarks(replace(evse, confidence="C"), pump=False)[0] == "garage: evse-wb is doubtful as a whole"


def test_reads_that_cannot_be_told_apart_by_shape_are_remarked() -> None:
    """BUS-32"""
    second = HeatPump(name="second", number=2, bus="a", unit=4, profile="lambda-eul", module=2)
    found = list(remarks(house(GRID, PUMP, second), known(PLAIN_PUMP)))
    assert "pump and second: reads of one shape; after a timeout the same one is asked again first" in found


def test_devices_remarks_and_warnings_on_one_page() -> None:
    reversed_car = structs.replace(CAR, mounted="reversed")
    held = structs.replace(GARAGE, relay="garage")
    config = structs.replace(
        house(GRID, reversed_car, held, PUMP, buses=(Bus(name="a", port="/dev/ttyUSB0"),)),
        relays=(Relay(name="garage", pin=17),),
    )
    assert installed(config) == [
        "house, UTC, main fuse L1 25 A, L2 25 A, L3 25 A",
        "meter    grid       eastron-sdm630 @1 on a: grid",
        "meter    car        eastron-sdm72dm-v2 @3 on a: charger of garage, reversed",
        "charger  garage     evse-wb @2 on a: ev1, 6..16 A on L1 L2 L3, relay garage opens when it does "
        "not answer",
        "surplus  garage     a car on 3 lines starts with 2070 W left over for 60 s, stops after 180 s of "
        "less or 30 Wh bought",
        "pump     pump       lambda-eul @4 on a: hp1",
        "relay    garage     GPIO 17, de-energised = garage does not charge",
        "display  none",
    ]
    text = describe(config, known(PLAIN_PUMP))
    assert any(row.startswith("remark: grid: the age of") for row in text)
    assert text[-2].startswith("warning: ")
    assert text[-1] == "no mistake found, 2 warnings"
    troubled = describe(config, known(PLAIN_PUMP), troubles=["api.tls: it stays closed"])
    assert troubled[-2:] == ["warning: api.tls: it stays closed", "no mistake found, 3 warnings"]
    assert describe(house(GRID, PUMP, buses=(Bus(name="a", port="/dev/ptmx"),)), known(PLAIN_PUMP))[-1] in (
        "no mistake found, no warnings",
        "no mistake found, one warning",
    )
    assert installed(house(GRID, GARAGE))[2].endswith("no relay")


def test_circuits_cars_loads_contacts_and_the_operator_in_words() -> None:
    """CHG-30, 35, 36, 50, 101: what each wire means while nothing drives it."""
    config = structs.replace(
        whole(),
        site=Site(
            name="Home",
            time_zone="UTC",
            main_fuse_a=(25, 25, 25),
            power_limit_w=9_000,
            imbalance_a=20,
            billing="per_line",
        ),
        relays=(*whole().relays, Relay(name="spare", pin=26)),
    )
    assert [row for row in installed(config) if not row.startswith("display")] == [
        "Home, UTC, main fuse L1 25 A, L2 25 A, L3 25 A, import at most 9000 W, charging pulls lines at most "
        "20 A apart, billed line by line",
        "meter    grid       eastron-sdm630 @1 on a: grid",
        "meter    annex      eastron-sdm630 @8 on a: circuit annex",
        "circuit  annex      L1 20 A, L2 20 A, L3 20 A, behind the main fuse, measured by annex",
        "circuit  yard       L1 16 A, L2 16 A, L3 no limit, behind annex, no meter: only its chargers are "
        "reckoned with",
        "charger  garage     evse-wb @2 on a: ev1, 6..16 A on L1 L2 L3, relay k1 opens when it does not "
        "answer, tested every month, one line by relay k2, circuit yard",
        "surplus  garage     a car on one line starts with 690 W left over for 60 s, stops after 180 s of "
        "less or 30 Wh bought",
        "car      zoe        50 kWh, up to 32 A on 3 lines, mostly at garage",
        "pump     pump       lambda-eul @4 on a: hp1",
        "sg-ready heat       k4 locks, k5 recommends from 3000 W left over, never forced, seen as pump",
        "load     boiler     2000 W on L1 L2 L3, relay k3, switched off before cars are, as number 1",
        "operator contact    dim open = 4200 W for one car or heat pump, 7560 W for all 2 together, own "
        "surplus on top",
        "relay    k1         GPIO 17, de-energised = garage does not charge",
        "relay    k2         GPIO 5, de-energised = garage on L1 only",
        "relay    k3         GPIO 6, de-energised = boiler off",
        "relay    k4         GPIO 7, both de-energised = heat normal",
        "relay    k5         GPIO 8, both de-energised = heat normal",
        "relay    spare      GPIO 26, not used",
        "contact  dim        GPIO 22, open = limited by the grid operator",
        "contact  hc         GPIO 23, tells the tariff period",
    ]


def test_a_little_less_in_words() -> None:
    config = structs.replace(
        whole(),
        vehicles=(Vehicle(name="up", capacity_wh=16_000, max_a=16, lines=1),),
        heat_pumps=(structs.replace(whole().heat_pumps[0], surplus="negative"),),
        sg_ready=(SgReady(name="heat", relays=("k4", "k5"), forced_w=6_000),),
        operator=Operator(source="api"),
    )
    text = installed(config)
    assert "car      up         16 kWh, up to 16 A on one line" in text
    assert "pump     pump       lambda-eul @4 on a: hp1, told its surplus (negative)" in text
    assert "sg-ready heat       k4 locks, k5 recommends from 3000 W left over, from 6000 W both force" in text
    assert (
        "operator api        a message = 4200 W for one car or heat pump, 10500 W for all 3 together, "
        "own surplus on top" in text
    )
    alone = structs.replace(config, heat_pumps=(), sg_ready=())
    assert "operator api        a message = 4200 W for one car or heat pump" in installed(alone)
    on_off = structs.replace(whole().chargers[0], fallback="on_off", fallback_a=8)
    (row,) = [row for row in installed(structs.replace(config, chargers=(on_off,))) if "charger " in row[:8]]
    assert "relay k1 switches 8 A on and off while it does not answer" in row


def test_a_battery_says_who_comes_first() -> None:
    """CHG-12"""
    store = Meter(name="store", bus="a", unit=9, profile="sunspec", role="battery")
    config = structs.replace(whole(), meters=(*whole().meters, store))
    assert "battery  store      its charging counts as surplus from 90 %" in installed(config)
    shared = Charging(battery_priority_pct=50, battery_buffer_pct=90)
    assert (
        "battery  store      its charging counts as surplus from 90 %, comes first below 50 %, "
        "cars come first above 90 %" in installed(structs.replace(config, charging=shared))
    )
    support = structs.replace(shared, battery_support_w=1000)
    (row,) = [row for row in installed(structs.replace(config, charging=support)) if row[:7] == "battery"]
    assert row.endswith(" cars come first above 90 % and may draw 1000 W from it")
