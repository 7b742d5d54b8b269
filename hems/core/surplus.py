"""Watts the cars may have without importing, and the current that makes of them."""

from dataclasses import dataclass
from math import inf

from hems.core.readings import figure, floor_step
from hems.core.rules import SurplusRules
from hems.model.snapshot import BatteryReading
from hems.model.units import NOMINAL_V


@dataclass(frozen=True, slots=True)
class State:
    """The strongest recent discharge of the battery, and when it last answered."""

    discharge_w: float = 0.0
    discharge_mono_s: float = -inf
    answered_mono_s: float = -inf


@dataclass(frozen=True, slots=True)
class Inputs:
    """Grid power (``None`` when too old), what the surplus-controlled cars draw, and the battery."""

    grid_w: float | None
    ev_w: float
    battery: BatteryReading | None


@dataclass(frozen=True, slots=True)
class Sun:
    """Surplus as one charger sees it, with what it needs: W, V per line, number of lines."""

    available_w: float
    volts: float
    lines: int


def step(rules: SurplusRules, state: State, inputs: Inputs, now_s: float) -> tuple[State, float | None]:
    """Watts the surplus-controlled cars may have together (CHG-10), ``None`` without a meter."""
    state, battery_w = _battery(rules, state, inputs.battery, now_s)
    if inputs.grid_w is None:
        return state, None
    return state, -inputs.grid_w + inputs.ev_w + battery_w - rules.reserve_w


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


def _battery(
    rules: SurplusRules, state: State, battery: BatteryReading | None, now_s: float
) -> tuple[State, float]:
    """The battery's term (CHG-12): a discharge always subtracts, charging counts when it is nearly full.

    A silent battery is taken to discharge as strongly as it lately did, for a minute.
    """
    power_w = figure(battery.power_w) if battery is not None else None
    if battery is None or power_w is None or not now_s - battery.at_mono_s <= rules.battery_fresh_s:
        remembered = now_s - state.answered_mono_s <= rules.battery_memory_s
        return state, -state.discharge_w if remembered else 0.0
    discharge_w = max(0.0, power_w)
    if discharge_w >= state.discharge_w or now_s - state.discharge_mono_s > rules.battery_memory_s:
        state = State(discharge_w, now_s, now_s)
    else:
        state = State(state.discharge_w, state.discharge_mono_s, now_s)
    level_pct = figure(battery.level_pct)
    if power_w < 0.0 and (level_pct is None or level_pct < 100.0 * rules.battery_level_consideration):
        return state, 0.0
    return state, -power_w
