"""An installation in words: BUS-58."""

from dataclasses import replace

from msgspec import structs

from hems.describe import describe, installed, plan, remarks
from hems.field.budget import Pace
from hems.field.profile import ONCE, Profile
from hems.field.profiles import PROFILES
from hems.model.site import Bus, Charger, HeatPump, Operator, Relay, SgReady, Site, Vehicle
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
    assert "grid: how old eastron-sdm630's own values may be: not known, and not in the reaction" in found
    evse = PROFILES["evse-wb"]
    unsure = replace(evse, points=tuple(replace(point, confidence="C") for point in evse.points[:2]))
    sure = replace(PROFILES["eastron-sdm630"], refresh_s=0.25)
    found = _remarks(unsure, sure, pump=False)
    assert found == [
        "garage: evse-wb: to be verified on the device: confirmed_a, status",
        "grid: how old eastron-sdm630's own values may be: 0.25 s of the reaction",
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
        "charger  garage     evse-wb @2 on a: ev1, 6..16 A on L1 L2 L3, relay garage, stop",
        "pump     pump       lambda-eul @4 on a: hp1",
        "relay    garage     GPIO 17, de-energised = no charging",
        "display  none",
    ]
    text = describe(config, known(PLAIN_PUMP))
    assert any(row.startswith("remark: grid: how old") for row in text)
    assert text[-1].startswith("warning: ")
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
    assert [row for row in installed(config) if not row.startswith(("contact", "display"))] == [
        "Home, UTC, main fuse L1 25 A, L2 25 A, L3 25 A, import at most 9000 W, lines at most 20 A apart, "
        "billed line by line",
        "meter    grid       eastron-sdm630 @1 on a: grid",
        "meter    annex      eastron-sdm630 @8 on a: circuit annex",
        "circuit  annex      L1 20 A, L2 20 A, L3 20 A, behind the main fuse, measured by annex",
        "circuit  yard       L1 16 A, L2 16 A, L3 no limit, behind annex, no meter: only its chargers are "
        "reckoned with",
        "charger  garage     evse-wb @2 on a: ev1, 6..16 A on L1 L2 L3, relay k1, stop, tested every month, "
        "one line by relay k2, circuit yard",
        "car      zoe        50000 Wh, up to 32 A on 3 lines, mostly at garage",
        "pump     pump       lambda-eul @4 on a: hp1",
        "sg-ready heat       relays k4 and k5, recommended from 3000 W, seen as pump",
        "load     boiler     relay k3, 2000 W on L1 L2 L3, shed as number 1",
        "operator contact    dim open = 4200 W for one device",
        "relay    k1         GPIO 17, de-energised = no charging",
        "relay    k2         GPIO 5, de-energised = garage on one line",
        "relay    k3         GPIO 6, de-energised = boiler off",
        "relay    k4         GPIO 7, both de-energised = heat normal",
        "relay    k5         GPIO 8, both de-energised = heat normal",
        "relay    spare      GPIO 26, not used",
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
    assert "car      up         16000 Wh, up to 16 A on one line" in text
    assert "pump     pump       lambda-eul @4 on a: hp1, told its surplus (negative)" in text
    assert "sg-ready heat       relays k4 and k5, recommended from 3000 W, forced from 6000 W" in text
    assert "operator api        a message = 4200 W for one device" in text
