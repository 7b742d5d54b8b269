"""What the wires said: one frozen picture per cycle.

Values keep the monotonic time of their last byte, so that a rule can judge their age itself. ``None`` is
"not there", never zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from hems.model.instant import Instant
from hems.model.plans import OptimizerPlan
from hems.model.settings import SearchMark
from hems.model.units import PerLine

Status = Literal["A", "B", "C", "D", "E", "F"]
"""IEC 61851: A no car, B connected, C charging, D charging with ventilation, E and F fault."""


@dataclass(frozen=True, slots=True)
class MeterReading:
    """A meter's last good fast block, already turned to the sign of its role.

    `line_a` carries the sign of its line's power. Totals are the meter's own, in Wh, read at
    `totals_mono_s` (``None``: together with the block); what a pv meter produced is its `export_wh`.
    """

    at_mono_s: float
    power_w: float
    line_power_w: PerLine | None = None
    line_a: PerLine | None = None
    line_v: PerLine | None = None
    import_wh: float | None = None
    export_wh: float | None = None
    totals_mono_s: float | None = None


@dataclass(frozen=True, slots=True)
class BatteryReading:
    """A house battery: `power_w` > 0 discharges; `level_pct` 0..100 if it says so.

    Totals in Wh are its own, read at `totals_mono_s` (``None``: together with the power).
    """

    at_mono_s: float
    power_w: float
    level_pct: float | None = None
    charge_wh: float | None = None
    discharge_wh: float | None = None
    totals_mono_s: float | None = None


@dataclass(frozen=True, slots=True)
class ChargerReading:
    """A charger's last good answer, and what its command slot knows.

    Lines are the site's, already turned by the configured rotation. `line_a`, `power_w` and `total_wh` come
    from the charger or from a meter of its own and were measured at `measured_mono_s`; the total may be
    older, `total_mono_s` tells when it was read (``None``: with the others). `acknowledged_a` is the last
    set-point whose write was acknowledged and `acknowledged_mono_s` when,
    `confirmed_a` the limit it reports itself. `highest_a` is the
    most it may hold as far as the wire knows (told and perhaps taken, or reported). `unsure` marks a write
    whose effect is not known; `refusals` counts writes in a row that did not take effect. `ready`
    is true once its setup (watchdog, fail-safe) is confirmed. `asleep` marks a charger that fell silent as
    its kind may while no car is plugged in. `lines` is the number of lines it is switched to, as far as
    something says so.
    """

    at_mono_s: float
    status: Status | None = None
    measured_mono_s: float | None = None
    line_a: PerLine | None = None
    power_w: float | None = None
    total_wh: float | None = None
    acknowledged_a: float | None = None
    confirmed_a: float | None = None
    highest_a: float | None = None
    unsure: bool = False
    refusals: int = 0
    ready: bool = True
    asleep: bool = False
    cable_max_a: float | None = None
    total_mono_s: float | None = None
    lines: int | None = None
    acknowledged_mono_s: float | None = None


@dataclass(frozen=True, slots=True)
class HeatPumpReading:
    """A heat pump's last good block: states for the counters, watts for the balance, its own totals.

    Totals in Wh were read at `totals_mono_s`. Where the word order of a total is not known beforehand it
    comes as the pair of registers it was read as instead (`…_words`).
    """

    at_mono_s: float
    operating_state: int | None = None
    machine_state: int | None = None
    compressor_rating: int | None = None
    power_w: float | None = None
    electric_wh: float | None = None
    thermal_wh: float | None = None
    electric_words: tuple[int, int] | None = None
    thermal_words: tuple[int, int] | None = None
    totals_mono_s: float | None = None


@dataclass(frozen=True, slots=True)
class SearchReading:
    """How the last search for devices of this run stands: on which line, whether it has ended.

    `mark` is where it could be taken up again, ``None`` once everybody was asked. `words` say why it ended
    early.
    """

    bus: str
    ended: bool
    mark: SearchMark | None = None
    found: int = 0
    words: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One picture of the house. Devices are keyed by their configured name.

    A device that never answered is absent from its mapping. `relays` is the acknowledged position of each
    relay (true = energised), `contacts` each input (true = closed, ``None`` = unknown). `strange` names the
    values, ``device.quantity``, that are believed outside their range: they are read so again and again.
    `circuits` are the meters of sub-circuits by the circuit's name.
    """

    now: Instant
    grid: MeterReading | None = None
    pv: MeterReading | None = None
    battery: BatteryReading | None = None
    chargers: Mapping[str, ChargerReading] = field(default_factory=dict)
    heat_pumps: Mapping[str, HeatPumpReading] = field(default_factory=dict)
    relays: Mapping[str, bool] = field(default_factory=dict)
    contacts: Mapping[str, bool | None] = field(default_factory=dict)
    strange: frozenset[str] = frozenset()
    circuits: Mapping[str, MeterReading] = field(default_factory=dict)
    optimizer: OptimizerPlan | None = None
    search: SearchReading | None = None
