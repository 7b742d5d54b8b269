"""A heat pump's energies by kind and part, end to end (CNT-50 to CNT-60); EX-9 to EX-12."""

import pytest

from hems.core.count import CountRules, Sample
from hems.core.cycles import Mode, PumpRules, PumpSample
from tests.core.counting import Counted, berlin

DAY = "2026-11-24"
ELECTRICAL = "hp1.energy_electrical"


def metered(
    house: Counted, code: int | None, electrical_wh: float | None, thermal_wh: float | None = None
) -> None:
    house.take(Sample({1: PumpSample(code, electrical_wh=electrical_wh, thermal_wh=thermal_wh)}))


def test_ex_9_modes() -> None:
    """EX-9: both kinds by mode, the carry, and the COP of modes and of all."""
    house = Counted(berlin(f"{DAY} 07:00:00"))
    for text, electrical_wh, thermal_wh, code in (
        ("07:00:00", 81_230.4, 301_500, 1), ("07:00:30", 81_243.8, 301_548, 1),
        ("07:01:00", 81_257.1, 301_597, 2), ("07:01:30", 81_270.5, 301_640, 2),
        ("07:02:00", 81_270.9, 301_640, 0), ("07:02:30", 81_271.3, 301_640, 0),
    ):  # fmt: skip
        while house.wall < berlin(f"{DAY} {text}"):
            house.wait(5)
            if house.wall < berlin(f"{DAY} {text}"):
                house.pump(house.state.ledger.last["hp1.operating_state"].value)
        metered(house, code, electrical_wh, thermal_wh)
    assert house.counted(ELECTRICAL) == {"heating": 26, "hot_water": 14, "all": 40}
    assert house.state.ledger.last[ELECTRICAL].carry_mwh == 900
    assert house.counted("hp1.energy_thermal") == {"heating": 97, "hot_water": 43, "all": 140}
    cop = {
        part: house.show(f"hp1.cop.{part}")["daily"] for part in ("heating", "hot_water", "cooling", "all")
    }
    assert cop == {"heating": 3.73, "hot_water": 3.07, "cooling": None, "all": 3.5}


def test_ex_10_gaps() -> None:
    """EX-10, CNT-55: energy of a gap is booked, but to no mode."""
    house = Counted(berlin(f"{DAY} 10:00:00"))
    for text, wh, code in (
        ("10:00:00", 5_000, 1), ("10:00:30", 5_018, 1), ("10:14:00", 5_390, 0),
        ("10:14:30", 5_390, 0), ("11:20:30", 7_020, 0), ("11:21:00", 7_021, 0),
    ):  # fmt: skip
        house.go_to(berlin(f"{DAY} {text}"))
        metered(house, code, wh)
    assert house.counted(ELECTRICAL) == {"heating": 390, "unattributed": 1_630, "standby": 1, "all": 2_021}
    assert [told.figures["wh"] for told in house.events if told.kind == "gap"] == [1_630]


@pytest.mark.parametrize(
    ("code", "readings", "booked"),
    [
        (1, (131_058, 131_070, 65_546, 131_096, 131_108), {"heating": 50, "all": 50}),
        (2, (4_812_000, 0, 6, 31, 55, 80), {"hot_water": 74, "all": 74}),
    ],
)
def test_ex_11_torn_words_and_a_reset(code: int, readings: tuple[int, ...], booked: dict[str, int]) -> None:
    """EX-11."""
    house = Counted(berlin(f"{DAY} 10:00:00"))
    for wh in readings:
        metered(house, code, wh)
        house.wait(30)
    assert house.counted(ELECTRICAL) == booked


def test_ex_12_a_restart_without_a_clock() -> None:
    """EX-12."""
    house = Counted(berlin(f"{DAY} 10:00:00"))
    metered(house, 1, 9_020)
    house.cut()
    house.trusted = False
    for wh in (9_410, 9_410, 9_410):
        metered(house, 1, wh)
        house.wait(30)
    assert house.counted(ELECTRICAL) == {"unattributed": 390, "all": 390}
    metered(house, 1, 9_423)
    assert house.counted(ELECTRICAL) == {"unattributed": 390, "heating": 13, "all": 403}


def test_a_mode_that_nobody_told_for_a_quarter_of_an_hour_gets_nothing() -> None:
    """CNT-54: the code must not be older than 900 s when the interval begins."""
    house = Counted(berlin(f"{DAY} 10:00:00"))
    metered(house, 1, 1_000)
    for wh in (1_010, 1_030, 1_060):
        house.wait(450.5)
        metered(house, None, wh)
    assert house.counted(ELECTRICAL) == {"heating": 30, "unattributed": 30, "all": 60}


def test_a_pump_with_other_modes_is_a_row_of_other_codes() -> None:
    """CNT-3."""
    pool = PumpRules(modes=(Mode("pool", 4),))
    house = Counted(berlin(f"{DAY} 10:00:00"), CountRules(pumps={1: pool}))
    for code, wh in ((0, 100), (4, 103), (4, 120)):
        metered(house, code, wh)
        house.wait(30)
    assert house.counted("hp1") == {
        "pool": 1, "observed_s": 60,
        "energy_electrical.standby": 3, "energy_electrical.pool": 17, "energy_electrical.all": 20,
    }  # fmt: skip
    assert house.show("hp1.energy_electrical.pool")["2h"] == 17


def test_a_silent_pump_leaves_everything_as_it_is() -> None:
    """CNT-23: the very same state."""
    house = Counted(berlin(f"{DAY} 10:00:00"))
    metered(house, 1, 100)
    ledger = house.state.ledger
    house.wait(5)
    house.take(Sample({1: PumpSample()}))
    assert house.state.ledger is ledger
