"""When chargers are going to charge (API-104)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hems.api.schedules import SPOT_MARKET, TIME_REQUIREMENT, pieces, schedules
from hems.core.tariff import TariffRules, Window
from hems.model.decision import ChargerDecision
from hems.model.instant import Instant
from hems.model.plans import Plan
from hems.model.prices import Slot
from hems.model.settings import ChargerSettings, Settings, TariffChoice
from tests.api.charging_house import GARAGE, IDENTITY, NOON, RULES, YARD, ZOE, Desk, decided

SUNNY = Settings({"garage": ChargerSettings("surplus", 10.0)})


def slot(begin_h: float, end_h: float, eur_kwh: float | None = 0.1) -> Slot:
    return Slot(NOON + timedelta(hours=begin_h), NOON + timedelta(hours=end_h), eur_kwh)


def plan(*slots: Slot) -> Plan:
    return Plan(NOON + timedelta(hours=20), NOON + timedelta(hours=18), 9_000.0, 2300.0, slots)


def told(
    decision: ChargerDecision, settings: Settings = SUNNY, **more: Any
) -> list[tuple[float, float, str]]:
    view = Desk(settings=settings, decisions={"garage": decision}, **more).view()
    return [
        (
            (piece.start - NOON).total_seconds() / 3600,
            (piece.end - NOON).total_seconds() / 3600,
            piece.issuer.removeprefix("ChargingActionIssuer"),
        )
        for piece in pieces(view, "garage")
    ]


def test_the_plan_in_merged_pieces_with_the_running_one() -> None:
    """API-104: what is over is left out, pieces of one issuer that touch are one."""
    slots = (slot(-3, -2), slot(-1, 0.5), slot(0.5, 1), slot(2, 3), slot(3, 4, None), slot(5, 6, None))
    assert told(decided(plan=plan(*slots))) == [
        (-1.0, 1.0, "SpotMarketCharging"),
        (2.0, 3.0, "SpotMarketCharging"),
        (3.0, 4.0, "TimeRequirement"),
        (5.0, 6.0, "TimeRequirement"),
    ]


@pytest.mark.parametrize(
    ("planned", "cheap", "expected"),
    [
        ((), (slot(1, 2), slot(2, 3)), [(1.0, 3.0)]),
        ((slot(1, 3, None),), (slot(2, 4),), [(1.0, 3.0), (3.0, 4.0)]),
        ((slot(2, 3, None),), (slot(1, 4),), [(1.0, 2.0), (2.0, 3.0), (3.0, 4.0)]),
        ((slot(1, 4, None),), (slot(2, 3),), [(1.0, 4.0)]),
        ((slot(3, 4, None),), (slot(1, 2),), [(1.0, 2.0), (3.0, 4.0)]),
        ((slot(1, 2, None),), (slot(2, 3),), [(1.0, 2.0), (2.0, 3.0)]),
    ],
)
def test_the_plan_counts_where_cheap_hours_meet_it(
    planned: Sequence[Slot], cheap: tuple[Slot, ...], expected: list[tuple[float, float]]
) -> None:
    found = told(decided(plan=plan(*planned), cheap_slots=cheap))
    assert [row[:2] for row in found] == expected


def test_off_peak_periods_are_scheduled() -> None:
    """CHG-80: today's and tomorrow's, unless prices shall have no say."""
    rules = replace(RULES, tariff=TariffRules("static", "peak", (Window("off_peak", 22 * 60, 6 * 60),)))
    orders = Settings({"garage": ChargerSettings("surplus", 10.0, off_peak=True)})
    night = "SpotMarketCharging"
    assert told(decided(), orders, rules=rules) == [(10.0, 18.0, night), (34.0, 36.0, night)]
    silent = replace(orders, tariff=TariffChoice("", enabled=False))
    assert told(decided(), silent, rules=rules) == []


@pytest.mark.parametrize("mode", ["off", "fast"])
def test_modes_that_know_no_prices_have_no_schedule(mode: Any) -> None:
    settings = Settings({"garage": ChargerSettings(mode, 10.0)})
    assert told(decided(plan=plan(slot(1, 2))), settings) == []


def test_a_schedule_in_nymeas_words() -> None:
    """API-104: the current is the most that the charger may be told, lines where somebody chose them."""
    settings = Settings({"garage": ChargerSettings("surplus", 10.0, lines=1)})
    desk = Desk(settings=settings, decisions={"garage": decided(plan=plan(slot(1, 2)))})
    row = {
        "evChargerId": GARAGE,
        "startDateTime": round(NOON.timestamp()) + 3600,
        "endDateTime": round(NOON.timestamp()) + 7200,
        "action": {
            "issuer": SPOT_MARKET,
            "chargingEnabled": True,
            "maxChargingCurrent": 10.0,
            "desiredPhaseCount": 1,
        },
    }
    method = "NymeaEnergy.GetChargingSchedules"
    assert desk.call(method) == {"chargingSchedules": [row]}
    assert desk.call(method, {"evChargerId": GARAGE}) == {"chargingSchedules": [row]}
    for other in (YARD, ZOE):
        assert desk.call(method, {"evChargerId": other}) == {"chargingSchedules": []}
    desk.settings = SUNNY
    pressing = Desk(settings=SUNNY, decisions={"garage": decided(plan=plan(slot(1, 2, None)))})
    action = schedules(pressing.view(), IDENTITY)[0]["action"]
    assert action == {"issuer": TIME_REQUIREMENT, "chargingEnabled": True, "maxChargingCurrent": 10.0}


def test_nothing_is_scheduled_while_the_time_is_not_known() -> None:
    unsure = Desk(now=Instant(1.0, NOON, trusted=False), decisions={"garage": decided(plan=plan(slot(1, 2)))})
    assert schedules(unsure.view(), IDENTITY) == schedules(None, IDENTITY) == []
    view = Desk().view()
    bare = replace(view, decision=replace(view.decision, chargers={}))
    assert schedules(bare, IDENTITY) == []
