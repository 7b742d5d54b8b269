"""Sessions and events from the lists of the memory (API-110)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hems.api.own_history import happened
from hems.model.ledger import Event
from hems.model.runs import Session
from hems.model.view import View
from tests.api.charging_house import NOON, Desk


class Lists:
    """The lists of a memory."""

    def __init__(self, **lists: Sequence[dict[str, Any]]) -> None:
        self.lists = lists

    def listed(self, name: str) -> Sequence[dict[str, Any]]:
        return self.lists.get(name, [])


def session(seq: int, charger: int, days: float) -> dict[str, Any]:
    start = NOON + timedelta(days=days)
    return {
        "seq": seq,
        "charger": charger,
        "vehicle": "zoe" if seq % 2 else "",
        "start": start.isoformat(),
        "end": (start + timedelta(hours=1)).isoformat(),
        "energy_wh": 1000 * seq,
        "solar_wh": 100,
        "cost_ueur": 250_000,
        "power_max_w": 7_360.04,
        "mode": "surplus",
        "reason": "unplugged",
    }


SESSIONS = [session(1, 1, -3), session(2, 2, -2), session(3, 1, -1), {**session(4, 9, 0), "start": None}]
DESK = Desk(history=Lists(sessions=SESSIONS))


def charged(view: View | None = None, desk: Desk = DESK, **params: Any) -> list[tuple[str, int]]:
    found = desk.call("Hems.GetSessions", params, view=view)
    return [(row["charger"], row["energy_wh"]) for row in found["sessions"]]


def test_the_newest_first() -> None:
    """A charger that is gone has its number."""
    assert charged() == [("ev9", 4000), ("garage", 3000), ("yard", 2000), ("garage", 1000)]
    assert charged(limit=2) == [("ev9", 4000), ("garage", 3000)]
    assert charged(charger="garage") == [("garage", 3000), ("garage", 1000)]
    row = DESK.call("Hems.GetSessions", {"charger": "yard"})["sessions"][0]
    assert row == {
        "charger": "yard",
        "vehicle": None,
        "start": "2026-06-29T12:00:00+02:00",
        "end": "2026-06-29T13:00:00+02:00",
        "energy_wh": 2000,
        "solar_wh": 100,
        "cost_ueur": 250_000,
        "power_max_w": 7360.0,
        "mode": "surplus",
        "open": False,
    }


def test_open_ones_come_first() -> None:
    """Those that wait for a clock to be dated are over."""
    open_one = Session("x", 2, "leaf", NOON, energy_wh=7, mode="fast")
    elder = Session("y", 1, energy_wh=8)
    view = replace(DESK.view(), sessions={"ev1": elder, "ev2": open_one, "ev1.ended": elder})
    assert charged(view)[:3] == [("yard", 7), ("garage", 8), ("ev9", 4000)]
    first = DESK.call("Hems.GetSessions", {"limit": 1}, view=view)["sessions"][0]
    assert (first["open"], first["end"], first["start"]) == (True, None, NOON.isoformat())


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"from": "2026-06-30"}, [3000]),
        ({"from": "2026-06-29", "to": "2026-06-29"}, [2000]),
        ({"to": "2026-06-28"}, [1000]),
        ({"from": "2026-06-29T12:00:00+02:00", "to": "2026-06-30T12:00:00+02:00"}, [2000]),
        ({"from": "2026-06-29T12:00:01"}, [3000]),
        ({"from": "", "to": ""}, [4000, 3000, 2000, 1000]),
    ],
)
def test_a_span_of_days_or_times(params: dict[str, Any], expected: list[int]) -> None:
    """Whole local days; a time ends before it; one without an offset is the site's."""
    assert [row[1] for row in charged(**params)] == expected


@pytest.mark.parametrize(
    ("method", "params", "error"),
    [
        ("GetSessions", {"limit": 501}, "HemsErrorInvalidParameter"),
        ("GetSessions", {"limit": 0}, "HemsErrorInvalidParameter"),
        ("GetSessions", {"charger": "barn"}, "HemsErrorUnknownName"),
        ("GetSessions", {"from": "last week"}, "HemsErrorInvalidParameter"),
        ("GetSessions", {"to": "9999-12-31"}, "HemsErrorInvalidParameter"),
        ("GetEvents", {"limit": 501}, "HemsErrorInvalidParameter"),
    ],
)
def test_what_cannot_be_asked(method: str, params: dict[str, Any], error: str) -> None:
    reply = DESK.call(f"Hems.{method}", params)
    assert reply["hemsError"] == error
    assert reply["reason"]


EVENTS = [
    {
        "seq": seq,
        "time": NOON.isoformat(),
        "kind": kind,
        "key": "garage",
        "figures": {"words": "what it is"} if kind == "alarm_raised" else {"by": "api", "limit_a": 6.0},
        "software": "0.4.0",
    }
    for seq, kind in ((7, "hand"), (8, "alarm_raised"), (9, "hand"))
]
EVIDENCE = [{"seq": 3, "key": "contact", "from": NOON.isoformat(), "to": NOON.isoformat(), "limit_w": 4200.0}]
BOOK = Desk(history=Lists(events=EVENTS, evidence=EVIDENCE))


def seqs(**params: Any) -> list[int]:
    return [row["seq"] for row in BOOK.call("Hems.GetEvents", params)["events"]]


def test_events_after_a_number_or_the_newest() -> None:
    """Ascending, so that the last number is where to go on."""
    assert seqs() == [7, 8, 9]
    assert seqs(limit=2) == [8, 9]
    assert seqs(after=7) == [8, 9]
    assert seqs(after=0, limit=1) == [7]
    assert seqs(after=9) == []
    assert seqs(kind="hand") == [7, 9]
    assert seqs(kind="hand", after=7) == [9]
    assert seqs(kind="no such kind") == []


def test_what_an_event_says() -> None:
    """CHG-51: an operator's limit carries its readings."""
    hand, alarm = BOOK.call("Hems.GetEvents", {"limit": 3})["events"][:2]
    assert hand == {
        "seq": 7,
        "time": NOON.isoformat(),
        "kind": "hand",
        "name": "garage",
        "text": "hand garage",
        "figures": {"by": "api", "limit_a": 6.0},
    }
    assert alarm["text"] == "what it is"
    limit = BOOK.call("Hems.GetEvents", {"kind": "evidence"})["events"]
    assert limit == [
        {
            "seq": 3,
            "time": NOON.isoformat(),
            "kind": "evidence",
            "name": "contact",
            "text": "evidence contact",
            "figures": {"to": NOON.isoformat(), "limit_w": 4200.0},
        }
    ]


def test_an_event_that_has_just_happened_has_no_number_yet() -> None:
    told = happened(Event("setting", "garage", None, {"by": "panel", "x": float("nan")}))
    assert told == {
        "time": None,
        "kind": "setting",
        "name": "garage",
        "text": "setting garage",
        "figures": {"by": "panel", "x": None},
    }
