"""One heat pump: its edges, its energies, its run, and how long it was watched."""

from hems.core import coverage, cycles, energy, runs, word_order
from hems.core.cycles import PumpRules, PumpSample
from hems.core.energy import TotalRules
from hems.model.instant import Instant
from hems.model.ledger import Event, State


def step(
    rules: PumpRules, owner: str, state: State, sample: PumpSample, observed_gap_s: float, now: Instant
) -> tuple[State, tuple[Event, ...]]:
    """Count what one sample of one heat pump shows; a sample of no values changes nothing."""
    if sample == NO_ANSWER:
        return state, ()
    before = state
    state, events = cycles.step(rules, owner, state, sample, now)
    part = cycles.mode_in_force(rules, owner, state, now)
    for total, kind, words, wh in (
        (rules.electrical, "electrical", sample.electrical_words, sample.electrical_wh),
        (rules.thermal, "thermal", sample.thermal_words, sample.thermal_wh),
    ):
        state, told = _total(total, rules, f"{owner}.energy_{kind}", state, words, wh, part, now)
        events += told
    turns = cycles.running(rules, sample)
    state, told = runs.step(rules, owner, before, state, turns, now)
    if turns is not None:
        state = coverage.step(f"{owner}.run_time_s", state, turns, observed_gap_s, now)
    if cycles.valid_code(sample) is not None:
        state = coverage.step(f"{owner}.observed_s", state, True, observed_gap_s, now)
    return state, events + told


NO_ANSWER = PumpSample()


def _total(
    total: TotalRules,
    rules: PumpRules,
    source: str,
    state: State,
    words: tuple[int, int] | None,
    wh: float | None,
    part: str,
    now: Instant,
) -> tuple[State, tuple[Event, ...]]:
    if words is not None:
        return word_order.step(total, rules.word_order, source, state, words, part, now)
    return energy.step(total, source, state, energy.whole_mwh(wh), part, now)
