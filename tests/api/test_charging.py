"""The namespace NymeaEnergy: the site's figures, and what is told unasked (API-100, 107, 108)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hems.api.charging import METHODS, changes, figure
from hems.api.rows import Asked
from hems.api.table import ALIASES
from hems.core.rules import ChargerRules
from hems.model.prices import Slot
from hems.model.settings import Settings
from tests.api.charging_house import GARAGE, IDENTITY, NOON, RULES, TABLE, YARD, Desk, decided, hours

GOOD = {"energyError": "EnergyErrorNoError"}
PUT = {"provider": "awattar-at", "slots": []}


@pytest.mark.parametrize(
    ("name", "member", "default", "value", "beyond"),
    [
        ("PhasePowerLimit", "phasePowerLimit", 0, 20, 26),
        ("PhasePowerLimit", "phasePowerLimit", 0, 6, 5),
        ("AcquisitionTolerance", "acquisitionTolerance", 0.5, 0.25, 1.1),
        ("BatteryLevelConsideration", "batteryLevelConsideration", 0.9, 1.0, -0.1),
    ],
)
def test_figures_of_the_site(name: str, member: str, default: float, value: float, beyond: float) -> None:
    """API-107: 0 A = no limit beyond the fuse, else 6 A to the largest fuse."""
    desk = Desk()
    row = TABLE.methods[f"NymeaEnergy.Get{name}"]
    assert row.handler(desk.asking(None), {}) == {member: default}
    assert desk.call(row.full) == {member: default}
    assert desk.call(f"NymeaEnergy.Set{name}", {member: value}) == GOOD
    assert desk.call(row.full) == {member: value}
    refused = desk.call(f"NymeaEnergy.Set{name}", {member: beyond})
    assert refused["energyError"] == "EnergyErrorInvalidParameter"
    assert "not" in refused["displayMessage"]
    assert desk.call(row.full) == {member: value}
    assert desk.call(f"NymeaEnergy.Set{name}", {member: 0}) == GOOD


def test_a_default_is_what_is_installed() -> None:
    installed = replace(RULES, surplus=replace(RULES.surplus, acquisition_tolerance=0.75))
    assert figure(Desk(rules=installed).view(), "acquisition_tolerance") == 0.75


def test_every_row_answers_before_the_first_view() -> None:
    """API-5: defaults; what is asked of a charger finds none."""
    desk = Desk()
    params: dict[str, Any] = {
        "chargingInfo": {"evChargerId": GARAGE},
        "enabled": True,
        "phasePowerLimit": 6,
        "acquisitionTolerance": 0.5,
        "batteryLevelConsideration": 0.5,
    }
    for row in METHODS:
        given = {name: value for name, value in params.items() if name in row.params}
        answer = row.handler(desk.asking(None), given)
        if row.name == "SetChargingInfo":
            assert answer == {
                "energyError": "EnergyErrorInvalidParameter",
                "displayMessage": "no charger has this id",
            }
        elif row.kind == "intent":
            assert isinstance(answer, Asked)
        else:
            assert isinstance(answer, dict)


def test_every_method_has_its_alias_and_its_scope() -> None:
    """API-100: the manual slots of a later version are not offered."""
    assert ALIASES == {"EnergyPlugin": "NymeaEnergy"}
    for row in METHODS:
        assert TABLE.methods[f"EnergyPlugin.{row.name}"].handler is row.handler
        if row.name == "SetChargingInfo":
            assert row.scope == "ControlThings"
        else:
            assert row.scope == ("ConfigureThings" if row.name.startswith("Set") else "None")
    assert len(METHODS) == 13


def news(desk: Desk, before: Any = None) -> dict[str, Any]:
    return {one.name: one.params for one in changes(before, desk.view(), IDENTITY)}


def test_the_first_view_tells_what_differs_from_the_defaults() -> None:
    """API-108: both chargers have come; nothing else is known yet."""
    desk = Desk()
    told = changes(None, desk.view(), IDENTITY)
    assert [(one.name, one.thing) for one in told] == [
        ("ChargingInfoAdded", GARAGE),
        ("ChargingInfoAdded", YARD),
        ("SpotMarketConfigurationChanged", ""),
    ]


def test_a_quiet_cycle_tells_nothing() -> None:
    desk = Desk()
    assert changes(desk.view(), desk.view(), IDENTITY) == ()


def test_whoever_changes_it_everybody_hears_of_it() -> None:
    """API-108: from the door itself, the panel's intents, or the rules."""
    desk = Desk()
    before = desk.view()
    desk.call("Hems.SetMode", {"charger": "garage", "mode": "fast"})
    assert news(desk, before)["ChargingInfoChanged"]["chargingInfo"]["chargingMode"] == "ChargingModeNormal"
    for method, params, name, told in (
        ("SetPhasePowerLimit", {"phasePowerLimit": 16}, "PhasePowerLimitChanged", {"phasePowerLimit": 16}),
        (
            "SetAcquisitionTolerance",
            {"acquisitionTolerance": 0.1},
            "AcquisitionToleranceChanged",
            {"acquisitionTolerance": 0.1},
        ),
        (
            "SetBatteryLevelConsideration",
            {"batteryLevelConsideration": 0.2},
            "BatteryLevelConsiderationChanged",
            {"batteryLevelConsideration": 0.2},
        ),
    ):
        before = desk.view()
        desk.call(f"NymeaEnergy.{method}", params)
        assert news(desk, before) == {name: told}


def test_prices_that_come_are_told_once() -> None:
    """API-108: configuration and entries; the same prices again are no news."""
    desk = Desk()
    before = desk.view()
    desk.settings = replace(desk.settings, prices=hours(NOON, 0.1, 0.2))
    told = news(desk, before)
    assert told["SpotMarketConfigurationChanged"]["available"] is True
    assert len(told["SpotMarketScoreEntriesChanged"]["spotMarketScoreEntries"]) == 2
    after = desk.view()
    desk.settings = replace(desk.settings, prices=hours(NOON, 0.1, 0.2))
    assert news(desk, after) == {}
    desk.call("NymeaEnergy.SetSpotMarketConfiguration", {"enabled": False})
    told = news(desk, after)
    assert told["SpotMarketScoreEntriesChanged"] == {"spotMarketScoreEntries": []}
    assert told["SpotMarketConfigurationChanged"]["enabled"] is False


def test_a_charger_that_is_gone_is_told() -> None:
    desk = Desk()
    before = desk.view()
    fewer = Desk(rules=replace(RULES, chargers={"yard": ChargerRules(2, max_a=32.0)}), settings=Settings())
    assert news(fewer, before) == {"ChargingInfoRemoved": {"evChargerId": GARAGE}}


def test_another_plan_is_told() -> None:
    """API-108: and the same one is no news."""
    desk = Desk()
    before = desk.view()
    piece = (Slot(NOON, NOON + timedelta(hours=1), 0.1),)
    planned = Desk(decisions={"garage": decided(cheap_slots=piece)})
    told = news(planned, before)
    assert len(told["ChargingSchedulesChanged"]["chargingSchedules"]) == 1
    assert news(planned, planned.view()) == {}
    assert news(desk, planned.view()) == {"ChargingSchedulesChanged": {"chargingSchedules": []}}
