"""What may be asked for by Hems' own methods (API-110)."""

from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hems.api.own_writes import acknowledge, reload
from hems.api.rows import Asked
from hems.core.dim import CONTACT
from hems.core.rules import DimRules
from hems.model.alarm import Alarm, AlarmCode
from hems.model.intents import (
    Acknowledge,
    AmendCharging,
    PutPrices,
    Refusal,
    Restart,
    SetBoost,
    SetMode,
    SetOperatorLimit,
    SetSetting,
    SetUserMax,
    SetVehicle,
)
from hems.model.prices import Slot
from tests.api.charging_house import NOON, RULES, Desk

GOOD = {"hemsError": "HemsErrorNoError"}
END = "2026-07-02T06:30:00+02:00"
API = replace(RULES, dim=DimRules("api"))
BY_CONTACT = replace(RULES, dim=DimRules("contact", "dim"))


@pytest.mark.parametrize(
    ("method", "params", "intent"),
    [
        ("SetMode", {"charger": "garage", "mode": "fast"}, SetMode("garage", "fast")),
        ("SetLimit", {"charger": "garage", "limit_a": 10}, SetUserMax("garage", 10.0)),
        ("SetLimit", {"charger": "garage", "limit_a": 0}, SetUserMax("garage", 16.0)),
        ("Boost", {"charger": "garage"}, SetBoost("garage", 7200.0, None)),
        ("Boost", {"charger": "garage", "minutes": 30}, SetBoost("garage", 1800.0, None)),
        ("Boost", {"charger": "garage", "energy_wh": 5000}, SetBoost("garage", None, 5000.0)),
        (
            "Boost",
            {"charger": "garage", "energy_wh": 5000, "minutes": 10},
            SetBoost("garage", 600.0, 5000.0),
        ),
        ("Boost", {"charger": "garage", "minutes": 0}, SetBoost("garage", None, None)),
        (
            "SetVehicle",
            {"vehicle": "zoe", "level_pct": 40, "charger": "garage"},
            SetVehicle("zoe", 40.0, charger="garage"),
        ),
        ("SetVehicle", {"vehicle": "zoe", "lines": 1}, SetVehicle("zoe", lines=1)),
        ("SetSetting", {"name": "locked", "value": True}, SetSetting("locked", True)),
        (
            "SetTarget",
            {"charger": "garage", "target_pct": 80, "end": END, "repeat_days": [1], "cheap": True},
            AmendCharging(
                "garage",
                {
                    "target_pct": 80.0,
                    "repeat_days": (1,),
                    "cheap": True,
                    "energy_wh": None,
                    "deadline": datetime.fromisoformat(END),
                },
            ),
        ),
        (
            "SetTarget",
            {"charger": "garage", "energy_wh": 9000, "end": "2026-07-02T06:30"},
            AmendCharging("garage", {"energy_wh": 9000.0, "deadline": datetime.fromisoformat(END)}),
        ),
        ("SetTarget", {"charger": "garage", "end": ""}, AmendCharging("garage", {"deadline": None})),
    ],
)
def test_what_is_granted(method: str, params: dict[str, Any], intent: object) -> None:
    """One intent each, which the rules judge."""
    desk = Desk()
    assert desk.call(f"Hems.{method}", params) == GOOD
    assert desk.asked == [intent]


