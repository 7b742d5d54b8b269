"""The counting core beside the plain reference model: the same figures on any path (INV-1..11, CNT-91)."""

from dataclasses import dataclass, replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hems.core.count import ChargerSample, PumpSample, Sample
from hems.core.invariants import broken
from hems.core.periods import PERIODS
from hems.model.ledger import Event
from hems.model.snapshot import Status
from tests.core.counting import NO_VALUE, Counted, berlin
from tests.core.reference import Moment, Pump

NAMES = ("heating", "hot_water", "cooling", "defrost", "compressor_start", "run_time_s")
PARTS = ("heating", "hot_water", "cooling", "defrost", "standby", "unattributed", "all")


@dataclass(frozen=True)
class Move:
    """Something happens, and then time passes."""

    pause_s: int
    code: int | None = None
    rating: int | None = None
    rise_mwh: int | None = None
    cut: bool = False
    trusted: bool = True
    set_back_h: int = 0


PAUSES = st.sampled_from([1, 4, 5, 9, 10, 11, 30, 60, 61, 300, 899, 900, 901, 3_600, 50_000, 200_000])
CODES = st.sampled_from([None, 0, 1, 2, 3, 5, 7, 12, NO_VALUE, 0xFFFF, -1, 100])
RATINGS = st.sampled_from([None, 0, 0, 1, 3_000, 11_000, 11_001, NO_VALUE])
MOVES = st.lists(
    st.builds(Move, PAUSES, CODES, RATINGS, st.one_of(st.none(), st.integers(0, 90_000)), st.booleans()),
    max_size=30,
)
DOUBTFUL = st.lists(
    st.builds(
        Move,
        PAUSES,
        CODES,
        RATINGS,
        cut=st.booleans(),
        trusted=st.sampled_from([True, True, False]),
        set_back_h=st.sampled_from([0, 0, 0, 1, 5]),
    ),
    max_size=30,
)


def walk(moves: list[Move]) -> tuple[Counted, Pump]:
    """The same history told to both."""
    house, pump = Counted(berlin("2026-12-30 21:00:00")), Pump()
    boot, total_mwh = 0, 5_000_000
    for move in moves:
        if move.cut:
            house.cut()
            boot += 1
        house.trusted = move.trusted
        house.wall -= timedelta(hours=move.set_back_h)
        total_mwh += move.rise_mwh or 0
        reading_mwh = None if move.rise_mwh is None else total_mwh
        wh = None if reading_mwh is None else reading_mwh / 1000
        before = house.state.ledger
        house.take(Sample({1: PumpSample(move.code, move.rating, electrical_wh=wh)}))
        pump.say(Moment(boot, house.mono_s, house.wall, house.trusted), move.code, move.rating, reading_mwh)
        assert all(house.state.ledger.keys[name] >= key for name, key in before.keys.items())
        house.wait(move.pause_s)
    return house, pump


def agree(house: Counted, pump: Pump, names: tuple[str, ...]) -> None:
    now = Moment(99, house.mono_s, house.wall, house.trusted)
    pump.calendar.turn(now)
    for name in names:
        assert house.show(f"hp1.{name}") == pump.calendar.shown(name), name
    observed = house.state.ledger.counters["hp1.observed_s"].total
    assert observed == pump.calendar.shown("observed_s")["total"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MOVES)
def test_edges_starts_times_and_energies_are_those_of_the_reference(moves: list[Move]) -> None:
    """INV-1, INV-3, INV-4, INV-7, INV-11; restarts and gaps included."""
    house, pump = walk(moves)
    agree(house, pump, (*NAMES, *(f"energy_electrical.{part}" for part in PARTS)))
    assert list(broken(PERIODS, house.state.ledger)) == []
    last = house.state.ledger.last.get("hp1.energy_electrical")
    assert (last.carry_mwh if last else 0) == pump.booked_mwh - 1000 * pump.booked_wh


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DOUBTFUL)
def test_whatever_the_clock_does_the_reference_says_the_same(moves: list[Move]) -> None:
    """INV-1, INV-2, INV-6: without trust, set back, restarted."""
    house, pump = walk(moves)
    agree(house, pump, NAMES)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MOVES)
def test_runs_hold_no_more_than_was_booked(moves: list[Move]) -> None:
    """INV-10."""
    house, _ = walk(moves)
    runs = house.ended("run")
    energies = [run["electrical_wh"] for run in runs]
    durations = [run["duration_s"] for run in runs]
    assert sum(wh for wh in energies if isinstance(wh, int)) <= house.counted("hp1").get(
        "energy_electrical.all", 0
    )
    assert all(isinstance(seconds, float | int) and seconds >= 0 for seconds in durations)
    assert house.counted("hp1").get("compressor_start", 0) <= len(runs) + len(house.state.ledger.runs)


SHORT = st.sampled_from([1, 5, 9, 10, 30, 60, 400])
CHARGING: st.SearchStrategy[Status | None] = st.sampled_from(["B", "C", "D", None])
PATHS = st.lists(
    st.tuples(
        SHORT, CODES, RATINGS, st.integers(0, 30), CHARGING, st.sampled_from([0.0, 6.0, 16.0]), st.booleans()
    ),
    min_size=1,
    max_size=15,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PATHS, st.data())
def test_an_interrupted_run_ends_with_the_same_ledger(
    path: list[tuple[int, int | None, int | None, int, Status | None, float, bool]], data: st.DataObject
) -> None:
    """CNT-91, INV-9: cut at any point, stored, loaded, an empty tally; every rise is plausible at once."""
    cut_at = data.draw(st.integers(0, len(path)))
    houses = Counted(berlin("2026-12-31 23:50:00")), Counted(berlin("2026-12-31 23:50:00"))
    told: list[list[Event]] = []
    for house, is_cut in zip(houses, (False, True), strict=True):
        rise_wh = 0
        for i, (pause_s, code, rating, wh, status, current_a, closed) in enumerate(path):
            if is_cut and i == cut_at:
                house.cut()
            rise_wh += wh
            house.take(
                Sample(
                    {
                        1: PumpSample(
                            code, rating, electrical_wh=900.5 + rise_wh, thermal_wh=300 + 3 * rise_wh
                        )
                    },
                    {"grid_import": 7_000.25 + rise_wh, "pv": 100 + rise_wh},
                    {1: ChargerSample(status, 4_000.75 + rise_wh, None, current_a)},
                    {"k1": closed},
                    None,
                    "peak",
                    333_333,
                )
            )
            house.wait(pause_s)
        told.append([replace(event, figures=dict(event.figures)) for event in house.events])
    assert houses[0].state.ledger == houses[1].state.ledger
    assert told[0] == told[1]
