"""Figures that somebody changed while the rules run stand in the place of the installed ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hems.core.rules import Rules


@dataclass(frozen=True, slots=True)
class State:
    """The rules in force, and what they were made of: made anew only when one of those is another."""

    rules: Rules
    installed: Rules
    chosen: Mapping[str, float] = field(default_factory=dict)


def step(state: State | None, installed: Rules, chosen: Mapping[str, float]) -> State:
    """One cycle; a figure that is no share changes nothing."""
    if state is not None and state.installed is installed and state.chosen is chosen:
        return state
    mine = installed.surplus
    tolerance = _share(chosen.get("acquisition_tolerance"), mine.acquisition_tolerance)
    level = _share(chosen.get("battery_level_consideration"), mine.battery_level_consideration)
    surplus = replace(mine, acquisition_tolerance=tolerance, battery_level_consideration=level)
    return State(replace(installed, surplus=surplus) if surplus != mine else installed, installed, chosen)


def _share(chosen: float | None, installed: float) -> float:
    return chosen if chosen is not None and 0.0 <= chosen <= 1.0 else installed
