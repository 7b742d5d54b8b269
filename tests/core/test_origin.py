"""Where a car's energy comes from (CNT-74, CNT-75), with EX-14."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.core.count import ChargerSample, CountRules, Flows, Sample
from hems.core.energy import TotalRules, split
from hems.core.origin import mean_ueur_kwh, shares
from tests.core.counting import Counted, berlin

NINE = berlin("2026-11-24 09:00:00")
SUNNY = Flows(5_200.0, 0.0, 1_000.0, 0.0)
DULL = Flows(2_000.0, 0.0, 900.0, 0.0)


def drive(
    house: Counted,
    seconds: int,
    flows: Flows | None,
    power_w: float | None = 3_600.0,
    tariff: str | None = "peak",
    price: int | None = 310_000,
) -> None:
    """So many cycles of one second in which these powers hold."""
    for _ in range(seconds):
        house.take(
            Sample(
                chargers={1: ChargerSample(power_w=power_w)}, flows=flows, tariff=tariff, price_ueur_kwh=price
            )
        )
        house.wait(1)


def stepped(house: Counted, wh: float) -> None:
    house.take(Sample(chargers={1: ChargerSample(total_wh=wh)}))


def energy(house: Counted) -> dict[str, int]:
    return house.counted("ev1.energy")


def test_ex_14_a_cars_step() -> None:
    """EX-14: weights solar 106,500 and grid 37,500 W·s."""
    house = Counted(NINE)
    stepped(house, 1_000)
    drive(house, 25, SUNNY)
    drive(house, 15, DULL)
    stepped(house, 1_040)
    assert energy(house) == {"solar": 30, "grid_peak": 10, "all": 40}
    assert house.counted("ev1")["cost.all"] == 3_100


def test_ex_14_in_two_samples() -> None:
    """EX-14: powers hold until the next cycle, however long it takes to come."""
    house = Counted(NINE)
    car = ChargerSample(power_w=3_600.0)
    house.take(
        Sample(
            chargers={1: ChargerSample("C", 1_000, 3_600.0)},
            flows=SUNNY,
            tariff="peak",
            price_ueur_kwh=310_000,
        )
    )
    house.wait(25)
    house.take(Sample(chargers={1: car}, flows=DULL, tariff="peak", price_ueur_kwh=310_000))
    assert house.state.tally.weights["ev1.energy"] == {"solar": 90_000.0}
    house.wait(15)
    stepped(house, 1_040)
    assert energy(house) == {"solar": 30, "grid_peak": 10, "all": 40}
    assert house.counted("ev1")["cost.all"] == 3_100
    assert house.state.tally.weights == {}


@pytest.mark.parametrize(
    ("flows", "parts_w"),
    [
        (Flows(0.0, 0.0, 500.0, 0.0), {"grid_peak": 4_000}),
        (Flows(3_000.0, 0.0, 500.0, 500.0), {"solar": 2_000, "grid_peak": 2_000}),
        (Flows(9_000.0, 0.0, 500.0, 500.0), {"solar": 4_000}),
        (Flows(1_000.0, 3_000.0, 500.0, 0.0), {"solar": 500, "battery": 3_000, "grid_peak": 500}),
        (Flows(1_000.0, 3_000.0, 2_500.0, 0.0), {"battery": 1_500, "grid_peak": 2_500}),
        (Flows(9_000.0, -2_000.0, 500.0, 0.0), {"solar": 4_000}),
        (Flows(0.0, 9_000.0, 500.0, 0.0), {"battery": 4_000}),
        (Flows(None, 0.0, 500.0, 0.0), {"unattributed": 4_000}),
        (Flows(1.0, 0.0, None, 0.0), {"unattributed": 4_000}),
        (Flows(1.0, 0.0, 1.0, math.nan), {"unattributed": 4_000}),
        (Flows(3_000.0, None, 500.0, 0.0), {"solar": 2_500, "unattributed": 1_500}),
        (None, {"unattributed": 4_000}),
    ],
)
def test_the_house_is_served_first(flows: Flows | None, parts_w: dict[str, float]) -> None:
    """CNT-74: sun beyond the house, battery beyond the house, the rest is bought."""
    assert shares(flows, 4_000.0, 4_000.0, "grid_peak") == parts_w


def test_cars_share_in_proportion_to_their_power() -> None:
    """CNT-74."""
    flows = Flows(4_000.0, 0.0, 1_000.0, 0.0)
    assert shares(flows, 1_000.0, 4_000.0, "grid_peak") == {"solar": 750, "grid_peak": 250}
    assert shares(flows, 3_000.0, 4_000.0, "grid_peak") == {"solar": 2_250, "grid_peak": 750}


def test_two_cars_split_one_sun() -> None:
    rules = CountRules(chargers={1: TotalRules(22_000.0), 2: TotalRules(22_000.0)})
    house = Counted(NINE, rules)
    for wh in (0, 40):
        house.take(
            Sample(
                chargers={
                    1: ChargerSample(None, 100 + wh, 3_000.0),
                    2: ChargerSample(None, 100 + wh, 1_000.0),
                },
                flows=Flows(3_000.0, 0.0, 1_000.0, 0.0),
            )
        )
        house.wait(40)
    for owner in ("ev1", "ev2"):
        assert house.counted(f"{owner}.energy") == {"solar": 20, "grid_unknown": 20, "all": 40}


@pytest.mark.parametrize(
    ("tariff", "price", "part"),
    [("off_peak", None, "grid_off_peak"), (None, 5, "grid_unknown"), ("x", 5, "grid_unknown")],
)
def test_the_grid_has_a_tariff_or_is_unknown(tariff: str | None, price: int | None, part: str) -> None:
    """CNT-74, CNT-76: without a price nothing is paid."""
    house = Counted(NINE)
    stepped(house, 1_000)
    drive(house, 40, Flows(0.0, 0.0, 1.0, 0.0), tariff=tariff, price=price)
    stepped(house, 1_040)
    assert energy(house) == {part: 40, "all": 40}
    assert ("cost.all" in house.counted("ev1")) is (price is not None and 40 * price >= 1_000)


def test_the_mean_price_is_that_of_the_grids_weights() -> None:
    """CNT-76: prices may change between two steps, and be negative."""
    house = Counted(NINE)
    stepped(house, 1_000)
    night = Flows(0.0, 0.0, 1.0, 0.0)
    drive(house, 30, night, price=100_000)
    drive(house, 10, night, price=-100_000)
    stepped(house, 1_040)
    assert house.counted("ev1")["cost.all"] == 2_000
    drive(house, 40, night, price=-100_000)
    stepped(house, 1_080)
    assert house.state.ledger.counters["ev1.cost.all"].total == -2_000
    assert mean_ueur_kwh({"solar": 5.0}) == 0.0


def test_own_energy_costs_what_was_configured() -> None:
    """CNT-76."""
    rules = CountRules(chargers={1: TotalRules(22_000.0)}, solar_ueur_kwh=80_000, battery_ueur_kwh=120_000)
    house = Counted(NINE, rules)
    stepped(house, 1_000)
    drive(house, 40, Flows(1_800.0, 1_800.0, 0.0, 0.0))
    stepped(house, 1_040)
    assert energy(house) == {"solar": 20, "battery": 20, "all": 40}
    assert house.counted("ev1")["cost.all"] == 1_600 + 2_400


def test_without_weights_nobody_knows() -> None:
    """CNT-75."""
    house = Counted(NINE)
    stepped(house, 1_000)
    drive(house, 30, SUNNY, power_w=None)
    stepped(house, 1_040)
    assert energy(house) == {"unattributed": 40, "all": 40}


def test_a_long_cycle_and_a_gap_are_nobodys() -> None:
    """CNT-75: elapsed > 900 s; powers of a cycle that took more than a minute say nothing."""
    house = Counted(NINE)
    stepped(house, 1_000)
    drive(house, 1, SUNNY)
    house.wait(70)
    stepped(house, 1_040)
    assert energy(house) == {"unattributed": 40, "all": 40}
    drive(house, 901, SUNNY)
    stepped(house, 1_940)
    assert energy(house) == {"unattributed": 940, "all": 940}


def test_after_a_restart_the_first_step_is_nobodys() -> None:
    """CNT-82: only the split of the gap is unattributed."""
    house = Counted(NINE)
    stepped(house, 1_000)
    drive(house, 40, SUNNY)
    house.cut()
    drive(house, 5, SUNNY)
    stepped(house, 1_045)
    assert energy(house) == {"unattributed": 45, "all": 45}
    drive(house, 40, SUNNY)
    stepped(house, 1_085)
    assert energy(house) == {"unattributed": 45, "solar": 40, "all": 85}


def test_weights_wait_for_a_whole_step() -> None:
    """CNT-75: a total in steps of 100 Wh is split by everything since its last step."""
    house = Counted(NINE)
    stepped(house, 1_000)
    drive(house, 50, SUNNY)
    stepped(house, 1_000)
    drive(house, 50, Flows(0.0, 0.0, 1.0, 0.0))
    stepped(house, 1_100)
    assert energy(house) == {"solar": 50, "grid_peak": 50, "all": 100}


@pytest.mark.parametrize(
    ("wh", "weights", "parts"),
    [
        (40, {"solar": 106_500, "grid_peak": 37_500}, {"solar": 30, "grid_peak": 10}),
        (1, {"grid_peak": 1, "battery": 1, "solar": 1}, {"grid_peak": 0, "battery": 0, "solar": 1}),
        (2, {"grid_peak": 1, "battery": 1, "solar": 1}, {"grid_peak": 0, "battery": 1, "solar": 1}),
        (1, {"unattributed": 1, "grid_peak": 1}, {"unattributed": 0, "grid_peak": 1}),
        (5, {}, {}),
        (5, {"solar": 0.0}, {}),
        (5, {"solar": -1.0, "grid_peak": 0.001}, {"solar": 0, "grid_peak": 5}),
    ],
)
def test_wh_are_split_by_largest_remainder(wh: int, weights: dict[str, float], parts: dict[str, int]) -> None:
    """CNT-75: ties in the order solar, battery, grid."""
    assert split(wh, weights) == parts


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 10**7),
    st.dictionaries(
        st.sampled_from(["solar", "battery", "grid_a", "grid_b"]), st.floats(0.01, 1e9), min_size=1
    ),
)
def test_the_parts_add_up_exactly(wh: int, weights: dict[str, float]) -> None:
    """INV-3, CNT-75: and no part is more than one Wh from its share."""
    parts = split(wh, weights)
    assert sum(parts.values()) == wh
    for part, share in parts.items():
        assert abs(share - wh * weights[part] / sum(weights.values())) < 1.01
