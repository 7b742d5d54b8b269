"""What stands above the surplus: somebody or something demands a current (the ladder's upper rungs)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hems.model.decision import ChargingState
from hems.model.settings import Mode
from hems.model.why import Figure, Reason


@dataclass(frozen=True, slots=True)
class Demand:
    """A current that is wanted whatever the sun does, infinite = all that is allowed.

    `code` and `figures` say why, `state` what the charger then does in the words of the door. `at_once`: a
    person wants it, or time presses; it waits for no rest and no budget.
    """

    limit_a: float
    code: Reason
    state: ChargingState
    figures: Mapping[str, Figure] = field(default_factory=dict)
    at_once: bool = False


def charging_state(mode: Mode, demand: Demand | None, wish_a: float, limit_a: float) -> ChargingState:
    """What a charger does: held while it is told nothing although it is wished something.

    One that is told a current does so for the demand; without one by hand (`fast`) or for the sun.
    """
    if limit_a <= 0.0:
        return ChargingState.HELD if wish_a > 0.0 else ChargingState.IDLE
    if demand is not None:
        return demand.state
    return ChargingState.MANUAL if mode == "fast" else ChargingState.SURPLUS
