"""Prices as nymea's spot market (API-105, API-106)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from hems.api.scores import configuration, entries, local_day, providers, slot_now
from hems.api.thing_ids import provider_id
from hems.core.tariff import TariffRules, Window
from hems.model.instant import Instant
from hems.model.settings import Settings, TariffChoice
from tests.api.charging_house import NOON, RULES, VIENNA, Desk, hours

AT, DE, STATIC = (
    "{5f89d355-2719-58e3-9d15-008fc69014e2}",
    "{485afe64-101b-5db5-aced-67020dd93828}",
    "{b930ad90-e80b-5c92-ae3d-605abd8e0b73}",
)
TOMORROW = datetime(2026, 7, 2, tzinfo=VIENNA)
FOUR = hours(TOMORROW, 0.112, 0.098, 0.098, 0.14)
WINDOWS = replace(RULES, tariff=TariffRules("static", "peak", (Window("off_peak", 0, 360),)))
GET = "NymeaEnergy.GetSpotMarketScoreEntries"
SET = "NymeaEnergy.SetSpotMarketConfiguration"
CONFIGURATION = "NymeaEnergy.GetSpotMarketConfiguration"
GOOD = {"energyError": "EnergyErrorNoError"}

EXAMPLE = [
    {"endDateTime": 1782946800, "startDateTime": 1782943200, "value": 11.2, "weighting": 0.667},
    {"endDateTime": 1782950400, "startDateTime": 1782946800, "value": 9.8, "weighting": 1.0},
    {"endDateTime": 1782954000, "startDateTime": 1782950400, "value": 9.8, "weighting": 1.0},
    {"endDateTime": 1782957600, "startDateTime": 1782954000, "value": 14.0, "weighting": 0.0},
]


@pytest.mark.parametrize(
    "day", ["2026-07-02", 1782943200, 1782957600 + 3600, "1782943200", 1782943200.5, None]
)
def test_the_example_of_four_hours(day: Any) -> None:
    """Example 5: by date, by any second inside the local day, or from today on."""
    desk = Desk(settings=Settings(prices=FOUR))
    desk.settings = replace(desk.settings, prices=FOUR)
    params = {} if day is None else {"date": day}
    assert desk.call(GET, params) == {"spotMarketScoreEntries": EXAMPLE}


@pytest.mark.parametrize(
    "day",
    ["2026-07-03", "2026-07-01", 1782943200 - 1, "yesterday", "2026-13-01", "", True, [], {}, 1e300, "nan",
     "-5", -1e12, 10**400, 253402300799, -62135596800],
)  # fmt: skip
def test_other_days_and_what_is_no_day_have_none(day: Any) -> None:
    """API-105: unparsable is an empty list."""
    assert Desk(settings=Settings(prices=FOUR)).call(GET, {"date": day}) == {"spotMarketScoreEntries": []}


def test_what_is_paid_counts() -> None:
    """API-105: with charges and tax, as the rules reckon; from today on what is over today is there."""
    rules = replace(
        RULES, tariff=TariffRules("awattar-at", "standard", charges_eur_kwh={"standard": 0.05}, tax_pct=20.0)
    )
    before = hours(NOON - timedelta(hours=15), *[0.1] * 30)
    found = entries(Desk(rules=rules, settings=Settings(prices=before)).view())
    assert len(found) == 27, "three hours of yesterday are not asked for"
    assert {(row["value"], row["weighting"]) for row in found} == {(18.0, 0.5)}


def test_providers() -> None:
    """API-106: windows only where there are some, also as another tariff's periods."""
    both = [
        {
            "providerId": AT,
            "name": "aWATTar Austria",
            "countryCode": "AT",
            "website": "https://www.awattar.at",
        },
        {
            "providerId": DE,
            "name": "aWATTar Germany",
            "countryCode": "DE",
            "website": "https://www.awattar.de",
        },
    ]
    method = "NymeaEnergy.GetAvailableSpotMarketProviders"
    assert providers(None) == both
    assert Desk().call(method) == {"providers": both}
    found = Desk(rules=WINDOWS).call(method)["providers"]
    assert found == [
        *both,
        {"providerId": STATIC, "name": "HP/HC", "countryCode": "FR", "website": ""},
    ]


def test_the_configuration() -> None:
    """API-106: available = the prices in force hold this moment."""
    assert configuration(None) == {"enabled": False, "available": False}
    desk = Desk()
    assert desk.call(CONFIGURATION) == {"enabled": True, "available": False, "providerId": AT}
    desk.settings = replace(desk.settings, prices=FOUR)
    assert desk.call(CONFIGURATION)["available"] is False, "they begin tomorrow"
    desk.settings = replace(desk.settings, prices=hours(NOON, 0.1))
    assert desk.call(CONFIGURATION) == {"enabled": True, "available": True, "providerId": AT}
    desk.now = Instant(1000.0, NOON, trusted=False)
    assert desk.call(CONFIGURATION)["available"] is False, "nobody knows what time it is"
    desk.now = Instant(1000.0, NOON + timedelta(hours=1))
    assert slot_now(desk.view()) is None, "they have ended"
    windows = Desk(rules=WINDOWS)
    assert windows.call(CONFIGURATION) == {"enabled": True, "available": True, "providerId": STATIC}
    assert Desk(rules=replace(RULES, tariff=None)).call(CONFIGURATION) == {
        "enabled": False,
        "available": False,
    }


def test_choosing_and_doing_without() -> None:
    """API-106: an absent id leaves the provider; prices that have no say are not shown as scores."""
    desk = Desk(settings=Settings(prices=FOUR))
    desk.settings = replace(desk.settings, prices=hours(NOON, 0.1))
    assert desk.call(SET, {"enabled": False}) == GOOD
    assert desk.call(CONFIGURATION) == {"enabled": False, "available": False, "providerId": AT}
    assert desk.call(GET) == {"spotMarketScoreEntries": []}
    assert desk.call(SET, {"enabled": True, "providerId": DE}) == GOOD
    assert desk.settings.tariff == TariffChoice("awattar-de")
    assert desk.settings.prices is None
    assert desk.call(SET, {"enabled": True}) == GOOD
    assert desk.call(CONFIGURATION)["providerId"] == DE


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"enabled": True, "providerId": provider_id("enron")}, "EnergyErrorInvalidParameter"),
        ({"enabled": True, "providerId": STATIC}, "EnergyErrorInvalidParameter"),
        ({"enabled": True}, "EnergyErrorMissingParameter"),
    ],
)
def test_what_cannot_be_chosen(params: dict[str, Any], error: str) -> None:
    """API-106: an unknown one, windows where there are none, and none at all."""
    desk = Desk(rules=replace(RULES, tariff=None))
    assert desk.call(SET, params)["energyError"] == error
    assert desk.settings.tariff == TariffChoice()


def test_a_local_day_begins_at_local_midnight() -> None:
    view = Desk().view()
    assert local_day(view, TOMORROW.timestamp()) == TOMORROW.date()
    assert local_day(view, TOMORROW.timestamp() - 1) == NOON.date()
