"""Counters by their flat keys, and reasons (API-110, API-112)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hems.api.own_counters import RUNGS, attributes, counters, whys
from hems.model.decision import ChargingState, HeatPumpDecision
from hems.model.settings import ChargerSettings, Settings
from hems.model.why import Reason, Why
from tests.api.charging_house import Desk, decided

COUNTERS: dict[str, int | float | None] = {
    "ev1.energy.all.total": 1,
    "ev10.energy.all.total": 2,
    "hp1.heating.total": 3,
    "hp1.heating.2h": 4,
    "site.grid_import.all.daily": None,
}
DESK = Desk()
VIEW = replace(
    DESK.view(), counters=COUNTERS, installed=replace(DESK.view().installed, heat_pumps={"lambda": 1})
)


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("", set(COUNTERS)),
        ("garage", {"ev1.energy.all.total"}),
        ("ev1", {"ev1.energy.all.total"}),
        ("lambda", {"hp1.heating.total", "hp1.heating.2h"}),
        ("hp1.heating", {"hp1.heating.total", "hp1.heating.2h"}),
        ("hp1.heating.2", {"hp1.heating.2h"}),
        ("site", {"site.grid_import.all.daily"}),
        ("yard", set()),
    ],
)
def test_of_one_owner_or_with_a_prefix(name: str, keys: set[str]) -> None:
    """API-112: keys and values are the counters' own; a charger that has none yet has none."""
    found = counters(VIEW, name)
    assert set(found) == keys
    assert all(found[key] == COUNTERS[key] for key in keys)
    assert DESK.call("Hems.GetCounters", {"name": name}, view=VIEW)["devices"] == found


def test_every_total_has_its_attributes() -> None:
    """CNT-44, API-112."""
    since = datetime(2026, 3, 1, tzinfo=UTC)
    offsets = {"hp1.heating.total": 1_200}
    view = replace(VIEW, since={"hp1.heating": since}, settings=replace(VIEW.settings, offsets=offsets))
    told = DESK.call("Hems.GetCounters", {}, view=view)["attributes"]
    assert set(told) == {key for key in COUNTERS if key.endswith(".total")}
    assert told["hp1.heating.total"] == {
        "sensor_type": "cycling_total",
        "hp_index": 1,
        "yesterday_value": None,
        "applied_offset": 1_200,
        "since": since.isoformat(),
    }
    assert told["ev1.energy.all.total"]["sensor_type"] == "energy_total"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("relay.boiler", "contact_total"),
        ("ev1.contactor", "contact_total"),
        ("ev1.sessions", "session_total"),
        ("ev1.cost.all", "session_total"),
        ("site.grid_cost.all", "energy_total"),
        ("hp2.energy_thermal.all", "energy_total"),
        ("hp2.run_time_s", "cycling_total"),
    ],
)
def test_the_kind_of_a_total_goes_by_its_name(name: str, kind: str) -> None:
    """CNT-44."""
    view = replace(VIEW, counters={f"{name}.total": 1})
    assert attributes(view, view.counters)[f"{name}.total"]["sensor_type"] == kind


def test_who_is_not_there_is_told() -> None:
    reply = DESK.call("Hems.GetCounters", {"name": "barn"}, view=VIEW)
    assert reply["hemsError"] == "HemsErrorUnknownName"
    reply = DESK.call("Hems.GetWhy", {"name": "barn"}, view=VIEW)
    assert (reply["hemsError"], "whys" in reply) == ("HemsErrorUnknownName", False)


def test_why_a_charger_is_told_what_it_is_told() -> None:
    """Example 7: code, figures, rung and what narrows it."""
    why = Why(Reason.SURPLUS, {"available_w": 3000, "limit_a": 13.0, "lines": 1, "volts": 230})
    desk = Desk(
        settings=Settings({"garage": ChargerSettings("surplus", 15.0)}),
        decisions={"garage": decided(why=why, limit_a=13.0, cap_a=14.0, state=ChargingState.SURPLUS)},
    )
    reply = desk.call("Hems.GetWhy", {"name": "garage"})
    assert reply == {
        "hemsError": "HemsErrorNoError",
        "whys": [
            {
                "name": "garage",
                "code": "surplus",
                "rung": "surplus",
                "text": "follows sun, 13 A",
                "figures": {"available_w": 3000, "limit_a": 13.0, "lines": 1, "volts": 230},
                "narrowed": [
                    {"rule": "user_max", "limit_a": 15.0, "figures": {}},
                    {"rule": "protection", "limit_a": 14.0, "figures": {}},
                ],
            }
        ],
    }
    assert [row["name"] for row in desk.call("Hems.GetWhy")["whys"]] == ["garage", "yard"]


@pytest.mark.parametrize("code", Reason)
def test_every_reason_stands_on_a_rung(code: Reason) -> None:
    state = ChargingState.IDLE
    why = Why(code, {"limit_a": 6.0, "line": "L1", "status": "F", "doing": "running"})
    rung = whys(Desk(decisions={"garage": decided(why=why, state=state)}).view())[0]["rung"]
    assert rung == RUNGS.get(code, "default")


def test_heat_pumps_have_reasons_too() -> None:
    pump = HeatPumpDecision(Why(Reason.SURPLUS, {"offer_w": 1500.0}), "recommended", 1500.0)
    view = replace(VIEW, decision=replace(VIEW.decision, heat_pumps={"lambda": pump}))
    found = DESK.call("Hems.GetWhy", {"name": "lambda"}, view=view)["whys"]
    assert [(row["code"], row["text"], row["rung"]) for row in found] == [
        ("surplus", "sun 1500 W", "surplus")
    ]
    assert [row["name"] for row in whys(VIEW)] == ["garage", "yard"], "one that was offered nothing has none"
