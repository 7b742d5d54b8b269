"""Where a car's energy comes from: sun, battery or grid, the house first (CNT-74, CNT-75).

Powers tell each cycle where a car's watts come from until the next cycle; times their duration they are only
weights. When the charger's own total steps, the Wh are split by the weights since its last step.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from hems.core.counting import CountRules, Flows, Sample
from hems.core.energy import UNATTRIBUTED
from hems.model.instant import Instant
from hems.model.ledger import Flowing, State, Tally

GREATEST_W: Final = 1e7
"""More than any house; not-a-number and infinities fail the same comparison."""

PRICED: Final = "ueur"
"""The weight that sums grid power × time × price."""

GRID: Final = "grid_"
UNKNOWN: Final = "grid_unknown"


def weigh(rules: CountRules, state: State, now: Instant) -> State:
    """Add what has flowed since the last cycle to the weights; nobody knows what flowed in a long one."""
    flowing = state.tally.flowing
    if flowing is None or not flowing.parts_w:
        return state
    since_s = now.mono_s - flowing.mono_s
    weights = dict(state.tally.weights)
    for source, parts_w in flowing.parts_w.items():
        sums = dict(weights.get(source, {}))
        seen = since_s <= rules.observed_gap_s
        for part, power_w in (parts_w if seen else {UNATTRIBUTED: sum(parts_w.values())}).items():
            sums[part] = sums.get(part, 0.0) + power_w * since_s
            if part.startswith(GRID) and flowing.price_ueur_kwh is not None:
                sums[PRICED] = sums.get(PRICED, 0.0) + power_w * since_s * flowing.price_ueur_kwh
        weights[source] = sums
    return replace(state, tally=replace(state.tally, weights=weights))


def flow(rules: CountRules, tally: Tally, sample: Sample, now: Instant) -> Tally:
    """Remember where the cars' power comes from until the next cycle."""
    cars_w = {
        f"ev{number}.energy": power_w
        for number, charger in sample.chargers.items()
        if number in rules.chargers and (power_w := _watts(charger.power_w)) is not None and power_w > 0.0
    }
    if not cars_w and tally.flowing is None:
        return tally
    grid = f"{GRID}{sample.tariff}" if sample.tariff in rules.tariffs else UNKNOWN
    parts_w = {
        source: shares(sample.flows, power_w, sum(cars_w.values()), grid)
        for source, power_w in cars_w.items()
    }
    flowing = Flowing(now.mono_s, parts_w, sample.price_ueur_kwh) if cars_w else None
    return replace(tally, flowing=flowing)


def shares(flows: Flows | None, car_w: float, ev_w: float, grid: str) -> dict[str, float]:
    """One car's watts by origin, in proportion to its part of all cars' power `ev_w`."""
    pv_w, home_w, heat_pump_w, battery_w = (
        (None, None, None, None)
        if flows is None
        else (_watts(flows.pv_w), _watts(flows.home_w), _watts(flows.heat_pump_w), _watts(flows.battery_w))
    )
    if pv_w is None or home_w is None or heat_pump_w is None:
        return {UNATTRIBUTED: car_w}
    house_w = home_w + heat_pump_w
    solar_w = min(ev_w, max(0.0, pv_w - house_w))
    left_w = ev_w - solar_w
    spare_w = max(0.0, max(0.0, battery_w or 0.0) - max(0.0, house_w - pv_w))
    from_battery_w = min(left_w, spare_w)
    rest = UNATTRIBUTED if battery_w is None else grid
    parts_w = {"solar": solar_w, "battery": from_battery_w, rest: left_w - from_battery_w}
    return {part: power_w * car_w / ev_w for part, power_w in parts_w.items() if power_w > 0.0}


def spent(state: State, source: str) -> State:
    """Begin new weights: the total has stepped."""
    if source not in state.tally.weights:
        return state
    weights = {name: sums for name, sums in state.tally.weights.items() if name != source}
    return replace(state, tally=replace(state.tally, weights=weights))


def mean_ueur_kwh(weights: Mapping[str, float]) -> float:
    """The mean price over the grid's weights; what had no price costs nothing."""
    grid = sum(weight for part, weight in weights.items() if part.startswith(GRID))
    return weights.get(PRICED, 0.0) / grid if grid > 0.0 else 0.0


def _watts(power_w: float | None) -> float | None:
    return power_w if power_w is not None and abs(power_w) < GREATEST_W else None
