"""Rows of the energy log, packed: many of them must lie in memory and be looked through at once. Pure.

A row is a run of whole numbers: the minute in which it ends, from how many rows of the log it was made, mean
watts, and totals in Wh at its end, in the order of its `Columns`.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hems.api.energy_slots import MINUTE_S
from hems.api.rows import LogRow
from hems.model.view import Installed

MISSING: Final = -(2**31)
"""What stands where something is not known."""

MOST: Final = 2**31 - 1
GRID, PV, BATTERY = "site.grid", "site.pv", "site.battery"
TOTALS: Final = (
    "site.grid_import",
    "site.grid_export",
    "site.pv",
    "site.battery_charge",
    "site.battery_discharge",
)
ENDS, COUNT, FIGURES = range(3)
Row = Sequence[int]


@dataclass(frozen=True, slots=True)
class Columns:
    """What stands in a row: mean watts and totals by their names in the log."""

    means: tuple[str, ...]
    totals: tuple[str, ...]

    @property
    def width(self) -> int:
        """How long a row is."""
        return FIGURES + len(self.means) + len(self.totals)

    def mean(self, name: str) -> int:
        """Where a mean power stands."""
        return FIGURES + self.means.index(name)

    def total(self, name: str) -> int:
        """Where a total stands."""
        return FIGURES + len(self.means) + self.totals.index(name)


def columns(installed: Installed) -> Columns:
    """What is logged of a house."""
    cars = [f"ev{one.number}" for one in installed.chargers.values()]
    pumps = [f"hp{number}" for number in installed.heat_pumps.values()]
    return Columns(
        (GRID, PV, BATTERY, *cars, *pumps),
        (*TOTALS, *(f"{car}.energy" for car in cars), *(f"{pump}.energy_electrical" for pump in pumps)),
    )


def packed(shape: Columns, row: LogRow) -> Row:
    """One row of the log."""
    mean_w, totals_wh = row.mean_w, row.totals_wh
    return (
        row.end_s // MINUTE_S,
        1,
        *[mean_w.get(name, MISSING) for name in shape.means],
        *[totals_wh.get(name, MISSING) for name in shape.totals],
    )


def together(shape: Columns, rows: Sequence[Row], end_s: int) -> Row:
    """Several rows as one that ends then: means weighed by what they were made of, and the last totals."""
    first_total = FIGURES + len(shape.means)
    means = []
    for at in range(FIGURES, first_total):
        known = [(row[at], row[COUNT]) for row in rows if row[at] != MISSING]
        weight = sum(count for _, count in known)
        means.append(round(sum(mean_w * count for mean_w, count in known) / weight) if weight else MISSING)
    last = [
        next((row[at] for row in reversed(rows) if row[at] != MISSING), MISSING)
        for at in range(first_total, shape.width)
    ]
    return (end_s // MINUTE_S, sum(row[COUNT] for row in rows), *means, *last)


def gathered(shape: Columns, rows: Iterable[Row], ends_s: Iterable[int]) -> list[Row]:
    """Ascending rows by the slots in which they lie, given by their ends; a slot without any has no row."""
    found: list[Row] = []
    waiting = list(rows)
    at = 0
    for end_s in ends_s:
        begin = at
        while at < len(waiting) and waiting[at][ENDS] * MINUTE_S <= end_s:
            at += 1
        if at > begin:
            found.append(together(shape, waiting[begin:at], end_s))
    return found


def flat(rows: Iterable[Row]) -> "array[int]":
    """Rows one after the other; figures beyond any house stay within their room."""
    figures = [figure for row in rows for figure in row]
    try:
        return array("i", figures)
    except OverflowError:
        return array("i", (max(MISSING, min(MOST, figure)) for figure in figures))


def rows_of(shape: Columns, table: "array[int]") -> Iterator[Row]:
    """The rows of such a run."""
    figures = table.tolist()
    return (figures[at : at + shape.width] for at in range(0, len(figures), shape.width))
