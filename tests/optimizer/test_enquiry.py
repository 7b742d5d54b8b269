"""What the optimizer is told."""

import math
from typing import Any

from hypothesis import HealthCheck, given, settings
from msgspec import json

from hems.model.view import View
from hems.optimizer.enquiry import PROTOCOL, enquiry, situation
from tests.panel.any_view import views
from tests.panel.views import HOUSE, PLANNED


def test_the_house_in_base_units() -> None:
    """API-122."""
    told = enquiry(PLANNED, 17)
    assert (told["protocol"], told["request"], told["clock_ok"]) == (PROTOCOL, 17, True)
    assert told["time"] == "2026-03-12T14:32:00+01:00"
    assert told["time_zone"] == "Europe/Berlin"
    assert set(told) == {
        "protocol",
        "request",
        "time",
        "clock_ok",
        "time_zone",
        "site",
        "settings",
        "battery",
        "chargers",
        "heat_pumps",
        "tariff",
    }
    garage = next(charger for charger in told["chargers"] if charger["name"] == "garage")
    assert garage["max_a"] == PLANNED.installed.chargers["garage"].max_a
    assert garage["vehicle"]["deadline"]
    assert [line["name"] for line in told["site"]["lines"]] == ["L1", "L2", "L3"]
    line, grid = told["site"]["lines"][1], PLANNED.snapshot.grid
    assert grid
    assert grid.line_a
    assert line["headroom_a"] == line["fuse_a"] - grid.line_a[1]


def test_only_what_a_plan_depends_on_changes_the_situation() -> None:
    """API-120: plug, unplug, mode, target, price or operator."""
    assert situation(HOUSE) == situation(HOUSE)
    assert situation(HOUSE) != situation(PLANNED)


def _finite(value: Any) -> bool:
    match value:
        case dict():
            return all(map(_finite, value.values()))
        case list():
            return all(map(_finite, value))
        case float():
            return math.isfinite(value)
    return True


@given(views())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_any_house_can_be_told(view: View) -> None:
    told = json.decode(json.encode(enquiry(view, 1)))
    assert _finite(told)
    assert {charger["name"] for charger in told["chargers"]} <= set(view.installed.chargers)
