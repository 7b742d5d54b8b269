"""Runs of a compressor (CNT-34), with the run of EX-15."""

from datetime import UTC

import pytest

from hems.core.count import Sample
from hems.core.cycles import PumpSample
from hems.model.runs import Run
from tests.core.counting import Counted, berlin

DAY = "2026-11-24"


def pumped(house: Counted, rating: int | None, code: int | None = None, wh: float | None = None) -> None:
    thermal_wh = None if wh is None else 3 * wh
    house.take(
        Sample({1: PumpSample(code, rating, electrical_wh=wh, thermal_wh=thermal_wh)}),
    )


def run_of(house: Counted) -> Run | None:
    return house.state.ledger.runs.get("hp1")


def test_ex_15_a_run() -> None:
    """EX-15: 1,496 s, heating, 1 defrost, starts 1."""
    house = Counted(berlin(f"{DAY} 06:09:55"))
    first, defrost, again, last = (
        berlin(f"{DAY} {text}") for text in ("06:10:00", "06:20:00", "06:24:00", "06:34:56")
    )
    while house.wall < berlin(f"{DAY} 06:36:00"):
        code = 5 if defrost <= house.wall < again else 1
        pumped(house, 3_000 if first <= house.wall <= last else 0, code)
        house.wait(1)
    (ended,) = house.ended("run")
    assert (ended["duration_s"], ended["mode"], ended["defrosts"], ended["partial"]) == (
        1_496.0, "heating", 1, False,
    )  # fmt: skip
    assert (ended["start"], ended["end"]) == (
        first.astimezone(UTC).isoformat(),
        last.astimezone(UTC).isoformat(),
    )
    assert house.counted("hp1")["compressor_start"] == 1
    assert house.counted("hp1")["run_time_s"] == 1_497
    assert run_of(house) is None


def test_a_glitch_does_not_end_a_run() -> None:
    """CNT-32, CNT-34: it closes with the first reading 10 s after the last running one."""
    house = Counted(berlin(f"{DAY} 09:00:00"))
    closed_at = None
    for second, rating in {0: 0, 5: 9, 10: 9, 15: 0, 18: 9, 20: 0, 27: 0, 28: 0}.items():
        house.go_to(berlin(f"{DAY} 09:00:{second:02d}"))
        pumped(house, rating)
        if house.ended("run") and closed_at is None:
            closed_at = second
    assert closed_at == 28
    assert house.ended("run")[0]["duration_s"] == 13.0


def test_a_start_closes_a_run_that_nobody_saw_rest_long_enough() -> None:
    """EX-3: seconds 16, 20 (at rest), 36 (running): two runs."""
    house = Counted(berlin(f"{DAY} 09:00:00"))
    for second, rating in {0: 0, 4: 9, 16: 9, 20: 0, 36: 9}.items():
        house.go_to(berlin(f"{DAY} 09:00:{second:02d}"))
        pumped(house, rating)
    assert [run["duration_s"] for run in house.ended("run")] == [12.0]
    assert run_of(house) is not None


@pytest.mark.parametrize("rating", [0, 3_000])
def test_a_gap_closes_a_run_at_its_last_reading(rating: int) -> None:
    """CNT-34: partial; what was booked in the gap is not the run's (CNT-55)."""
    house = Counted(berlin(f"{DAY} 09:00:00"))
    for wh in (0, 10, 30):
        pumped(house, 0 if wh == 0 else 3_000, 1, 100 + wh)
        house.wait(60)
    house.wait(900)
    pumped(house, rating, 1, 300)
    (ended,) = house.ended("run")
    assert (ended["partial"], ended["duration_s"], ended["electrical_wh"]) == (True, 60.0, 20)
    assert (run_of(house) is not None) is (rating > 0)


def test_a_start_that_was_not_seen_makes_a_run_partial() -> None:
    """CNT-33, CNT-34."""
    house = Counted(berlin(f"{DAY} 09:00:00"))
    pumped(house, 3_000)
    run = run_of(house)
    assert run is not None
    assert (run.pump, run.partial) == (1, True)


@pytest.mark.parametrize(
    ("codes", "mode"),
    [
        ((0, 7), "other"),
        ((0, 5, 0), "defrost"),
        ((5, 2, 1), "hot_water"),
        ((3, 1), "cooling"),
        ((1, 5, 2), "heating"),
        ((None, None), "other"),
    ],
)
def test_the_first_leading_mode_names_the_run(codes: tuple[int | None, ...], mode: str) -> None:
    """CNT-34."""
    house = Counted(berlin(f"{DAY} 09:00:00"))
    pumped(house, 0, 0)
    for code in codes:
        house.wait(5)
        pumped(house, 3_000, code)
    run = run_of(house)
    assert run is not None
    assert run.mode == mode


def test_a_run_has_the_energy_that_was_booked_in_it() -> None:
    """CNT-34, INV-10: from the first reading in it to the last before it closes."""
    house = Counted(berlin(f"{DAY} 09:00:00"))
    for rating, wh in ((0, 100), (3_000, 103), (3_000, 140), (0, 150), (0, 152)):
        pumped(house, rating, 1, wh)
        house.wait(30)
    (ended,) = house.ended("run")
    assert (ended["electrical_wh"], ended["thermal_wh"], ended["cop"]) == (47, 141, 3.0)


def test_a_run_goes_on_over_a_short_power_cut() -> None:
    """CNT-90, CNT-91."""
    plain, cut = Counted(berlin(f"{DAY} 09:00:00")), Counted(berlin(f"{DAY} 09:00:00"))
    for house in (plain, cut):
        for i, rating in enumerate((0, 9, 9, 9, 9, 0, 0)):
            pumped(house, rating, 1, 100 + 7 * i)
            if house is cut and i in (2, 4, 5):
                house.cut()
            house.wait(30)
    assert plain.ended("run") == cut.ended("run") != []
    assert plain.state.ledger == cut.state.ledger


def test_a_run_begun_without_a_clock_is_dated_when_it_is_trusted() -> None:
    """CNT-85 in its spirit: the start follows from the duration."""
    house = Counted(berlin(f"{DAY} 09:00:00"), trusted=False)
    pumped(house, 0)
    for _ in range(3):
        house.wait(10)
        pumped(house, 3_000)
    house.trusted = True
    house.wait(10)
    pumped(house, 3_000)
    run = run_of(house)
    assert run is not None
    assert (run.start, run.end) == (berlin(f"{DAY} 09:00:10"), berlin(f"{DAY} 09:00:40"))
