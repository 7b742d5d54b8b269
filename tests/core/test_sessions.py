"""Charging sessions (CNT-80 to CNT-85), with the session of EX-15."""

import math
from collections.abc import Iterable
from datetime import UTC
from typing import get_args

import pytest

from hems.core.count import ChargerSample, CountRules, Flows, Sample
from hems.core.energy import TotalRules
from hems.core.sessions import STATUSES
from hems.model.runs import Session
from hems.model.snapshot import Status
from tests.core.counting import Counted, berlin

DAY = "2026-11-24"
NINE = berlin(f"{DAY} 09:00:00")
EV = CountRules(chargers={1: TotalRules(22_080.0)})


def house_at(text: str = "09:00:00", *, trusted: bool = True) -> Counted:
    return Counted(berlin(f"{DAY} {text}"), EV, trusted)


def follow(house: Counted, statuses: Iterable[Status | None], wh: float = 0.0, pause_s: float = 5.0) -> None:
    """These statuses, the total rising by `wh` with each."""
    last = house.state.ledger.last.get("ev1.energy")
    total_wh = last.value / 1000 if last else 50_000.0
    for status in statuses:
        total_wh += wh
        house.charger(ChargerSample(status, total_wh))
        house.wait(pause_s)


def session(house: Counted) -> Session | None:
    return house.state.ledger.sessions.get("ev1")


def test_every_status_has_its_code() -> None:
    assert tuple(STATUSES) == get_args(Status)


def test_ex_15_a_session_with_a_power_cut_in_it() -> None:
    """EX-15, CNT-82: 9,550 Wh; only what was charged during the cut is unattributed."""
    house = house_at("17:40:00")
    sun = Flows(9_000.0, 0.0, 500.0, 0.0)

    def charge(until: str, from_wh: float, to_wh: float) -> None:
        end = berlin(f"{DAY} {until}")
        begin_s, left_s = house.mono_s, (end - house.wall).total_seconds()
        while house.wall <= end:
            wh = from_wh + (to_wh - from_wh) * (house.mono_s - begin_s) / left_s
            house.take(Sample(chargers={1: ChargerSample("C", wh, 2_000.0, 9.0, 3, "surplus")}, flows=sun))
            house.wait(30)

    house.charger(ChargerSample("A", 412_300.0))
    house.go_to(berlin(f"{DAY} 17:42:10"))
    charge("19:10:00", 412_300.0, 415_500.0)
    house.go_to(berlin(f"{DAY} 19:10:00"))
    house.cut(off_s=180)
    charge("22:05:00", 415_600.0, 421_850.0)
    house.go_to(berlin(f"{DAY} 22:05:40"))
    house.charger(ChargerSample("A", 421_850.0))
    house.wait(5)
    house.charger(ChargerSample("A", 421_850.0))
    (ended,) = house.ended("session")
    assert house.counted("ev1")["sessions"] == 1
    assert house.counted("ev1")["energy.all"] == 9_550
    assert {key: ended[key] for key in ("energy_wh", "total_start_wh", "total_end_wh", "reason", "id")} == {
        "energy_wh": 9_550, "total_start_wh": 412_300, "total_end_wh": 421_850,
        "reason": "unplugged", "id": "ev1-1",
    }  # fmt: skip
    assert ended["start"] == berlin(f"{DAY} 17:42:10").astimezone(UTC).isoformat()
    assert ended["end"] == berlin(f"{DAY} 22:05:40").astimezone(UTC).isoformat()
    assert (ended["mode"], ended["lines_used"], ended["power_max_w"]) == ("surplus", 3, 2_000.0)
    assert (ended["contactor"], ended["partial"], ended["estimated"]) == (1, False, False)
    unattributed_wh, solar_wh = ended["unattributed_wh"], ended["solar_wh"]
    assert isinstance(unattributed_wh, int)
    assert isinstance(solar_wh, int)
    assert 100 <= unattributed_wh <= 140
    assert unattributed_wh + solar_wh == 9_550
    assert ended["charging_s"] == house.counted("ev1")["charge_time_s"]


