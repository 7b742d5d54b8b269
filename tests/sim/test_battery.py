from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.sim.battery import EFFICIENCY, SLEW_W, Battery, BatteryModel, fresh, level_pct, step

MODEL = BatteryModel()


def lives(battery: Battery, rest_w: list[float], model: BatteryModel = MODEL) -> list[Battery]:
    """The battery second by second; `rest_w` is what the house would import without it."""
    seen = []
    for watts in rest_w:
        battery = step(model, battery, watts - battery.power_w, 1.0)
        seen.append(battery)
    return seen


def test_it_makes_the_grid_zero_by_its_slew() -> None:
    seen = lives(fresh(MODEL), [4500.0] * 5)
    assert [battery.power_w for battery in seen] == [2000, 4000, 4500, 4500, 4500]
    assert lives(seen[-1], [-3000.0] * 6)[-1].power_w == -3000


def test_its_limits_and_its_ends() -> None:
    """Beyond its power the grid does the rest; empty it gives nothing, full it takes nothing."""
    assert lives(fresh(MODEL), [9000.0] * 5)[-1].power_w == 5000
    assert lives(replace(fresh(MODEL), stored_wh=0.0), [9000.0] * 5)[-1].power_w == 0
    assert lives(replace(fresh(MODEL), stored_wh=MODEL.capacity_wh), [-9000.0] * 5)[-1].power_w == 0


def test_what_it_takes_it_gives_back_less_the_losses() -> None:
    charged = lives(replace(fresh(MODEL), ordered_w=-1000.0), [0.0] * 3601)
    assert charged[-1].stored_wh - fresh(MODEL).stored_wh == pytest.approx(EFFICIENCY * 1000, abs=1)
    given_ = lives(replace(charged[-1], ordered_w=1000.0), [0.0] * 3601)
    assert charged[-1].stored_wh - given_[-1].stored_wh == pytest.approx(1000, abs=2)
    assert level_pct(MODEL, fresh(MODEL)) == 50


@settings(max_examples=30, deadline=None)
@given(st.floats(0, 100), st.lists(st.floats(-20_000, 20_000), min_size=2, max_size=200))
def test_it_never_leaves_its_bounds(start_pct: float, rest_w: list[float]) -> None:
    model = BatteryModel(capacity_wh=50.0, level_pct=start_pct)
    for before, after in pairwise([fresh(model), *lives(fresh(model), rest_w, model)]):
        assert 0.0 <= after.stored_wh <= model.capacity_wh
        assert abs(after.power_w) <= model.max_w
        assert abs(after.power_w) <= abs(before.power_w) + SLEW_W
