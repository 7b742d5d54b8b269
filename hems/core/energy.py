"""Totals of registers → Wh per period.

The meter's own total is the source of every energy; a booking is the difference of two accepted readings. A
reading that no installation of this size could reach in the time is held: the next plausible one clears it (a
torn pair of words costs nothing); three held readings that agree with each other move the baseline (the meter
was changed or reset). After a restart without a clock every reading is on the same probation.
"""

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from hems.core.periods import book
from hems.core.sources import GAP_S, elapsed_s, event, remember, stamp
from hems.model.instant import Instant
from hems.model.ledger import Event, Held, Last, State

MWH_PER_WH: Final = 1000
LONGEST_S: Final = 31 * 86_400.0
UNATTRIBUTED: Final = "unattributed"


@dataclass(frozen=True, slots=True)
class TotalRules:
    """What a total may do: its owner's greatest power, the slack for a slow register, the register's step.

    `consistent` held readings in a row move the baseline.
    """

    bound_w: float
    slack_wh: float = 100.0
    step_wh: float = 1.0
    consistent: int = 3


def plausible(rules: TotalRules, delta_mwh: int, elapsed_s: float) -> bool:
    """Whether a total can have risen so much in the time; never if it fell."""
    by_power_wh = rules.bound_w * min(elapsed_s, LONGEST_S) / 3600
    most_wh = by_power_wh + max(rules.slack_wh, 2 * rules.step_wh)
    return 0 <= delta_mwh <= most_wh * MWH_PER_WH


def step(
    rules: TotalRules, source: str, state: State, reading_mwh: int | None, part: str, now: Instant
) -> tuple[State, tuple[Event, ...]]:
    """Take one reading of a total.

    `part` is what the energy from now on belongs to, empty if the total has no parts. A booking goes to
    ``<source>.all``, and to ``<source>.<part>`` if the total has parts.
    """
    last = state.ledger.last.get(source)
    if reading_mwh is None or reading_mwh < 0 or (reading_mwh == 0 and last is not None and last.value > 0):
        return state, ()
    if last is None:
        return remember(state, source, Last(reading_mwh, stamp(now), part), now), ()
    since_s = elapsed_s(state, source, now)
    if math.isinf(since_s) or not plausible(rules, reading_mwh - last.value, since_s):
        return _hold(rules, source, state, reading_mwh, part, now)
    booked_to = last.part if since_s <= GAP_S else _gap_part(last.part)
    state = _book(state, source, reading_mwh - last.value, booked_to, now)
    return _accept(state, source, reading_mwh, part, now), ()


def _hold(
    rules: TotalRules, source: str, state: State, reading_mwh: int, part: str, now: Instant
) -> tuple[State, tuple[Event, ...]]:
    held = state.tally.held.get(source)
    if held and plausible(rules, reading_mwh - held.values[-1], now.mono_s - held.mono_s):
        held = Held((*held.values, reading_mwh), now.mono_s, (*held.parts, part))
    else:
        held = Held((reading_mwh,), now.mono_s, (part,))
    if len(held.values) >= rules.consistent:
        return _rebase(rules, source, state, held, now)
    state = replace(state, tally=replace(state.tally, held={**state.tally.held, source: held}))
    return state, (event("held", source, now, value_wh=reading_mwh // MWH_PER_WH),)


def _rebase(
    rules: TotalRules, source: str, state: State, held: Held, now: Instant
) -> tuple[State, tuple[Event, ...]]:
    """Believe the held readings: book their own rises, and the jump to them only if mere time explains it."""
    last = state.ledger.last[source]
    jump_mwh = held.values[0] - last.value
    unclear = math.isinf(elapsed_s(state, source, now))
    if unclear and plausible(rules, jump_mwh, math.inf):
        state = _book(state, source, jump_mwh, _gap_part(last.part), now)
        told = event("gap", source, now, wh=jump_mwh // MWH_PER_WH)
    else:
        figures = {"from_wh": last.value // MWH_PER_WH, "to_wh": held.values[-1] // MWH_PER_WH}
        told = event("rebased", source, now, **figures)
    for (before, after), part in zip(pairwise(held.values), held.parts, strict=False):
        state = _book(state, source, after - before, part, now)
    return _accept(state, source, held.values[-1], held.parts[-1], now), (told,)


def _accept(state: State, source: str, reading_mwh: int, part: str, now: Instant) -> State:
    carry_mwh = state.ledger.last[source].carry_mwh
    held = {name: value for name, value in state.tally.held.items() if name != source}
    state = remember(state, source, Last(reading_mwh, stamp(now), part, carry_mwh), now)
    return replace(state, tally=replace(state.tally, held=held))


def _book(state: State, source: str, delta_mwh: int, part: str, now: Instant) -> State:
    """Book whole Wh; what is left is carried to the next booking of this source."""
    last = state.ledger.last[source]
    wh, carry_mwh = divmod(last.carry_mwh + delta_mwh, MWH_PER_WH)
    ledger = replace(state.ledger, last={**state.ledger.last, source: replace(last, carry_mwh=carry_mwh)})
    for name in ("all", part) if part else ("all",):
        ledger = book(ledger, f"{source}.{name}", wh, now)
    return State(state.tally, ledger)


def _gap_part(part: str) -> str:
    return UNATTRIBUTED if part else ""
