"""Signs by role and mounting, lines by rotation: BUS-62."""

from dataclasses import replace
from typing import Literal, get_args

import pytest

from hems.field.decoding import Sample
from hems.field.profile import Point, Positive, Profile, Quantity
from hems.field.profiles import PROFILES
from hems.field.readings import (
    DIRECTION,
    OTHER,
    battery_reading,
    charger_reading,
    heat_pump_reading,
    meter_reading,
    status,
)
from hems.model.site import Charger, Meter

SDM = PROFILES["eastron-sdm630"]
SUNSPEC = PROFILES["sunspec"]
BOX = PROFILES["heidelberg-energy-control"]
PUMP = PROFILES["lambda-eul"]


def samples(**found: tuple[float, ...]) -> dict[Quantity, Sample]:
    times = {"import_wh": 7.0, "export_wh": 6.0, "total_wh": 5.0}
    made: dict[Quantity, Sample] = {}
    for quantity in get_args(Quantity):
        if quantity in found:
            made[quantity] = Sample(found[quantity], times.get(quantity, 10.0))
    return made


BLOCK = samples(
    line_a=(5, 6, 7), line_power_w=(1000, -1200, 1500), import_wh=(9000,), export_wh=(4000,), line_v=(1, 2, 3)
)


def test_grid_imports_positive_and_currents_take_the_sign_of_their_line() -> None:
    meter = Meter(name="g", bus="a", unit=1, profile=SDM.key, role="grid")
    reading = meter_reading(meter, SDM, BLOCK)
    assert reading is not None
    assert reading.power_w == 1300
    assert reading.line_power_w == (1000.0, -1200.0, 1500.0)
    assert reading.line_a == (5.0, -6.0, 7.0)
    assert (reading.import_wh, reading.export_wh) == (9000, 4000)
    assert (reading.at_mono_s, reading.totals_mono_s) == (10.0, 6.0)


def test_mounted_reversed_turns_power_and_swaps_totals() -> None:
    meter = Meter(name="g", bus="a", unit=1, profile=SDM.key, role="grid", mounted="reversed")
    reading = meter_reading(meter, SDM, BLOCK)
    assert reading is not None
    assert reading.line_power_w == (-1000.0, 1200.0, -1500.0)
    assert reading.line_a == (-5.0, 6.0, -7.0)
    assert (reading.import_wh, reading.export_wh) == (4000, 9000)


@pytest.mark.parametrize(("key", "mounted"), [(SDM.key, "reversed"), ("goodwe-et", "normal")])
def test_a_line_without_power_imports_its_current_however_the_meter_counts(key: str, mounted: str) -> None:
    """No power has no sign: where it turns, 0 W must not make 5 A an export."""
    meter = Meter(
        name="g",
        bus="a",
        unit=1,
        profile=key,
        role="grid",
        mounted="reversed" if mounted == "reversed" else "normal",
    )
    for power in ("line_power_w", "power_w"):
        idle = samples(**{power: (0.0,) * 3, "line_a": (5.0, 5.0, 5.0)})
        reading = meter_reading(meter, PROFILES[key], idle)
        assert reading is not None
        assert reading.line_a == (5.0, 5.0, 5.0)
        assert str(reading.power_w) == "0.0"


def test_currents_of_a_grid_meter_without_line_powers_are_import() -> None:
    """The total says nothing about a line: L1 may import 40 A while the house exports."""
    found = samples(power_w=(3000.0,), line_a=(40.0, 25.0, 30.0))
    profile = PROFILES["goodwe-et"]
    reading = meter_reading(
        Meter(name="g", bus="a", unit=1, profile=profile.key, role="grid"), profile, found
    )
    assert reading is not None
    assert reading.power_w < 0
    assert reading.line_a == (40.0, 25.0, 30.0)


def test_rotation_maps_the_devices_lines_to_the_sites() -> None:
    meter = Meter(name="g", bus="a", unit=1, profile=SDM.key, role="grid", lines=("L3", "L1", "L2"))
    reading = meter_reading(meter, SDM, BLOCK)
    assert reading is not None
    assert reading.line_a == (-6.0, 7.0, 5.0)
    assert reading.line_v == (2.0, 3.0, 1.0)
    single = Meter(name="g", bus="a", unit=1, profile=SDM.key, role="charger", charger="c", lines=("L2",))
    reading = meter_reading(single, SDM, BLOCK)
    assert reading is not None
    assert reading.line_power_w == (0.0, 1000.0, 0.0)
    assert reading.power_w == 1000


@pytest.mark.parametrize(("mounted", "power_w"), [("normal", -1300), ("reversed", 1300)])
def test_an_import_meter_in_the_pv_branch_turns(mounted: str, power_w: float) -> None:
    meter = Meter(
        name="p",
        bus="a",
        unit=1,
        profile=SDM.key,
        role="pv",
        mounted="normal" if mounted == "normal" else "reversed",
    )
    reading = meter_reading(meter, SDM, BLOCK)
    assert reading is not None
    assert reading.power_w == power_w


