"""PNL-60, CHG-90, CHG-94: what a car shall have by when."""

from dataclasses import replace
from datetime import timedelta

import pytest

from hems.model.intents import SetCharging
from hems.model.settings import Mode, Target
from hems.model.view import View
from hems.panel.items import Entry, entry
from hems.panel.targets import aimed_at, goal
from tests.panel.views import BEFORE_SEVEN, NOW, PLANNED, nothing_known, ordered

ONCE = Target(BEFORE_SEVEN, 80.0)
PASSED = Target(BEFORE_SEVEN - timedelta(days=2), 80.0)


def of(key: str, view: View) -> Entry | None:
    return entry(view, f"garage.{key}")


def shown(key: str, view: View) -> str:
    found = of(key, view)
    return found.shown(view) if found else ""


def asked(key: str, view: View, value: str | float) -> tuple[Target | None, Mode]:
    """Target and mode that are asked for; everything else is as it was."""
    found = of(key, view)
    assert found is not None
    intent = found.intent(view, value)
    assert isinstance(intent, SetCharging)
    before = view.settings.charger("garage")
    assert replace(intent.orders, target=before.target, mode=before.mode) == before
    return intent.orders.target, intent.orders.mode


@pytest.mark.parametrize(
    ("mode", "with_target", "note"),
    [
        ("surplus", "surplus_target", "sets mode + target"),
        ("min_surplus", "min_surplus_target", "sets mode + target"),
        ("fast", "fast", "needs mode + target"),
        ("off", "off", "needs mode + target"),
    ],
)
def test_a_new_target_takes_the_mode_along_and_gives_it_back(
    mode: Mode, with_target: Mode, note: str
) -> None:
    view = ordered(PLANNED, mode=mode, target=None)
    assert asked("target", view, "level") == (ONCE, with_target)
    found = of("target", view)
    assert found is not None
    assert found.note(view) == note
    there = ordered(PLANNED, mode=with_target)
    assert asked("target", there, "off") == (None, mode)


def test_a_target_that_is_there_leaves_the_mode_alone() -> None:
    """PNL-60: who chose another mode since keeps it; the editor says what is missing."""
    view = ordered(PLANNED, mode="surplus", target=ONCE)
    assert asked("target", view, "energy") == (replace(ONCE, energy_wh=10_000.0), "surplus")
    found = of("target", view)
    assert found is not None
    assert found.note(view) == "needs mode + target"


def test_without_a_target_there_is_nothing_to_say_about_it() -> None:
    bare = ordered(PLANNED, mode="surplus", target=None)
    assert [key for key in ("target", "level", "energy", "time", "days") if of(key, bare)] == ["target"]
    energy = ordered(PLANNED, target=replace(ONCE, energy_wh=12_000.0))
    assert [key for key in ("level", "energy") if of(key, energy)] == ["energy"]


def test_without_a_clock_no_deadline_is_set() -> None:
    """PNL-83: what needs a calendar waits; the level of a target that is there does not."""
    blind = replace(NOW, trusted=False)
    view = replace(PLANNED, now=blind)
    assert [key for key in ("target", "level", "time", "days") if of(key, view)] == ["target", "level"]
    assert of("target", nothing_known(PLANNED)) is None
    assert asked("target", view, "off") == (None, "surplus")


def test_a_deadline_that_has_passed_moves_to_the_next_with_any_change() -> None:
    """CHG-94: what is offered is granted."""
    view = ordered(PLANNED, target=PASSED)
    assert aimed_at(view, "garage") is None
    assert shown("time", view) == "07:00"
    for key, value in (("target", "level"), ("level", 80.0), ("days", "once"), ("time", 420.0)):
        assert asked(key, view, value)[0] == ONCE


def test_a_far_day_is_kept_when_the_time_changes() -> None:
    far = replace(ONCE, deadline=BEFORE_SEVEN + timedelta(days=3))
    view = ordered(PLANNED, target=far)
    assert shown("time", view) == "Mon 07:00"
    assert asked("time", view, 480.0)[0] == replace(far, deadline=far.deadline + timedelta(hours=1))
    assert asked("days", view, "once")[0] == ONCE


def test_days_that_were_chosen_elsewhere_are_a_choice_of_their_own() -> None:
    found = of("days", PLANNED)
    assert found is not None
    assert found.values(PLANNED)[-1] == found.present(PLANNED) == "M-W-F--"
    every = ordered(PLANNED, target=replace(ONCE, repeat_days=(7, 6)))
    assert shown("days", every) == "Sat+Sun"
    assert "M-W-F--" not in found.values(every)


def test_a_goal_is_shown_as_it_was_told() -> None:
    """PNL-62: also one that is no step of the editor."""
    odd = ordered(PLANNED, target=replace(ONCE, target_pct=82.4, repeat_days=(1,)))
    assert (shown("level", odd), shown("time", odd)) == ("82 %", "07:00")
    energy = ordered(PLANNED, target=replace(ONCE, energy_wh=12_345.0))
    assert (shown("energy", energy), goal(replace(ONCE, energy_wh=12_345.0))) == ("12 kWh", "12kWh")


def test_the_editor_says_what_is_lacking_and_what_had_to_be_assumed() -> None:
    """CHG-90."""
    found = of("level", PLANNED)
    assert found is not None
    assert found.note(PLANNED) == "lacks 14.2 kWh"
    decision = PLANNED.decision.chargers["garage"]
    assert decision.plan

    def note(**changes: object) -> str:
        other = replace(decision, **changes)  # type: ignore[arg-type]
        view = replace(PLANNED, decision=replace(PLANNED.decision, chargers={"garage": other}))
        return found.note(view) if found else ""

    assert note(plan=replace(decision.plan, assumed=("level",))) == "level? from 0 %"
    assert note(need_wh=None) == ""
    assert note(plan=None) == ""
