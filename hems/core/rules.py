"""Every figure of the charging rules, with its default; delays in s, currents in A, powers in W."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Literal

from hems.core.appliances import HeatPumpRules, LoadRules, SgReadyRules, SheddingRules
from hems.core.pulses import PulsesRules
from hems.core.switching import SwitchingRules
from hems.core.tariff import TariffRules
from hems.model.units import LINES, LineName, PerLine


@dataclass(frozen=True, slots=True)
class ChargerRules:
    """One charger as the rules know it.

    `lines` are the site's lines in the charger's own order; empty when its wiring is not known. `step_a` is
    the smallest difference it understands. `watchdog_s` is its own time without a master, after which it
    falls to `fail_safe_a`; ``None`` when it has no watchdog. `relay` says whether a relay enables it, and
    `fallback` what that relay does while Modbus is lost. The larger `priority` is served first. `circuit` is
    the one it hangs on ("" = the main fuse). `switchable`: it can be switched between one line and all of
    its lines. With `relay_test` its relay, `relay_name`, is tested every month.
    """

    number: int = 1
    lines: tuple[LineName, ...] = LINES
    min_a: float = 6.0
    max_a: float = 16.0
    step_a: float = 1.0
    watchdog_s: float | None = None
    fail_safe_a: float = 0.0
    relay: bool = False
    fallback: Literal["stop", "on_off"] = "stop"
    fallback_a: float = 6.0
    priority: int = 0
    circuit: str = ""
    switchable: bool = False
    relay_test: bool = False
    relay_name: str = ""

    @property
    def lowest_a(self) -> float:
        """The smallest current it can be told: its minimum, rounded up to a whole step."""
        return round(ceil(self.min_a / self.step_a - 1e-9) * self.step_a, 6)


@dataclass(frozen=True, slots=True)
class VehicleRules:
    """A car: its battery, the most current it takes and on how many lines, and the charger it mostly uses."""

    capacity_wh: float = 50_000.0
    max_a: float = 32.0
    lines: int = 3
    charger: str = ""


@dataclass(frozen=True, slots=True)
class MeterRules:
    """How long the grid meter may be silent (CHG-3 and the loss matrix).

    A reading stamped up to `ahead_s` after the cycle's own instant was taken while the wires were read.
    """

    ahead_s: float = 1.0
    fresh_s: float = 2.0
    pair_s: float = 3.0
    reduce_s: float = 5.0
    stop_s: float = 12.0
    relay_s: float = 15.0
    back_s: float = 60.0


@dataclass(frozen=True, slots=True)
class LinesRules:
    """When a line counts as used by a car (CHG-20)."""

    drawn_a: float = 1.0
    learn_s: float = 10.0


@dataclass(frozen=True, slots=True)
class AppetiteRules:
    """When a car takes less than it is offered, or nothing at all (CHG-18)."""

    less_a: float = 1.0
    less_s: float = 60.0
    none_a: float = 1.0
    full_s: float = 120.0
    wake_s: float = 900.0
    wakes: int = 3


@dataclass(frozen=True, slots=True)
class OverloadRules:
    """The law of the main fuse (CHG-31 to CHG-34).

    `skew_s`: readings further apart are not one picture. `repeat_s`: an error that was subtracted once is not
    subtracted again before. `ease` is the share of the headroom one cycle may hand out. A charger that draws
    more than `beyond_a` above what it is told, on a line above `above_factor` times its fuse for `above_s` or
    above `high_factor` times for `high_s`, is paused; `fall_s` later its relay opens. On a line above its
    fuse at all for `over_s` it is told that much less from then on; if that has not helped as much later, it
    is paused. So it is while the grid operator's limit is exceeded for `pot_s`, that of import for `power_s`.
    The same car then rests for `rest_s`, twice as long each time, `rest_most_s` at most. Another pause lasts
    `resume_s` at least, twice as long, up to `pause_most_s`, with each that comes within `again_s` of the end
    of the one before or, for the grid operator's limit, within `again_operator_s` of its beginning; after
    `calm_s` without one it is short again.
    """

    skew_s: float = 0.5
    repeat_s: float = 6.0
    rise_a_s: float = 1.0
    ease: float = 0.5
    resume_a: float = 1.0
    resume_s: float = 60.0
    trip_factor: float = 2.0
    trip_s: float = 3.0
    beyond_a: float = 1.0
    above_factor: float = 1.13
    above_s: float = 10.0
    high_factor: float = 1.45
    high_s: float = 3.0
    fall_s: float = 3.0
    over_s: float = 60.0
    pot_s: float = 10.0
    power_s: float = 60.0
    rest_s: float = 300.0
    rest_most_s: float = 3600.0
    pause_most_s: float = 900.0
    again_s: float = 600.0
    again_operator_s: float = 3600.0
    calm_s: float = 1800.0


@dataclass(frozen=True, slots=True)
class SurplusRules:
    """What counts as surplus (CHG-10 to CHG-15).

    `acquisition_tolerance` is the share of the minimum power that may come from the grid,
    `battery_level_consideration` the level (0..1) from which a battery's charging power counts as available.
    Below `battery_priority_pct` the battery comes first, above `battery_buffer_pct` the car, which may draw
    `battery_support_w` from it; either lasts until the level has come back by `battery_band_pct`. While the
    battery comes first an export of `battery_proof_w` shows that it takes no more, and `battery_left_w` of it
    stay. With `per_line` the poorest line counts.
    """

    acquisition_tolerance: float = 0.5
    battery_level_consideration: float = 0.9
    reserve_w: float = 0.0
    battery_priority_pct: float = 0.0
    battery_buffer_pct: float = 100.0
    battery_support_w: float = 0.0
    too_little_w: float = 100.0
    battery_fresh_s: float = 10.0
    battery_memory_s: float = 60.0
    settled_a: float = 1.0
    settled_s: float = 10.0
    per_line: bool = False
    battery_band_pct: float = 20.0
    battery_left_w: float = 100.0
    battery_proof_w: float = 50.0


@dataclass(frozen=True, slots=True)
class ChargingRules:
    """Delays and budgets of starting and stopping (CHG-16, CHG-17).

    What a mode starts and stops is paid from the budgets: starts of an hour, starts and stops of 24 h. One
    that has run out holds starts, never a stop. Pauses by protection, changes of lines and tests cost nothing
    here. Where cheap hours or a target may demand current the sun leaves them `contactor_kept` of the day.
    """

    start_delay_s: float = 60.0
    stop_delay_s: float = 180.0
    stop_import_wh: float = 30.0
    min_on_s: float = 300.0
    min_off_s: float = 300.0
    starts_per_hour: int = 4
    contactor_per_day: int = 20
    contactor_kept: int = 6


@dataclass(frozen=True, slots=True)
class TargetRules:
    """How a target is reached (CHG-90 to CHG-95).

    `capacity_wh` is assumed of a car of which nobody knows better; `efficiency` is the share of the energy
    drawn that reaches its battery. A target is missed `late_s` after its deadline. A plan is made anew when
    its time misses the need by `drift_s` or the power falls by the share `power_share`, at most every
    `settle_s`, when the power rises by it, and every `again_s` while something waits for prices. That a car
    takes still less counts after `drawn_s`.
    Time presses until the latest start lies `calm_s` ahead again. Deadlines are looked up every `look_s`.
    """

    capacity_wh: float = 50_000.0
    efficiency: float = 0.9
    late_s: float = 1200.0
    drift_s: float = 300.0
    settle_s: float = 900.0
    again_s: float = 86_400.0
    power_share: float = 0.1
    drawn_s: float = 300.0
    calm_s: float = 900.0
    look_s: float = 60.0


@dataclass(frozen=True, slots=True)
class HandRules:
    """When a charger counts as lost, and how its relay stands in (the loss matrix, CHG-61, CHG-71)."""

    fresh_s: float = 2.0
    measured_s: float = 3.0
    lost_s: float = 5.0
    refusals: int = 3
    relay_margin_s: float = 5.0
    back_s: float = 30.0
    relay_min_s: float = 300.0
    spare_a: float = 1.0
    flow_a: float = 1.0
    stuck_s: float = 10.0


@dataclass(frozen=True, slots=True)
class RelayTestRules:
    """The test of a charger's relay (CHG-60): how often, and how long it is open.

    By itself it begins after `quiet_s` without a car; what cannot be made for `patience_s` is told. Current
    may take `follow_s` to stop.
    """

    every_s: float = 30 * 86_400.0
    patience_s: float = 86_400.0
    quiet_s: float = 60.0
    open_s: float = 10.0
    follow_s: float = 3.0


@dataclass(frozen=True, slots=True)
class SearchRules:
    """When a line is handed over to a search for devices (BUS-71, BUS-73).

    Chargers have `patience_s` to stand still, which is below `still_a`. How far it came is kept every
    `keep_pairs` pairs, and holds for `holds_s`.
    """

    patience_s: float = 30.0
    still_a: float = 1.0
    keep_pairs: int = 100
    holds_s: float = 86_400.0


@dataclass(frozen=True, slots=True)
class CircuitRules:
    """A part of the house behind a fuse of its own per line (CHG-30); 0 A = no limit.

    `parent` is the circuit it hangs on ("" = the main fuse). One without a meter carries what its chargers
    draw and what metered circuits on it show.
    """

    fuse_a: PerLine
    parent: str = ""
    metered: bool = False


@dataclass(frozen=True, slots=True)
class DimRules:
    """The grid operator's right to limit (CHG-50, CHG-121).

    `limit_w` is for one controllable device. Each further one adds that times a factor of `factors`, which
    begin with two devices; the last is for all larger numbers. They are the operator's to confirm. An unknown
    contact limits at once; what it did is recorded when it has stayed unknown for `unknown_s`. `fresh_s`: how
    old the readings of a heat pump or battery may be. A message limits for `message_most_s` of a run at most.
    The record of a limitation ends when it has been away for `away_s`. A heat pump of which nobody knows what
    it draws takes nothing once its contacts have locked it for `locked_s`.
    """

    source: Literal["contact", "api"] = "contact"
    contact: str = ""
    limited_when_open: bool = True
    limit_w: float = 4200.0
    factors: tuple[float, ...] = (0.80, 0.75, 0.70, 0.65, 0.60, 0.55, 0.50, 0.45)
    unknown_s: float = 5.0
    fresh_s: float = 10.0
    message_most_s: float = 86_400.0
    away_s: float = 60.0
    locked_s: float = 60.0


@dataclass(frozen=True, slots=True)
class PlanRules:
    """How a target is planned (CHG-92, CHG-93).

    A plan ends `margin_s` and `margin_share` of the needed time before its deadline. A running piece with
    less than `finish_s` to go is finished, a last piece under `last_s` is not worth a start.
    """

    margin_s: float = 600.0
    margin_share: float = 0.1
    finish_s: float = 900.0
    last_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of one site: its fuse per line, its chargers by name, its tariff, and every figure.

    `power_limit_w` is the most the whole house may import, `imbalance_a` how far apart one- and two-line
    charging may pull two lines (``None`` = no such limit). `buses` are the serial lines, each with the
    chargers that may not charge while it is out of control: those on it, and those behind a meter on it.
    """

    fuse_a: PerLine
    chargers: Mapping[str, ChargerRules] = field(default_factory=dict)
    meter: MeterRules = field(default_factory=MeterRules)
    lines: LinesRules = field(default_factory=LinesRules)
    switching: SwitchingRules = field(default_factory=SwitchingRules)
    pulses: PulsesRules = field(default_factory=PulsesRules)
    appetite: AppetiteRules = field(default_factory=AppetiteRules)
    overload: OverloadRules = field(default_factory=OverloadRules)
    surplus: SurplusRules = field(default_factory=SurplusRules)
    charging: ChargingRules = field(default_factory=ChargingRules)
    hand: HandRules = field(default_factory=HandRules)
    relay_test: RelayTestRules = field(default_factory=RelayTestRules)
    tariff: TariffRules | None = None
    heat_pumps: Mapping[str, HeatPumpRules] = field(default_factory=dict)
    sg_ready: Mapping[str, SgReadyRules] = field(default_factory=dict)
    loads: Mapping[str, LoadRules] = field(default_factory=dict)
    shedding: SheddingRules = field(default_factory=SheddingRules)
    vehicles: Mapping[str, VehicleRules] = field(default_factory=dict)
    target: TargetRules = field(default_factory=TargetRules)
    planning: PlanRules = field(default_factory=PlanRules)
    circuits: Mapping[str, CircuitRules] = field(default_factory=dict)
    power_limit_w: float | None = None
    imbalance_a: float | None = None
    dim: DimRules | None = None
    buses: Mapping[str, frozenset[str]] = field(default_factory=dict)
    search: SearchRules = field(default_factory=SearchRules)

    @property
    def controllable(self) -> int:
        """How many devices the grid operator may limit; contacts of a pump on the bus are that pump's."""
        contacts = sum(one.heat_pump not in self.heat_pumps for one in self.sg_ready.values())
        return len(self.chargers) + len(self.heat_pumps) + contacts