def test_two_readings_in_a_row_end_a_session() -> None:
    """CNT-80; it ends with the first of them."""
    house = house_at()
    follow(house, ("A", "B", "A", "C", "A", None, "A"), wh=10)
    assert session(house) is None
    (ended,) = house.ended("session")
    assert ended["end"] == berlin(f"{DAY} 09:00:20").astimezone(UTC).isoformat()
    assert ended["energy_wh"] == 50
    assert [told.key for told in house.events if told.kind == "session_began"] == ["ev1"]


def test_the_first_reading_ever_with_a_car_is_a_partial_session() -> None:
    """CNT-80; a fault is neither a car nor none."""
    house = house_at()
    follow(house, ("E", "F"))
    assert session(house) is None
    fresh = house_at()
    follow(fresh, ("D",))
    begun = session(fresh)
    assert begun is not None
    assert begun.partial
    follow(house, ("B", "E", "F"))
    begun = session(house)
    assert begun is not None
    assert not begun.partial


def test_a_session_counts_when_it_reaches_100_wh() -> None:
    """CNT-83."""
    house = house_at()
    follow(house, ("A", "B"))
    follow(house, ("C", "C", "C"), wh=33)
    assert "sessions" not in house.counted("ev1")
    follow(house, ("C", "C", "C", "C"), wh=33)
    assert house.counted("ev1")["sessions"] == 1


def test_a_plug_in_without_energy_leaves_no_trace() -> None:
    """CNT-83."""
    house = house_at()
    follow(house, ("A", "B", "B", "A", "A"))
    assert house.ended("session") == []
    assert session(house) is None
    follow(house, ("B", "C", "A", "A"), wh=5)
    assert house.ended("session")[0]["id"] == "ev1-2"


@pytest.mark.parametrize(
    ("status", "is_open", "ended_with"), [("C", True, None), ("A", False, 20), (None, True, None)]
)
def test_after_a_restart(status: Status | None, is_open: bool, ended_with: int | None) -> None:
    """CNT-82: a car that is still there goes on; one that has gone took what was stored."""
    house = house_at()
    follow(house, ("A", "B", "C", "C"), wh=10)
    house.cut(off_s=120)
    follow(house, (status,), wh=7)
    assert (session(house) is not None) is is_open
    ended = house.ended("session")
    assert [entry["energy_wh"] for entry in ended] == ([] if ended_with is None else [ended_with])
    if ended:
        assert ended[0]["end"] == berlin(f"{DAY} 09:00:15").astimezone(UTC).isoformat()


def test_a_charger_that_says_nothing_for_a_day_ends_its_session() -> None:
    """CNT-81; what comes back is another session, whose start nobody saw."""
    house = house_at()
    follow(house, ("A", "C", "C"), wh=50)
    house.wait(86_395)
    house.take(Sample())
    assert session(house) is not None
    house.wait(5)
    house.take(Sample())
    assert session(house) is None
    assert house.ended("session")[0]["reason"] == "silent"
    assert house.ended("session")[0]["end"] == berlin(f"{DAY} 09:00:10").astimezone(UTC).isoformat()
    follow(house, ("C",))
    again = session(house)
    assert again is not None
    assert (again.id, again.partial) == ("ev1-2", True)


def test_another_vehicle_replaces_a_session() -> None:
    """CNT-81: known vehicles only; the first known one names an open session."""
    house = house_at()
    seen: list[tuple[Status, str, float]] = [
        ("A", "", 0), ("B", "", 0), ("C", "red", 9), ("C", "red", 20), ("C", "blue", 30),
    ]  # fmt: skip
    for status, vehicle, wh in seen:
        house.charger(ChargerSample(status, 1_000.0 + wh, vehicle=vehicle))
        house.wait(5)
    (ended,) = house.ended("session")
    assert (ended["vehicle"], ended["reason"], ended["energy_wh"]) == ("red", "replaced", 30)
    begun = session(house)
    assert begun is not None
    assert (begun.vehicle, begun.partial) == ("blue", False)


