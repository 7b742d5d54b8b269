from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from math import isnan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.core.dim import Inputs, State, own_w, pot_w, stands, step
from hems.core.rules import DimRules
from hems.model.settings import OperatorLimit
from tests.core.bench import WALL

RULES = DimRules()
inf, nan = float("inf"), float("nan")


@pytest.mark.parametrize(
    ("devices", "watts"),
    [
        (0, 4200.0),
        (1, 4200.0),
        (2, 7560.0),
        (3, 10500.0),
        (4, 13020.0),
        (5, 15120.0),
        (6, 16800.0),
        (7, 18060.0),
        (8, 18900.0),
        (9, 19320.0),
        (12, 24990.0),
    ],
)
def test_devices_share_a_pot(devices: int, watts: float) -> None:
    """CHG-50: 4.2 kW + (n - 1) x factor x 4.2 kW."""
    assert pot_w(RULES, devices, 4200.0) == pytest.approx(watts)
    assert pot_w(DimRules(factors=()), devices, 4200.0) == 4200.0


@pytest.mark.parametrize(
    ("limited_when_open", "contact", "source"),
    [
        (True, False, "contact"),
        (True, True, ""),
        (True, None, "unknown"),
        (False, False, ""),
        (False, True, "contact"),
        (False, None, "unknown"),
    ],
)
def test_an_unknown_contact_limits(limited_when_open: bool, contact: bool | None, source: str) -> None:
    """CHG-50, the loss matrix: in the same cycle; the pot is told either way."""
    rules = DimRules(limited_when_open=limited_when_open)
    _, limit = step(rules, State(), Inputs(1, contact), 5.0)
    assert (limit.dim.limited, limit.dim.limit_w, limit.dim.source) == (bool(source), 4200.0, source)
    assert limit.room_w == (4200.0 if source else inf)


def test_the_smaller_of_contact_and_message_counts() -> None:
    """CHG-121."""
    until = WALL + timedelta(hours=1)
    for contact, message_w in product([False, True], [3000.0, 6000.0, nan, -5.0]):
        _, limit = step(RULES, State(), Inputs(1, contact, OperatorLimit(message_w, until), WALL), 5.0)
        said_w = 4200.0 if isnan(message_w) else max(0.0, message_w)
        assert limit.device_w == limit.room_w == (said_w if contact else min(4200.0, said_w))
        assert limit.dim.source == ("api" if contact or said_w < 4200.0 else limit.dim.source)


def test_a_message_ends_at_its_end_and_not_before_somebody_knows_the_time() -> None:
    """CHG-121: that it has ended is told once."""
    rules, message = DimRules("api"), OperatorLimit(4200.0, WALL)
    early, late = WALL - timedelta(seconds=1), WALL
    assert stands(message, early)
    assert stands(message, None)
    assert not stands(message, late)
    assert stands(OperatorLimit(1.0, WALL.replace(tzinfo=None)), late)
    state, told = State(), []
    for wall in (None, early, late, late):
        state, limit = step(rules, state, Inputs(1, message=message, wall=wall), 1.0)
        told.append((limit.dim.limited, limit.expired, limit.known))
    assert told == [(True, False, True), (True, False, True), (False, True, True), (False, False, True)]


@pytest.mark.parametrize("wall", [None, WALL])
def test_no_message_limits_for_more_than_a_day_of_a_run(wall: datetime | None) -> None:
    """CHG-121: whatever the clock says; another message begins anew."""
    message = OperatorLimit(4200.0, WALL + timedelta(days=9000))
    state, limit = step(RULES, State(), Inputs(1, True, message, wall), 5.0)
    state, limit = step(RULES, state, Inputs(1, True, message, wall), 5.0 + 86_399.0)
    assert (limit.dim.limited, limit.expired) == (True, False)
    state, limit = step(RULES, state, Inputs(1, True, message, wall), 5.0 + 86_400.0)
    assert (limit.dim.limited, limit.expired) == (False, True)
    renewed = replace(message, limit_w=4199.0)
    assert step(RULES, state, Inputs(1, True, renewed, wall), 5.0 + 86_401.0)[1].dim.limited


def test_a_contact_unknown_for_long_is_known_to_be() -> None:
    """CHG-51: what a start does not know yet is no record."""
    state, known = State(), []
    for now_s, contact in [(0, None), (4.9, None), (5, None), (6, False), (7, None)]:
        state, limit = step(RULES, state, Inputs(1, contact), float(now_s))
        known.append(limit.known)
    assert known == [False, False, True, True, False]


def test_a_raise_has_what_this_cycle_and_the_one_before_had() -> None:
    """CHG-50: released at once, raised by the normal ramp."""
    state, limit = step(RULES, State(), Inputs(1, contact=False), 1.0)
    assert limit.steady_w == 4200.0
    state, limit = step(RULES, state, Inputs(1, contact=False, grid_w=-500.0), 2.0)
    assert (limit.room_w, limit.steady_w) == (4700.0, 4200.0)
    _, limit = step(RULES, state, Inputs(1, contact=True), 3.0)
    assert (limit.room_w, limit.steady_w) == (inf, 4700.0)


@pytest.mark.parametrize(
    ("inputs", "watts"),
    [
        (Inputs(1, grid_w=-500.0), 500.0),
        (Inputs(1, grid_w=3000.0, ev_w=4000.0), 1000.0),
        (Inputs(1, grid_w=3000.0, ev_w=4000.0, pumps_w=(500.0, None)), 1500.0),
        (Inputs(1, grid_w=-500.0, battery=True, battery_w=2000.0), 0.0),
        (Inputs(1, grid_w=-500.0, battery=True, battery_w=-2000.0), 500.0),
        (Inputs(1, grid_w=-500.0, battery=True), 0.0),
        (Inputs(1, ev_w=9000.0), 0.0),
        (Inputs(1, grid_w=800.0), 0.0),
    ],
)
def test_own_surplus_is_on_top(inputs: Inputs, watts: float) -> None:
    """CHG-50: what would be exported without controllable devices and without the battery's discharge."""
    assert own_w(inputs) == watts


def test_what_pumps_draw_comes_out_of_the_pot() -> None:
    _, limit = step(RULES, State(), Inputs(3, contact=False, pumps_w=(1500.0, None)), 1.0)
    assert limit.room_w == pytest.approx(10500.0 - 1500.0 - 4200.0)


numbers = st.floats(allow_nan=True)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(-3, 20),
    st.sampled_from([None, True, False]),
    numbers,
    st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9)), max_size=3),
    st.floats(-1e9, 1e9),
)
def test_limits_whatever_is_said(
    devices: int, contact: bool | None, message_w: float, pumps_w: list[float | None], grid_w: float
) -> None:
    """Law 3: total; without own surplus nothing is left above the pot."""
    message = OperatorLimit(message_w, WALL)
    inputs = Inputs(devices, contact, message, None, tuple(pumps_w), 0.0, max(0.0, grid_w))
    _, limit = step(RULES, State(), inputs, 1.0)
    assert limit.dim.limited
    assert limit.device_w <= max(4200.0, message_w)
    drawn_w = sum(power_w for power_w in pumps_w if power_w is not None)
    assert limit.room_w <= pot_w(RULES, devices, limit.device_w) + max(0.0, drawn_w) + 1e-6
