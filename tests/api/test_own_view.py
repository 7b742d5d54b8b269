"""The whole page in base units (API-111)."""

import json
from dataclasses import replace
from datetime import timedelta
from math import inf, isfinite, nan
from typing import Any

import pytest
from hypothesis import given, settings

from hems.api.own_view import PARTS, is_cheap, page, tariff
from hems.core.rules import ChargerRules
from hems.core.tariff import TariffRules, Window
from hems.model.alarm import Alarm, AlarmCode
from hems.model.decision import Dim, HeatPumpDecision
from hems.model.runs import Session
from hems.model.settings import ChargerSettings, Settings, SgByHand, VehicleSettings
from hems.model.snapshot import BatteryReading, ChargerReading, MeterReading, Snapshot
from hems.model.surroundings import Forecast, OptimizerHealth, Surroundings
from hems.model.view import Balance, View
from hems.model.why import Reason, Why
from tests.api.charging_house import NOON, RULES, Desk, decided, hours
from tests.panel.any_view import views

LARGEST_BYTES = 8 * 1024
FLOW_W = -12_345.678
FLOWS = Balance(FLOW_W, FLOW_W, FLOW_W, FLOW_W, FLOW_W, FLOW_W)
MEMBERS = {
    "site": "grid_w pv_w battery_w battery_pct ev_w heat_pump_w home_w available_w",
    "lines": "name line_a line_v line_w fuse_a headroom_a",
    "chargers": "name status mode state wish_a cap_a limit_a line_a power_w lines lines_used hand"
    " seconds_left why vehicle session_wh energy_wh",
    "vehicles": "name level_pct capacity_wh charger",
    "heat_pumps": "name power_w sg surplus_w mode temperatures",
    "operator": "limited limit_w source",
    "optimizer": "available plan_id seconds_left",
    "alarms": "name text since latched",
}


def full() -> View:
    """Four chargers, everything known, every text long."""
    chargers = {f"a-rather-long-name-{i}": ChargerRules(i, max_a=32.0) for i in range(1, 5)}
    rules = replace(RULES, chargers=chargers)
    why = Why(
        Reason.TARGET_TIME, {"limit_a": 12.3456789, "need_wh": 12_345.678, "seconds_left": 3600.5, "lines": 3}
    )
    desk = Desk(
        rules=rules,
        settings=Settings(
            {name: ChargerSettings("surplus_target", 32.0, vehicle="zoe") for name in chargers},
            vehicles={"zoe": VehicleSettings(55.5, NOON, 41_000.0)},
        ),
        decisions={name: decided(why=why, limit_a=12.3456789, lines=("L1", "L2", "L3")) for name in chargers},
    )
    desk.settings = replace(
        desk.settings,
        prices=hours(NOON, 0.1, 0.2),
        heat_pumps={"heat": SgByHand("forced", NOON)},
    )
    view = desk.view()
    reading = ChargerReading(999.0, "C", line_a=(15.123, 15.2, 0.2), power_w=10_345.6)
    return replace(
        view,
        snapshot=Snapshot(
            desk.now,
            grid=MeterReading(999.0, 1.0, (1.0, 2.0, 3.0), (1.5, -2.5, 3.5), (230.12, 231.0, 229.0)),
            battery=BatteryReading(999.0, 100.0, 55.52),
            chargers=dict.fromkeys(chargers, reading),
        ),
        balance=replace(FLOWS, things_w=dict.fromkeys((*chargers, "heat"), 10_345.678)),
        counters={f"ev{i}.energy.all.total": 123_456_789 for i in range(1, 5)},
        sessions={f"ev{i}": Session("s", i, energy_wh=43_210) for i in range(1, 5)},
        decision=replace(
            view.decision,
            available_w=5432.1,
            tariff="off_peak",
            price_ueur_kwh=123_456,
            heat_pumps={"heat": HeatPumpDecision(why, "forced", 3000.0)},
            dim=Dim(True, 10_500.0, "contact"),
        ),
        installed=replace(view.installed, heat_pumps={"lambda": 1}),
        alarms=tuple(Alarm(code, "garage", NOON) for code in (AlarmCode.STUCK_CONTACTOR, AlarmCode.MEMORY)),
        around=Surroundings(
            optimizer=OptimizerHealth(
                "ready",
                "plan-17",
                123.0,
                weather=tuple(
                    Forecast(NOON + timedelta(hours=i), NOON + timedelta(hours=i + 1), 20.5, 50.0, 800.0, 5e3)
                    for i in range(-1, 48)
                ),
            )
        ),
    )


