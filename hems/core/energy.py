"""Totals of registers → Wh per part and period.

The meter's own total is the source of every energy; a booking is the difference of two accepted readings and
goes to the part in force when the first of them was taken. A reading that no installation of this size could
reach in the time is held: the next plausible one clears it (a torn pair of words costs nothing); three held
readings that agree with each other move the baseline (the meter was changed or reset). After a restart
without a clock every reading is on the same probation.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from hems.core.periods import book
from hems.core.sources import GAP_S, elapsed_s, event, remember, stamp
from hems.model.instant import Instant
from hems.model.ledger import Event, Held, Last, State

MWH_PER_WH: Final = 1000
LONGEST_S: Final = 31 * 86_400.0
GREATEST_WH: Final = 1e12
"""More than the meter of any house counts; not-a-number and infinities fail the same comparison."""

UNATTRIBUTED: Final = "unattributed"
ORDERS: Final = ("high_first", "low_first")
RANKS: Final = ("solar", "battery", "grid")
"""Who gets the last Wh when the remainders are equal."""


@dataclass(frozen=True, slots=True)
class TotalRules:
    """What a total may do: its owner's greatest power, the slack for a slow register, the register's step.

    `consistent` held readings in a row move the baseline.
    """

    bound_w: float
    slack_wh: float = 100.0
    step_wh: float = 1.0
    consistent: int = 3


def whole_mwh(total_wh: float | None) -> int | None:
    """A total in whole milliwatt-hours; ``None`` for what no meter can mean."""
    if total_wh is None or not abs(total_wh) < GREATEST_WH:
        return None
    return round(total_wh * MWH_PER_WH)


def is_value(reading_mwh: int | None, last: Last | None) -> bool:
    """Whether a register can mean it; 0 after more than 0 is a controller that is still booting."""
    if reading_mwh is None or reading_mwh < 0:
        return False
    return reading_mwh > 0 or last is None or last.value == 0


def plausible(rules: TotalRules, delta_mwh: int, elapsed_s: float) -> bool:
    """Whether a total can have risen so much in the time; never if it fell."""
    by_power_wh = rules.bound_w * min(elapsed_s, LONGEST_S) / 3600
    most_wh = by_power_wh + max(rules.slack_wh, 2 * rules.step_wh)
    return 0 <= delta_mwh <= most_wh * MWH_PER_WH


def of_words(words: tuple[int, int], order: str) -> int:
    """The value of two registers as a signed 32-bit number."""
    high, low = words if order == "high_first" else words[::-1]
    value = (high & 0xFFFF) << 16 | low & 0xFFFF
    return value - (1 << 32) if value >= 1 << 31 else value


def word_order(
    rules: TotalRules, first: tuple[int, int], second: tuple[int, int], elapsed_s: float
) -> str | None:
    """The only order under which the total of two pairs of registers can have risen so, in Wh."""
    fitting = []
    for order in ORDERS:
        before_wh, after_wh = of_words(first, order), of_words(second, order)
        rise_mwh = (after_wh - before_wh) * MWH_PER_WH
        if before_wh >= 0 and plausible(rules, rise_mwh, elapsed_s):
            fitting.append(order)
    return fitting[0] if len(fitting) == 1 else None


def split(wh: int, weights: Mapping[str, float]) -> dict[str, int]:
    """Whole Wh by weights, largest remainder first, so that the parts add up; empty without weights."""
    parts = {name: max(0, round(weight * 1000)) for name, weight in weights.items()}
    whole = sum(parts.values())
    if whole == 0:
        return {}
    shares = {name: wh * part // whole for name, part in parts.items()}
    order = sorted(parts, key=lambda name: (-(wh * parts[name] % whole), _rank(name)))
    for name in order[: wh - sum(shares.values())]:
        shares[name] += 1
    return shares


def step(
    rules: TotalRules, source: str, state: State, reading_mwh: int | None, part: str, now: Instant
) -> tuple[State, tuple[Event, ...]]:
    """Take one reading of a total.

    `part` is what the energy from now on belongs to, empty if the total has no parts. A booking goes to
    ``<source>.all``, and to ``<source>.<part>`` if the total has parts.
    """
    last = state.ledger.last.get(source)
    if reading_mwh is None or not is_value(reading_mwh, last):
        return state, ()
    if last is None:
        return remember(state, source, Last(reading_mwh, stamp(now), part), now), ()
    since_s = elapsed_s(state, source, now)
    delta_mwh = reading_mwh - last.value
    if math.isinf(since_s) or not plausible(rules, delta_mwh, since_s):
        return _hold(rules, source, state, reading_mwh, part, now)
    events: tuple[Event, ...] = ()
    if since_s > GAP_S and delta_mwh >= MWH_PER_WH:
        events = (event("gap", source, now, wh=delta_mwh // MWH_PER_WH),)
    state, carry_mwh = _book(state, source, last.carry_mwh + delta_mwh, _part(last.part, part, since_s), now)
    return _accept(state, source, Last(reading_mwh, stamp(now), part, carry_mwh), now), events


def _hold(
    rules: TotalRules, source: str, state: State, reading_mwh: int, part: str, now: Instant
) -> tuple[State, tuple[Event, ...]]:
    held = state.tally.held.get(source)
    since_s = now.mono_s - held.mono_s if held else math.inf
    if held and plausible(rules, reading_mwh - held.values[-1], since_s):
        before = _part(held.parts[-1], part, since_s)
        held = Held((*held.values, reading_mwh), now.mono_s, (*held.parts[:-1], before, part))
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
    jump_mwh, carry_mwh = held.values[0] - last.value, last.carry_mwh
    unclear = math.isinf(elapsed_s(state, source, now))
    if unclear and plausible(rules, jump_mwh, math.inf):
        into = _part(last.part, held.parts[0], math.inf)
        state, carry_mwh = _book(state, source, carry_mwh + jump_mwh, into, now)
        told = event("gap", source, now, wh=jump_mwh // MWH_PER_WH)
    else:
        figures = {"from_wh": last.value // MWH_PER_WH, "to_wh": held.values[-1] // MWH_PER_WH}
        told = event("rebased", source, now, **figures)
    for i, part in enumerate(held.parts[:-1]):
        rise_mwh = held.values[i + 1] - held.values[i]
        state, carry_mwh = _book(state, source, carry_mwh + rise_mwh, part, now)
    return _accept(state, source, Last(held.values[-1], stamp(now), held.parts[-1], carry_mwh), now), (told,)


def _accept(state: State, source: str, last: Last, now: Instant) -> State:
    state = remember(state, source, last, now)
    if source not in state.tally.held:
        return state
    held = {name: value for name, value in state.tally.held.items() if name != source}
    return replace(state, tally=replace(state.tally, held=held))


def _book(state: State, source: str, amount_mwh: int, part: str, now: Instant) -> tuple[State, int]:
    """Book whole Wh; also gives what is left for the next booking of this source."""
    wh, carry_mwh = divmod(amount_mwh, MWH_PER_WH)
    ledger = state.ledger
    if wh:
        for name in ("all", part) if part else ("all",):
            ledger = book(ledger, f"{source}.{name}", wh, now)
    return State(state.tally, ledger), carry_mwh


def _part(before: str, after: str, since_s: float) -> str:
    """What an interval is booked to: the part at its start, nobody's after a gap, none if there are none."""
    if not after:
        return ""
    return before if before and since_s <= GAP_S else UNATTRIBUTED


def _rank(part: str) -> int:
    return next((i for i, name in enumerate(RANKS) if part.startswith(name)), len(RANKS))
