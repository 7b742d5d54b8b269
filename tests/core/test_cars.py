"""One charger: estimated totals, contactors, charging time (CNT-70, CNT-83, CNT-84)."""

import math

import pytest

from hems.core.cars import integrated_mwh
from hems.core.count import ChargerSample, CountRules, Flows, Sample
from hems.core.energy import TotalRules
from hems.model.ledger import Last
from tests.core.counting import Counted, berlin

NINE = berlin("2026-11-24 09:00:00")
ESTIMATED = CountRules(
    chargers={1: TotalRules(22_080.0)},
    totals={
        "grid_import": TotalRules(29_000.0),
        "pv": TotalRules(12_000.0),
        "battery_charge": TotalRules(12_000.0),
        "battery_discharge": TotalRules(12_000.0),
    },
    estimated=frozenset({"ev1.energy", "site.pv", "site.battery_charge", "site.battery_discharge"}),
)


def test_without_a_total_power_is_integrated() -> None:
    """CNT-70: over steps of at most 10 s, and the session says so."""
    house = Counted(NINE, ESTIMATED)
    house.charger(ChargerSample("A", power_w=0.0))
    for pause_s in [10] * 36 + [11] + [1] * 10:
        house.charger(ChargerSample("C", power_w=3_600.0))
        house.wait(pause_s)
    house.charger(ChargerSample("A", power_w=3_600.0))
    house.charger(ChargerSample("A", power_w=0.0))
    assert house.counted("ev1.energy")["all"] == 360 + 10
    assert house.ended("session")[0]["estimated"] is True


def test_sun_and_battery_without_totals_are_integrated_too() -> None:
    """CNT-70, CNT-71."""
    house = Counted(NINE, ESTIMATED)
    for battery_w in (0.0, 1_800.0, -3_600.0, None):
        for _ in range(10):
            house.take(Sample(flows=Flows(7_200.0, battery_w, 0.0, 0.0)))
            house.wait(1)
    house.take(Sample())
    assert house.counted("site") == {"pv.all": 78, "battery_discharge.all": 5, "battery_charge.all": 10}


@pytest.mark.parametrize("power_w", [None, math.nan, math.inf])
def test_no_power_is_no_value(power_w: float | None) -> None:
    house = Counted(NINE, ESTIMATED)
    assert integrated_mwh(house.state, "ev1.energy", power_w, house.now) is None


def test_power_that_flows_back_is_not_taken_off() -> None:
    """INV-2."""
    house = Counted(NINE, ESTIMATED)
    house.charger(ChargerSample(power_w=3_600.0))
    house.wait(1)
    assert integrated_mwh(house.state, "ev1.energy", -500.0, house.now) == 0


def test_an_estimate_goes_on_after_a_restart() -> None:
    """CNT-90: no energy for the time in which nobody looked."""
    house = Counted(NINE, ESTIMATED)
    for turn in (0.0, 300.0, 0.0):
        if turn:
            house.cut(off_s=turn)
        for _ in range(11):
            house.charger(ChargerSample(power_w=3_600.0))
            house.wait(1)
    assert house.counted("ev1.energy")["all"] == 10 + 11 + 10
    assert house.state.ledger.last["ev1.energy"].value == 31_000


def test_charging_time_is_time_above_one_ampere() -> None:
    """CNT-83, and CNT-35's limit of 60 s."""
    house = Counted(NINE)
    for current_a, pause_s in ((1.0, 5), (1.1, 30), (16.0, 60), (16.0, 61), (6.0, 4), (0.0, 9)):
        house.charger(ChargerSample("C", current_a=current_a))
        house.wait(pause_s)
    house.charger(ChargerSample("C", current_a=0.0))
    assert house.counted("ev1")["charge_time_s"] == 94


def test_a_charger_that_has_told_a_status_is_not_judged_by_current() -> None:
    """CNT-84."""
    house = Counted(NINE)
    for sample in (
        ChargerSample("B", current_a=0.0),
        ChargerSample(current_a=9.0),
        ChargerSample(current_a=0.0),
        ChargerSample(current_a=9.0),
    ):
        house.charger(sample)
        house.wait(5)
    assert "contactor" not in house.counted("ev1")
    assert house.state.ledger.last["ev1.contactor"] == Last(0, NINE)
