"""What is installed and counted, and what one moment's readings are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from hems.core.coverage import OBSERVED_GAP_S
from hems.core.cycles import PumpRules, PumpSample
from hems.core.energy import TotalRules
from hems.core.periods import PERIODS, Period
from hems.model.snapshot import Status

GRID_IMPORT: Final = "grid_import"


@dataclass(frozen=True, slots=True)
class CountRules:
    """What is installed and counted.

    Owners are numbers, which never change; `pump_numbers` and `charger_numbers` lead from the configured
    names, which may. `totals` are site quantities: grid_import, grid_export, pv, battery_charge,
    battery_discharge. `contacts` are relay names. Two readings at most `observed_gap_s` apart are watched
    time. `estimated` sources have no total of their own and are integrated from power. A car's energy costs
    what the grid does, and the configured price of one's own solar and battery energy.
    """

    periods: tuple[Period, ...] = PERIODS
    pumps: Mapping[int, PumpRules] = field(default_factory=dict)
    totals: Mapping[str, TotalRules] = field(default_factory=dict)
    chargers: Mapping[int, TotalRules] = field(default_factory=dict)
    contacts: tuple[str, ...] = ()
    tariffs: tuple[str, ...] = ("peak", "off_peak")
    observed_gap_s: float = OBSERVED_GAP_S
    estimated: frozenset[str] = frozenset()
    solar_ueur_kwh: int = 0
    battery_ueur_kwh: int = 0
    pump_numbers: Mapping[str, int] = field(default_factory=dict)
    charger_numbers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChargerSample:
    """A charger's status, the total of its meter, its power, and the current of its most loaded line.

    `lines_used` carry more than 1 A. `mode` is what a person chose, `vehicle` who is plugged in if known.
    """

    status: Status | None = None
    total_wh: float | None = None
    power_w: float | None = None
    current_a: float | None = None
    lines_used: int = 0
    mode: str = ""
    vehicle: str = ""


@dataclass(frozen=True, slots=True)
class Flows:
    """The powers of the house at one moment, by the sign rule."""

    pv_w: float | None
    battery_w: float | None
    home_w: float | None
    heat_pump_w: float | None


@dataclass(frozen=True, slots=True)
class Sample:
    """All readings of one moment; what is absent or ``None`` was not read.

    `grid_seen` is true if the grid meter answered, also without its totals.
    """

    pumps: Mapping[int, PumpSample] = field(default_factory=dict)
    totals_wh: Mapping[str, float | None] = field(default_factory=dict)
    chargers: Mapping[int, ChargerSample] = field(default_factory=dict)
    contacts: Mapping[str, bool | None] = field(default_factory=dict)
    flows: Flows | None = None
    tariff: str | None = None
    price_ueur_kwh: int | None = None
    grid_seen: bool = False
