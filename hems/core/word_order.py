"""Which of two registers is the high word of a total: proven by how it rises (CNT-59).

Theory of operation. Of every two pairs that differ the only order that fits is a verdict. Set to auto, two
equal verdicts in a row prove an order and the readings since the first of them are booked; three in a row to
the contrary change it. An order that is set by hand is believed, until two verdicts in a row contradict it:
then an alarm is raised and nothing is booked any more until the setting is corrected.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, TypeVar

from hems.core import energy
from hems.core.energy import TotalRules
from hems.core.sources import event, remember, stamp
from hems.model.instant import Instant
from hems.model.ledger import Event, Last, State, Worded

AUTO: Final = "auto"
TO_PROVE: Final = 2
TO_CONTRADICT: Final = 2
TO_CHANGE: Final = 3

Value = TypeVar("Value")


def step(
    rules: TotalRules,
    setting: str,
    source: str,
    state: State,
    words: tuple[int, int],
    part: str,
    now: Instant,
) -> tuple[State, tuple[Event, ...]]:
    """Take one pair of registers (lower address first) of a total in Wh; books what is beyond doubt."""
    order = state.ledger.word_order.get(source) if setting == AUTO else setting
    _, times = state.tally.verdicts.get(source, ("", 0))
    if setting != AUTO and times >= TO_CONTRADICT:
        return state, ()
    state = _judge(rules, source, state, Worded(words, part, now), order)
    found, times = state.tally.verdicts.get(source, ("", 0))
    if setting != AUTO and times >= TO_CONTRADICT:
        return state, (event("word_order", source, now, set=setting, found=found),)
    if setting == AUTO and times >= (TO_CHANGE if order else TO_PROVE):
        return _believe(rules, source, state, found, order, now)
    if order is None:
        return state, ()
    return energy.step(rules, source, state, _mwh(words, order), part, now)


def _judge(rules: TotalRules, source: str, state: State, pair: Worded, order: str | None) -> State:
    """Keep the pair, and what it and the one before it say of the order."""
    pairs = state.tally.words.get(source, ())
    verdict = state.tally.verdicts.get(source)
    if pairs and pairs[-1].words != pair.words:
        found = energy.word_order(rules, pairs[-1].words, pair.words, pair.now.mono_s - pairs[-1].now.mono_s)
        if found is None or found == order:
            pairs, verdict = (pair,), None
        elif verdict is None or verdict[0] != found:
            pairs, verdict = (pairs[-1], pair), (found, 1)
        else:
            pairs, verdict = (*pairs, pair), (found, verdict[1] + 1)
    else:
        pairs = (*pairs[:-1], pair)
    tally = replace(
        state.tally,
        words={**state.tally.words, source: pairs},
        verdicts=_with(state.tally.verdicts, source, verdict),
    )
    return State(tally, state.ledger)


def _believe(
    rules: TotalRules, source: str, state: State, found: str, before: str | None, now: Instant
) -> tuple[State, tuple[Event, ...]]:
    """Take the order as proven and book the readings that proved it."""
    pairs = state.tally.words[source]
    tally = replace(
        state.tally,
        words={**state.tally.words, source: pairs[-1:]},
        verdicts=_with(state.tally.verdicts, source, None),
    )
    state = State(tally, replace(state.ledger, word_order={**state.ledger.word_order, source: found}))
    events = [event("word_order", source, now, before=before, found=found)]
    if before is not None:
        first, *pairs_left = pairs
        last = state.ledger.last.get(source)
        carry_mwh = last.carry_mwh if last else 0
        base = Last(_mwh(first.words, found), stamp(first.now), first.part, carry_mwh)
        state, pairs = remember(state, source, base, first.now), tuple(pairs_left)
    for pair in pairs:
        state, told = energy.step(rules, source, state, _mwh(pair.words, found), pair.part, pair.now)
        events += told
    return state, tuple(events)


def _mwh(words: tuple[int, int], order: str) -> int:
    return energy.of_words(words, order) * energy.MWH_PER_WH


def _with(mapping: Mapping[str, Value], source: str, value: Value | None) -> dict[str, Value]:
    """The mapping with another value, or without one."""
    rest = {name: known for name, known in mapping.items() if name != source}
    return rest if value is None else {**rest, source: value}
