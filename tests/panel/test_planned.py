"""PNL-44: what a car's screen says of what is to come."""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from hems.model.plans import Plan
from hems.model.settings import Boost, Target
from hems.model.snapshot import Status
from hems.model.view import View
from hems.model.why import Reason
from hems.panel import planned
from hems.panel.layout import Look
from tests.panel.views import BEFORE_SEVEN, NOW, PLAN, PLANNED, charger, decided, ordered, with_charger

LATER = Target(BEFORE_SEVEN + timedelta(days=3), 100.0)


def goal(view: View) -> str:
    return planned.car_goal(Look(view, view.now, "garage"))


def piece(view: View) -> str:
    look = Look(view, view.now, "garage")
    words = planned.car_piece(look)
    assert planned.unless_waiting(lambda _: "11.0kW")(look) == ("" if words else "11.0kW")
    return words


def with_plan(plan: Plan | None, status: Status = "B", age_s: float = 0.6) -> View:
    decision = replace(decided(Reason.SURPLUS_LOW, 0.0), plan=plan)
    return with_charger(PLANNED, decision, charger(status, 0.0, age_s))


def shifted(ahead: timedelta) -> Plan:
    slots = tuple(replace(slot, start=slot.start + ahead, end=slot.end + ahead) for slot in PLAN.slots)
    return replace(PLAN, slots=slots, deadline=PLAN.deadline + ahead)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (Target(BEFORE_SEVEN, 80.0), "80% by 07:00"),
        (LATER, "100% Mon 07:00"),
        (replace(LATER, energy_wh=12_000.0), "12kWh Mon"),
        (Target(BEFORE_SEVEN, energy_wh=12_000.0), "12kWh by 07:00"),
        (Target(BEFORE_SEVEN, energy_wh=250_000.0), "250kWh 07:00"),
        (Target(BEFORE_SEVEN - timedelta(days=9), 80.0, repeat_days=(5,)), "80% by 07:00"),
        (Target(BEFORE_SEVEN - timedelta(days=2), 80.0), ""),
        (None, ""),
    ],
)
def test_the_target_and_its_time(target: Target | None, words: str) -> None:
    """PNL-44: the day where the time alone would be taken for another; nothing that is over."""
    assert goal(ordered(with_plan(None), target=target)) == words


def test_a_plan_knows_when_a_target_is_due_next() -> None:
    assert goal(with_plan(shifted(timedelta(days=1)))) == "80% Sat 07:00"
    blind = replace(with_plan(shifted(timedelta(days=1))), now=replace(NOW, trusted=False))
    assert goal(blind) == "80% by 07:00"


def test_a_target_of_which_the_mode_knows_nothing_is_not_shown() -> None:
    assert goal(ordered(PLANNED, mode="fast")) == ""


def test_a_boost_is_shown_where_the_reason_does_not_tell_it() -> None:
    """PNL-44: what binds the current stands in the last row."""
    view = ordered(PLANNED, boost=Boost(NOW.wall.astimezone(UTC), 3_600.0))
    told = decided(Reason.MANUAL_BOOST, 16.0, seconds_left=3_600.0)
    assert goal(with_charger(view, decided(Reason.LINE_LIMIT, 16.0, line="L2"), charger())) == "boost 1:00"
    assert goal(with_charger(view, told, charger())) == "80% by 07:00"
    assert goal(replace(view, decision=replace(view.decision, chargers={}))) == "boost 1:00"


def test_an_old_answer_comes_first() -> None:
    """PNL-41."""
    assert goal(with_plan(PLAN, age_s=8.4)) == "8 s old"


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (PLAN, "cheap 02:00-04:00"),
        (replace(PLAN, slots=PLAN.slots[1:]), "cheap 03:00-04:00"),
        (replace(PLAN, slots=(replace(PLAN.slots[0], eur_kwh=None),)), "plan 02:00-03:00"),
        (shifted(timedelta(days=2)), "cheap Sun 02:00-04:00"),
        (shifted(-timedelta(hours=12)), "cheap 17:00-18:00"),
        (shifted(-timedelta(days=1)), ""),
        (replace(PLAN, slots=()), ""),
        (None, ""),
    ],
)
def test_the_next_piece_of_a_plan(plan: Plan | None, words: str) -> None:
    """PNL-44: slots that touch are one piece; one that runs is not the next."""
    assert piece(with_plan(plan)) == words


def test_a_car_that_draws_or_is_not_known_to_wait_shows_its_powers() -> None:
    """PNL-41, 44."""
    for status in ("A", "C", "D", "F"):
        assert piece(with_plan(PLAN, status)) == ""
    assert piece(with_plan(PLAN, age_s=12.1)) == ""
    assert piece(replace(with_plan(PLAN), now=replace(NOW, trusted=False))) == ""
    assert piece(replace(PLANNED, decision=replace(PLANNED.decision, chargers={}))) == ""


def test_an_overdue_test_of_the_relay_stands_before_the_target() -> None:
    """CHG-60: it is reminded on the panel until it has been made."""
    decision = replace(decided(Reason.SURPLUS_LOW, 0.0), relay_test_due=True)
    due = with_charger(PLANNED, decision, charger("B", 0.0, 0.6))
    assert goal(due) == "relay test due"
    assert goal(ordered(due, boost=Boost(NOW.wall, 3600.0))).startswith("boost ")
    assert goal(with_plan(PLAN)) != "relay test due"
