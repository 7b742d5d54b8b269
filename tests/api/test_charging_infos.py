"""A charger's orders as nymea's ChargingInfo: read, replaced and changed in part (API-101, API-102)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.api.charging_infos import MODES, STATES, infos
from hems.core.repair import completed
from hems.core.tariff import TariffRules, Window
from hems.model.decision import ChargingState
from hems.model.instant import Instant
from hems.model.settings import MODES as OURS
from hems.model.settings import ChargerSettings, Settings, Target
from tests.api.charging_house import GARAGE, IDENTITY, NOON, RULES, YARD, ZOE, Desk, decided

SET = "NymeaEnergy.SetChargingInfo"
GET = "NymeaEnergy.GetChargingInfos"
DEADLINE = 1_782_966_600
FULL = {
    "assignedCarId": ZOE,
    "chargingMode": "ChargingModeEcoWithTargetTime",
    "dailySpotMarketPercentage": 25,
    "endDateTime": DEADLINE,
    "evChargerId": GARAGE,
    "repeatDays": [1, 2, 3, 4, 5],
    "spotMarketChargingEnabled": True,
    "targetPercentage": 80,
}
GOOD = {"energyError": "EnergyErrorNoError"}


def bad(words: str) -> dict[str, str]:
    return {"energyError": "EnergyErrorInvalidParameter", "displayMessage": words}


def told(desk: Desk, **change: Any) -> Any:
    return desk.call(SET, {"chargingInfo": {"evChargerId": GARAGE, **change}})


def shown(desk: Desk) -> dict[str, Any]:
    found: list[dict[str, Any]] = desk.call(GET, {"evChargerId": GARAGE})["chargingInfos"]
    return found[0]


def test_the_example_of_a_target() -> None:
    """Example 4: 80 % on working days at 06:30 with cheap hours; then one that is refused."""
    desk = Desk()
    assert desk.call("EnergyPlugin.SetChargingInfo", {"chargingInfo": FULL}) == GOOD
    orders = desk.orders()
    assert orders == ChargerSettings(
        "surplus_target",
        16.0,
        Target(datetime.fromtimestamp(DEADLINE, UTC), 80.0, repeat_days=(1, 2, 3, 4, 5)),
        cheap=True,
        cheap_pct=25.0,
        vehicle="zoe",
    )
    assert orders.target
    local = orders.target.deadline.astimezone(ZoneInfo("Europe/Vienna"))
    assert (local.hour, local.minute) == (6, 30)
    assert shown(desk) == {**FULL, "chargingState": "ChargingStateIdle"}
    before = desk.settings
    assert told(desk, targetPercentage=120) == bad("target must lie between 0 and 100 %")
    assert desk.settings is before


def test_a_fresh_charger_shows_the_demanded_members_only() -> None:
    """API-102: empty ones are left out; an unknown id shows nothing; before the first view there is none."""
    desk = Desk()
    assert shown(desk) == {
        "evChargerId": GARAGE,
        "chargingMode": "ChargingModeEco",
        "targetPercentage": 100,
        "chargingState": "ChargingStateIdle",
        "spotMarketChargingEnabled": False,
        "dailySpotMarketPercentage": 0,
    }
    assert [row["evChargerId"] for row in desk.call(GET)["chargingInfos"]] == [GARAGE, YARD]
    assert desk.call(GET, {"evChargerId": ZOE}) == {"chargingInfos": []}
    assert infos(None, IDENTITY) == []


def test_a_whole_record_clears_what_it_leaves_out() -> None:
    """API-102."""
    desk = Desk()
    assert told(desk, **FULL) == GOOD
    whole = {
        "chargingMode": "ChargingModeNormal",
        "targetPercentage": 60,
        "spotMarketChargingEnabled": False,
        "dailySpotMarketPercentage": 10,
    }
    assert told(desk, **whole) == GOOD
    assert shown(desk) == {"evChargerId": GARAGE, "chargingState": "ChargingStateIdle", **whole}
    assert desk.orders() == ChargerSettings("fast", 16.0, cheap_pct=10.0, level_pct=60.0)


def test_a_part_changes_what_it_names_even_twice_in_a_second() -> None:
    """API-102: stored values fill in; both parts are made of the same page."""
    desk = Desk()
    told(desk, **FULL)
    view = desk.view()
    for part in ({"targetPercentage": 55}, {"endDateTime": DEADLINE + 3600}, {"repeatDays": [6]}):
        assert desk.call(SET, {"chargingInfo": {"evChargerId": GARAGE, **part}}, view=view) == GOOD
    assert shown(desk) == {
        **FULL,
        "targetPercentage": 55,
        "endDateTime": DEADLINE + 3600,
        "repeatDays": [6],
        "chargingState": "ChargingStateIdle",
    }
    assert told(desk, chargingState="ChargingStateTimeRequirement") == GOOD, "read-only: ignored"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"targetPercentage": 101}, "target must lie between 0 and 100 %"),
        ({"dailySpotMarketPercentage": 101}, "the share of cheap hours must lie between 0 and 100 %"),
        ({"assignedCarId": YARD}, "no car has this id"),
        ({"chargingMode": "ChargingModeEcoWithTargetTime"}, "surplus_target needs a target; garage has none"),
        ({"repeatDays": [1]}, "garage: a target needs a deadline"),
        (
            {"repeatDays": [1, 1], "endDateTime": DEADLINE},
            "garage: repeat_days are 1 (Monday) to 7, each once",
        ),
        ({"repeatDays": [8], "endDateTime": DEADLINE}, "garage: repeat_days are 1 (Monday) to 7, each once"),
        ({"endDateTime": DEADLINE - 86_400 * 40}, "garage: the deadline has passed"),
        ({"endDateTime": DEADLINE + 86_400 * 400}, "garage: the deadline is more than 366 days ahead"),
        ({"endDateTime": 2**62}, "no calendar has this time"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(change: dict[str, Any], words: str) -> None:
    """API-101, API-102: also where other members of the record are good."""
    desk = Desk()
    before = desk.settings
    reply = told(desk, spotMarketChargingEnabled=True, **change)
    assert reply["energyError"] == "EnergyErrorInvalidParameter"
    assert reply["displayMessage"].startswith(words)
    assert desk.settings is before


def test_an_unknown_charger_is_no_charger() -> None:
    """API-6."""
    reply = Desk().call(SET, {"chargingInfo": {"evChargerId": ZOE}})
    assert reply == bad("no charger has this id")


def test_the_past_is_no_deadline_unless_it_comes_again_or_nobody_knows() -> None:
    """API-101."""
    past = round((NOON - timedelta(days=1)).timestamp())
    desk = Desk()
    assert told(desk, endDateTime=past)["energyError"] == "EnergyErrorInvalidParameter"
    assert told(desk, endDateTime=past, repeatDays=[3]) == GOOD
    unsure = Desk(now=Instant(1000.0, NOON, trusted=False))
    assert told(unsure, endDateTime=past) == GOOD


def test_a_deadline_of_0_gives_the_target_up_and_keeps_its_level() -> None:
    """API-101: 0 is none."""
    desk = Desk()
    told(desk, targetPercentage=70, endDateTime=DEADLINE, repeatDays=[1])
    assert told(desk, endDateTime=0, repeatDays=[]) == GOOD
    assert (desk.orders().target, shown(desk)["targetPercentage"]) == (None, 70)
    told(desk, endDateTime=DEADLINE)
    assert desk.orders().target == Target(datetime.fromtimestamp(DEADLINE, UTC), 70.0)


def test_a_level_ends_an_amount_of_energy() -> None:
    """A client that names a level means it; one that names something else leaves the amount."""
    target = Target(datetime.fromtimestamp(DEADLINE, UTC), 80.0, energy_wh=9_000.0, one_piece=True)
    desk = Desk(settings=Settings({"garage": ChargerSettings(target=target, user_max_a=16.0)}))
    told(desk, endDateTime=DEADLINE + 60)
    assert desk.orders().target == replace(target, deadline=datetime.fromtimestamp(DEADLINE + 60, UTC))
    told(desk, targetPercentage=50)
    assert desk.orders().target == replace(
        target, deadline=datetime.fromtimestamp(DEADLINE + 60, UTC), target_pct=50.0, energy_wh=None
    )


@pytest.mark.parametrize(("ours", "theirs"), MODES.items())
def test_a_charger_that_is_off_stays_off(ours: Any, theirs: str) -> None:
    """API-102: whatever mode is told; the record shows it."""
    assert set(MODES) == {*OURS} - {"off"}
    desk = Desk(settings=Settings({"garage": ChargerSettings("off", 16.0)}))
    assert told(desk, chargingMode=theirs, endDateTime=DEADLINE) == GOOD
    assert (desk.orders().mode, desk.orders().on_mode) == ("off", ours)
    assert shown(desk)["chargingMode"] == theirs


def test_cheap_hours_are_the_off_peak_ones_where_there_are_no_slots() -> None:
    """API-106: a tariff of windows has no price for each slot."""
    windows = TariffRules("static", "peak", (Window("off_peak", 0, 360),))
    desk = Desk(rules=replace(RULES, tariff=windows))
    assert told(desk, spotMarketChargingEnabled=True) == GOOD
    assert (desk.orders().cheap, desk.orders().off_peak) == (True, True)
    assert told(desk, spotMarketChargingEnabled=False) == GOOD
    assert (desk.orders().cheap, desk.orders().off_peak) == (False, False)
    spot = Desk(settings=Settings({"garage": ChargerSettings(user_max_a=16.0, off_peak=True)}))
    assert shown(spot)["spotMarketChargingEnabled"] is False
    told(spot, spotMarketChargingEnabled=True)
    assert (spot.orders().cheap, spot.orders().off_peak) == (True, True)


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (ChargingState.IDLE, "ChargingStateIdle"),
        (ChargingState.SURPLUS, "ChargingStateSurplusCharging"),
        (ChargingState.SPOT_MARKET, "ChargingStateSpotMarketCharging"),
        (ChargingState.TIME_REQUIREMENT, "ChargingStateTimeRequirement"),
        (ChargingState.MANUAL, "ChargingStateIdle"),
        (ChargingState.HELD, "ChargingStateIdle"),
    ],
)
def test_what_it_is_doing(state: ChargingState, word: str) -> None:
    """API-101."""
    assert set(STATES) == set(ChargingState)
    assert shown(Desk(decisions={"garage": decided(state=state)}))["chargingState"] == word


VALUES = {
    "assignedCarId": st.sampled_from([ZOE, YARD, ""]),
    "chargingMode": st.sampled_from(sorted(MODES.values())),
    "endDateTime": st.sampled_from([0, 1, DEADLINE, DEADLINE - 10**7, 2**50]),
    "targetPercentage": st.integers(0, 110),
    "repeatDays": st.lists(st.integers(-1, 8), max_size=3),
    "spotMarketChargingEnabled": st.booleans(),
    "dailySpotMarketPercentage": st.integers(0, 110),
}


@settings(max_examples=150, deadline=None)
@given(st.lists(st.fixed_dictionaries({}, optional=VALUES), max_size=3), st.booleans())
def test_whatever_is_told_is_shown_or_refused(parts: list[dict[str, Any]], off: bool) -> None:
    """API-102: a granted record reads back what was told; a refused one changes nothing."""
    desk = Desk(settings=Settings({"garage": ChargerSettings("off" if off else "fast", 16.0)}))
    for part in parts:
        before = desk.settings
        reply = told(desk, **part)
        assert completed(RULES, desk.settings) == (desk.settings, ())
        if reply != GOOD:
            assert desk.settings is before
            continue
        after = shown(desk)
        for member, value in part.items():
            if value in (0, "", []):
                assert after.get(member) in (value, None)
            else:
                assert after[member] == (sorted(value) if isinstance(value, list) else value)
    assert (desk.orders().mode == "off") is off
