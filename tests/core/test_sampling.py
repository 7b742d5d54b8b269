"""A snapshot's readings count once, when they are new; powers are told every cycle."""

from dataclasses import replace
from datetime import timedelta

import pytest

from hems.core.count import ChargerSample, CountRules, Flows, PumpSample, Sample
from hems.core.energy import TotalRules
from hems.core.sampling import sample_of
from hems.model.decision import ChargerDecision, Command, Decision, Hand, Stage
from hems.model.instant import Instant
from hems.model.ledger import Tally
from hems.model.snapshot import BatteryReading, ChargerReading, HeatPumpReading, MeterReading, Snapshot
from hems.model.why import Reason, Why
from tests.core.counting import RULES, berlin

NINE = berlin("2026-11-24 09:00:00")
WITH_BATTERY = replace(
    RULES,
    totals={**RULES.totals, **dict.fromkeys(("battery_charge", "battery_discharge"), TotalRules(9_000.0))},
)
DECIDED = Decision(
    {"garage": ChargerDecision(Stage.CHARGING, Hand.MODBUS, 9, 9, 9, 9, Why(Reason.SURPLUS), "fast")},
    Command(),
    0.0,
    "peak",
    310_000,
)


def at(second: float) -> Instant:
    return Instant(1_000.0 + second, NINE + timedelta(seconds=second))


def sampled(
    snapshot: Snapshot, tally: Tally | None = None, rules: CountRules = WITH_BATTERY
) -> tuple[Sample, Tally]:
    tally = tally or Tally()
    sample, noted_mono_s = sample_of(rules, tally, snapshot, DECIDED)
    return sample, replace(tally, seen_mono_s={**tally.seen_mono_s, **noted_mono_s})


WHOLE = Snapshot(
    at(0),
    grid=MeterReading(1_000.0, 1_500.0, import_wh=10.0, export_wh=20.0, totals_mono_s=990.0),
    pv=MeterReading(1_000.0, 4_000.0, import_wh=1.0, export_wh=30.0),
    battery=BatteryReading(1_000.0, -500.0, charge_wh=40.0, discharge_wh=50.0, totals_mono_s=995.0),
    chargers={
        "garage": ChargerReading(
            1_000.0, "C", 1_000.0, line_a=(9.0, 8.0, 0.4), power_w=3_000.0, total_wh=60.0, total_mono_s=980.0
        )
    },
    heat_pumps={
        "lambda": HeatPumpReading(
            1_000.0, 1, 5, 3_000, 800.0, electric_words=(17, 1), thermal_wh=70.0, totals_mono_s=985.0
        ),
        "cellar": HeatPumpReading(1_000.0, 2, power_w=200.0, electric_wh=80.0),
    },
    relays={"k1": True},
)


def test_everything_arrives_under_its_number() -> None:
    sample, _ = sampled(WHOLE)
    assert sample == Sample(
        pumps={
            1: PumpSample(1, 3_000, 5, electrical_words=(17, 1), thermal_wh=70.0),
            2: PumpSample(2, electrical_wh=80.0),
        },
        totals_wh={
            "grid_import": 10.0,
            "grid_export": 20.0,
            "pv": 30.0,
            "battery_charge": 40.0,
            "battery_discharge": 50.0,
        },
        chargers={1: ChargerSample("C", 60.0, 3_000.0, 9.0, 2, "fast")},
        contacts={"k1": True},
        flows=Flows(4_000.0, -500.0, 1_000.0, 1_000.0),
        tariff="peak",
        price_ueur_kwh=310_000,
        grid_seen=True,
    )


def test_what_was_counted_does_not_count_again() -> None:
    """CNT-23: but powers hold as long as they are fresh."""
    _, tally = sampled(WHOLE)
    sample, tally = sampled(replace(WHOLE, now=at(1)), tally)
    assert sample.pumps == {1: PumpSample(), 2: PumpSample()}
    assert (sample.totals_wh, sample.contacts) == ({}, {})
    assert sample.chargers == {1: ChargerSample(power_w=3_000.0, mode="fast")}
    assert sample.flows == Flows(4_000.0, -500.0, 1_000.0, 1_000.0)
    stale, _ = sampled(replace(WHOLE, now=at(60)), tally)
    assert stale.flows == Flows(None, None, None, None)
    assert stale.chargers[1].power_w is None


def test_totals_count_when_they_were_read_anew() -> None:
    """CNT-57."""
    _, tally = sampled(WHOLE)
    assert WHOLE.grid is not None
    again = replace(WHOLE.grid, at_mono_s=1_001.0)
    assert sampled(replace(WHOLE, grid=again), tally)[0].totals_wh == {}
    again = replace(again, totals_mono_s=1_000.5)
    assert sampled(replace(WHOLE, grid=again), tally)[0].totals_wh == {
        "grid_import": 10.0,
        "grid_export": 20.0,
    }
    assert WHOLE.battery is not None
    later = replace(WHOLE.battery, at_mono_s=1_001.0)
    assert sampled(replace(WHOLE, battery=later), tally)[0].totals_wh == {}
    later = replace(later, totals_mono_s=996.0)
    sample, _ = sampled(replace(WHOLE, battery=later), tally)
    assert set(sample.totals_wh) == {"battery_charge", "battery_discharge"}


def test_an_output_counts_every_few_seconds_and_when_it_moves() -> None:
    """CNT-84: so that an idle cycle leaves the ledger alone."""
    tally, seen = Tally(), []
    for second, closed in (
        (0, True),
        (1, True),
        (5, True),
        (6, True),
        (7, False),
        (8, True),
        (9, True),
        (14, True),
    ):
        snapshot = Snapshot(at(second), relays={"k1": closed, "foreign": True})
        sample, tally = sampled(snapshot, tally, RULES)
        seen += [(second, closed)] if sample.contacts else []
        assert sample.contacts in ({}, {"k1": closed})
    assert seen == [(0, True), (6, True), (7, False), (8, True), (14, True)]
    assert sampled(Snapshot(at(99)), tally)[0].contacts == {}


@pytest.mark.parametrize(
    ("pump_w", "flows"),
    [(None, Flows(4_000.0, 0.0, 2_500.0, 0.0)), (800.0, Flows(4_000.0, 0.0, 1_700.0, 800.0))],
)
def test_a_pump_that_tells_no_power_is_part_of_the_house(pump_w: float | None, flows: Flows) -> None:
    """CNT-74: the sum is what matters for the car."""
    rules = replace(RULES, pump_numbers={"lambda": 1})
    pump = HeatPumpReading(1_000.0, 1, power_w=pump_w)
    snapshot = replace(WHOLE, battery=None, heat_pumps={"lambda": pump})
    assert sampled(snapshot, rules=rules)[0].flows == flows


def test_the_grid_meter_is_seen_every_few_seconds_without_its_totals() -> None:
    """CNT-19."""
    assert WHOLE.grid is not None
    tally, seen = Tally(), []
    for second in range(13):
        grid = replace(WHOLE.grid, at_mono_s=at(min(second, 11)).mono_s)
        sample, tally = sampled(Snapshot(at(second), grid=grid), tally)
        seen += [second] if sample.grid_seen else []
    assert seen == [0, 6]
    assert not sampled(Snapshot(at(0)))[0].grid_seen


def test_a_car_that_is_not_measured_leaves_the_flows_unknown() -> None:
    snapshot = replace(WHOLE, chargers={"garage": ChargerReading(1_000.0, "C")})
    sample, _ = sampled(snapshot)
    assert sample.flows == Flows(4_000.0, -500.0, None, 1_000.0)
    assert sample.chargers == {1: ChargerSample("C", mode="fast")}
