"""Plans, the tariff and the settings in Hems' words (API-110)."""

from dataclasses import replace
from datetime import timedelta

from hems.core.tariff import TariffRules, Window
from hems.language.words import speaking
from hems.model.plans import Plan
from hems.model.prices import Slot
from hems.model.settings import ChargerSettings, Settings, TariffChoice
from tests.api.charging_house import NOON, RULES, Desk, decided, hours

HOUR = timedelta(hours=1)
PLAN = Plan(
    NOON + 20 * HOUR,
    NOON + 18 * HOUR,
    9_000.0,
    2300.0,
    (Slot(NOON + HOUR, NOON + 2 * HOUR, 0.25), Slot(NOON + 3 * HOUR, NOON + 4.5 * HOUR)),
    ("level",),
)
SUNNY = Settings({"garage": ChargerSettings("surplus", 10.0)})


def test_a_plan() -> None:
    """API-110: slots with price, current, energy and why."""
    desk = Desk(settings=SUNNY, decisions={"garage": decided(plan=PLAN, need_wh=5750.4)})
    assert desk.call("Hems.GetPlan")["plans"] == [
        {
            "charger": "garage",
            "need_wh": 5750.0,
            "deadline": "2026-07-02T08:00:00+02:00",
            "latest_start": "2026-07-02T06:00:00+02:00",
            "slots": [
                {
                    "start": "2026-07-01T13:00:00+02:00",
                    "end": "2026-07-01T14:00:00+02:00",
                    "price_eur_kwh": 0.25,
                    "limit_a": 10.0,
                    "energy_wh": 2300,
                    "code": "cheap_price",
                },
                {
                    "start": "2026-07-01T15:00:00+02:00",
                    "end": "2026-07-01T16:30:00+02:00",
                    "price_eur_kwh": None,
                    "limit_a": 10.0,
                    "energy_wh": 3450,
                    "code": "target_time",
                },
            ],
            "assumed": ["level"],
        }
    ]


def test_cheap_hours_are_a_plan_without_a_deadline() -> None:
    cheap = (Slot(NOON + HOUR, NOON + 2 * HOUR, 0.1),)
    desk = Desk(settings=SUNNY, decisions={"garage": decided(cheap_slots=cheap, lines=("L1", "L2"))})
    (plan,) = desk.call("Hems.GetPlan", {"charger": "garage"})["plans"]
    assert (plan["deadline"], plan["need_wh"], plan["assumed"]) == (None, None, [])
    assert plan["slots"][0]["energy_wh"] == 4600
    assert desk.call("Hems.GetPlan", {"charger": "yard"})["plans"] == []
    assert desk.call("Hems.GetPlan", {"charger": "barn"})["hemsError"] == "HemsErrorUnknownName"


def test_the_tariff_with_its_slots() -> None:
    """API-110: what `hems prices` asks for is the provider in force."""
    desk = Desk()
    desk.settings = replace(desk.settings, prices=hours(NOON, 0.1, 0.25), tariff=TariffChoice("", False))
    found = desk.call("Hems.GetTariff")
    assert (found["provider"], found["known_until"]) == ("awattar-at", "2026-07-01T14:00:00+02:00")
    assert found["slots"][1] == {
        "start": "2026-07-01T13:00:00+02:00",
        "end": "2026-07-01T14:00:00+02:00",
        "price_eur_kwh": 0.25,
    }
    windows = Desk(rules=replace(RULES, tariff=TariffRules("static", "peak", (Window("off_peak", 0, 360),))))
    assert {slot["price_eur_kwh"] for slot in windows.call("Hems.GetTariff")["slots"]} == {None}


def test_the_settings_one_row_each() -> None:
    """API-110: present value, default, range, words in the caller's language."""
    desk = Desk()
    desk.call("Hems.SetSetting", {"name": "line_limit_a", "value": 16})
    desk.call("Hems.SetSetting", {"name": "language", "value": "fr"})
    desk.call("Hems.SetSetting", {"name": "tariff_provider", "value": "file"})
    rows = {row["name"]: row for row in desk.call("Hems.GetSettings")["settings"]}
    assert rows["line_limit_a"] == {
        "name": "line_limit_a",
        "value": 16.0,
        "default": 0.0,
        "min": 6,
        "max": 25.0,
        "step": 1.0,
        "unit": "A",
        "choices": [],
        "text": "limit of each line below its fuse",
    }
    assert {name: row["value"] for name, row in rows.items()} == {
        "acquisition_tolerance": 0.5,
        "battery_level_consideration": 0.9,
        "line_limit_a": 16.0,
        "tariff_provider": "file",
        "language": "fr",
        "contrast": 5,
        "dark_after_s": 120.0,
        "large": False,
        "locked": False,
    }
    with speaking("de"):
        assert len(desk.call("Hems.GetSettings")["settings"]) == len(rows)
