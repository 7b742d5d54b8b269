"""Flat keys, COP, the derived house, and what is said of each total (CNT-44, CNT-60, CNT-73)."""

from datetime import UTC

import pytest

from hems.core.count import CountRules, PumpSample, Sample, attributes, fresh, read
from hems.core.energy import TotalRules
from hems.model.instant import Instant
from tests.core.counting import RULES, Counted, berlin

NINE = berlin("2026-11-24 09:00:00")
PERIODS = ("total", "2h", "4h", "daily", "yesterday", "monthly", "yearly")


def expected_keys() -> set[str]:
    """The table of flat keys for two pumps, a site with sun, one charger and one relay."""
    names = []
    for owner in ("hp1", "hp2"):
        names += [f"{owner}.{n}" for n in ("heating", "hot_water", "cooling", "defrost", "compressor_start")]
        names += [
            f"{owner}.energy_{kind}.{part}"
            for kind in ("electrical", "thermal")
            for part in ("heating", "hot_water", "cooling", "defrost", "standby", "unattributed", "all")
        ]
        names += [f"{owner}.cop.{part}" for part in ("heating", "hot_water", "cooling", "all")]
        names += [f"{owner}.run_time_s", f"{owner}.coverage_pct"]
    names += [f"site.grid_import.{part}" for part in ("all", "peak", "off_peak", "unattributed")]
    names += [f"site.grid_cost.{part}" for part in ("all", "peak", "off_peak")]
    names += ["site.grid_unpriced.all", "site.pv.all", "site.home.all", "site.coverage_pct"]
    parts = ("all", "solar", "battery", "grid_peak", "grid_off_peak", "grid_unknown", "unattributed")
    names += [f"ev1.energy.{part}" for part in parts]
    names += ["ev1.cost.all", "ev1.sessions", "ev1.contactor", "ev1.charge_time_s", "relay.k1"]
    without_total = ("coverage_pct", "home.all")
    return {
        f"{name}.{period}"
        for name in names
        for period in PERIODS
        if period != "total" or not name.endswith(without_total)
    }


def test_the_flat_keys_are_those_of_the_table() -> None:
    assert set(read(RULES, fresh(RULES), Instant(0.0, NINE))) == expected_keys()


def test_without_a_grid_meter_there_is_no_house_to_derive() -> None:
    rules = CountRules(contacts=("k1",))
    assert set(read(rules, fresh(rules), Instant(0.0, NINE))) == {f"relay.k1.{period}" for period in PERIODS}


HOUSE = CountRules(
    pumps=dict.fromkeys((1,), next(iter(RULES.pumps.values()))),
    totals=dict.fromkeys(
        ("grid_import", "grid_export", "pv", "battery_charge", "battery_discharge"), TotalRules(29_000.0)
    ),
)


def test_the_house_is_what_is_left() -> None:
    """CNT-73: import + pv + discharge − export − charge − cars − heat pumps; windows only."""
    house = Counted(NINE, HOUSE)
    for n in (0, 1):
        house.take(
            Sample(
                {1: PumpSample(1, electrical_wh=5_000 + 7 * n)},
                {
                    "grid_import": 1_000 + 50 * n,
                    "grid_export": 1_000 + 5 * n,
                    "pv": 1_000 + 20 * n,
                    "battery_charge": 1_000 + 3 * n,
                    "battery_discharge": 1_000 + 4 * n,
                },
            )
        )
        house.wait(30)
    assert house.show("site.home.all") == {
        "2h": 59, "4h": 59, "daily": 59, "yesterday": 0, "monthly": 59, "yearly": 59,
    }  # fmt: skip
    house.go_to(berlin("2026-11-25 09:00:00"))
    assert (house.show("site.home.all")["yesterday"], house.show("site.home.all")["daily"]) == (59, 0)


@pytest.mark.parametrize("missing", ["pv", "battery_charge", "hp1"])
def test_the_house_is_unknown_while_a_term_was_never_read(missing: str) -> None:
    """CNT-73."""
    house = Counted(NINE, HOUSE)
    totals = {quantity: 1_000.0 for quantity in HOUSE.totals if quantity != missing}
    pumps = {} if missing == "hp1" else {1: PumpSample(electrical_wh=1.0)}
    house.take(Sample(pumps, totals))
    assert set(house.show("site.home.all").values()) == {None}


def test_offsets_are_added_to_the_totals_they_name() -> None:
    """CNT-40, INV-8: and change nothing else."""
    house = Counted(NINE)
    for code in (0, 1, 0, 1):
        house.pump(code)
        house.wait(5)
    plain = read(RULES, house.state, house.now)
    offsets = {
        "hp1.heating.total": 1_200,
        "hp9.heating.total": 7,
        "hp1.heating.daily": 5,
        "hp1.cop.all.total": 1,
    }
    shown = read(RULES, house.state, house.now, offsets)
    assert {key: shown[key] for key in shown if shown[key] != plain[key]} == {"hp1.heating.total": 1_202}


def test_every_total_has_its_attributes() -> None:
    """CNT-44."""
    house = Counted(berlin("2026-11-23 09:00:00"))
    house.pump(0)
    house.wait(5)
    house.pump(1)
    house.go_to(NINE)
    told = attributes(RULES, house.state, house.now, {"hp1.heating.total": 12})
    figures = read(RULES, house.state, house.now)
    with_total = {key for key in figures if key.endswith(".total") and ".cop." not in key}
    assert set(told) == with_total
    assert told["hp1.heating.total"] == {
        "yesterday_value": 1,
        "hp_index": 1,
        "sensor_type": "cycling_total",
        "applied_offset": 12,
        "since": berlin("2026-11-23 09:00:00").astimezone(UTC),
    }
    kinds = {key: entry["sensor_type"] for key, entry in told.items()}
    assert kinds["hp2.energy_thermal.all.total"] == kinds["site.pv.all.total"] == "energy_total"
    assert kinds["ev1.sessions.total"] == "session_total"
    assert kinds["ev1.contactor.total"] == kinds["relay.k1.total"] == "contact_total"
    assert told["site.pv.all.total"]["hp_index"] is None
    assert attributes(RULES, house.state, house.now)["hp1.heating.total"]["applied_offset"] == 0
