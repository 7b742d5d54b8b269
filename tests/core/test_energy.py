"""Register totals → Wh (CNT-51 to CNT-58), with the worked examples EX-10 to EX-12."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.core.energy import TotalRules, plausible, step
from hems.model.ledger import Event
from tests.core.counting import Counted, berlin

ELECTRICAL = TotalRules(15_000.0)
SOURCE = "hp1.energy_electrical"


def meter(house: Counted, wh: float | None, part: str) -> tuple[Event, ...]:
    """One reading of a heat pump's total, given the mode from now on."""
    reading_mwh = None if wh is None else round(wh * 1000)
    house.state, events = step(ELECTRICAL, SOURCE, house.state, reading_mwh, part, house.now)
    house.events += events
    return events


def booked(house: Counted) -> dict[str, int]:
    return {
        name.removeprefix(f"{SOURCE}."): counter.total
        for name, counter in house.state.ledger.counters.items()
        if name.startswith(SOURCE) and counter.total
    }


@pytest.mark.parametrize(
    ("delta_wh", "elapsed_s", "expected"),
    [
        (0.0, 0.0, True),
        (100.0, 0.0, True),
        (100.001, 0.0, False),
        (-0.001, 3600.0, False),
        (15_100.0, 3600.0, True),
        (15_100.001, 3600.0, False),
        (11_160_100.0, math.inf, True),
        (11_160_100.001, math.inf, False),
    ],
)
def test_a_rise_is_bound_by_power_and_time(delta_wh: float, elapsed_s: float, expected: bool) -> None:
    """CNT-56: 31 days at most."""
    assert plausible(ELECTRICAL, round(delta_wh * 1000), elapsed_s) is expected


def test_a_coarse_register_has_twice_its_step_as_slack() -> None:
    """CNT-56."""
    assert plausible(TotalRules(1_000.0, step_wh=1_000.0), 2_000_000, 0.0)
    assert not plausible(TotalRules(1_000.0, step_wh=1_000.0), 2_000_001, 0.0)


def test_ex_9_fractions_are_carried() -> None:
    """EX-9, CNT-51, CNT-54: the mode at the start of the interval gets it; 900 mWh remain."""
    house = Counted(berlin("2026-11-24 07:00:00"))
    for wh, part in (
        (81_230.4, "heating"), (81_243.8, "heating"), (81_257.1, "hot_water"),
        (81_270.5, "hot_water"), (81_270.9, "standby"), (81_271.3, "standby"),
    ):  # fmt: skip
        meter(house, wh, part)
        house.wait(30)
    assert booked(house) == {"heating": 26, "hot_water": 14, "all": 40}
    assert house.state.ledger.last[SOURCE].carry_mwh == 900


def test_ex_10_gaps() -> None:
    """EX-10, CNT-55: energy of a gap is booked, but to no mode."""
    house = Counted(berlin("2026-11-24 10:00:00"))
    for text, wh, part in (
        ("10:00:00", 5_000, "heating"), ("10:00:30", 5_018, "heating"), ("10:14:00", 5_390, "standby"),
        ("10:14:30", 5_390, "standby"), ("11:20:30", 7_020, "standby"), ("11:21:00", 7_021, "standby"),
    ):  # fmt: skip
        house.go_to(berlin(f"2026-11-24 {text}"))
        meter(house, wh, part)
    assert booked(house) == {"heating": 390, "unattributed": 1_630, "standby": 1, "all": 2_021}


def test_ex_11_a_torn_pair_of_words_costs_nothing() -> None:
    """EX-11, CNT-57."""
    house = Counted(berlin("2026-11-24 10:00:00"))
    for wh in (131_058, 131_070, 65_546, 131_096, 131_108):
        meter(house, wh, "heating")
        house.wait(30)
    assert booked(house) == {"heating": 50, "all": 50}
    assert house.kinds() == ["held"]
    assert house.state.tally.held == {}


def test_ex_11_a_reset_moves_the_baseline() -> None:
    """EX-11, CNT-52, CNT-57: zero is a booting controller; three that agree are believed."""
    house = Counted(berlin("2026-11-24 10:00:00"))
    for wh in (4_812_000, 0, 6, 31, 55, 80):
        meter(house, wh, "hot_water")
        house.wait(30)
    assert booked(house) == {"hot_water": 74, "all": 74}
    assert house.kinds() == ["held", "held", "rebased"]
    assert house.events[-1].figures == {"from_wh": 4_812_000, "to_wh": 55}


