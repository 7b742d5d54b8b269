"""One charger: its energy by origin and what it cost, its contactor, its charging time, its session."""

import math
from dataclasses import replace
from typing import Final

from hems.core import coverage, cycles, energy, origin, sessions
from hems.core.counting import ChargerSample, CountRules
from hems.core.energy import MWH_PER_WH, UNATTRIBUTED
from hems.core.origin import GRID, PRICED
from hems.core.periods import book
from hems.core.sessions import Gained
from hems.core.sources import GAP_S, elapsed_s, risen
from hems.model.instant import Instant
from hems.model.ledger import Event, State

CLOSED_A: Final = 1.0
OPEN_A: Final = 0.5
"""Without a status a contactor is closed above 1 A and open where the current rounds to nothing."""

INTEGRATED_S: Final = 10.0
"""Longest step over which power is integrated where a device has no total."""

MWS_PER_MWH: Final = 3600


def step(
    rules: CountRules, number: int, state: State, sample: ChargerSample, now: Instant
) -> tuple[State, tuple[Event, ...]]:
    """Count what one sample of one charger shows."""
    owner = f"ev{number}"
    if sample.current_a is not None and not math.isfinite(sample.current_a):
        sample = replace(sample, current_a=None)
    state, events = sessions.resumed(owner, state, sample, now)
    before = state
    state, told, gained = _energy(rules, number, state, sample, now)
    events += told
    state, told = cycles.step_contact(f"{owner}.contactor", state, _contactor(owner, state, sample), now)
    events += told
    if sample.current_a is not None:
        drawing = sample.current_a > sessions.DRAWING_A
        state = coverage.step(f"{owner}.charge_time_s", state, drawing, rules.observed_gap_s, now)
    estimated = f"{owner}.energy" in rules.estimated
    state, told = sessions.step(owner, before, state, sample, gained, estimated, now)
    return state, events + told


def integrated_mwh(state: State, source: str, power_w: float | None, now: Instant) -> int | None:
    """The total that a device without one would show; grows by power over steps of at most 10 s."""
    if power_w is None or not abs(power_w) < origin.GREATEST_W:
        return None
    last = state.ledger.last.get(source)
    since_s = elapsed_s(state, source, now)
    if last is None:
        return 0
    if since_s > INTEGRATED_S:
        return last.value
    return last.value + round(max(0.0, power_w) * since_s * MWH_PER_WH / MWS_PER_MWH)


def _energy(
    rules: CountRules, number: int, state: State, sample: ChargerSample, now: Instant
) -> tuple[State, tuple[Event, ...], Gained]:
    """Book the charger's energy and split it; also gives what the car got."""
    source, before = f"ev{number}.energy", state
    reading_mwh = energy.whole_mwh(sample.total_wh)
    if source in rules.estimated:
        reading_mwh = integrated_mwh(state, source, sample.power_w, now)
    state, events = energy.step(rules.chargers[number], source, state, reading_mwh, "", now)
    wh = risen(before.ledger, state.ledger, f"{source}.all")
    if wh == 0:
        return state, events, Gained({})
    in_this_run = source in before.tally.seen_mono_s and elapsed_s(before, source, now) <= GAP_S
    weights = state.tally.weights.get(source, {}) if in_this_run else {}
    shares = {part: weight for part, weight in weights.items() if part != PRICED}
    parts_wh = energy.split(wh, shares) or {UNATTRIBUTED: wh}
    ledger = state.ledger
    for part, part_wh in parts_wh.items():
        ledger = book(ledger, f"{source}.{part}", part_wh, now)
    grid_wh = sum(part_wh for part, part_wh in parts_wh.items() if part.startswith(GRID))
    own_ueur = parts_wh.get("solar", 0) * rules.solar_ueur_kwh
    own_ueur += parts_wh.get("battery", 0) * rules.battery_ueur_kwh
    cost_ueur = round((grid_wh * origin.mean_ueur_kwh(weights) + own_ueur) / 1000)
    if cost_ueur:
        ledger = book(ledger, f"ev{number}.cost.all", cost_ueur, now)
    return origin.spent(State(state.tally, ledger), source), events, Gained(parts_wh, cost_ueur)


def _contactor(owner: str, state: State, sample: ChargerSample) -> bool | None:
    """Whether the contactor is closed: by status, by current where a charger never told one."""
    if sample.status is not None:
        return sample.status in ("C", "D")
    if sample.current_a is None or f"{owner}.status" in state.ledger.last:
        return None
    if sample.current_a > CLOSED_A:
        return True
    return False if sample.current_a < OPEN_A else None