def test_an_inverter_generates_positive_and_its_total_is_exported() -> None:
    meter = Meter(name="p", bus="a", unit=1, profile=SUNSPEC.key, role="pv")
    reading = meter_reading(meter, SUNSPEC, samples(power_w=(-40,), line_a=(1, 2, 3), export_wh=(5,)))
    assert reading is not None
    assert reading.power_w == -40
    assert reading.line_a == (-1.0, -2.0, -3.0)
    assert (reading.import_wh, reading.export_wh, reading.line_power_w) == (None, 5, None)
    assert meter_reading(meter, SUNSPEC, samples(line_a=(1, 2, 3))) is None


def test_a_battery_discharges_positive() -> None:
    meter = Meter(name="b", bus="a", unit=1, profile=SDM.key, role="battery")
    reading = battery_reading(meter, SDM, BLOCK)
    assert reading is not None
    assert (reading.power_w, reading.level_pct) == (-1300, None)
    assert (reading.charge_wh, reading.discharge_wh, reading.totals_mono_s) == (9000, 4000, 6.0)
    reading = battery_reading(meter, SDM, samples(power_w=(100,), level_pct=(55.5,)))
    assert reading is not None
    assert reading.level_pct == 55.5
    assert battery_reading(meter, SDM, {}) is None


CHARGER = Charger(name="c", number=1, bus="a", unit=2, profile=BOX.key, lines=("L2", "L3", "L1"))


def test_a_charger_measures_itself_on_its_own_lines() -> None:
    reading = charger_reading(
        CHARGER,
        BOX,
        samples(status=(6,), line_a=(9.5, 0, 1), power_w=(2400,), total_wh=(77,)),
        None,
    )
    assert reading is not None
    assert reading.status == "C"
    assert reading.line_a == (1.0, 9.5, 0.0)
    assert (reading.power_w, reading.total_wh) == (2400, 77)
    assert (reading.at_mono_s, reading.measured_mono_s, reading.total_mono_s) == (10.0, 10.0, 5.0)


def test_a_meter_of_its_own_is_believed_first() -> None:
    meter = Meter(name="m", bus="a", unit=3, profile=SDM.key, role="charger", charger="c")
    metered = meter_reading(meter, SDM, BLOCK)
    reading = charger_reading(CHARGER, BOX, samples(status=(99,), line_a=(1, 1, 1)), metered)
    assert reading is not None
    assert (reading.status, reading.total_mono_s) == (None, 6.0)
    assert (reading.line_a, reading.power_w, reading.total_wh) == ((5, -6, 7), 1300, 9000)


def test_without_a_status_there_is_no_charger() -> None:
    assert charger_reading(CHARGER, BOX, samples(line_a=(1, 1, 1)), None) is None
    reading = charger_reading(CHARGER, BOX, samples(status=(2,)), None)
    assert reading is not None
    assert (reading.line_a, reading.measured_mono_s) == (None, None)


@pytest.mark.parametrize(
    ("found", "status"),
    [
        ({"status": (19,), "pilot": (299,)}, "A"),
        ({"status": (19,), "pilot": (300,)}, "B"),
        ({"status": (19,)}, None),
        ({"status": (5,), "pilot": (0,)}, "C"),
    ],
)
def test_the_pilot_tells_whether_a_paused_car_is_plugged_in(
    found: dict[str, tuple[float, ...]], status: str | None
) -> None:
    """BUS-64: only where the code alone does not tell."""
    reading = charger_reading(CHARGER, PROFILES["etek-ekepc2"], samples(**found), None)
    assert reading is not None
    assert reading.status == status


def test_a_heat_pump_hands_over_raw_codes() -> None:
    assert heat_pump_reading(PUMP, {}) is None
    reading = heat_pump_reading(PUMP, samples(operating_state=(5,)))
    assert reading is not None
    assert (reading.operating_state, reading.machine_state, reading.power_w) == (5, None, None)


def test_a_meter_is_as_old_as_its_oldest_current() -> None:
    """A current that was refused as implausible must not look fresh beside a fresh power."""
    meter = Meter(name="g", bus="a", unit=1, profile=SDM.key, role="grid")
    mixed = {**BLOCK, "line_a": Sample((5, 6, 7), 8.0)}
    reading = meter_reading(meter, SDM, mixed)
    assert reading is not None
    assert reading.at_mono_s == 8.0


def plain(positive: Positive, *quantities: Quantity) -> Profile:
    points = tuple(
        Point(quantity=quantity, function=3, addresses=(0,), wire="s16", unit="W", positive=positive)
        for quantity in quantities
    )
    return Profile(key="x", kind="meter", maker="x", models=("x",), points=points)


