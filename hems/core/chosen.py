"""What somebody chose while the rules run stands in the place of what is installed: figures and tariff."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from hems.core import tariff
from hems.core.rules import Rules
from hems.core.tariff import TariffRules
from hems.model.settings import TariffChoice

AS_INSTALLED: Final = TariffChoice()


@dataclass(frozen=True, slots=True)
class State:
    """The rules in force, and what they were made of: made anew only when one of those is another.

    `tariff` is the one whose periods and prices are counted. The rules have it, too, unless somebody wants
    prices to have no say in charging.
    """

    rules: Rules
    installed: Rules
    chosen: Mapping[str, float] = field(default_factory=dict)
    choice: TariffChoice = AS_INSTALLED
    tariff: TariffRules | None = None


def step(
    state: State | None, installed: Rules, chosen: Mapping[str, float], choice: TariffChoice = AS_INSTALLED
) -> State:
    """One cycle; a figure that is no share changes nothing."""
    same = state is not None and state.installed is installed and state.chosen is chosen
    if state is not None and same and state.choice == choice:
        return state
    mine = installed.surplus
    tolerance = _share(chosen.get("acquisition_tolerance"), mine.acquisition_tolerance)
    level = _share(chosen.get("battery_level_consideration"), mine.battery_level_consideration)
    surplus = replace(mine, acquisition_tolerance=tolerance, battery_level_consideration=level)
    counted = tariff.in_force(installed.tariff, choice)
    told = counted if choice.enabled else None
    rules = installed
    if surplus != mine or told is not installed.tariff:
        rules = replace(installed, surplus=surplus, tariff=told)
    return State(rules, installed, chosen, choice, counted)


def _share(chosen: float | None, installed: float) -> float:
    return chosen if chosen is not None and 0.0 <= chosen <= 1.0 else installed