@pytest.mark.parametrize(
    ("method", "params", "error"),
    [
        ("SetMode", {"charger": "barn", "mode": "fast"}, "HemsErrorUnknownName"),
        ("SetMode", {"charger": "", "mode": "fast"}, "HemsErrorMissingParameter"),
        ("SetMode", {"charger": "garage", "mode": "turbo"}, "HemsErrorInvalidParameter"),
        ("SetLimit", {"charger": "garage", "limit_a": 17}, "HemsErrorInvalidParameter"),
        ("SetLimit", {"charger": "barn", "limit_a": 0}, "HemsErrorUnknownName"),
        ("SetTarget", {"charger": "garage"}, "HemsErrorMissingParameter"),
        ("SetTarget", {"charger": "garage", "end": "soon"}, "HemsErrorInvalidParameter"),
        ("SetTarget", {"charger": "garage", "repeat_days": [1]}, "HemsErrorInvalidParameter"),
        ("SetTarget", {"charger": "garage", "end": END, "precondition_s": 7201}, "HemsErrorInvalidParameter"),
        ("Boost", {"charger": "garage", "minutes": 481}, "HemsErrorInvalidParameter"),
        ("SetVehicle", {"vehicle": "zoe"}, "HemsErrorMissingParameter"),
        ("SetVehicle", {"vehicle": "zoe", "capacity_wh": 999}, "HemsErrorInvalidParameter"),
        ("SetSetting", {"name": "colour", "value": 1}, "HemsErrorUnknownName"),
        ("SetSetting", {"name": "contrast", "value": [1]}, "HemsErrorInvalidParameter"),
        ("SetSetting", {"name": "contrast", "value": None}, "HemsErrorInvalidParameter"),
        ("Acknowledge", {"alarm": "no such alarm"}, "HemsErrorUnknownName"),
        ("SetOperatorLimit", {"limited": False}, "HemsErrorUnsupported"),
        ("GetScreen", {}, "HemsErrorUnsupported"),
        ("PressKey", {"key": "ok"}, "HemsErrorUnsupported"),
    ],
)
def test_what_is_refused(method: str, params: dict[str, Any], error: str) -> None:
    """API-6: with its reason, and nothing is changed."""
    desk = Desk()
    before = desk.settings
    reply = desk.call(f"Hems.{method}", params)
    assert reply["hemsError"] == error
    assert reply["reason"]
    assert desk.settings is before


def test_an_operator_limit_that_the_contact_tells() -> None:
    """Example 9."""
    assert Desk(rules=BY_CONTACT).call("Hems.SetOperatorLimit", {"limited": True}) == {
        "hemsError": "HemsErrorUnsupported",
        "reason": "the operator limit is read from the contact, not from the API",
    }
    assert CONTACT == "contact"


def test_an_operator_limit_by_message() -> None:
    """CHG-121: a message without an end is refused; it may be lifted."""
    desk = Desk(rules=API)
    without = desk.call("Hems.SetOperatorLimit", {"limited": True})
    assert without["hemsError"] == "HemsErrorMissingParameter"
    assert desk.call("Hems.SetOperatorLimit", {"limited": True, "valid_s": 600}) == GOOD
    assert desk.asked[-1] == SetOperatorLimit(4200.0, NOON + timedelta(seconds=600))
    assert desk.call("Hems.SetOperatorLimit", {"limited": True, "limit_w": 9000, "valid_s": 60}) == GOOD
    assert desk.settings.operator
    assert desk.settings.operator.limit_w == 9000.0
    too_long = desk.call("Hems.SetOperatorLimit", {"limited": True, "valid_s": 2**62})
    assert too_long["hemsError"] == "HemsErrorInvalidParameter"
    assert desk.call("Hems.SetOperatorLimit", {"limited": False}) == GOOD
    assert desk.settings.operator is None


def row(begin: str, end: str, price: float | None = 0.1, **more: Any) -> dict[str, Any]:
    told = {"start": f"2026-07-01T{begin}:00+02:00", "end": f"2026-07-01T{end}:00+02:00", **more}
    return told if price is None else {**told, "price_eur_kwh": price}


def put(desk: Desk, *rows: dict[str, Any], provider: str = "awattar-at") -> Any:
    return desk.call("Hems.PutPrices", {"provider": provider, "slots": list(rows)})


def test_prices_are_taken_as_a_whole() -> None:
    """API-110, CHG-82: in UTC; ascending, no overlap, believable, of the provider in force."""
    desk = Desk()
    assert put(desk, row("12:00", "13:00"), row("13:00", "14:00", -0.05)) == {**GOOD, "accepted": 2}
    noon = datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert desk.settings.prices
    assert desk.settings.prices.slots == (
        Slot(noon, noon + timedelta(hours=1), 0.1),
        Slot(noon + timedelta(hours=1), noon + timedelta(hours=2), -0.05),
    )
    known = desk.settings.prices
    for rows in (
        [],
        [row("12:00", "13:00", 5.1)],
        [row("13:00", "12:00")],
        [row("12:00", "14:00"), row("13:00", "15:00")],
        [row("12:00", "13:00", None)],
        [row("12:00", "13:00", None, period="blue")],
        [{"start": "noon", "end": "one", "price_eur_kwh": 0.1}],
        [{"start": "2026-07-01T12:00:00+02:00", "end": "one", "price_eur_kwh": 0.1}],
        [row("12:00", "13:00")] * 701,
    ):
        reply = put(desk, *rows)
        assert (reply["hemsError"], reply["accepted"]) == ("HemsErrorInvalidParameter", 0), rows
    assert put(desk, row("12:00", "13:00"), provider="file")["accepted"] == 0
    assert desk.settings.prices is known


