"""Figures that somebody changed while the rules run."""

from math import nan

import pytest

from hems.core import chosen
from hems.core.rules import Rules
from hems.core.tariff import TariffRules, Window
from hems.model.settings import Settings, TariffChoice
from tests.core.bench import FUSE_A, bench

RULES = Rules(FUSE_A)


@pytest.mark.parametrize("value", [nan, -0.1, 1.1])
def test_a_figure_that_is_no_share_changes_nothing(value: float) -> None:
    assert chosen.step(None, RULES, {"acquisition_tolerance": value}).rules is RULES


def test_the_figures_in_force_are_made_once() -> None:
    orders = {"acquisition_tolerance": 0.2, "line_limit_a": 20.0}
    state = chosen.step(None, RULES, orders)
    assert state.rules.surplus.acquisition_tolerance == 0.2
    assert state.rules.surplus.battery_level_consideration == RULES.surplus.battery_level_consideration
    assert chosen.step(state, RULES, orders) is state
    assert chosen.step(state, RULES, {}).rules is RULES
    assert chosen.step(state, Rules((9.0, 9.0, 9.0)), orders).rules.fuse_a == (9.0, 9.0, 9.0)


def test_a_chosen_tolerance_moves_the_start() -> None:
    """CHG-13: with 0 all of the minimum's power must come from the sun, with 1 none of it."""
    house = bench("surplus", sun_w=1380.0 + 2500.0)
    house.run(70)
    assert house.told_a() == 6.0
    strict = bench("surplus", sun_w=1380.0 + 2500.0)
    strict.settings = Settings(strict.settings.chargers, chosen={"acquisition_tolerance": 0.0})
    strict.run(200)
    assert strict.told_a() == 0.0


STATIC = TariffRules(
    "static", "peak", (Window("off_peak", 0, 360),), eur_kwh={"peak": 0.3}, charges_eur_kwh={"peak": 0.05}
)
HOUSE = Rules(FUSE_A, tariff=STATIC)
NO_FIGURES: dict[str, float] = {}


def test_the_chosen_tariff_is_in_force() -> None:
    """API-106: another provider's prices with the installed periods and charges; its own prices are gone."""
    state = chosen.step(None, HOUSE, NO_FIGURES)
    assert state.rules is HOUSE
    assert state.tariff is STATIC
    assert chosen.step(state, HOUSE, NO_FIGURES) is state
    spot = chosen.step(state, HOUSE, NO_FIGURES, TariffChoice("awattar-at"))
    assert spot.rules.tariff is spot.tariff
    assert spot.tariff == TariffRules("awattar-at", "peak", STATIC.windows, charges_eur_kwh={"peak": 0.05})
    for same in ("", "static"):
        assert chosen.step(spot, HOUSE, NO_FIGURES, TariffChoice(same)).rules is HOUSE
    assert chosen.step(None, RULES, NO_FIGURES, TariffChoice("file")).tariff == TariffRules("file")


def test_prices_without_a_say_are_still_counted() -> None:
    """API-106: no rule of charging sees a tariff; what a kWh costs is counted as before."""
    state = chosen.step(None, HOUSE, NO_FIGURES, TariffChoice("", enabled=False))
    assert state.rules.tariff is None
    assert state.tariff is STATIC
    assert chosen.step(None, RULES, NO_FIGURES, TariffChoice("", enabled=False)).rules is RULES
