"""Every counter under its flat key, and what there is to say about each total."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from hems.core.counting import GRID_IMPORT, CountRules
from hems.core.coverage import coverage_pct
from hems.core.cycles import COMPRESSOR_START, STANDBY, PumpRules
from hems.core.energy import UNATTRIBUTED
from hems.core.origin import GRID, UNKNOWN
from hems.core.periods import roll
from hems.model.instant import Instant
from hems.model.ledger import Counter, Ledger, State

Sensor = Literal["cycling_total", "energy_total", "session_total", "contact_total", "observed"]
Figures = dict[str, int | float | None]

KINDS: Final = ("electrical", "thermal")
COP_PARTS: Final = ("heating", "hot_water", "cooling", "all")
HOME_SOURCES: Final = (GRID_IMPORT, "pv", "battery_discharge")
HOME_SINKS: Final = ("grid_export", "battery_charge")
TOTAL: Final = "total"


@dataclass(frozen=True, slots=True)
class Row:
    """A counter, what kind of total it is, and the number of its heat pump if it has one.

    Observed seconds are not shown themselves but as a coverage.
    """

    name: str
    sensor: Sensor
    hp_index: int | None = None


def rows(rules: CountRules) -> Iterator[Row]:
    """Every counter that the rules have a row for."""
    for number, pump in rules.pumps.items():
        for name, sensor in _pump_rows(pump):
            yield Row(f"hp{number}.{name}", sensor, number)
    for quantity in rules.totals:
        yield Row(f"site.{quantity}.all", "energy_total")
    if GRID_IMPORT in rules.totals:
        for name in _grid_rows(rules):
            yield Row(f"site.{name}", "energy_total")
        yield Row("site.observed_s", "observed")
    for number in rules.chargers:
        for part in car_parts(rules):
            yield Row(f"ev{number}.energy.{part}", "energy_total")
        for name in ("cost.all", "sessions", "charge_time_s"):
            yield Row(f"ev{number}.{name}", "session_total")
        yield Row(f"ev{number}.contactor", "contact_total")
    for name in rules.contacts:
        yield Row(f"relay.{name}", "contact_total")


def names(rules: CountRules) -> Iterator[str]:
    """The name of every counter that the rules have a row for."""
    return (row.name for row in rows(rules))


def car_parts(rules: CountRules) -> tuple[str, ...]:
    """What a car's energy is booked to."""
    tariffs = (f"{GRID}{tariff}" for tariff in rules.tariffs)
    return ("all", "solar", "battery", *tariffs, UNKNOWN, UNATTRIBUTED)


def read(rules: CountRules, state: State, now: Instant, offsets: Mapping[str, int] | None = None) -> Figures:
    """Every counter under its flat key, as of `now`; windows are rolled in a copy.

    `offsets` are added to the totals they name, and to nothing else.
    """
    ledger = roll(rules.periods, state.ledger, now)
    figures: Figures = {}
    for row in rows(rules):
        if row.sensor != "observed":
            _show(rules, ledger, row.name, figures)
    for number in rules.pumps:
        for part in COP_PARTS:
            _show_cop(rules, f"hp{number}", part, figures)
        _show_coverage(rules, ledger, f"hp{number}", now, figures)
    if GRID_IMPORT in rules.totals:
        _show_coverage(rules, ledger, "site", now, figures)
        _show_home(rules, ledger, figures)
    if offsets:
        for row in rows(rules):
            key = f"{row.name}.{TOTAL}"
            shown = figures.get(key)
            if shown is not None and key in offsets:
                figures[key] = shown + offsets[key]
    return figures


def attributes(
    rules: CountRules, state: State, now: Instant, offsets: Mapping[str, int] | None = None
) -> dict[str, dict[str, object]]:
    """What there is to say about every total, by its flat key."""
    counters = roll(rules.periods, state.ledger, now).counters
    told: dict[str, dict[str, object]] = {}
    for row in rows(rules):
        if row.sensor == "observed":
            continue
        counter = counters.get(row.name, Counter())
        key = f"{row.name}.{TOTAL}"
        told[key] = {
            "yesterday_value": counter.previous.get("yesterday", 0),
            "hp_index": row.hp_index,
            "sensor_type": row.sensor,
            "applied_offset": (offsets or {}).get(key, 0),
            "since": counter.since,
        }
    return told


def _pump_rows(pump: PumpRules) -> Iterator[tuple[str, Sensor]]:
    modes = [mode.name for mode in pump.modes]
    for name in (*modes, COMPRESSOR_START):
        yield name, "cycling_total"
    for kind in KINDS:
        for part in (*modes, STANDBY, UNATTRIBUTED, "all"):
            yield f"energy_{kind}.{part}", "energy_total"
    yield "run_time_s", "cycling_total"
    yield "observed_s", "observed"


def _grid_rows(rules: CountRules) -> Iterator[str]:
    for part in (*rules.tariffs, UNATTRIBUTED):
        yield f"{GRID_IMPORT}.{part}"
    for part in ("all", *rules.tariffs):
        yield f"grid_cost.{part}"
    yield "grid_unpriced.all"


def _show(rules: CountRules, ledger: Ledger, name: str, figures: Figures) -> None:
    counter = ledger.counters.get(name, NOTHING)
    figures[f"{name}.{TOTAL}"] = counter.total
    for period in rules.periods:
        figures[f"{name}.{period.name}"] = counter.windows.get(period.name, 0) + counter.limbo
        if period.previous:
            figures[f"{name}.{period.previous}"] = counter.previous.get(period.previous, 0)


NOTHING: Final = Counter()


def _spans(rules: CountRules) -> Iterator[str]:
    """What is shown besides the total: open windows and what closed ones handed over."""
    for period in rules.periods:
        yield period.name
        if period.previous:
            yield period.previous


def _show_cop(rules: CountRules, owner: str, part: str, figures: Figures) -> None:
    for span in (TOTAL, *_spans(rules)):
        electrical_wh = figures.get(f"{owner}.energy_electrical.{part}.{span}") or 0
        thermal_wh = figures.get(f"{owner}.energy_thermal.{part}.{span}") or 0
        cop = round(thermal_wh / electrical_wh, 2) if electrical_wh > 0 else None
        figures[f"{owner}.cop.{part}.{span}"] = cop


def _show_coverage(rules: CountRules, ledger: Ledger, owner: str, now: Instant, figures: Figures) -> None:
    counter = ledger.counters.get(f"{owner}.observed_s", NOTHING)
    for span, share in coverage_pct(rules.periods, counter, now).items():
        figures[f"{owner}.coverage_pct.{span}"] = share


def _show_home(rules: CountRules, ledger: Ledger, figures: Figures) -> None:
    """What the rest of the house used, derived; unknown while a term was never read."""
    plus = [f"site.{quantity}" for quantity in HOME_SOURCES if quantity in rules.totals]
    minus = [f"site.{quantity}" for quantity in HOME_SINKS if quantity in rules.totals]
    minus += [f"ev{number}.energy" for number in rules.chargers]
    minus += [f"hp{number}.energy_electrical" for number in rules.pumps]
    known = all(source in ledger.last for source in (*plus, *minus))
    for span in _spans(rules):
        used_wh = sum(figures[f"{source}.all.{span}"] or 0 for source in plus)
        used_wh -= sum(figures[f"{source}.all.{span}"] or 0 for source in minus)
        figures[f"site.home.all.{span}"] = used_wh if known else None
