"""Entries of the energy log as nymea has them, whole W and kWh: what stands in a row for whom (API-91)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from hems.api.energy_rows import BATTERY, ENDS, GRID, MISSING, PV, Columns, Row
from hems.api.energy_slots import MINUTE_S
from hems.api.rows import Identity, Result
from hems.api.thing_ids import thing_id
from hems.api.units import WH_PER_KWH
from hems.model.view import Installed

NOWHERE: Final = -1


@dataclass(frozen=True, slots=True)
class OfThing:
    """Where a thing's mean power and totals stand in a row (`NOWHERE` = it has none), and its sign there."""

    id: str
    power: int
    sign: int
    consumed: int
    produced: int


def of_things(shape: Columns, installed: Installed, identity: Identity) -> tuple[OfThing, ...]:
    """Everything that has a power in the log."""

    def at(name: str) -> int:
        return shape.total(name) if name else NOWHERE

    def one(name: str, mean: str, sign: int, consumed: str, produced: str) -> OfThing:
        return OfThing(thing_id(identity, name), shape.mean(mean), sign, at(consumed), at(produced))

    roles = {meter.role: name for name, meter in installed.meters.items()}
    sources = (
        ("grid", GRID, 1, "site.grid_import", "site.grid_export"),
        ("pv", PV, -1, "", "site.pv"),
        ("battery", BATTERY, -1, "site.battery_charge", "site.battery_discharge"),
    )
    return (
        *(
            one(name, mean, sign, consumed, produced)
            for role, mean, sign, consumed, produced in sources
            for known, name in roles.items()
            if known == role
        ),
        *(
            one(name, f"ev{car.number}", 1, f"ev{car.number}.energy", "")
            for name, car in installed.chargers.items()
        ),
        *(
            one(name, f"hp{number}", 1, f"hp{number}.energy_electrical", "")
            for name, number in installed.heat_pumps.items()
        ),
    )


def balance_entry(shape: Columns) -> Callable[[Row], Result | None]:
    """Makes entries of rows; ``None`` where nobody knows what came from the grid.

    What a source gave that was not heard of counts as nothing: inverters sleep at night.
    """
    grid, pv, battery = (shape.mean(name) for name in (GRID, PV, BATTERY))
    imported, exported, produced = (
        shape.total(name) for name in ("site.grid_import", "site.grid_export", "site.pv")
    )
    charged, discharged = (shape.total(f"site.battery_{way}") for way in ("charge", "discharge"))

    def entry(row: Row) -> Result | None:
        acquisition_w = row[grid]
        if acquisition_w == MISSING:
            return None
        if MISSING in row:
            row = [0 if figure == MISSING else figure for figure in row]
        pv_w, battery_w = row[pv], row[battery]
        import_wh, export_wh, made_wh = row[imported], row[exported], row[produced]
        used_wh = import_wh + made_wh + row[discharged] - export_wh - row[charged]
        return {
            "timestamp": row[ENDS] * MINUTE_S,
            "consumption": acquisition_w + pv_w + battery_w,
            "production": -pv_w,
            "acquisition": acquisition_w,
            "storage": -battery_w,
            "totalConsumption": max(0, used_wh) / WH_PER_KWH,
            "totalProduction": made_wh / WH_PER_KWH,
            "totalAcquisition": import_wh / WH_PER_KWH,
            "totalReturn": export_wh / WH_PER_KWH,
        }

    return entry


def thing_entry(of: OfThing, row: Row) -> Result | None:
    """What one thing did; ``None`` where nobody knows."""
    power_w = row[of.power]
    if power_w == MISSING:
        return None
    return {
        "timestamp": row[ENDS] * MINUTE_S,
        "thingId": of.id,
        "currentPower": of.sign * power_w,
        "totalConsumption": _kwh(row, of.consumed),
        "totalProduction": _kwh(row, of.produced),
    }


def thing_entries(things: tuple[OfThing, ...], row: Row) -> Iterator[Result]:
    """What each of some things did."""
    return (entry for of in things if (entry := thing_entry(of, row)) is not None)


def _kwh(row: Row, at: int) -> float:
    return 0.0 if at == NOWHERE or row[at] == MISSING else row[at] / WH_PER_KWH
