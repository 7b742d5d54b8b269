"""The tick's budget and its words: BUS-55..58."""

import pytest

from hems.field.budget import describe, poll_plan, reaction_s, unfit, worst_s
from hems.field.profiles import PROFILES
from hems.field.wire import wire
from hems.model.site import Bus, HeatPump
from tests.field.houses import CAR, CARPORT, GARAGE, GRID, PUMP, PV, house

LINE = Bus(name="a", port="far-end")


def test_the_reaction_time_is_tick_reads_decision_and_writes() -> None:
    """BUS-57, by hand: 66 + 49 ms of reads, 10 ms, 47 ms and the gap of 100 ms for the write."""
    (line,) = poll_plan(house(GRID, GARAGE), PROFILES)
    assert line.fast_s == pytest.approx((37 + 21) * 10 / 9600 + 2 * (0.02 + 2 * 35 / 9600), abs=1e-6)
    assert line.writes_s == pytest.approx(19 * 10 / 9600 + 0.02 + 2 * 35 / 9600 + 0.1, abs=1e-6)
    assert reaction_s([line]) == pytest.approx(1 + line.fast_s + 0.01 + line.writes_s)


def test_lines_run_side_by_side() -> None:
    one = poll_plan(house(GRID, GARAGE), PROFILES)
    two = poll_plan(house(GRID, GARAGE, buses=(LINE, Bus(name="b", port="other", baud=1200))), PROFILES)
    assert reaction_s(two) == reaction_s(one)


def test_a_device_alone_owes_its_gap_to_itself() -> None:
    """BUS-55: a gap is time only if the line would stand idle."""
    (line,) = poll_plan(house(GRID), PROFILES)
    assert [row.pause_s for row in line.fast] == [0.1]
    (line,) = poll_plan(house(GRID, CAR), PROFILES)
    assert [row.pause_s for row in line.fast] == [0.0, 0.0]


def test_a_slow_read_that_never_fits_is_named() -> None:
    fitting = poll_plan(house(GRID, CAR, PV, GARAGE, PUMP), PROFILES)
    assert unfit(fitting[0]) == ()
    crowded = house(GRID, PUMP, buses=(Bus(name="a", port="far-end", baud=2400),))
    assert [row.device for row in unfit(poll_plan(crowded, PROFILES)[0])] == ["pump"]
    assert worst_s(wire(LINE), 3, 11, 0.6) == pytest.approx(0.704, abs=1e-3)


def test_the_plan_in_words() -> None:
    text = describe(house(GRID, CAR, PV, GARAGE, PUMP), PROFILES)
    assert text[0] == "a  9600 8N1  silence 3.65 ms"
    assert text[1].split() == ["each", "tick", "grid", "eastron-sdm630", "@1", "fc4", "6+12", "66", "ms"]
    assert any(row.split()[:5] == ["pump", "lambda-eul", "@4", "fc3", "1002+11"] for row in text)
    pv = next(row.split() for row in text if row.split()[0] == "pv")
    assert pv == ["pv", "sunspec", "@5", "fc3", "+3+13", "68", "ms", "/", "2", "s"]
    assert "  writes     garage 1000 47 ms / 10 s" in text
    assert text[-2].startswith("  load ")
    assert text[-1] == "reaction 1.34 s, with one dead device 1.64 s (limit 2.0 s)"


def test_a_second_module_and_a_line_without_chargers() -> None:
    second = HeatPump(name="second", number=2, bus="a", unit=4, profile="lambda-eul", module=2)
    text = describe(house(GRID, PUMP, second), PROFILES)
    assert any("1102+11" in row for row in text)
    assert not any("writes" in row for row in text)


def test_load_counts_everything() -> None:
    (line,) = poll_plan(house(GRID, CAR, PV, GARAGE, CARPORT, PUMP), PROFILES)
    assert 0.3 < line.load < 0.5
