"""Runs of a compressor, from the first to the last running reading (CNT-34).

A run goes on through a stop of less than the rest that makes a start. It closes with the first reading that
finds the compressor at rest for so long, or when nobody looked for longer than a gap may be.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from hems.core.cycles import PumpRules, mode_in_force
from hems.core.sources import GAP_S, elapsed_s, event, risen, stamp
from hems.model.instant import Instant
from hems.model.ledger import Event, State
from hems.model.runs import Run, run_figures

LEADING: Final = ("heating", "hot_water", "cooling")
DEFROST: Final = "defrost"


def step(
    rules: PumpRules, owner: str, before: State, state: State, runs: bool | None, now: Instant
) -> tuple[State, tuple[Event, ...]]:
    """Follow the run of one pump through one sample.

    `before` is the state before the sample was counted, `state` after that; `runs` whether the compressor
    turns. Energy booked by the sample belongs to the run that was open before it.
    """
    run = before.ledger.runs.get(owner)
    closed: tuple[Event, ...] = ()
    kept = run and _credited(run, owner, before, state, now)
    if runs is None:
        return _with(state, owner, run, kept), ()
    rested_s = elapsed_s(before, f"{owner}.running", now)
    source = f"{owner}.compressor_rating"
    rating = before.ledger.last.get(source)
    stood = rating is not None and rating.value == 0 and elapsed_s(before, source, now) <= rules.gap_s
    if kept is not None and (rested_s > rules.gap_s or (rested_s >= rules.rest_s and (stood or not runs))):
        kept = replace(kept, partial=kept.partial or rested_s > rules.gap_s)
        closed = (event("run_ended", owner, now, **run_figures(kept)),)
        kept = None
    if runs:
        at = stamp(now)
        if kept is None:
            kept = Run(int(owner.removeprefix("hp")), at, at, partial=not stood)
        else:
            kept = replace(kept, end=at, duration_s=round(kept.duration_s + rested_s, 3))
        kept = _noted(rules, kept, owner, before, state, now)
    return _with(state, owner, run, kept), closed


def _credited(run: Run, owner: str, before: State, state: State, now: Instant) -> Run:
    """The run with the energy that was booked now, unless nobody knows when in a gap it flowed."""
    wh = {}
    for kind in ("electrical", "thermal"):
        source = f"{owner}.energy_{kind}"
        seen = elapsed_s(before, source, now) <= GAP_S
        wh[kind] = risen(before.ledger, state.ledger, f"{source}.all") if seen else 0
    if not any(wh.values()):
        return run
    return replace(
        run, electrical_wh=run.electrical_wh + wh["electrical"], thermal_wh=run.thermal_wh + wh["thermal"]
    )


def _noted(rules: PumpRules, run: Run, owner: str, before: State, state: State, now: Instant) -> Run:
    """The run with its mode, its defrosts, and its start once the clock can tell it."""
    mode, seen = run.mode, mode_in_force(rules, owner, state, now)
    if mode not in LEADING and seen in (*LEADING, DEFROST):
        mode = seen
    start, at = run.start, stamp(now)
    if start is None and at is not None:
        start = at - timedelta(seconds=run.duration_s)
    defrosts = risen(before.ledger, state.ledger, f"{owner}.{DEFROST}")
    return replace(run, mode=mode, start=start, defrosts=run.defrosts + defrosts)


def _with(state: State, owner: str, before: Run | None, run: Run | None) -> State:
    if run is before:
        return state
    rest = {name: known for name, known in state.ledger.runs.items() if name != owner}
    return State(state.tally, replace(state.ledger, runs=rest if run is None else {**rest, owner: run}))
