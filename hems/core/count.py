"""One step of the ledger: everything that is counted, from one sample of the house.

Windows roll first, then every reading is compared, counted and remembered; what a device did not say changes
nothing. `count` makes the sample from a snapshot: a reading counts once, when it is new.
"""

from dataclasses import replace
from typing import Final

from hems.core import cars, cost, coverage, cycles, energy, invariants, origin, pumps
from hems.core.counting import GRID_IMPORT, ChargerSample, CountRules, Flows, Sample
from hems.core.cycles import PumpRules, PumpSample
from hems.core.energy import UNATTRIBUTED, TotalRules
from hems.core.offsets import Refusal, accept_offsets
from hems.core.periods import in_future, roll
from hems.core.reading import attributes, names, read
from hems.core.sampling import sample_of
from hems.core.sources import event
from hems.model.decision import Decision
from hems.model.instant import Instant
from hems.model.ledger import Counter, Event, Ledger, State, Tally
from hems.model.snapshot import Snapshot

__all__ = [
    "ChargerSample",
    "CountRules",
    "Event",
    "Flows",
    "PumpRules",
    "PumpSample",
    "Refusal",
    "Sample",
    "accept_offsets",
    "attributes",
    "count",
    "fresh",
    "read",
    "resume",
    "step",
]

MIDNIGHT: Final = "daily"
"""The period whose end is also the time of the self-test."""

NO_PUMP: Final = PumpSample()
NO_CHARGER: Final = ChargerSample()


def fresh(rules: CountRules) -> State:
    """A first start: every counter at zero."""
    return _complete(rules, State(Tally(), Ledger()))


def resume(ledger: Ledger) -> State:
    """A restart: the ledger as it was stored, and nothing that only the former run knew."""
    return State(Tally(), ledger)


def step(rules: CountRules, state: State, sample: Sample, now: Instant) -> tuple[State, tuple[Event, ...]]:
    """Roll the windows, then count what the sample shows; the same ledger if it shows nothing."""
    state, told = _roll(rules, _complete(rules, state), now)
    state = origin.weigh(rules, state, now)
    events = list(told)

    def note(stepped: tuple[State, tuple[Event, ...]]) -> State:
        events.extend(stepped[1])
        return stepped[0]

    for number, pump in rules.pumps.items():
        pumped = sample.pumps.get(number, NO_PUMP)
        state = note(pumps.step(pump, f"hp{number}", state, pumped, rules.observed_gap_s, now))
    for quantity, total in rules.totals.items():
        state = note(_total(rules, total, quantity, state, sample, now))
    for number in rules.chargers:
        state = note(cars.step(rules, number, state, sample.chargers.get(number, NO_CHARGER), now))
    for name in rules.contacts:
        state = note(cycles.step_contact(f"relay.{name}", state, sample.contacts.get(name), now))
    return State(origin.flow(rules, state.tally, sample, now), state.ledger), tuple(events)


def count(
    rules: CountRules, tally: Tally, ledger: Ledger, snapshot: Snapshot, decision: Decision
) -> tuple[Tally, Ledger, tuple[Event, ...]]:
    """The supervisor's form of `step`: one cycle's snapshot and what was decided on it.

    A snapshot keeps old readings until new ones come; each counts once.
    """
    sample, noted_mono_s = sample_of(rules, tally, snapshot, decision)
    told = [event("strange", key, snapshot.now) for key in sorted(snapshot.strange - tally.strange)]
    seen_mono_s = {**tally.seen_mono_s, **noted_mono_s}
    tally = replace(tally, seen_mono_s=seen_mono_s, strange=snapshot.strange)
    if decision.lessons:
        ledger = replace(ledger, lessons={**ledger.lessons, **decision.lessons})
    state, events = step(rules, State(tally, ledger), sample, snapshot.now)
    return state.tally, state.ledger, (*told, *events)


def _complete(rules: CountRules, state: State) -> State:
    """Every row of the rules has its counter; rows that are gone keep theirs.

    What a total counted before it had parts was nobody's.
    """
    counters = state.ledger.counters
    missing = {name: Counter() for name in names(rules) if name not in counters}
    if not missing:
        return state
    for name in missing:
        source = name.removesuffix(f".{UNATTRIBUTED}")
        if source != name and f"{source}.all" in counters:
            missing[name] = counters[f"{source}.all"]
    return replace(state, ledger=replace(state.ledger, counters={**counters, **missing}))


def _roll(rules: CountRules, state: State, now: Instant) -> tuple[State, tuple[Event, ...]]:
    before = state.ledger.keys
    ledger = roll(rules.periods, state.ledger, now)
    events = [
        event("rolled", name, now, closed=before[name], opened=opened)
        for name, opened in ledger.keys.items()
        if before.get(name, opened) != opened
    ]
    if any(told.key == MIDNIGHT for told in events):
        events += [
            event("invariant", key, now, rule=rule) for key, rule in invariants.broken(rules.periods, ledger)
        ]
    ahead = in_future(rules.periods, ledger, now)
    if ahead and not state.tally.books_in_future:
        events.append(event("books_in_future", "keys", now, **ledger.keys))
    if ahead != state.tally.books_in_future:
        state = replace(state, tally=replace(state.tally, books_in_future=ahead))
    return replace(state, ledger=ledger), tuple(events)


def _total(
    rules: CountRules, total: TotalRules, quantity: str, state: State, sample: Sample, now: Instant
) -> tuple[State, tuple[Event, ...]]:
    """Take the reading of one of the site's totals; what is imported has a tariff and a price."""
    source, part = f"site.{quantity}", ""
    reading_mwh = energy.whole_mwh(sample.totals_wh.get(quantity))
    if source in rules.estimated:
        reading_mwh = cars.integrated_mwh(state, source, _power_w(quantity, sample.flows), now)
    if quantity == GRID_IMPORT:
        part = sample.tariff if sample.tariff in rules.tariffs else UNATTRIBUTED
    before = state
    state, events = energy.step(total, source, state, reading_mwh, part, now)
    if quantity != GRID_IMPORT:
        return state, events
    is_value = energy.is_value(reading_mwh, before.ledger.last.get(source))
    if is_value:
        state = cost.step(rules, before, state, sample.price_ueur_kwh, now)
    if is_value or sample.grid_seen:
        state = coverage.step("site.observed_s", state, True, rules.observed_gap_s, now)
    return state, events


def _power_w(quantity: str, flows: Flows | None) -> float | None:
    """The power that a total without a register of its own is integrated from."""
    if flows is None:
        return None
    if quantity == "pv":
        return flows.pv_w
    if flows.battery_w is None:
        return None
    return flows.battery_w if quantity == "battery_discharge" else -flows.battery_w
