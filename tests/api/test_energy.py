"""Energy: the balance, its log and what is told of both."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hems.api.energy import ENERGY, Known, balance, remembered, told
from hems.api.rows import Caller, Params, Result
from hems.api.thing_ids import bare, thing_id
from hems.journal.rows import Row
from hems.model.instant import Instant
from hems.model.view import Balance, View
from tests.api.thing_house import IDENTITY, INSTALLED, NOW, VIEW, WrittenHistory, ask, fits

METHODS = {row.name: row for row in ENERGY.methods}
NOTICES = {row.name: row for row in ENERGY.notices}
GRID, GARAGE = thing_id(IDENTITY, "grid"), thing_id(IDENTITY, "garage")
NOW_S = int(NOW.wall.timestamp())


def row(end_s: int) -> Row:
    return Row(end_s, {"site.grid": 100, "ev1": 50}, {"site.grid_import": 1000, "ev1.energy": 500})


HISTORY = WrittenHistory(
    [row(NOW_S - 60 * one) for one in range(90, -1, -1)],
    [row(NOW_S - 900 * one) for one in range(96 * 3, -1, -1)],
)


def known(view: View = VIEW, before: Known | None = None) -> Known:
    return remembered(before, view, IDENTITY, HISTORY)


def call(name: str, params: Params | None = None, memory: Known | None = None, **who: Any) -> Result:
    asked = ask(caller=Caller(1, "unix", **who), memory=memory or "", history=HISTORY)
    reply = METHODS[name].handler(replace(asked, memory=memory), params or {})
    assert isinstance(reply, dict)
    assert fits(METHODS[name], reply, ENERGY)
    return reply


def days(count: int) -> Known:
    """The log of some days."""
    found = known()
    for _ in range(count):
        found = known(before=found)
    return found


def test_the_balance_in_nymea_s_words() -> None:
    """API-90."""
    assert call("GetPowerBalance", memory=known()) == {
        "currentPowerConsumption": 3400.0,
        "currentPowerProduction": -3000.0,
        "currentPowerAcquisition": 1200.0,
        "currentPowerStorage": 800.0,
        "totalConsumption": 10_776.543,
        "totalProduction": 9876.543,
        "totalAcquisition": 1234.567,
        "totalReturn": 234.567,
    }


def test_unknown_powers_are_nothing_and_no_total_falls() -> None:
    """API-7, API-90: no null, and totals stay while the counters are unknown or begin anew."""
    first = balance(VIEW)
    unread = replace(VIEW, balance=Balance(), counters=dict.fromkeys(VIEW.counters))
    second = balance(unread, first)
    assert {value for name, value in second.items() if name.startswith("current")} == {0.0}
    assert all(second[name] == first[name] for name in first if name.startswith("total"))
    fallen = replace(VIEW, counters=dict.fromkeys(VIEW.counters, 1))
    assert balance(fallen, second)["totalReturn"] == first["totalReturn"]


def test_what_is_not_installed_is_not_counted() -> None:
    """API-90."""
    bare_house = replace(
        VIEW, counters={"site.grid_import.all.total": 2_000, "site.grid_export.all.total": 500}
    )
    assert balance(bare_house)["totalConsumption"] == 1.5


def test_before_the_first_view_all_is_nothing() -> None:
    """API-5."""
    assert set(call("GetPowerBalance").values()) == {0.0}
    assert call("GetRootMeter") == {}
    assert call("GetPowerBalanceLogs", {"sampleRate": "SampleRateAny"}) == {"powerBalanceLogEntries": []}
    assert call("GetThingPowerLogs", {"sampleRate": "SampleRateAny"}) == {"thingPowerLogEntries": []}


def test_the_root_meter_is_the_grid_s() -> None:
    """API-90: only the present one is granted."""
    assert call("GetRootMeter", memory=known()) == {"rootMeterThingId": GRID}
    good = call("SetRootMeter", {"rootMeterThingId": GRID}, known())
    other = call("SetRootMeter", {"rootMeterThingId": GARAGE}, known())
    assert (good["energyError"], other["energyError"]) == (
        "EnergyErrorNoError",
        "EnergyErrorInvalidParameter",
    )


@pytest.mark.parametrize(
    ("rate", "count"),
    [
        ("SampleRate1Min", 91),
        ("SampleRate15Mins", 289),
        ("SampleRate1Hour", 73),
        ("SampleRate1Day", 3),
        ("SampleRate1Week", 1),
    ],
)
def test_the_log_of_the_balance(rate: str, count: int) -> None:
    """API-91."""
    found = call("GetPowerBalanceLogs", {"sampleRate": rate}, days(6))["powerBalanceLogEntries"]
    assert len(found) == count
    assert [one["timestamp"] for one in found] == sorted(one["timestamp"] for one in found)
    assert {one["acquisition"] for one in found} == {100.0}


def test_a_range_has_both_of_its_ends() -> None:
    """API-91."""
    wanted = {"sampleRate": "SampleRate15Mins", "from": NOW_S - 1800, "to": NOW_S - 900}
    found = call("GetPowerBalanceLogs", wanted, days(2))["powerBalanceLogEntries"]
    assert [one["timestamp"] for one in found] == [NOW_S - 1800, NOW_S - 900]


def test_any_rate_is_the_finest_that_there_is() -> None:
    """API-91."""
    lately = {"sampleRate": "SampleRateAny", "from": NOW_S - 300}
    assert len(call("GetPowerBalanceLogs", lately, days(2))["powerBalanceLogEntries"]) == 6
    longer = {"sampleRate": "SampleRateAny", "from": NOW_S - 86_400 * 2}
    assert len(call("GetPowerBalanceLogs", longer, days(4))["powerBalanceLogEntries"]) == 193


def test_the_log_of_things() -> None:
    """API-91: all, or those that were asked for."""
    wanted: dict[str, object] = {"sampleRate": "SampleRate15Mins", "from": NOW_S - 900}
    every = call("GetThingPowerLogs", wanted, days(1))
    assert [one["thingId"] for one in every["thingPowerLogEntries"]] == [GRID, GARAGE] * 2
    some = call("GetThingPowerLogs", {**wanted, "thingIds": [GARAGE], "includeCurrent": True}, days(1))
    assert {one["thingId"] for one in some["thingPowerLogEntries"]} == {GARAGE}
    assert some["currentEntries"] == [
        {
            "timestamp": end_s,
            "thingId": GARAGE,
            "currentPower": 50.0,
            "totalConsumption": 0.5,
            "totalProduction": 0.0,
        }
        for end_s in (NOW_S - 60, NOW_S)
    ]
    nobody = call("GetThingPowerLogs", {**wanted, "thingIds": [bare(GRID)]}, days(1))
    assert nobody == {"thingPowerLogEntries": []}


def test_who_may_see_some_things_has_only_their_log() -> None:
    """API-40."""
    wanted = {"sampleRate": "SampleRate15Mins", "from": NOW_S - 900}
    found = call("GetThingPowerLogs", wanted, days(1), things=frozenset({bare(GARAGE)}))
    assert {one["thingId"] for one in found["thingPowerLogEntries"]} == {GARAGE}


def test_what_has_changed_is_told() -> None:
    """API-92."""
    first = known()
    assert [news.name for news in told(None, first)] == ["RootMeterChanged", "PowerBalanceChanged"]
    assert list(told(first, known(before=first))) == []
    noise = replace(VIEW, balance=replace(VIEW.balance, grid_w=1200.2))
    assert list(told(first, known(noise, first))) == []
    more = replace(VIEW, balance=replace(VIEW.balance, grid_w=1300.0))
    (news,) = told(first, known(more, first))
    assert (news.name, news.params["currentPowerAcquisition"]) == ("PowerBalanceChanged", 1300.0)


def test_slots_that_end_are_told() -> None:
    """API-92."""
    wall = NOW.wall - timedelta(seconds=1)
    before = known(replace(VIEW, now=Instant(NOW.mono_s - 1, wall)))
    news = list(told(before, known(before=before)))
    balances = [one.params["sampleRate"] for one in news if one.name == "PowerBalanceLogEntryAdded"]
    assert balances == ["SampleRate1Min", "SampleRate15Mins", "SampleRate1Hour", "SampleRate3Hours"]
    things = [one.thing for one in news if one.name == "ThingPowerLogEntryAdded"]
    assert things == [bare(GRID), bare(GARAGE)] * 4
    for one in news:
        assert fits(NOTICES[one.name], one.params, ENERGY)


def test_without_a_grid_meter_there_is_no_root() -> None:
    """API-90."""
    none = replace(VIEW, installed=replace(INSTALLED, meters={}))
    assert call("GetRootMeter", memory=known(none)) == {}
    assert next(iter(told(known(), known(none)))).params == {}
