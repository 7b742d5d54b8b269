"""Configuration and profiles → counting rules."""

from pathlib import Path

import pytest
from msgspec import structs

from hems.config import parse
from hems.counted import counting_rules, wanted_offsets
from hems.errors import ConfigError
from hems.model.site import Charger, Config, Counting, Meter

EXAMPLE = Path(__file__).resolve().parents[1] / "deploy" / "hems.example.toml"


def config(more: str = "") -> Config:
    return parse((EXAMPLE.read_text() + more).encode())


def with_pump(found: Config, **changes: object) -> Config:
    return structs.replace(found, heat_pumps=(structs.replace(found.heat_pumps[0], **changes),))


def test_what_is_installed_is_counted() -> None:
    found = config()
    counting = counting_rules(found)
    assert set(counting.totals) == {"grid_import", "grid_export", "pv"}
    assert counting.charger_numbers == {"garage": 1}
    assert counting.pump_numbers == {"pump": 1}
    assert counting.contacts == ("garage",)
    assert counting.estimated == frozenset()
    assert counting.totals["grid_import"].bound_w == pytest.approx(1.2 * 230 * 75)
    without_sun = structs.replace(found, meters=tuple(meter for meter in found.meters if meter.role != "pv"))
    assert set(counting_rules(without_sun).totals) == {"grid_import", "grid_export"}


def test_a_chosen_figure_arrives() -> None:
    """CNT-19, CNT-56, CNT-59, CNT-70, CNT-76."""
    found = with_pump(config(), electrical_bound_w=6_000, thermal_bound_w=20_000, word_order="low_first")
    found = structs.replace(
        found,
        meters=tuple(structs.replace(meter, bound_w=9_000) for meter in found.meters),
        counting=Counting(observed_gap_s=90, solar_ueur_kwh=80_000, battery_ueur_kwh=120_000),
    )
    counting = counting_rules(found)
    (pump,) = counting.pumps.values()
    assert (pump.electrical.bound_w, pump.thermal.bound_w, pump.word_order) == (6_000, 20_000, "low_first")
    assert {total.bound_w for total in counting.totals.values()} == {9_000}
    assert counting.chargers[1].bound_w == 9_000
    assert (counting.solar_ueur_kwh, counting.battery_ueur_kwh) == (80_000, 120_000)
    assert counting.observed_gap_s == 90


def test_a_battery_has_two_totals() -> None:
    """CNT-71."""
    battery = Meter(name="akku", bus="rs485-a", unit=9, profile="huawei-sun2000", role="battery")
    found = structs.replace(config(), meters=(*config().meters, battery))
    assert {"battery_charge", "battery_discharge"} <= set(counting_rules(found).totals)
    assert counting_rules(found).totals["battery_charge"].step_wh == 10.0


def test_what_has_no_total_is_estimated() -> None:
    """CNT-70: a charger without a meter of its own, and one that only knows its power."""
    plain = Charger(name="garage", number=1, bus="rs485-a", unit=2, profile="evse-wb")
    own = tuple(meter for meter in config().meters if meter.role != "charger")
    found = structs.replace(config(), chargers=(plain,), meters=own)
    assert counting_rules(found).estimated == {"ev1.energy"}
    sun = Meter(name="roof", bus="rs485-a", unit=9, profile="heidelberg-energy-control", role="pv")
    found = structs.replace(found, meters=(own[0], sun))
    assert counting_rules(found).estimated == {"ev1.energy", "site.pv"}


def test_offsets_arrive_in_both_forms_and_a_wrong_one_stops_nothing() -> None:
    """CNT-41, CNT-42."""
    text = '\n"hp1.heating.total" = 1200\nhp1.defrost.total = "many"\n'
    found = config(text + "[cycling_offsets.hp1]\nhot_water_cycling_total = 5\n")
    assert wanted_offsets(found) == {
        "hp1.heating.total": 1200,
        "hp1": {"defrost": {"total": "many"}},
        "cycling_offsets": {"hp1": {"hot_water_cycling_total": 5}},
    }


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ('word_order = "auto"', 'word_order = "odd"', "heat_pump[0].word_order"),
        ("thermal_bound_w = 40000", "thermal_bound_w = 1", "heat_pump[0].thermal_bound_w"),
        ("observed_gap_s = 60", "observed_gap_s = 1", "counting.observed_gap_s"),
    ],
)
def test_a_wrong_parameter_is_named(old: str, new: str, path: str) -> None:
    with pytest.raises(ConfigError, match=path.replace("[", r"\[")):
        parse(EXAMPLE.read_text().replace(old, new, 1).encode())
