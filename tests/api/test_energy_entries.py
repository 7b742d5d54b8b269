"""Entries of the energy log."""

from hems.api.energy_entries import balance_entry, of_things, thing_entries, thing_entry
from hems.api.energy_rows import columns, packed
from hems.api.thing_ids import thing_id
from hems.journal.rows import Row
from tests.api.thing_house import IDENTITY, INSTALLED

SHAPE = columns(INSTALLED)
MEAN_W = {"site.grid": -500, "site.pv": 3000, "site.battery": -800, "ev1": 1400, "hp1": 300}
TOTALS_WH = {
    "site.grid_import": 10_000,
    "site.grid_export": 4_000,
    "site.pv": 20_001,
    "site.battery_charge": 3_000,
    "site.battery_discharge": 2_000,
    "ev1.energy": 5_555,
    "hp1.energy_electrical": 7,
}
ROW = packed(SHAPE, Row(900, MEAN_W, TOTALS_WH))


def test_the_balance_of_a_slot() -> None:
    """API-90, API-91: what is used is positive, what the sun gives and the battery returns is negative."""
    assert balance_entry(SHAPE)(ROW) == {
        "timestamp": 900,
        "consumption": 1700.0,
        "production": -3000.0,
        "acquisition": -500.0,
        "storage": 800.0,
        "totalConsumption": 25.001,
        "totalProduction": 20.001,
        "totalAcquisition": 10.0,
        "totalReturn": 4.0,
    }


def test_consumption_follows_from_the_others() -> None:
    """API-90: acquisition + |production| - storage."""
    entry = balance_entry(SHAPE)(ROW)
    assert entry is not None
    assert entry["consumption"] == entry["acquisition"] + abs(entry["production"]) - entry["storage"]


def test_a_slot_without_the_grid_is_missing() -> None:
    """API-91: never 0 W; an inverter that sleeps gave nothing."""
    assert balance_entry(SHAPE)(packed(SHAPE, Row(900, {"site.pv": 1}, {}))) is None
    night = balance_entry(SHAPE)(packed(SHAPE, Row(900, {"site.grid": 400}, {})))
    assert night is not None
    assert (night["consumption"], night["production"], night["totalConsumption"]) == (400.0, 0.0, 0.0)


def test_entries_of_things() -> None:
    """API-91."""
    found = {one["thingId"]: one for one in thing_entries(of_things(SHAPE, INSTALLED, IDENTITY), ROW)}
    told = {
        name: tuple(found[thing_id(IDENTITY, name)].values())[2:]
        for name in ("grid", "roof", "cell", "garage", "pump")
    }
    assert told == {
        "grid": (-500.0, 10.0, 4.0),
        "roof": (-3000.0, 0.0, 20.001),
        "cell": (800.0, 3.0, 2.0),
        "garage": (1400.0, 5.555, 0.0),
        "pump": (300.0, 0.007, 0.0),
    }
    assert len(found) == 5


def test_a_thing_that_was_not_heard_of_has_no_entry() -> None:
    """API-91."""
    carport = next(
        one for one in of_things(SHAPE, INSTALLED, IDENTITY) if one.id == thing_id(IDENTITY, "carport")
    )
    assert thing_entry(carport, ROW) is None
