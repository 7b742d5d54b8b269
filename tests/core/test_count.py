"""One step of the whole ledger, its flat keys, and the supervisor's form of it."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hems.core.count import ChargerSample, CountRules, Sample, count, fresh, read, resume, step
from hems.core.cycles import PumpRules, PumpSample
from hems.core.periods import roll
from hems.core.reading import names
from hems.model.decision import Command, Decision
from hems.model.instant import Instant
from hems.model.ledger import Event, Ledger, Tally, from_documents, to_documents
from hems.model.snapshot import ChargerReading, HeatPumpReading, MeterReading, Snapshot, Status
from tests.core.counting import NO_VALUE, RULES, Counted, berlin, without_tally

NINE = berlin("2026-11-24 09:00:00")
NOTHING_DECIDED = Decision({}, Command(), None)


def test_every_row_exists_from_the_first_step() -> None:
    """CNT-5, and the flat keys of the counters."""
    figures = read(RULES, fresh(RULES), Instant(0.0, NINE))
    nothing = {key for key, figure in figures.items() if figure is None}
    assert {key.split(".")[1] for key in nothing} == {"cop", "home", "coverage_pct"}
    assert {figure for key, figure in figures.items() if key not in nothing} == {0}
    assert set(names(RULES)) == set(fresh(RULES).ledger.counters)
    for expected in (
        "hp1.heating.total", "hp2.compressor_start.2h", "hp1.defrost.4h", "site.grid_import.all.monthly",
        "site.pv.all.yearly", "ev1.energy.all.yesterday", "ev1.contactor.daily", "relay.k1.total",
    ):  # fmt: skip
        assert expected in figures


def test_a_new_row_starts_at_zero_and_a_removed_one_keeps_its_count() -> None:
    """CNT-3."""
    house = Counted(NINE)
    house.pump(0)
    house.wait(5)
    house.pump(1)
    only_second = CountRules(pumps={2: PumpRules(), 3: PumpRules()})
    house.wait(5)
    state, _ = step(only_second, house.state, Sample(), house.now)
    figures = read(only_second, state, house.now)
    assert state.ledger.counters["hp1.heating"].total == 1
    assert "hp1.heating.total" not in figures
    assert figures["hp3.heating.total"] == 0
    assert state.ledger.counters["hp3.heating"].since == house.wall


def test_roll_overs_are_told() -> None:
    """CNT-11: once per window, with both keys."""
    house = Counted(NINE)
    house.take(Sample())
    assert house.events == []
    house.go_to(berlin("2026-11-25 00:00:00"))
    told = house.take(Sample())
    assert [(e.kind, e.key) for e in told] == [("rolled", "2h"), ("rolled", "4h"), ("rolled", "daily")]
    assert told[2].figures == {"closed": "2026-11-24", "opened": "2026-11-25"}
    house.wait(1)
    assert house.take(Sample()) == ()


def test_books_in_the_future_are_told_once() -> None:
    """CNT-17."""
    house = Counted(NINE)
    house.take(Sample())
    for _ in range(3):
        house.wall = berlin("2026-11-20 09:00:00")
        house.take(Sample())
    assert house.kinds() == ["books_in_future"]
    house.wall = NINE
    house.take(Sample())
    house.wall = berlin("2026-11-20 09:00:00")
    house.take(Sample())
    assert house.kinds() == ["books_in_future", "books_in_future"]


def with_status(*statuses: Status) -> list[ChargerSample]:
    return [ChargerSample(status) for status in statuses]


def with_current(*currents_a: float) -> list[ChargerSample]:
    return [ChargerSample(current_a=current_a) for current_a in currents_a]


@pytest.mark.parametrize(
    ("samples", "closings"),
    [
        (with_status("B", "C", "B", "C", "D", "B", "D", "A"), 3),
        (with_status("C", "B", "E", "F", "A"), 0),
        (with_current(0.0, 0.8, 1.0, 1.1, 16.0, 0.7, 6.0, 0.2, 9.0), 2),
        ([*with_status("B"), ChargerSample(), *with_current(math.nan), *with_status("C")], 1),
    ],
)
def test_a_contactor_closes_with_its_status_or_its_current(
    samples: list[ChargerSample], closings: int
) -> None:
    """CNT-84: entries into C or D; without a status from nothing to more than 1 A."""
    house = Counted(NINE)
    for sample in samples:
        house.charger(sample)
        house.wait(5)
    assert house.show("ev1.contactor")["total"] == closings


def test_a_chargers_energy_is_counted() -> None:
    house = Counted(NINE)
    for wh in (412_300.0, 412_340.5, None, 412_381.2):
        house.charger(ChargerSample(total_wh=wh))
        house.wait(30)
    assert house.show("ev1.energy.all")["daily"] == 81


class Scan:
    """Cycles of the supervisor over snapshots in which old readings stay."""

    def __init__(self) -> None:
        self.tally, self.ledger = Tally(), Ledger()
        self.events: list[Event] = []

    def cycle(self, snapshot: Snapshot) -> None:
        self.tally, self.ledger, events = count(RULES, self.tally, self.ledger, snapshot, NOTHING_DECIDED)
        self.events += events

    def total(self, name: str) -> int:
        return self.ledger.counters[name].total


def at(second: float) -> Instant:
    return Instant(1_000.0 + second, NINE + timedelta(seconds=second))


def test_a_reading_that_stays_in_the_snapshot_counts_once() -> None:
    """CNT-23: a silent pump is no value, even while its last block is still shown."""
    scan = Scan()
    idle = {"lambda": HeatPumpReading(at(0).mono_s, operating_state=0, compressor_rating=0)}
    busy = {"lambda": HeatPumpReading(at(1_000).mono_s, operating_state=1, compressor_rating=9)}
    for second in (0, 300, 600, 899, 999):
        scan.cycle(Snapshot(at(second), heat_pumps=idle))
    scan.cycle(Snapshot(at(1_000), heat_pumps=busy))
    assert scan.total("hp1.heating") == 0
    assert [told.kind for told in scan.events] == ["baseline", "baseline"]


def test_a_snapshot_is_counted() -> None:
    """Names lead to numbers; relays, totals, states and contactors all arrive."""
    scan = Scan()
    for second, on in ((0, False), (5, True)):
        mono_s = at(second).mono_s
        scan.cycle(
            Snapshot(
                at(second),
                grid=MeterReading(mono_s, 0.0, import_wh=1_000.0 + second, export_wh=7.0),
                pv=MeterReading(mono_s, 0.0, import_wh=3.0, export_wh=2_000.0 + 2 * second),
                chargers={
                    "garage": ChargerReading(mono_s, "C" if on else "B", mono_s, total_wh=50.0 + second)
                },
                heat_pumps={
                    "lambda": HeatPumpReading(mono_s, int(on), compressor_rating=int(on)),
                    "cellar": HeatPumpReading(mono_s, 2 * int(on), machine_state=5 * int(on)),
                },
                relays={"k1": on, "foreign": on},
            )
        )
    assert {name: counter.total for name, counter in scan.ledger.counters.items() if counter.total} == {
        "site.grid_import.all": 5,
        "site.grid_import.unattributed": 5,
        "site.grid_unpriced.all": 5,
        "site.observed_s": 5,
        "site.pv.all": 10,
        "ev1.energy.all": 5,
        "ev1.energy.unattributed": 5,
        "ev1.contactor": 1,
        "hp1.observed_s": 5,
        "hp2.observed_s": 5,
        "hp1.heating": 1,
        "hp1.compressor_start": 1,
        "hp2.hot_water": 1,
        "hp2.compressor_start": 1,
        "relay.k1": 1,
    }


def test_a_charger_without_status_is_judged_by_its_own_new_current() -> None:
    """CNT-84: an old status or an old current decides nothing."""
    scan = Scan()
    currents = [(0, 0, None), (1, 1, (0.0, 0.0, 0.1)), (2, 1, (9.0, 9.0, 9.0)), (3, 3, (0.2, 9.0, 9.0))]
    for second, measured, line_a in currents:
        reading = ChargerReading(at(second).mono_s, None, at(measured).mono_s, line_a=line_a)
        scan.cycle(Snapshot(at(second), chargers={"garage": reading}))
        assert scan.total("ev1.contactor") == int(second == 3)


def test_totals_are_as_old_as_they_say() -> None:
    """CNT-57: a torn total that is shown for a while is one reading, not three that agree."""
    scan = Scan()
    for second, read_at, wh in (
        (0, 0, 9_000.0),
        (1, 1, 70_000.0),
        (2, 1, 70_000.0),
        (3, 1, 70_000.0),
        (31, 31, 9_010.0),
    ):
        meter = MeterReading(at(second).mono_s, 0.0, import_wh=wh, totals_mono_s=at(read_at).mono_s)
        scan.cycle(Snapshot(at(second), grid=meter))
    assert scan.total("site.grid_import.all") == 10
    assert [told.kind for told in scan.events] == ["held"]


def test_a_chargers_total_is_as_old_as_it_says() -> None:
    """CNT-57: at 22 kW a total read every 30 s rises by 183 Wh at once; that is plausible, and booked."""
    scan = Scan()
    for second in range(91):
        read_at = at(second // 30 * 30).mono_s
        scan.cycle(
            Snapshot(
                at(second),
                chargers={
                    "garage": ChargerReading(
                        at(second).mono_s,
                        "C",
                        measured_mono_s=at(second).mono_s,
                        total_wh=1_000.0 + 183 * (second // 30),
                        total_mono_s=read_at,
                    )
                },
            )
        )
    assert scan.total("ev1.energy.all") == 3 * 183
    assert [told.kind for told in scan.events] == ["session_began", "counted"]


RAW = st.one_of(st.none(), st.sampled_from([0, 1, 2, 3, 5, NO_VALUE, 0xFFFF]), st.integers(-10, 20_000))
WH = st.one_of(st.none(), st.floats(), st.floats(0, 30_000))
SAMPLES = st.builds(
    Sample,
    pumps=st.dictionaries(st.integers(1, 3), st.builds(PumpSample, RAW, RAW, RAW), max_size=3),
    totals_wh=st.dictionaries(st.sampled_from(["grid_import", "pv", "odd"]), WH, max_size=3),
    chargers=st.dictionaries(
        st.integers(1, 2),
        st.builds(
            ChargerSample,
            st.sampled_from([None, *"ABCDEF"]),
            WH,
            st.one_of(st.none(), st.floats()),
            st.one_of(st.none(), st.floats()),
        ),
        max_size=2,
    ),
    contacts=st.dictionaries(st.sampled_from(["k1", "k2"]), st.sampled_from([None, True, False]), max_size=2),
)
STEPS = st.lists(
    st.tuples(
        SAMPLES, st.sampled_from([1, 5, 30, 600, 1_800, 50_000]), st.sampled_from(["go", "cut", "doubt"])
    ),
    max_size=12,
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_whatever_comes_windows_nest_and_totals_never_fall(steps: list[tuple[Sample, int, str]]) -> None:
    """INV-1, INV-2, INV-12: no sample raises."""
    house = Counted(NINE)
    for sample, pause_s, turn in steps:
        before = house.state.ledger.counters
        house.trusted = turn != "doubt"
        if turn == "cut":
            house.cut()
        house.take(sample)
        for name, counter in house.state.ledger.counters.items():
            assert counter.total >= before[name].total
            figures = house.show(name)
            if not figures:
                continue
            shown = [figures[period] or 0 for period in ("2h", "4h", "daily", "monthly", "yearly", "total")]
            assert shown == sorted(shown)
        house.wait(pause_s)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_samples_of_no_values_equal_a_roll(steps: list[tuple[Sample, int, str]]) -> None:
    """INV-5, INV-6: nothing said, nothing changed but the windows and what falls silent with a day; reading
    changes nothing.
    """
    house = Counted(NINE)
    silence = Sample(
        pumps={1: PumpSample(None, NO_VALUE, 0xFFFF), 2: PumpSample(-1)},
        totals_wh={"grid_import": None, "pv": -3.0},
        chargers={1: ChargerSample(None, math.inf, math.nan, math.inf)},
        contacts={"k1": None},
    )
    for sample, pause_s, _ in steps:
        house.take(sample)
        house.wait(pause_s)
        state = house.state
        stepped, _events = step(RULES, state, silence, house.now)
        rolled = roll(RULES.periods, state.ledger, house.now)
        assert replace(stepped.ledger, sessions={}) == replace(rolled, sessions={})
        assert read(RULES, state, house.now) == read(RULES, stepped, house.now)
        assert house.state is state


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.sampled_from([0, 1, 2, 5, None]),
            st.sampled_from([0, 3_000, None]),
            st.sampled_from([True, False, None]),
            st.integers(0, 200),
            st.sampled_from([5, 30, 300]),
        ),
        min_size=2,
        max_size=12,
    ),
    st.data(),
)
def test_interrupted_and_uninterrupted_runs_end_equal(
    readings: list[tuple[int | None, int | None, bool | None, int, int]], data: st.DataObject
) -> None:
    """CNT-91, INV-9: store, load and an empty tally at any point leave no trace."""
    cuts = data.draw(st.sets(st.integers(0, len(readings) - 1)))
    whole, cut = Counted(NINE), Counted(NINE)
    total_wh = 10_000
    for i, (code, rating, closed, rise_wh, pause_s) in enumerate(readings):
        total_wh += rise_wh // 2
        sample = Sample({1: PumpSample(code, rating)}, {"grid_import": total_wh}, contacts={"k1": closed})
        for house in (whole, cut):
            house.take(sample)
        if i in cuts:
            cut.cut()
        for house in (whole, cut):
            house.wait(pause_s)
    assert without_tally(cut.state) == without_tally(whole.state)


def test_a_ledger_survives_as_documents() -> None:
    """CNT-90: exact round trip in plain JSON types, one document per owner."""
    house = Counted(NINE)
    for code, wh in ((0, 100.25), (1, 130.75), (5, 166.125)):
        house.take(Sample({1: PumpSample(code, code)}, {"grid_import": wh}, contacts={"k1": code == 1}))
        house.wait(1.000001)
    documents: Mapping[str, Mapping[str, object]] = to_documents(house.state.ledger)
    assert set(documents) == {"keys", "hp1", "hp2", "ev1", "site", "relays"}
    assert from_documents(documents) == house.state.ledger
    assert resume(from_documents(documents)).tally == Tally()


def test_a_value_believed_outside_its_range_is_told_once() -> None:
    """BUS-35: for as long as it lasts; it changes no counter."""
    decision = Decision({}, Command(), None)
    tally, ledger = Tally(), fresh(RULES).ledger
    told = []
    volts, watts = "grid.line_v", "pv.power_w"
    for second, strange in enumerate([{volts}, {volts, watts}, set(), {volts}]):
        now = Instant(float(second), berlin("2026-11-24 08:00:00"))
        snapshot = Snapshot(now, strange=frozenset(strange))
        tally, ledger, events = count(RULES, tally, ledger, snapshot, decision)
        told.append([event.key for event in events if event.kind == "strange"])
    assert told == [[volts], [watts], [], [volts]]
