"""A house battery that minds itself: it fills from what would be exported and gives what would be imported.

Theory of operation: once a second it moves its power towards what would make the grid's power zero, by at
most `SLEW_W` and within its own limits; full it takes nothing, empty it gives nothing. A power that was
ordered replaces that aim until it is taken back.
"""

from dataclasses import dataclass, replace
from typing import Final

SLEW_W: Final = 2000.0
EFFICIENCY: Final = 0.95
"""The share of what it takes that it can give back."""


@dataclass(frozen=True, slots=True)
class BatteryModel:
    """What a battery is, and its level at the start."""

    capacity_wh: float = 10_000.0
    max_w: float = 5000.0
    level_pct: float = 50.0


@dataclass(frozen=True, slots=True)
class Battery:
    """How a battery is: `power_w` > 0 discharges; `ordered_w` is what a story wants it to do."""

    stored_wh: float
    power_w: float = 0.0
    ordered_w: float | None = None


def fresh(model: BatteryModel) -> Battery:
    """The battery at the start."""
    return Battery(model.capacity_wh * model.level_pct / 100.0)


def level_pct(model: BatteryModel, battery: Battery) -> float:
    """Its level, 0..100."""
    return 100.0 * battery.stored_wh / model.capacity_wh


def step(model: BatteryModel, battery: Battery, grid_w: float, dt_s: float) -> Battery:
    """The battery `dt_s` later; `grid_w` is what the house imports with it as it is."""
    hours = dt_s / 3600.0
    share = 1.0 if battery.power_w > 0.0 else EFFICIENCY
    stored_wh = min(model.capacity_wh, max(0.0, battery.stored_wh - share * battery.power_w * hours))
    wanted_w = battery.power_w + grid_w if battery.ordered_w is None else battery.ordered_w
    moved_w = min(battery.power_w + SLEW_W * dt_s, max(battery.power_w - SLEW_W * dt_s, wanted_w))
    most_w = model.max_w if stored_wh > 0.0 else 0.0
    least_w = -model.max_w if stored_wh < model.capacity_wh else 0.0
    return replace(battery, stored_wh=stored_wh, power_w=min(most_w, max(least_w, moved_w)))
