"""Whatever is ordered: odd targets, boosts, cars, prices and optimizers."""

from dataclasses import replace
from datetime import datetime, timedelta
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.core.tariff import TariffRules
from hems.model.prices import Prices
from hems.model.settings import MODES, Boost, ChargerSettings, Settings, Target, VehicleSettings
from tests.core.bench import bench
from tests.core.nights import EVENING, SPOT, WINDOWS, ZONE, hourly, night, ordered

CHEAP_NOW = [0.1, 0.3, 0.3, 0.3, 0.3, 0.3]

figures = st.one_of(st.sampled_from([nan, inf, -inf, 0.0, 1e300]), st.floats(-10.0, 100_000.0))
moments = st.integers(-30, 200).map(lambda hours: EVENING + timedelta(hours=hours))
targets = st.builds(
    Target,
    moments,
    figures,
    st.one_of(st.none(), figures),
    st.sampled_from([(), (2, 3), (9,)]),
    st.booleans(),
    figures,
)
orders = st.builds(
    ChargerSettings,
    st.sampled_from(MODES),
    st.sampled_from([32.0, 10.0, 4.0, nan]),
    st.one_of(st.none(), targets),
    st.booleans(),
    figures,
    st.booleans(),
    st.sampled_from(["", "zoe", "stranger"]),
    st.sampled_from([None, 1, 3]),
    st.one_of(
        st.none(), st.builds(Boost, st.one_of(st.none(), moments), figures, st.one_of(st.none(), figures))
    ),
)
cars = st.builds(
    VehicleSettings, figures, st.one_of(st.none(), moments), figures, st.sampled_from([None, 13.0, 4.0, nan])
)
hours = st.tuples(
    orders,
    st.one_of(st.none(), cars),
    st.sampled_from([None, CHEAP_NOW, [-0.1, 0.2], [nan, inf, -inf, 1e300, 0.1]]),
    st.one_of(st.none(), figures),
    st.sampled_from(["A", "B", "C", "C", "C", "F", None]),
    st.booleans(),
    st.integers(1, 5),
)


@pytest.mark.parametrize("year", [1, 1970, 9999])
@pytest.mark.parametrize("tariff", [SPOT, WINDOWS, None])
def test_a_wall_time_beyond_every_calendar_is_borne(tariff: TariffRules | None, year: int) -> None:
    """Law 2: nobody trusts it; surplus and protection go on."""
    target = Target(EVENING + timedelta(hours=3), repeat_days=(1, 5))
    for mode in MODES:
        house = bench(mode, sun_w=9_000.0)
        house.rules = replace(house.rules, tariff=tariff)
        house.wall = datetime(year, 12 if year > 1 else 1, 31 if year > 1 else 1, tzinfo=ZONE)
        order = ChargerSettings(mode, 32.0, target, True, 20.0, True, boost=Boost(EVENING, 600.0))
        house.settings = Settings({"garage": order}, prices=Prices("awattar-at", hourly(CHEAP_NOW, EVENING)))
        house.run(30)
        assert (house.told_a() > 0.0) is (mode != "off")
        house.settings = Settings({"garage": replace(order, boost=None)}, prices=house.settings.prices)
        house.run(3)
        assert {event.at for event in house.decision.events} <= {None}


@settings(max_examples=40, deadline=None)
@given(st.lists(hours, min_size=1, max_size=5), st.sampled_from([SPOT, WINDOWS, None]))
def test_whatever_is_ordered_there_is_a_set_point_and_its_reason(
    story: list[tuple[Any, ...]], tariff: TariffRules | None
) -> None:
    """CHG-1 and law 3, over odd orders: each set-point from its own reason, none above what a car takes."""
    house = night(tariff, mode="surplus")
    for order, car, prices, ordered_a, status, trusted, steps in story:
        told = {} if car is None else {"zoe": car, "stranger": car}
        slots = None if prices is None else Prices("awattar-at", hourly(prices, EVENING))
        house.settings = Settings({"garage": order}, prices=slots, vehicles=told)
        house.cars["garage"].status, house.trusted = status, trusted
        house.optimizer = None
        if ordered_a is not None:
            ordered(house, ordered_a)
        house.run(steps)
        one = house.one()
        most_a = car.max_a if car is not None and car.max_a is not None and order.vehicle else 16.0
        assert one.limit_a <= (most_a if most_a >= 6.0 else 0.0)
        assert one.limit_a == 0.0 or order.mode != "off"
        assert one.need_wh is None or 0.0 <= one.need_wh < inf
        assert len(one.why.text) <= 21
