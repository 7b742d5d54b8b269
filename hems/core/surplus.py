"""Watts the cars may have without importing, and the current that makes of them.

Theory of operation. What is exported and what the cars draw is theirs, less what the house's battery gives.
By its level (CHG-12) a battery comes first (BATTERY_FIRST), last (CAR_FIRST) or in between (SHARED), where
its charging power is the cars' only once it is nearly full. A battery that comes first and takes all it can
lets some of the sun through to the grid: so the cars have what is exported beyond a rest that proves it, and
nothing without that proof. Where the car comes first it has all, and what the battery may support it with. A
stage lasts until the level has come back by a band, so that a level that wavers changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import Final, assert_never

from hems.core.readings import figure, floor_step
from hems.core.rules import SurplusRules
from hems.model.snapshot import BatteryReading
from hems.model.units import NOMINAL_V, PerLine


class Stage(StrEnum):
    """Who has the sun first, the house's battery or a car."""

    SHARED = "shared"
    BATTERY_FIRST = "battery_first"
    CAR_FIRST = "car_first"


ALLOWED: Final[Mapping[Stage, frozenset[Stage]]] = {
    Stage.SHARED: frozenset({Stage.BATTERY_FIRST, Stage.CAR_FIRST}),
    Stage.BATTERY_FIRST: frozenset({Stage.SHARED, Stage.CAR_FIRST}),
    Stage.CAR_FIRST: frozenset({Stage.SHARED, Stage.BATTERY_FIRST}),
}


@dataclass(frozen=True, slots=True)
class State:
    """The strongest recent discharge of the battery, when it last answered, and who comes first."""

    discharge_w: float = 0.0
    discharge_mono_s: float = -inf
    answered_mono_s: float = -inf
    stage: Stage = Stage.SHARED


@dataclass(frozen=True, slots=True)
class Inputs:
    """Grid power (``None`` when too old), what the surplus-controlled cars draw, and the battery.

    Both powers also by line, where lines are billed one by one.
    """

    grid_w: float | None
    ev_w: float
    battery: BatteryReading | None
    grid_line_w: PerLine | None = None
    ev_line_w: PerLine | None = None


@dataclass(frozen=True, slots=True)
class Sun:
    """Surplus as one charger sees it, with what it needs: W, V per line, number of lines."""

    available_w: float
    volts: float
    lines: int


def step(rules: SurplusRules, state: State, inputs: Inputs, now_s: float) -> tuple[State, float | None]:
    """Watts the surplus-controlled cars may have together (CHG-10), ``None`` without a meter.

    Where lines are billed one by one it is what three lines as poor as the poorest would give.
    """
    state, term_w = _battery(rules, state, inputs.battery, now_s)
    if inputs.grid_w is None:
        return state, None
    available_w = _common_w(rules, inputs, inputs.grid_w) + term_w - rules.reserve_w
    if state.stage is not Stage.BATTERY_FIRST or _power_w(rules, inputs.battery, now_s) is None:
        return state, available_w
    if -inputs.grid_w < rules.battery_proof_w:
        return state, min(0.0, available_w)
    return state, available_w - rules.battery_left_w


def withheld_w(rules: SurplusRules, state: State, inputs: Inputs, now_s: float) -> float:
    """Watts that the cars would have more if the battery that charges came last; `state` is the step's."""
    _, available_w = step(rules, state, inputs, now_s)
    power_w = _power_w(rules, inputs.battery, now_s)
    if inputs.grid_w is None or available_w is None or power_w is None or power_w >= 0.0:
        return 0.0
    return max(0.0, _common_w(rules, inputs, inputs.grid_w) - power_w - rules.reserve_w - available_w)


def share(rules: SurplusRules, lines: int) -> float:
    """The share of the surplus that a charger on so many lines can have."""
    return lines / 3.0 if rules.per_line else 1.0


def start_w(rules: SurplusRules, lines: int, min_a: float) -> float:
    """The surplus with which a charger starts: its minimum power less what the grid may give (CHG-13)."""
    return (1.0 - rules.acquisition_tolerance) * NOMINAL_V * lines * min_a


def current(sun: Sun, step_a: float, last_a: float) -> float:
    """The current the surplus carries, rounded down to the step (CHG-14).

    An import of up to one step is a dead band in which the last current stays (CHG-15).
    """
    carries_a = sun.available_w / (sun.volts * sun.lines)
    if last_a - step_a <= carries_a < last_a:
        return last_a
    return floor_step(carries_a, step_a)


def _common_w(rules: SurplusRules, inputs: Inputs, grid_w: float) -> float:
    """What is exported and what the cars draw (CHG-10)."""
    if not rules.per_line or inputs.grid_line_w is None or inputs.ev_line_w is None:
        return inputs.ev_w - grid_w
    return 3.0 * min(ev_w - line_w for ev_w, line_w in zip(inputs.ev_line_w, inputs.grid_line_w, strict=True))


def _battery(
    rules: SurplusRules, state: State, battery: BatteryReading | None, now_s: float
) -> tuple[State, float]:
    """The battery's term (CHG-12). A silent one is taken to discharge as it lately did, for a minute."""
    power_w = _power_w(rules, battery, now_s)
    if battery is None or power_w is None:
        remembered = now_s - state.answered_mono_s <= rules.battery_memory_s
        return state, -state.discharge_w if remembered else 0.0
    level_pct = figure(battery.level_pct)
    stage = _stage(rules, state.stage, level_pct)
    discharge_w = max(0.0, power_w)
    if discharge_w >= state.discharge_w or now_s - state.discharge_mono_s > rules.battery_memory_s:
        state = State(discharge_w, now_s, now_s, stage)
    else:
        state = State(state.discharge_w, state.discharge_mono_s, now_s, stage)
    return state, _term_w(rules, stage, power_w, level_pct)


def _power_w(rules: SurplusRules, battery: BatteryReading | None, now_s: float) -> float | None:
    """What the battery says, while that is fresh."""
    if battery is None or not now_s - battery.at_mono_s <= rules.battery_fresh_s:
        return None
    return figure(battery.power_w)


def _stage(rules: SurplusRules, stage: Stage, level_pct: float | None) -> Stage:
    """Who comes first with this level; nobody knows without one."""
    if level_pct is None:
        return Stage.SHARED
    low_pct, high_pct = rules.battery_priority_pct, rules.battery_buffer_pct
    match stage:
        case Stage.BATTERY_FIRST:
            low_pct = min(low_pct + rules.battery_band_pct, high_pct)
        case Stage.CAR_FIRST:
            high_pct = max(high_pct - rules.battery_band_pct, low_pct)
        case Stage.SHARED:
            pass
        case _ as unreachable:
            assert_never(unreachable)
    if level_pct < low_pct:
        return Stage.BATTERY_FIRST
    return Stage.CAR_FIRST if level_pct > high_pct else Stage.SHARED


def _term_w(rules: SurplusRules, stage: Stage, power_w: float, level_pct: float | None) -> float:
    """What the battery adds to the surplus; a discharge always takes from it."""
    match stage:
        case Stage.BATTERY_FIRST:
            return min(0.0, -power_w)
        case Stage.CAR_FIRST:
            return rules.battery_support_w - power_w
        case Stage.SHARED:
            full_pct = 100.0 * rules.battery_level_consideration
            if power_w < 0.0 and (level_pct is None or level_pct < full_pct):
                return 0.0
            return -power_w
        case _ as unreachable:
            assert_never(unreachable)