@pytest.mark.parametrize(("positive", "role"), sorted(DIRECTION))
def test_every_direction_turns_to_that_of_its_role(positive: Positive, role: str) -> None:
    """BUS-62: loads and the grid are positive when they draw, sources when they feed."""
    roles: dict[str, Literal["grid", "pv", "battery", "charger", "circuit"]] = {
        "grid": "grid", "pv": "pv", "battery": "battery", "charger": "charger", "circuit": "circuit"
    }  # fmt: skip
    meter = Meter(name="m", bus="a", unit=1, profile="x", role=roles[role], lines=("L2",))
    reading = meter_reading(meter, plain(positive, "power_w"), samples(power_w=(100,), line_a=(2,)))
    assert reading is not None
    feeds = positive in ("generate", "discharge", "export")
    assert reading.power_w == (100 if feeds == (role in ("pv", "battery")) else -100)
    assert reading.line_power_w == (0.0, reading.power_w, 0.0)
    assert reading.line_a == (0.0 if reading.power_w > 0 else -0.0, 2.0 if reading.power_w > 0 else -2.0, 0.0)
    turned = meter_reading(
        Meter(name="m", bus="a", unit=1, profile="x", role=roles[role], mounted="reversed"),
        plain(positive, "power_w"),
        samples(power_w=(100,)),
    )
    assert turned is not None
    assert (turned.power_w, turned.line_power_w, turned.line_a) == (-reading.power_w, None, None)


def test_a_battery_says_its_level() -> None:
    meter = Meter(name="b", bus="a", unit=1, profile="x", role="battery")
    reading = battery_reading(meter, plain("charge", "power_w"), samples(power_w=(500,), level_pct=(81,)))
    assert reading is not None
    assert (reading.power_w, reading.level_pct) == (-500, 81)


def test_one_current_of_a_charger_on_three_lines_says_nothing_of_a_line() -> None:
    found = samples(status=(6,), line_a=(9.5,), line_power_w=(700, 800, 900))
    reading = charger_reading(CHARGER, BOX, found, None)
    assert reading is not None
    assert (reading.line_a, reading.power_w, reading.measured_mono_s) == (None, 2400, 10.0)
    single = Charger(name="c", number=1, bus="a", unit=2, profile=BOX.key, lines=("L3",))
    reading = charger_reading(single, BOX, found, None)
    assert reading is not None
    assert reading.line_a == (0.0, 0.0, 9.5)


def test_a_status_may_hang_on_the_pilot() -> None:
    box = replace(BOX, statuses={1: "B"}, unplugged_below={1: 50.0})
    assert status(box, {}) is None
    assert status(box, samples(status=(1,))) is None
    assert status(box, samples(status=(1,), pilot=(49,))) == "A"
    assert status(box, samples(status=(1,), pilot=(50,))) == "B"
    assert status(box, samples(status=(2,), pilot=(49,))) is None


def test_totals_whose_word_order_is_unknown_come_as_their_registers() -> None:
    """CNT-59"""
    reading = heat_pump_reading(
        PUMP, samples(operating_state=(1,), electric_wh=(1.0, 2.0), thermal_wh=(7.0, 65_535.0))
    )
    assert reading is not None
    assert (reading.electric_words, reading.thermal_words) == ((1, 2), (7, 65_535))
    assert (reading.electric_wh, reading.thermal_wh) == (None, None)
    plain_ = heat_pump_reading(
        PUMP, {**samples(electric_wh=(5.0,)), "thermal_wh": Sample((9.0,), 4.0)}
    )  # fmt: skip
    assert plain_ is not None
    assert (plain_.electric_wh, plain_.thermal_wh, plain_.electric_words) == (5.0, 9.0, None)
    assert plain_.totals_mono_s == 4.0


def test_a_heat_pump_is_as_old_as_its_state() -> None:
    """Fresh totals must not make an old state look new."""
    reading = heat_pump_reading(PUMP, {**samples(power_w=(5,)), "operating_state": Sample((1,), 3.0)})
    assert reading is not None
    assert reading.at_mono_s == 3.0


@pytest.mark.parametrize(
    ("raw", "defrosting", "hot_water", "code"),
    [
        (0, 0, 0, 0),
        (3, 0, 0, 1),
        (3, 0, 1, 2),
        (0, 0, 1, 0),
        (3, 1, 1, 5),
        (0, 1, 0, 5),
        (7, 0, 0, OTHER),
        (7, 0, 1, 2),
        (None, 0, 1, None),
        (None, 1, 0, 5),
    ],
)
def test_states_and_bits_become_the_codes_that_are_counted(
    raw: int | None, defrosting: int, hot_water: int, code: int | None
) -> None:
    """CNT-1, 20: a state the profile does not know is a real one that counts nothing."""
    pump = replace(PUMP, operating={0: 0, 3: 1})
    found = samples(defrosting=(defrosting,), hot_water=(hot_water,))
    if raw is not None:
        found["operating_state"] = Sample((raw,), 1.0)
    reading = heat_pump_reading(pump, found)
    assert reading is not None
    assert reading.operating_state == code
