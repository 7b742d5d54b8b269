"""Figures that somebody changed while the rules run stand in the place of the installed ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from hems.core.rules import Rules

SURPLUS: Final = ("acquisition_tolerance", "battery_level_consideration")
"""Figures of the surplus that may be chosen: shares, 0 to 1."""


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
    shares = {name: chosen[name] for name in SURPLUS if 0.0 <= chosen.get(name, -1.0) <= 1.0}
    rules = replace(installed, surplus=replace(installed.surplus, **shares)) if shares else installed
    return State(rules, installed, chosen)
