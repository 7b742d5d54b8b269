"""One step of the ledger: everything that is counted, from one sample of the house.

Windows roll first, then every reading is compared, counted and remembered; what a device did not say changes
nothing. `count` makes the sample from a snapshot: a reading counts once, when it is new.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from hems.core import cycles, energy
from hems.core.cycles import COMPRESSOR_START, PumpRules, PumpSample
from hems.core.energy import TotalRules
from hems.core.periods import PERIODS, Period, in_future, roll
from hems.core.sources import event
from hems.model.decision import Decision
from hems.model.instant import Instant
from hems.model.ledger import Counter, Event, Ledger, State, Tally
from hems.model.snapshot import ChargerReading, MeterReading, Snapshot, Status
from hems.model.units import NO_LINES

GREATEST_WH: Final = 1e12
"""More than the meter of any house counts; not-a-number and infinities fail the same comparison."""

CLOSED_A: Final = 1.0
OPEN_A: Final = 0.5
"""Without a status a contactor is closed above 1 A and open where the current rounds to nothing."""


@dataclass(frozen=True, slots=True)
class CountRules:
    """What is installed and counted.

    Owners are numbers, which never change; `pump_numbers` and `charger_numbers` lead from the configured
    names, which may. `totals` are site quantities: grid_import, grid_export, pv. `contacts` are relay names.
    """

    periods: tuple[Period, ...] = PERIODS
    pumps: Mapping[int, PumpRules] = field(default_factory=dict)
    totals: Mapping[str, TotalRules] = field(default_factory=dict)
    chargers: Mapping[int, TotalRules] = field(default_factory=dict)
    contacts: tuple[str, ...] = ()
    pump_numbers: Mapping[str, int] = field(default_factory=dict)
    charger_numbers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChargerSample:
    """A charger's status, the total of its meter, and the current of its most loaded line."""

    status: Status | None = None
    total_wh: float | None = None
    current_a: float | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """All readings of one moment; what is absent or ``None`` was not read."""

    pumps: Mapping[int, PumpSample] = field(default_factory=dict)
    totals_wh: Mapping[str, float | None] = field(default_factory=dict)
    chargers: Mapping[int, ChargerSample] = field(default_factory=dict)
    contacts: Mapping[str, bool | None] = field(default_factory=dict)


NO_PUMP: Final = PumpSample()
NO_CHARGER: Final = ChargerSample()


def fresh(rules: CountRules) -> State:
    """A first start: every counter at zero."""
    return _complete(rules, State(Tally(), Ledger()))


def resume(ledger: Ledger) -> State:
    """A restart: the ledger as it was stored, and nothing that only the former run knew."""
    return State(Tally(), ledger)


def step(rules: CountRules, state: State, sample: Sample, now: Instant) -> tuple[State, tuple[Event, ...]]:
    """Roll the windows, then count what the sample shows."""
    state, told = _roll(rules, _complete(rules, state), now)
    events = list(told)

    def note(stepped: tuple[State, tuple[Event, ...]]) -> State:
        events.extend(stepped[1])
        return stepped[0]

    for number, pump in rules.pumps.items():
        state = note(cycles.step(pump, f"hp{number}", state, sample.pumps.get(number, NO_PUMP), now))
    for quantity, total in rules.totals.items():
        reading_mwh = _mwh(sample.totals_wh.get(quantity))
        state = note(energy.step(total, f"site.{quantity}", state, reading_mwh, "", now))
    for number, total in rules.chargers.items():
        charger = sample.chargers.get(number, NO_CHARGER)
        state = note(energy.step(total, f"ev{number}.energy", state, _mwh(charger.total_wh), "", now))
        state = note(cycles.step_contact(f"ev{number}.contactor", state, _contactor(charger), now))
    for name in rules.contacts:
        state = note(cycles.step_contact(f"relay.{name}", state, sample.contacts.get(name), now))
    return state, tuple(events)


def read(rules: CountRules, state: State, now: Instant) -> dict[str, int | float | None]:
    """Every counter under its flat key, as of `now`; windows are rolled in a copy."""
    counters = roll(rules.periods, state.ledger, now).counters
    figures: dict[str, int | float | None] = {}
    for name in names(rules):
        counter = counters.get(name, Counter())
        figures[f"{name}.total"] = counter.total
        for period in rules.periods:
            figures[f"{name}.{period.name}"] = counter.windows.get(period.name, 0) + counter.limbo
            if period.previous:
                figures[f"{name}.{period.previous}"] = counter.previous.get(period.previous, 0)
    return figures


def names(rules: CountRules) -> Iterator[str]:
    """The name of every counter that the rules have a row for."""
    for number, pump in rules.pumps.items():
        for mode in pump.modes:
            yield f"hp{number}.{mode.name}"
        yield f"hp{number}.{COMPRESSOR_START}"
    for quantity in rules.totals:
        yield f"site.{quantity}.all"
    for number in rules.chargers:
        yield f"ev{number}.energy.all"
        yield f"ev{number}.contactor"
    for name in rules.contacts:
        yield f"relay.{name}"