def by_current(house: Counted, seconds: int, current_a: float, wh: float = 0.0) -> None:
    for _ in range(seconds):
        last = house.state.ledger.last.get("ev1.energy")
        total_wh = (last.value / 1000 if last else 1_000.0) + wh
        house.charger(ChargerSample(total_wh=total_wh, current_a=current_a))
        house.wait(1)


def test_a_charger_without_a_status_is_judged_by_its_current() -> None:
    """CNT-80: above 1 A for 10 s, and 15 min below."""
    house = house_at()
    by_current(house, 5, 0.0)
    by_current(house, 9, 8.0, 1)
    by_current(house, 3, 0.4)
    assert session(house) is None
    by_current(house, 20, 8.0, 1)
    begun = session(house)
    assert begun is not None
    assert not begun.partial
    by_current(house, 890, 0.4)
    by_current(house, 20, 8.0, 1)
    by_current(house, 900, 0.4)
    assert house.ended("session") == []
    by_current(house, 1, math.nan)
    by_current(house, 1, 1.0)
    (ended,) = house.ended("session")
    assert ended["energy_wh"] == 10 + 20 - 1
    house.wait(86_401)
    house.take(Sample())
    assert len(house.ended("session")) == 1


def test_a_charger_without_a_status_that_charges_at_first_sight() -> None:
    """CNT-80: partial; and a day of silence ends it too."""
    house = house_at()
    by_current(house, 11, 8.0, 1)
    begun = session(house)
    assert begun is not None
    assert begun.partial
    by_current(house, 5, 8.0, 1)
    house.wait(86_400)
    house.take(Sample())
    assert house.ended("session")[0]["reason"] == "silent"


def test_a_session_is_dated_when_the_clock_is_trusted() -> None:
    """CNT-85: the start of an open one."""
    house = house_at(trusted=False)
    follow(house, ("A", "B", "C"), wh=10)
    begun = session(house)
    assert begun is not None
    assert begun.start is None
    house.trusted = True
    follow(house, ("C",), wh=10)
    begun = session(house)
    assert begun is not None
    assert begun.start == berlin(f"{DAY} 09:00:05")


def test_a_session_that_ended_without_a_clock_waits_for_it() -> None:
    """CNT-85: both times are set from their monotonic age."""
    house = house_at(trusted=False)
    follow(house, ("A", "B", "C", "A", "A"), wh=10)
    assert (house.ended("session"), session(house)) == ([], None)
    house.wait(600)
    house.trusted = True
    house.take(Sample())
    (ended,) = house.ended("session")
    assert (ended["start"], ended["end"]) == ("2026-11-24T08:00:05+00:00", "2026-11-24T08:00:20+00:00")
    assert house.state.ledger.sessions == {}


def test_a_session_without_a_date_is_not_lost() -> None:
    """CNT-85: else they stay empty, when another one ends or the run is over."""
    house = house_at(trusted=False)
    for _ in range(2):
        follow(house, ("A", "B", "C", "A", "A"), wh=10)
    assert [ended["id"] for ended in house.ended("session")] == ["ev1-1"]
    house.cut()
    house.take(Sample())
    ended = [(entry["id"], entry["end"]) for entry in house.ended("session")]
    assert ended == [("ev1-1", None), ("ev1-2", None)]


def test_sessions_hold_no_more_than_the_charger_gave() -> None:
    """INV-10."""
    house = house_at()
    follow(house, ("A", "A"), wh=10)
    follow(house, ("B", "C", "C", "A", "A", "A", "B", "C", "A", "A"), wh=10)
    energies = [entry["energy_wh"] for entry in house.ended("session")]
    assert energies == [40, 30]
    assert house.counted("ev1")["energy.all"] == 110
