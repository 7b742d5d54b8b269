"""Signs by role and mounting, lines by rotation: BUS-62."""

from typing import get_args

import pytest

from hems.field.decoding import Sample
from hems.field.profile import Quantity
from hems.field.profiles import PROFILES
from hems.field.readings import battery_reading, charger_reading, heat_pump_reading, meter_reading
from hems.model.site import Charger, Meter

SDM = PROFILES["eastron-sdm630"]
SUNSPEC = PROFILES["sunspec"]
BOX = PROFILES["heidelberg-energy-control"]


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
    reading = battery_reading(meter, SDM, samples(power_w=(100,), level_pct=(55.5,)))
    assert reading is not None
    assert reading.level_pct == 55.5
    assert battery_reading(meter, SDM, {}) is None


CHARGER = Charger(name="c", number=1, bus="a", unit=2, profile=BOX.key, lines=("L2", "L3", "L1"))


def test_a_charger_measures_itself_on_its_own_lines() -> None:
    reading = charger_reading(
        CHARGER,
        BOX,
        samples(status=(6,), line_a=(9.5, 0, 1), power_w=(2400,), total_wh=(77,), confirmed_a=(10,)),
        None,
    )
    assert reading is not None
    assert reading.status == "C"
    assert reading.line_a == (1.0, 9.5, 0.0)
    assert (reading.power_w, reading.total_wh, reading.confirmed_a) == (2400, 77, 10)
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
    assert heat_pump_reading({}) is None
    reading = heat_pump_reading(samples(operating_state=(5,)))
    assert reading is not None
    assert (reading.operating_state, reading.machine_state, reading.power_w) == (5, None, None)


def test_a_meter_is_as_old_as_its_oldest_current() -> None:
    """A current that was refused as implausible must not look fresh beside a fresh power."""
    meter = Meter(name="g", bus="a", unit=1, profile=SDM.key, role="grid")
    mixed = {**BLOCK, "line_a": Sample((5, 6, 7), 8.0)}
    reading = meter_reading(meter, SDM, mixed)
    assert reading is not None
    assert reading.at_mono_s == 8.0
