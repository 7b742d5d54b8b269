"""What a person types, as parameters of the door (API-150)."""

from argparse import ArgumentTypeError
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hems.clients_params import (
    AMPERE,
    KWH,
    aim,
    boost,
    days,
    deadline,
    limit,
    mode,
    named,
    setting,
    target,
    vehicle,
    whole,
)
from hems.clients_told import Setting
from hems.errors import HemsError

BERLIN = ZoneInfo("Europe/Berlin")


class Known:
    """A service with one charger and a few settings."""

    def charger(self, named: str | None) -> str:
        return named or "garage"

    def now(self) -> datetime:
        return datetime(2026, 7, 1, 12, 0, tzinfo=BERLIN)

    def zone(self) -> tzinfo:
        return BERLIN

    def mode(self, charger: str) -> str:
        return {"garage": "fast", "carport": "surplus_target"}.get(charger, "")

    def setting(self, name: str) -> Setting | None:
        rows: dict[str, tuple[float | str | bool, str]] = {
            "line_limit_a": (0.0, "A"),
            "locked": (False, ""),
            "language": ("en", ""),
        }
        if name not in rows:
            return None
        return Setting(name, rows[name][0], rows[name][0], None, None, rows[name][1], [], "")


KNOWN = Known()


@pytest.mark.parametrize(("text", "value"), [("10", 10.0), ("10A", 10.0), ("6,5 A", 6.5), ("7a", 7.0)])
def test_a_number_may_have_its_unit(text: str, value: float) -> None:
    assert AMPERE(text) == value
    assert KWH("2.5kWh") == 2_500.0


@pytest.mark.parametrize("text", ["", "A", "ten", "1 W"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="is not a number of A"):
        AMPERE(text)
    with pytest.raises(ArgumentTypeError, match="is not a whole number"):
        whole("1.5")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("mon", [1]), ("Sun,mon,sun", [1, 7]), ("daily", [1, 2, 3, 4, 5, 6, 7]), ("once", [])],
)
def test_days_by_their_names(text: str, numbers: list[int]) -> None:
    assert days(text) == numbers


def test_a_strange_day_is_refused() -> None:
    with pytest.raises(ArgumentTypeError, match="'sunday' is no day; use mon,tue"):
        days("mon,sunday")


@pytest.mark.parametrize(
    ("told", "at"),
    [
        ("12:01", "2026-07-01T12:01:00"),
        ("12:00", "2026-07-02T12:00:00"),
        ("7:00", "2026-07-02T07:00:00"),
        ("2026-07-03T06:30", "2026-07-03T06:30:00"),
        ("2026-07-03T06:30+00:00", "2026-07-03T06:30:00+00:00"),
    ],
)
def test_an_hour_is_the_next_one(told: str, at: str) -> None:
    assert deadline(told, KNOWN.now()) == at


def test_a_strange_time_is_refused() -> None:
    with pytest.raises(HemsError, match="--by: '25:00' is no time; write 07:00"):
        deadline("25:00", KNOWN.now())


def test_what_is_left_out_is_not_sent() -> None:
    assert named("from", "to")({"from": "2026-07-01", "to": None}, KNOWN) == {"from": "2026-07-01"}


@pytest.mark.parametrize(
    ("made", "given", "params"),
    [
        (mode, {"value": "surplus-target"}, {"charger": "garage", "mode": "surplus_target"}),
        (mode, {"value": "off", "charger": "carport"}, {"charger": "carport", "mode": "off"}),
        (limit, {"value": "none"}, {"charger": "garage", "limit_a": 0.0}),
        (limit, {"value": "10A"}, {"charger": "garage", "limit_a": 10.0}),
        (target, {"value": "none"}, {"charger": "garage", "end": ""}),
        (target, {"value": "80%"}, {"charger": "garage", "target_pct": 80.0}),
        (
            target,
            {"value": "20kWh", "by": "07:00", "days": [1]},
            {"charger": "garage", "energy_wh": 20_000.0, "end": "2026-07-02T07:00:00", "repeat_days": [1]},
        ),
        (boost, {"minutes": 60, "kwh": None}, {"charger": "garage", "minutes": 60}),
        (boost, {"minutes": 0}, {"charger": "garage", "minutes": 0}),
        (boost, {"minutes": None, "kwh": 5e3}, {"charger": "garage", "energy_wh": 5e3}),
        (vehicle, {"value": "zoe", "level": 40.0}, {"vehicle": "zoe", "level_pct": 40.0}),
        (vehicle, {"value": "zoe", "charger": "garage"}, {"vehicle": "zoe", "charger": "garage"}),
        (setting, {"what": "line_limit_a", "value": "16A"}, {"name": "line_limit_a", "value": 16.0}),
        (setting, {"what": "locked", "value": "Yes"}, {"name": "locked", "value": True}),
        (setting, {"what": "locked", "value": "off"}, {"name": "locked", "value": False}),
        (setting, {"what": "language", "value": "de"}, {"name": "language", "value": "de"}),
        (setting, {"what": "language", "value": '""'}, {"name": "language", "value": ""}),
        (setting, {"what": "strange", "value": "1"}, {"name": "strange", "value": "1"}),
    ],
)
def test_words_become_parameters(made: Any, given: dict[str, Any], params: dict[str, Any]) -> None:
    assert made(given, KNOWN) == params


@pytest.mark.parametrize(
    ("made", "given", "words"),
    [
        (limit, {"value": "much"}, "set limit: 'much' is not a number of A"),
        (target, {"value": "full"}, "set target: 'full' is not a number of %"),
        (setting, {"what": "line_limit_a", "value": "x"}, "set line_limit_a: 'x' is not a number of A"),
        (setting, {"what": "locked", "value": "maybe"}, "set locked: 'maybe' is not yes or no"),
    ],
)
def test_words_that_mean_nothing_are_refused(made: Any, given: dict[str, Any], words: str) -> None:
    with pytest.raises(HemsError, match=words):
        made(given, KNOWN)


def test_a_target_that_nobody_looks_at_is_told() -> None:
    assert aim({"charger": "garage", "target_pct": 80.0}, KNOWN).startswith(
        "garage is in mode fast, which looks"
    )
    assert aim({"charger": "garage", "end": ""}, KNOWN) == ""
    assert aim({"charger": "carport", "target_pct": 80.0}, KNOWN) == ""
