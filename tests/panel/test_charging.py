"""PNL-60, CHG-83, CHG-120: how a charger charges."""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from hems.model.intents import SetBoost
from hems.model.settings import MODES, Boost, Mode, Target, TariffChoice
from hems.model.view import View
from hems.model.why import Reason
from hems.panel.charging import boost_left
from hems.panel.items import Entry, entry
from tests.panel.views import BEFORE_SEVEN, HOUSE, NOW, PLANNED, charger, decided, ordered, with_charger

ASKED = Boost(NOW.wall.astimezone(UTC) - timedelta(minutes=20), 3600.0)


def of(key: str, view: View) -> Entry:
    found = entry(view, f"garage.{key}")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("target", "trusted", "reachable"),
    [
        (Target(BEFORE_SEVEN), True, True),
        (Target(BEFORE_SEVEN - timedelta(days=2)), True, False),
        (Target(BEFORE_SEVEN - timedelta(days=2)), False, True),
        (Target(BEFORE_SEVEN - timedelta(days=2), repeat_days=(1,)), True, True),
        (None, True, False),
    ],
)
def test_modes_with_a_target_need_one_that_is_to_come(
    target: Target | None, trusted: bool, reachable: bool
) -> None:
    """PNL-60, 91: what would be refused is not offered."""
    view = replace(ordered(HOUSE, mode="fast", target=target), now=replace(NOW, trusted=trusted))
    assert of("mode", view).values(view) == (
        MODES if reachable else ("off", "fast", "surplus", "min_surplus")
    )


@pytest.mark.parametrize(
    ("boost", "reason", "figures", "trusted", "left"),
    [
        (None, Reason.FAST, {}, True, "off"),
        (ASKED, Reason.MANUAL_BOOST, {"seconds_left": 2480.0}, True, "41:20"),
        (ASKED, Reason.MANUAL_BOOST, {"energy_left_wh": 3_240.0}, True, "3.2 kWh"),
        (ASKED, Reason.LINE_LIMIT, {"line": "L2"}, True, "40:00"),
        (ASKED, Reason.LINE_LIMIT, {"line": "L2"}, False, "on"),
        (Boost(NOW.wall + timedelta(hours=1), 3600.0), Reason.LINE_LIMIT, {"line": "L2"}, True, "1:00"),
        (Boost(None, 3600.0), Reason.LINE_LIMIT, {"line": "L2"}, True, "on"),
        (Boost(ASKED.told, None, 5_000.0), Reason.LINE_LIMIT, {"line": "L2"}, True, "on"),
    ],
)
def test_a_boost_is_shown_with_what_is_left(
    boost: Boost | None, reason: Reason, figures: dict[str, float | str], trusted: bool, left: str
) -> None:
    """PNL-60: also while something else binds the current; never a figure that nobody knows."""
    view = with_charger(ordered(HOUSE, boost=boost), decided(reason, 16.0, **figures), charger())
    view = replace(view, now=replace(NOW, trusted=trusted))
    assert (boost_left(view, "garage") or "off") == of("boost", view).shown(view) == left
    assert of("boost", view).note(view) == (f"{left} left" if left[0].isdigit() else "then as before")


def test_without_a_decision_the_clock_says_what_is_left() -> None:
    view = ordered(HOUSE, boost=ASKED)
    assert boost_left(replace(view, decision=replace(view.decision, chargers={})), "garage") == "40:00"


def test_the_editor_of_the_boost_opens_at_the_usual_one_or_at_its_end() -> None:
    """CHG-120: a second press ends it."""
    running = ordered(HOUSE, boost=Boost(ASKED.told, 2_700.0))
    assert (of("boost", HOUSE).opening(HOUSE), of("boost", running).opening(running)) == ("60 min", "off")
    assert (of("boost", HOUSE).present(HOUSE), of("boost", running).present(running)) == ("off", "60 min")
    half = ordered(HOUSE, boost=Boost(ASKED.told, 1_800.0))
    assert of("boost", half).present(half) == "30 min"
    assert of("boost", running).intent(running, "off") == SetBoost("garage", None)


def test_a_charger_that_is_switched_off_takes_no_boost() -> None:
    """CHG-120: it could only be refused; one that runs can be ended."""
    off = ordered(HOUSE, mode="off")
    assert entry(off, "garage.boost") is None
    running = ordered(off, boost=ASKED)
    assert of("boost", running).values(running) == ("off",)
    assert of("boost", running).present(running) == "off"


@pytest.mark.parametrize(
    ("cheap", "pct", "shown", "present"),
    [
        (True, 30.0, "30 %", 30.0),
        (True, 33.4, "33 %", 35.0),
        (True, 0.0, "off", 0.0),
        (False, 30.0, "off", 0.0),
    ],
)
def test_cheap_hours_are_a_share_of_each_day(cheap: bool, pct: float, shown: str, present: float) -> None:
    """CHG-83."""
    view = ordered(PLANNED, cheap=cheap, cheap_pct=pct)
    assert (of("cheap", view).shown(view), of("cheap", view).present(view)) == (shown, present)


@pytest.mark.parametrize(
    ("mode", "note"),
    [("surplus", "beside the sun"), ("fast", "not in mode fast"), ("off", "not in mode off")],
)
def test_where_cheap_hours_have_no_say_that_is_said(mode: Mode, note: str) -> None:
    view = ordered(PLANNED, mode=mode)
    assert of("cheap", view).note(view) == of("off_peak", view).note(view) == note


def test_only_a_tariff_with_prices_or_cheap_periods_and_a_switch_have_their_rows() -> None:
    """PNL-40."""
    without = {
        "cheap": replace(PLANNED.installed, prices=False),
        "off_peak": replace(PLANNED.installed, off_peak=False),
    }
    for key, installed in without.items():
        assert entry(replace(PLANNED, installed=installed), f"garage.{key}") is None
    chosen = replace(PLANNED.settings, tariff=TariffChoice("awattar-at"))
    assert entry(replace(PLANNED, installed=without["cheap"], settings=chosen), "garage.cheap"), "API-106"
    assert entry(HOUSE, "garage.lines") is None
    one = ordered(PLANNED, lines=1)
    assert (of("lines", PLANNED).shown(PLANNED), of("lines", one).shown(one)) == ("auto", "one line")