def test_ex_11_on_a_site_total() -> None:
    """EX-11 for a total without parts, through the whole step."""
    house = Counted(berlin("2026-11-24 10:00:00"))
    for wh in (131_058, 131_070, 65_546, 131_096, 131_108, None, math.nan, 0, 17, 40, 61, 80):
        house.total(wh)
        house.wait(30)
    assert house.show("site.grid_import.all")["total"] == 50 + 23 + 21 + 19
    assert house.kinds() == ["held", "held", "held", "rebased"]


def test_held_readings_that_disagree_are_held_anew() -> None:
    """CNT-57: three in a row, each plausible against the one before."""
    house = Counted(berlin("2026-11-24 10:00:00"))
    for wh in (500_000, 100, 200, 90, 95, 99):
        meter(house, wh, "heating")
        house.wait(1)
    assert house.kinds() == ["held", "held", "held", "held", "rebased"]
    assert booked(house) == {"heating": 9, "all": 9}


def test_ex_12_a_restart_without_a_clock() -> None:
    """EX-12, CNT-58: the same probation, then the jump is nobody's."""
    house = Counted(berlin("2026-11-24 10:00:00"))
    meter(house, 9_020, "heating")
    house.cut()
    house.trusted = False
    for wh in (9_410, 9_410, 9_410, 9_423):
        meter(house, wh, "heating")
        house.wait(30)
    assert booked(house) == {"unattributed": 390, "heating": 13, "all": 403}
    assert house.kinds() == ["held", "held", "gap"]


def test_a_meter_changed_while_nobody_knew_the_time_books_no_jump() -> None:
    """CNT-58: the first of the three is below the last accepted reading."""
    house = Counted(berlin("2026-11-24 10:00:00"))
    meter(house, 9_020, "heating")
    house.cut()
    house.trusted = False
    for wh in (20, 30, 40):
        meter(house, wh, "heating")
        house.wait(30)
    assert booked(house) == {"heating": 20, "all": 20}
    assert house.kinds()[-1] == "rebased"


def test_a_clock_that_comes_during_the_probation_ends_it() -> None:
    """CNT-58 only holds while the elapsed time is unknown."""
    house = Counted(berlin("2026-11-24 10:00:00"))
    meter(house, 9_020, "heating")
    house.cut(60)
    house.trusted = False
    meter(house, 9_030, "heating")
    house.trusted = True
    house.wait(5)
    meter(house, 9_031, "heating")
    assert booked(house) == {"heating": 11, "all": 11}


def test_a_first_reading_of_zero_is_a_baseline() -> None:
    """CNT-52: zero is refused only where something was read before."""
    house = Counted(berlin("2026-11-24 10:00:00"))
    assert meter(house, -1, "") == ()
    assert SOURCE not in house.state.ledger.last
    meter(house, 0, "")
    house.wait(30)
    meter(house, 0, "")
    meter(house, 12.6, "")
    assert booked(house) == {"all": 12}


def test_a_gap_between_two_held_readings_is_nobodys() -> None:
    """CNT-55, CNT-57: the rise over it goes to no mode, the other one to its own."""
    house = Counted(berlin("2026-11-24 10:00:00"))
    for wh, pause_s in ((500_000, 30), (100, 901), (130, 30), (137, 0)):
        meter(house, wh, "heating")
        house.wait(pause_s)
    assert house.kinds() == ["held", "held", "rebased"]
    assert booked(house) == {"unattributed": 30, "heating": 7, "all": 37}


READINGS = st.lists(st.one_of(st.none(), st.integers(-5, 400_000)), max_size=25)


@settings(max_examples=100, deadline=None)
@given(READINGS, st.lists(st.integers(1, 2_000), min_size=25, max_size=25))
def test_every_accepted_milliwatt_hour_is_booked_once(readings: list[int | None], pauses: list[int]) -> None:
    """INV-2, INV-4: 1000 × booked + carry is the sum of the accepted differences; nothing falls."""
    house = Counted(berlin("2026-11-24 10:00:00"))
    accepted_mwh, total = 0, 0
    for reading, pause_s in zip(readings, pauses, strict=False):
        last = house.state.ledger.last.get(SOURCE)
        held = house.state.tally.held.get(SOURCE)
        house.state, events = step(ELECTRICAL, SOURCE, house.state, reading, "", house.now)
        after = house.state.ledger.last.get(SOURCE)
        if last and after and any(told.kind == "rebased" for told in events):
            assert held is not None
            accepted_mwh += after.value - held.values[0]
        elif last and after:
            accepted_mwh += after.value - last.value
        now_total = booked(house).get("all", 0)
        assert now_total >= total
        total = now_total
        house.wait(pause_s)
    carry_mwh = house.state.ledger.last[SOURCE].carry_mwh if SOURCE in house.state.ledger.last else 0
    assert 1000 * total + carry_mwh == accepted_mwh