def test_every_member_is_there_whatever_is_known() -> None:
    """API-111: unknown is null, never left out."""
    for view in (Desk().view(), full()):
        found = page(view)
        assert tuple(found) == tuple(PARTS) == (
            "time", "cycle", "clock_ok", "site", "lines", "chargers", "vehicles", "heat_pumps", "tariff",
            "operator", "optimizer", "alarms", "weather", "not_proven",
        )  # fmt: skip
        for part, members in MEMBERS.items():
            rows = found[part] if isinstance(found[part], list) else [found[part]]
            for row in rows:
                assert sorted(row) == sorted(members.split()), part


def test_four_chargers_fit() -> None:
    """API-111: at most 8 KiB, with everything known."""
    text = json.dumps(page(full()), separators=(",", ":"))
    assert 3_000 < len(text) <= LARGEST_BYTES


def test_values() -> None:
    """API-7, API-62: base units, our signs, rounded."""
    found = page(full())
    assert found["site"]["grid_w"] == -12_345.7
    assert found["site"]["battery_pct"] == 55.5
    assert found["lines"][1] == {
        "name": "L2", "line_a": -2.5, "line_v": 231.0, "line_w": 2.0, "fuse_a": 25.0, "headroom_a": 27.5,
    }  # fmt: skip
    charger = found["chargers"][0]
    assert charger["limit_a"] == 12.346
    assert (charger["lines_used"], charger["lines"]) == (2, ["L1", "L2", "L3"])
    assert (charger["session_wh"], charger["energy_wh"]) == (43_210, 123_456_789)
    assert charger["seconds_left"] == 3600.0
    assert charger["why"]["code"] == "target_time"
    assert charger["why"]["figures"]["need_wh"] == 12_345.678
    assert found["vehicles"][0] == {
        "name": "zoe", "level_pct": 55.5, "capacity_wh": 41_000.0, "charger": "a-rather-long-name-1",
    }  # fmt: skip
    assert [pump["name"] for pump in found["heat_pumps"]] == ["lambda", "heat"]
    assert found["heat_pumps"][1]["mode"] == "manual"
    assert found["operator"] == {"limited": True, "limit_w": 10_500.0, "source": "contact"}
    assert found["tariff"] == {
        "provider": "awattar-at",
        "period": "off_peak",
        "price_eur_kwh": 0.123456,
        "cheap": True,
        "known_until": "2026-07-01T14:00:00+02:00",
    }
    assert len(found["weather"]) == 12


def test_some_parts() -> None:
    """API-110: unknown ones are not there."""
    desk = Desk()
    assert desk.call("Hems.GetView", {"parts": ["clock_ok", "colour"]})["view"] == {"clock_ok": True}
    assert set(desk.call("Hems.GetView")["view"]) == set(PARTS)


def test_cheap_is_a_period_or_the_cheaper_half_of_a_day() -> None:
    desk = Desk()
    for price, cheap in (((0.1, 0.2), True), ((0.2, 0.1), False), ((0.1, 0.1), False)):
        desk.settings = replace(desk.settings, prices=hours(NOON, *price))
        assert is_cheap(desk.view()) is cheap
    day = replace(RULES, tariff=TariffRules("static", "peak", (Window("off_peak", 660, 780),)))
    assert is_cheap(Desk(rules=day).view())
    assert tariff(Desk(rules=replace(RULES, tariff=None)).view()) == {
        "provider": None, "period": None, "price_eur_kwh": None, "cheap": False, "known_until": None,
    }  # fmt: skip


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_what_is_no_number_never_leaves_the_house(value: float) -> None:
    """API-7."""
    view = replace(full(), balance=Balance(value, value, value, value, value, value))
    assert page(view)["site"]["grid_w"] is None


def _numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [number for one in value.values() for number in _numbers(one)]
    if isinstance(value, list):
        return [number for one in value for number in _numbers(one)]
    return [value] if isinstance(value, float) else []


@settings(max_examples=60, deadline=None)
@given(views())
def test_any_house_has_a_page(view: View) -> None:
    found = page(view)
    assert all(map(isfinite, _numbers(found)))
    json.dumps(found, allow_nan=False)
