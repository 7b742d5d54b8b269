import pytest

from hems.core.rules import (
    ChargerRules,
    ChargingRules,
    HandRules,
    MeterRules,
    OverloadRules,
    Rules,
    SurplusRules,
)
from tests.core.bench import FUSE_A


@pytest.mark.parametrize(
    ("min_a", "step_a", "lowest_a"), [(6.0, 1.0, 6.0), (6.0, 0.1, 6.0), (6.2, 1.0, 7.0), (6.0, 0.26, 6.24)]
)
def test_the_lowest_set_point_is_a_whole_step(min_a: float, step_a: float, lowest_a: float) -> None:
    assert ChargerRules(min_a=min_a, step_a=step_a).lowest_a == lowest_a


def test_the_defaults_are_the_figures_of_the_rules() -> None:
    """CHG-13, CHG-16, CHG-17, CHG-31 to CHG-33, CHG-71 and the loss matrix."""
    rules = Rules(FUSE_A)
    assert rules.meter == MeterRules(
        fresh_s=2.0, pair_s=3.0, reduce_s=5.0, stop_s=12.0, relay_s=15.0, back_s=60.0
    )
    assert rules.overload == OverloadRules(
        skew_s=0.5,
        repeat_s=6.0,
        rise_a_s=1.0,
        ease=0.5,
        resume_a=1.0,
        resume_s=60.0,
        trip_factor=2.0,
        trip_s=3.0,
    )
    assert rules.surplus == SurplusRules(
        acquisition_tolerance=0.5, battery_level_consideration=0.9, too_little_w=100.0, settled_s=10.0
    )
    assert rules.charging == ChargingRules(60.0, 180.0, 30.0, 300.0, 300.0, 4, 20)
    assert rules.hand == HandRules(
        relay_margin_s=5.0, refusals=3, back_s=30.0, relay_min_s=300.0, spare_a=1.0, stuck_s=10.0
    )
