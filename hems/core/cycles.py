"""Edges of operating states → counts of cycles, compressor starts and contact operations.

A mode counts when its code is entered, whatever lay before it; a compressor start counts when the compressor
runs again after a rest; a contact counts when it closes. Comparing, counting and remembering are one step, so
there is no second place that knows the last code. A reading that is not there changes nothing; a gap that is
too long makes the next reading a new baseline.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from hems.core.energy import UNATTRIBUTED, TotalRules
from hems.core.sources import GAP_S, count_one, elapsed_s, event, observe, remember, stamp
from hems.model.instant import Instant
from hems.model.ledger import Event, Last, State

COMPRESSOR_START: Final = "compressor_start"
STANDBY: Final = "standby"
"""The part of every code that is no counted mode."""

LAST_CODE: Final = 99
FULL_RATING: Final = 11_000
"""110 % in steps of 0.01 %: the most a compressor rating can be."""

MACHINE_RUNS: Final = frozenset({5, 6, 7, 9, 10})
"""Machine states in which the compressor turns."""


@dataclass(frozen=True, slots=True)
class Mode:
    """An operating mode that is counted, and the code of the operating state that means it."""

    name: str
    code: int


MODES: Final[tuple[Mode, ...]] = (
    Mode("heating", 1),
    Mode("hot_water", 2),
    Mode("cooling", 3),
    Mode("defrost", 5),
)


ELECTRICAL: Final = TotalRules(bound_w=15_000.0)
THERMAL: Final = TotalRules(bound_w=40_000.0)

WordOrder = Literal["auto", "high_first", "low_first"]


@dataclass(frozen=True, slots=True)
class PumpRules:
    """How a heat pump is counted: its modes, the longest gap that shows an edge, the shortest rest.

    `electrical` and `thermal` bound its totals; `word_order` is theirs where they come as two registers.
    `machine_runs` are the machine states in which the compressor turns, for pumps that tell no rating.
    """

    modes: tuple[Mode, ...] = MODES
    gap_s: float = GAP_S
    rest_s: float = 10.0
    electrical: TotalRules = ELECTRICAL
    thermal: TotalRules = THERMAL
    word_order: WordOrder = "auto"
    machine_runs: frozenset[int] = MACHINE_RUNS


@dataclass(frozen=True, slots=True)
class PumpSample:
    """Raw register values of a heat pump; ``None`` is no answer. The rating is in steps of 0.01 %.

    A total comes as the pair of registers that holds its Wh (lower address first), or decoded in Wh.
    """

    operating_state: int | None = None
    compressor_rating: int | None = None
    machine_state: int | None = None
    electrical_words: tuple[int, int] | None = None
    thermal_words: tuple[int, int] | None = None
    electrical_wh: float | None = None
    thermal_wh: float | None = None


def entered(modes: Sequence[Mode], before: int | None, after: int | None) -> str | None:
    """The mode that an edge enters, if it enters one that is counted."""
    if before is None or after is None or before == after:
        return None
    return next((mode.name for mode in modes if mode.code == after), None)


def running(rules: PumpRules, sample: PumpSample) -> bool | None:
    """Whether the compressor turns; ``None`` if no valid register says so."""
    if sample.compressor_rating is not None:
        rating = _within(sample.compressor_rating, FULL_RATING)
        return None if rating is None else rating > 0
    code = _within(sample.machine_state, LAST_CODE)
    return None if code is None else code in rules.machine_runs


def mode_in_force(rules: PumpRules, owner: str, state: State, now: Instant) -> str:
    """The mode of the last code: one that is counted, standby, or unattributed if the code is too old."""
    source = f"{owner}.operating_state"
    last = state.ledger.last.get(source)
    if last is None or elapsed_s(state, source, now) > rules.gap_s:
        return UNATTRIBUTED
    return next((mode.name for mode in rules.modes if mode.code == last.value), STANDBY)


def valid_code(sample: PumpSample) -> int | None:
    """The operating state if the register can mean it."""
    return _within(sample.operating_state, LAST_CODE)


def step(
    rules: PumpRules, owner: str, state: State, sample: PumpSample, now: Instant
) -> tuple[State, tuple[Event, ...]]:
    """Count what one sample of one heat pump shows."""
    state, modes = _step_modes(rules, owner, state, sample, now)
    state, starts = _step_compressor(rules, owner, state, sample, now)
    return state, modes + starts


def step_contact(
    source: str, state: State, closed: bool | None, now: Instant
) -> tuple[State, tuple[Event, ...]]:
    """Count one closing of a contact; the source is also the counter's name."""
    if closed is None:
        return state, ()
    state, before, events = observe(state, source, int(closed), GAP_S, now)
    if not closed or before != 0:
        return state, events
    state, counted = count_one(state, source, now)
    return state, (*events, counted)


def _within(raw: int | None, most: int) -> int | None:
    """The value if a register can mean it; absence marks and negative numbers are no values."""
    return raw if isinstance(raw, int) and 0 <= raw <= most else None


def _step_modes(
    rules: PumpRules, owner: str, state: State, sample: PumpSample, now: Instant
) -> tuple[State, tuple[Event, ...]]:
    code = valid_code(sample)
    if code is None:
        return state, ()
    state, before, events = observe(state, f"{owner}.operating_state", code, rules.gap_s, now)
    mode = entered(rules.modes, before, code)
    if mode is None:
        return state, events
    state, counted = count_one(state, f"{owner}.{mode}", now)
    return state, (*events, counted)


def _step_compressor(
    rules: PumpRules, owner: str, state: State, sample: PumpSample, now: Instant
) -> tuple[State, tuple[Event, ...]]:
    runs = running(rules, sample)
    if runs is None:
        return state, ()
    last_run = f"{owner}.running"
    rest_s = elapsed_s(state, last_run, now)
    state, before, events = observe(state, f"{owner}.compressor_rating", int(runs), rules.gap_s, now)
    if runs:
        state = remember(state, last_run, Last(1, stamp(now)), now)
    if not runs or before != 0:
        return state, events
    name = f"{owner}.{COMPRESSOR_START}"
    if rest_s < rules.rest_s:
        return state, (*events, event("glitch", name, now, rest_ms=round(rest_s * 1000)))
    state, counted = count_one(state, name, now)
    return state, (*events, counted)
