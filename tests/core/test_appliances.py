from hems.core.appliances import HeatPumpRules, LoadRules, SgReadyRules, SheddingRules
from hems.model.units import LINES


def test_the_defaults_are_the_figures_of_the_rules() -> None:
    """CHG-36, CHG-100, CHG-101, CHG-122."""
    assert SgReadyRules(("one", "two")) == SgReadyRules(
        ("one", "two"),
        recommended_w=3000.0,
        forced_w=None,
        power_w=3000.0,
        hold_s=600.0,
        surplus_s=300.0,
        starts_per_hour=3,
        min_run_s=1200.0,
        min_rest_s=600.0,
    )
    assert HeatPumpRules() == HeatPumpRules(1, "off", False, 0, keep_s=60.0)
    assert LoadRules("r1") == LoadRules("r1", LINES)
    assert SheddingRules() == SheddingRules(3.0, 1.0, 60.0, 300.0, 60.0)