def count(
    rules: CountRules, tally: Tally, ledger: Ledger, snapshot: Snapshot, decision: Decision
) -> tuple[Tally, Ledger, tuple[Event, ...]]:
    """The supervisor's form of `step`: one cycle's snapshot and what was decided on it.

    A snapshot keeps old readings until new ones come; each counts once.
    """
    sample, seen_mono_s = _sample(rules, tally, snapshot)
    tally = replace(tally, seen_mono_s={**tally.seen_mono_s, **seen_mono_s})
    state, events = step(rules, State(tally, ledger), sample, snapshot.now)
    return state.tally, state.ledger, events


def _complete(rules: CountRules, state: State) -> State:
    """Every row of the rules has its counter; rows that are gone keep theirs."""
    counters = state.ledger.counters
    missing = {name: Counter() for name in names(rules) if name not in counters}
    if not missing:
        return state
    return replace(state, ledger=replace(state.ledger, counters={**counters, **missing}))


def _roll(rules: CountRules, state: State, now: Instant) -> tuple[State, tuple[Event, ...]]:
    before = state.ledger.keys
    ledger = roll(rules.periods, state.ledger, now)
    events = [
        event("rolled", name, now, closed=before[name], opened=opened)
        for name, opened in ledger.keys.items()
        if before.get(name, opened) != opened
    ]
    ahead = in_future(rules.periods, ledger, now)
    if ahead and not state.tally.books_in_future:
        events.append(event("books_in_future", "keys", now, **ledger.keys))
    if ahead != state.tally.books_in_future:
        state = replace(state, tally=replace(state.tally, books_in_future=ahead))
    return replace(state, ledger=ledger), tuple(events)


def _sample(rules: CountRules, tally: Tally, snapshot: Snapshot) -> tuple[Sample, dict[str, float]]:
    """What the snapshot has that was not counted yet, and the times of those readings by their place."""
    seen_mono_s: dict[str, float] = {}

    def is_new(place: str, at_mono_s: float | None) -> bool:
        if at_mono_s is None or at_mono_s <= tally.seen_mono_s.get(place, -math.inf):
            return False
        seen_mono_s[place] = at_mono_s
        return True

    pumps = {
        number: PumpSample(pump.operating_state, pump.compressor_rating, pump.machine_state)
        for name, number in rules.pump_numbers.items()
        if (pump := snapshot.heat_pumps.get(name)) and is_new(f"pump.{name}", pump.at_mono_s)
    }
    totals_wh: dict[str, float | None] = {}
    if (grid := snapshot.grid) and is_new("totals.grid", _totals_mono_s(grid)):
        totals_wh |= {"grid_import": grid.import_wh, "grid_export": grid.export_wh}
    if (pv := snapshot.pv) and is_new("totals.pv", _totals_mono_s(pv)):
        totals_wh["pv"] = pv.export_wh
    chargers = {
        number: _charger_sample(
            charger,
            answered=is_new(f"status.{name}", charger.at_mono_s),
            measured=is_new(f"measured.{name}", charger.measured_mono_s),
            totalled=is_new(f"total.{name}", _total_mono_s(charger)),
        )
        for name, number in rules.charger_numbers.items()
        if (charger := snapshot.chargers.get(name))
    }
    return Sample(pumps, totals_wh, chargers, snapshot.relays), seen_mono_s


def _totals_mono_s(meter: MeterReading) -> float:
    return meter.at_mono_s if meter.totals_mono_s is None else meter.totals_mono_s


def _total_mono_s(charger: ChargerReading) -> float | None:
    return charger.measured_mono_s if charger.total_mono_s is None else charger.total_mono_s


def _charger_sample(
    charger: ChargerReading, *, answered: bool, measured: bool, totalled: bool
) -> ChargerSample:
    """The new part of a charger's reading; its current is told only if it has no status to go by."""
    by_current = measured and charger.status is None and charger.line_a is not None
    return ChargerSample(
        status=charger.status if answered else None,
        total_wh=charger.total_wh if totalled else None,
        current_a=max(charger.line_a or NO_LINES) if by_current else None,
    )


def _contactor(charger: ChargerSample) -> bool | None:
    if charger.status is not None:
        return charger.status in ("C", "D")
    if charger.current_a is None:
        return None
    if charger.current_a > CLOSED_A:
        return True
    return False if charger.current_a < OPEN_A else None


def _mwh(total_wh: float | None) -> int | None:
    """A total in whole milliwatt-hours; ``None`` for what no meter can mean."""
    if total_wh is None or not abs(total_wh) < GREATEST_WH:
        return None
    return round(total_wh * energy.MWH_PER_WH)
