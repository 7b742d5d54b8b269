"""One profile for every model of the standard: BUS-66."""

import pytest

from hems.field.plan import placed
from hems.field.profile import Quantity
from hems.field.profiles.sunspec import SUNSPEC


@pytest.mark.parametrize(
    ("role", "models", "found"),
    [
        ("pv", (103, 102, 101), {"line_a", "line_v", "power_w", "frequency_hz", "export_wh"}),
        ("pv", (113, 112, 111), {"line_a", "line_v", "power_w", "frequency_hz", "export_wh"}),
        (
            "grid",
            (203, 202, 201),
            {"line_a", "line_v", "line_power_w", "power_w", "frequency_hz", "import_wh", "export_wh"},
        ),
        (
            "grid",
            (213, 212, 211),
            {"line_a", "line_v", "line_power_w", "power_w", "frequency_hz", "import_wh", "export_wh"},
        ),
    ],
)
def test_a_model_is_read_on_the_lines_it_has(
    role: str, models: tuple[int, int, int], found: set[Quantity]
) -> None:
    """A line the device does not fill would make the others unknown."""
    for lines, model in zip((3, 2, 1), models, strict=True):
        rows = placed(SUNSPEC, role, models={model: 40_070})
        assert {point.quantity for point in rows} == found
        assert len(rows) == len(found)
        assert {len(point.addresses) for point in rows if point.quantity.startswith("line_")} == {lines}


def test_no_row_reaches_beyond_its_model() -> None:
    chain = SUNSPEC.chain
    assert chain is not None
    for point in SUNSPEC.points:
        for model in point.models:
            assert 2 <= point.start < point.end <= 2 + chain.lengths[model]


def test_a_battery_says_its_level_in_either_model_and_its_power_in_one() -> None:
    assert [point.quantity for point in placed(SUNSPEC, "battery", models={124: 0})] == ["level_pct"]
    assert {point.quantity for point in placed(SUNSPEC, "battery", models={802: 0})} == {
        "level_pct",
        "power_w",
    }
