"""What a charger does, in the words of the door."""

from math import inf

import pytest

from hems.core.demand import Demand, charging_state
from hems.model.decision import ChargingState
from hems.model.settings import MODES, Mode
from hems.model.why import Reason

CHEAP = Demand(inf, Reason.CHEAP_PRICE, ChargingState.SPOT_MARKET)
TIME = Demand(9.0, Reason.TARGET_TIME, ChargingState.TIME_REQUIREMENT)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("demand", [None, CHEAP, TIME])
def test_idle_and_held_whatever_is_demanded(mode: Mode, demand: Demand | None) -> None:
    """Section 2: held is who is wished something and told nothing."""
    assert charging_state(mode, demand, 0.0, 0.0) is ChargingState.IDLE
    assert charging_state(mode, demand, 6.0, 0.0) is ChargingState.HELD


def test_whoever_demands_gives_the_state() -> None:
    assert charging_state("surplus", CHEAP, 16.0, 6.0) is ChargingState.SPOT_MARKET
    assert charging_state("surplus_target", TIME, 9.0, 9.0) is ChargingState.TIME_REQUIREMENT
    assert charging_state("fast", None, 16.0, 16.0) is ChargingState.MANUAL
    assert charging_state("min_surplus", None, 6.0, 6.0) is ChargingState.SURPLUS
