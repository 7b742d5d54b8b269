from datetime import UTC, datetime
from math import inf, nan
from typing import Any

import pytest

from hems.core.readings import NO_TIME, NOTHING, believed, charger, floor_step, grid, volts
from hems.core.rules import HandRules, MeterRules
from hems.model.instant import Instant
from hems.model.snapshot import ChargerReading, MeterReading, Status
from hems.model.units import PerLine

LINE_A = (1.0, 2.0, 3.0)


@pytest.mark.parametrize(
    "reading",
    [
        None,
        MeterReading(10.0, 0.0),
        MeterReading(10.0, nan, line_a=LINE_A),
        MeterReading(10.0, 0.0, line_a=(1.0, inf, 3.0)),
        MeterReading(12.1, 0.0, line_a=LINE_A),
        MeterReading(nan, 0.0, line_a=LINE_A),
        MeterReading(-inf, 0.0, line_a=LINE_A),
    ],
)
def test_protection_uses_only_whole_finite_readings(reading: MeterReading | None) -> None:
    assert grid(reading, 11.0, MeterRules()) is None


def test_a_grid_reading_may_be_younger_than_the_cycle() -> None:
    seen = grid(MeterReading(11.7, 50.0, line_a=LINE_A, line_v=(nan, 230.0, 230.0)), 11.0, MeterRules())
    assert seen is not None
    assert (seen.at_mono_s, seen.power_w, seen.line_a, seen.line_v) == (11.7, 50.0, LINE_A, None)


def test_a_charger_grows_old_in_steps() -> None:
    """The loss matrix: no raise without an answer, lost after 5 s; measurements have their own age."""
    reading = ChargerReading(10.0, "C", 10.4, LINE_A, 1380.0, acknowledged_a=6.0)
    ages = [charger(reading, 10.1, now_s, HandRules()) for now_s in (12.0, 12.1, 13.5, 15.1)]
    assert [(sight.answers, sight.lost) for sight in ages] == [
        (True, False),
        (False, False),
        (False, False),
        (False, True),
    ]
    assert [sight.line_a for sight in ages] == [LINE_A, LINE_A, None, None]
    assert [sight.power_w for sight in ages] == [1380.0, 1380.0, None, None]
    assert [sight.status for sight in ages] == ["C", "C", "C", None]
    assert abs(ages[0].skew_s - 0.3) < 1e-9
    assert charger(reading, None, 11.0, HandRules()).skew_s == inf
    assert charger(None, 10.0, 10.0, HandRules()) is NOTHING
    assert charger(ChargerReading(nan), 10.0, 10.0, HandRules()) is NOTHING


def test_a_charger_that_refuses_three_times_is_lost() -> None:
    """The loss matrix."""
    seen = [charger(ChargerReading(10.0, refusals=refusals), 10.0, 10.0, HandRules()) for refusals in (2, 3)]
    assert [(sight.answers, sight.lost) for sight in seen] == [(True, False), (False, True)]


@pytest.mark.parametrize(
    ("change", "good"),
    [({}, True), ({"unsure": True}, False), ({"ready": False}, False), ({"refusals": 3}, False)],
)
def test_good_is_more_than_an_answer(change: dict[str, Any], good: bool) -> None:
    assert charger(ChargerReading(10.0, **change), 10.0, 10.0, HandRules()).good is good


def test_a_load_never_draws_less_than_nothing() -> None:
    reading = ChargerReading(10.0, measured_mono_s=10.0, line_a=(-0.1, 6.0, nan))
    assert charger(reading, 10.0, 10.0, HandRules()).line_a is None
    reading = ChargerReading(10.0, measured_mono_s=10.0, line_a=(-0.1, 6.0, 0.0))
    assert charger(reading, 10.0, 10.0, HandRules()).line_a == (0.0, 6.0, 0.0)


@pytest.mark.parametrize(
    ("line_v", "lines", "expected_v"),
    [
        (None, [0], 230.0),
        ((240.0, 220.0, 100.0), [0, 1], 230.0),
        ((240.0, 220.0, 100.0), [0], 240.0),
        ((240.0, 220.0, 100.0), [2], 230.0),
        ((240.0, 220.0, 100.0), [], 230.0),
    ],
)
def test_measured_voltage_where_it_can_be_one(
    line_v: PerLine | None, lines: list[int], expected_v: float
) -> None:
    """CHG-14."""
    assert volts(line_v, lines) == expected_v


@pytest.mark.parametrize(
    ("value_a", "step_a", "expected_a"),
    [(7.99, 1.0, 7.0), (8.0, 1.0, 8.0), (6.3, 0.1, 6.3), (0.7, 0.1, 0.7), (-3.0, 1.0, 0.0)],
)
def test_rounds_down_to_the_step(value_a: float, step_a: float, expected_a: float) -> None:
    """CHG-14."""
    assert floor_step(value_a, step_a) == expected_a


@pytest.mark.parametrize(
    ("status", "line_a", "measured_mono_s", "seen"),
    [
        (None, (0.0, 1.1, 0.0), 10.0, "C"),
        (None, (1.0, 1.0, 1.0), 10.0, None),
        (None, (6.0, 6.0, 6.0), 6.0, None),
        (None, None, 10.0, None),
        ("B", (6.0, 6.0, 6.0), 10.0, "B"),
    ],
)
def test_a_charger_that_tells_no_status_charges_while_current_flows(
    status: Status | None, line_a: PerLine | None, measured_mono_s: float, seen: Status | None
) -> None:
    """CHG-2: more than 1 A, and not older than a measurement may be."""
    reading = ChargerReading(10.0, status, measured_mono_s, line_a)
    assert charger(reading, 10.0, 10.0, HandRules()).status == seen
    assert charger(reading, 10.0, 16.0, HandRules()).status is None


@pytest.mark.parametrize(
    ("wall", "believable"),
    [
        (datetime(2026, 6, 21, tzinfo=UTC), True),
        (datetime(2000, 1, 1, tzinfo=UTC), True),
        (datetime(1999, 12, 31, tzinfo=UTC), False),
        (datetime.min.replace(tzinfo=UTC), False),
        (datetime.max.replace(tzinfo=UTC), False),
        (datetime(2026, 6, 21), False),
    ],
)
def test_a_wall_time_of_no_year_of_ours_is_nobodys(wall: datetime, believable: bool) -> None:
    now = Instant(5.0, wall)
    assert believed(now) == (now if believable else Instant(5.0, NO_TIME, trusted=False))