def test_slots_may_name_a_period() -> None:
    """CHG-81: day colours; a time without an offset is the site's."""
    desk = Desk()
    told = {"start": "2026-07-01T12:00", "end": "2026-07-01T13:00", "period": "standard"}
    assert put(desk, told)["accepted"] == 1
    assert isinstance(desk.asked[-1], PutPrices)
    assert desk.asked[-1].slots[0].period == "standard"
    assert desk.settings.prices
    assert desk.settings.prices.slots[0].start == NOON


def test_an_alarm_is_acknowledged() -> None:
    desk = Desk()
    desk.call("Hems.Acknowledge", {"alarm": "stuck.garage"})
    assert desk.asked == [Acknowledge("stuck.garage")]


def test_who_acknowledges_no_alarm_is_told_which_stand() -> None:
    """API-6: the names that can be meant now, not those that could be some day."""
    ask = Desk().asking(None)
    calm = acknowledge(ask, {"alarm": "nosuch"})
    assert isinstance(calm, Refusal)
    assert calm.text == "there is no alarm 'nosuch'; no alarm stands"
    view = replace(Desk().view(), alarms=(Alarm(AlarmCode.CHARGER_SILENT, "garage"),))
    told = acknowledge(replace(ask, view=view), {"alarm": "nosuch"})
    assert isinstance(told, Refusal)
    assert told.text == "there is no alarm 'nosuch'; those that stand: charger_silent.garage"


def test_a_reload_is_asked_of_the_appliance() -> None:
    """API-110: a second one meanwhile is busy, a bad file is told in its words."""
    desk = Desk()
    assert desk.call("Hems.Reload") == GOOD
    assert desk.asked == [Restart()]
    asked = reload(desk.asking(None), {})
    assert isinstance(asked, Asked)
    assert asked.reply(Refusal("not_now", "busy"))["hemsError"] == "HemsErrorBusy"
    assert asked.reply(Refusal("bad_value", "charger[0].max_a: 99 is out of range")) == {
        "hemsError": "HemsErrorInvalidParameter",
        "reason": "charger[0].max_a: 99 is out of range",
    }


class Glass:
    """A panel whose picture changes with each key."""

    def __init__(self) -> None:
        self.pressed: list[tuple[str, bool]] = []

    def frame(self) -> tuple[int, bytes]:
        return 4711 + len(self.pressed), bytes(1024)

    def press(self, key: str, *, hold: bool) -> None:
        self.pressed.append((key, hold))


class Door:
    """Remembers who follows the picture."""

    def __init__(self) -> None:
        self.following: dict[int, bool] = {}

    def follow(self, number: int, follow: bool) -> None:
        self.following[number] = follow


def test_the_picture_and_who_follows_it() -> None:
    """API-113: 1,024 bytes; asking without a wish changes nothing."""
    desk = Desk(screen=Glass(), door=Door())
    found = desk.call("Hems.GetScreen")
    assert (found["sequence"], found["width"], found["height"]) == (4711, 128, 64)
    assert b64decode(found["frame"]) == bytes(1024)
    assert desk.door.following == {}
    desk.call("Hems.GetScreen", {"follow": True})
    assert desk.door.following == {1: True}
    desk.call("Hems.GetScreen", {"follow": False})
    assert desk.door.following == {1: False}


def test_a_key_from_afar() -> None:
    """Example 8: the number of the picture before the key; the next one shows what it did."""
    desk = Desk(screen=Glass())
    assert desk.call("Hems.PressKey", {"key": "down"}) == {**GOOD, "sequence": 4711}
    assert desk.call("Hems.GetScreen")["sequence"] == 4712
    desk.call("Hems.PressKey", {"key": "ok", "hold": True})
    assert desk.screen.pressed == [("down", False), ("ok", True)]
    reply = desk.call("Hems.PressKey", {"key": "power"})
    assert reply["hemsError"] == "HemsErrorUnknownName"
    assert desk.screen.pressed[2:] == []
