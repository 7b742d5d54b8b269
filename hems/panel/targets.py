"""What a car shall have by when: the rows of the table that make a target (PNL-60, CHG-90, CHG-94).

A target is reached in a mode that knows targets: setting one takes a mode that follows the sun there, giving
it up takes the mode back. A deadline that has passed moves to the next such time of day with any change.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from hems.language.words import marked, t
from hems.model.intents import Intent, SetCharging
from hems.model.settings import AIMED, Mode, Target
from hems.model.view import View
from hems.panel.format import energy
from hems.panel.item import Item, Value, nearest, orders
from hems.panel.moments import clock_face, minute_of_day, next_at, when

NEW_PCT: Final = 80.0
NEW_WH: Final = 10_000.0
NEW_MINUTE: Final = 7 * 60
"""What a new target begins with: 80 % or 10 kWh by 07:00."""

TO_TARGET: Final[Mapping[Mode, Mode]] = {"surplus": "surplus_target", "min_surplus": "min_surplus_target"}
FROM_TARGET: Final[Mapping[Mode, Mode]] = {aimed: plain for plain, aimed in TO_TARGET.items()}

DAYS: Final[Mapping[str, tuple[int, ...]]] = {
    marked("once"): (),
    marked("every day"): (1, 2, 3, 4, 5, 6, 7),
    marked("Mon-Fri"): (1, 2, 3, 4, 5),
    marked("Sat+Sun"): (6, 7),
    marked("Mon"): (1,),
    marked("Tue"): (2,),
    marked("Wed"): (3,),
    marked("Thu"): (4,),
    marked("Fri"): (5,),
    marked("Sat"): (6,),
    marked("Sun"): (7,),
}
"""On which days a target comes again, 1 = Monday, by their words."""

LETTERS: Final = marked("MTWTFSS")
"""Days that have no words: ``M-W-F--``."""

GOAL_WORDS: Final[Mapping[Value, str]] = {
    "off": marked("off"),
    "level": marked("a level"),
    "energy": marked("an energy"),
}


def is_due(view: View, target: Target) -> bool:
    """Whether a target is still to be reached, as far as anybody knows the time."""
    return bool(target.repeat_days) or not view.now.trusted or target.deadline > view.now.wall


def aimed_at(view: View, charger: str) -> Target | None:
    """The target that the mode in force is to reach."""
    told = view.settings.charger(charger)
    return told.target if told.mode in AIMED and told.target and is_due(view, told.target) else None


def goal(target: Target) -> str:
    """What is to be reached: ``80%`` or ``12kWh``."""
    if target.energy_wh is None:
        return f"{target.target_pct:.0f}%"
    return f"{target.energy_wh / 1000:.0f}kWh"


def _wanted(view: View, charger: str) -> Target:
    """The target there is, else what a new one begins with; its deadline is to come."""
    target = view.settings.charger(charger).target
    if target is None:
        return Target(next_at(NEW_MINUTE, view.now), NEW_PCT)
    if is_due(view, target):
        return target
    return replace(target, deadline=next_at(minute_of_day(target.deadline, view.now), view.now))


def _ordered(view: View, charger: str, target: Target) -> Intent:
    return SetCharging(charger, replace(orders(view, charger), target=target))


def _goals(view: View, charger: str) -> tuple[Value, ...]:
    """A new target has a deadline, for which the clock must be known."""
    told = view.settings.charger(charger)
    return ("off", "level", "energy") if view.now.trusted or told.target else ()


def _goal(view: View, charger: str) -> Value:
    target = view.settings.charger(charger).target
    if target is None:
        return "off"
    return "level" if target.energy_wh is None else "energy"


def _set_goal(view: View, charger: str, value: Value) -> Intent:
    told = orders(view, charger)
    if value == "off":
        return SetCharging(charger, replace(told, target=None, mode=FROM_TARGET.get(told.mode, told.mode)))
    target = _wanted(view, charger)
    energy_wh = None if value == "level" else target.energy_wh or NEW_WH
    mode = told.mode if told.target else TO_TARGET.get(told.mode, told.mode)
    return SetCharging(charger, replace(told, mode=mode, target=replace(target, energy_wh=energy_wh)))


def _mode_note(view: View, charger: str) -> str:
    """How the target comes to be reached: in a mode that knows one."""
    told = view.settings.charger(charger)
    if told.mode in AIMED:
        return ""
    takes_it = not told.target and told.mode in TO_TARGET
    return t("sets mode + target") if takes_it else t("needs mode + target")


def _need_note(view: View, charger: str) -> str:
    """What is still to be charged for it; what had to be assumed is said (CHG-90)."""
    decision = view.decision.chargers.get(charger)
    if decision is None or decision.plan is None:
        return _mode_note(view, charger)
    if "level" in decision.plan.assumed:
        return t("level? from 0 %")
    return "" if decision.need_wh is None else t("lacks {energy}").format(energy=energy(decision.need_wh))


def _levels(view: View, charger: str) -> tuple[Value, ...]:
    return tuple(float(pct) for pct in range(10, 101, 5)) if _goal(view, charger) == "level" else ()


def _level(view: View, charger: str) -> Value:
    return nearest(_levels(view, charger), _wanted(view, charger).target_pct)


def _set_level(view: View, charger: str, value: Value) -> Intent:
    return _ordered(view, charger, replace(_wanted(view, charger), target_pct=float(value)))


def _energies(view: View, charger: str) -> tuple[Value, ...]:
    return tuple(float(kwh) for kwh in range(1, 101)) if _goal(view, charger) == "energy" else ()


def _energy(view: View, charger: str) -> Value:
    return nearest(_energies(view, charger), (_wanted(view, charger).energy_wh or NEW_WH) / 1000)


def _set_energy(view: View, charger: str, value: Value) -> Intent:
    return _ordered(view, charger, replace(_wanted(view, charger), energy_wh=float(value) * 1000))


def _goal_shown(view: View, charger: str) -> str:
    return goal(_wanted(view, charger)).replace("%", " %").replace("kWh", " kWh")


def _has_calendar(view: View, charger: str) -> bool:
    return view.now.trusted and view.settings.charger(charger).target is not None


def _times(view: View, charger: str) -> tuple[Value, ...]:
    return tuple(float(minute) for minute in range(0, 1440, 5)) if _has_calendar(view, charger) else ()


def _time(view: View, charger: str) -> Value:
    return float(minute_of_day(_wanted(view, charger).deadline, view.now) // 5 * 5)


def _set_time(view: View, charger: str, value: Value) -> Intent:
    """The day stays if there is one and the time is to come on it."""
    target = _wanted(view, charger)
    day = None if target.repeat_days else target.deadline.astimezone(view.now.wall.tzinfo).date()
    return _ordered(view, charger, replace(target, deadline=next_at(int(value), view.now, day)))


def _time_shown(view: View, charger: str) -> str:
    target = _wanted(view, charger)
    if target.repeat_days:
        return clock_face(minute_of_day(target.deadline, view.now))
    return when(target.deadline, view.now)


def _days(view: View, charger: str) -> tuple[Value, ...]:
    """Days that somebody chose elsewhere are one more choice."""
    present = _days_present(view, charger)
    if not _has_calendar(view, charger):
        return ()
    return tuple(DAYS) if present in DAYS else (*DAYS, present)


def _days_present(view: View, charger: str) -> str:
    days = tuple(sorted(_wanted(view, charger).repeat_days))
    pattern = "".join(letter if day in days else "-" for day, letter in enumerate(LETTERS, 1))
    return next((words for words, known in DAYS.items() if known == days), pattern)


def _days_text(value: Value) -> str:
    words = str(value)
    if words in DAYS:
        return t(words)
    return "".join(t(LETTERS)[place] if letter != "-" else "-" for place, letter in enumerate(words))


def _set_days(view: View, charger: str, value: Value) -> Intent:
    """A target that shall no longer come again is due at the next such time of day."""
    target = _wanted(view, charger)
    days = DAYS.get(str(value), target.repeat_days)
    once = replace(target, repeat_days=days)
    if not days:
        once = replace(once, deadline=next_at(minute_of_day(target.deadline, view.now), view.now))
    return _ordered(view, charger, once)


TARGET_ITEMS: Final = (
    Item(
        "target",
        "Target",
        "Target",
        "choice",
        _goals,
        _goal,
        lambda value: t(GOAL_WORDS[value]),
        _set_goal,
        note=_mode_note,
    ),
    Item(
        "level",
        "To reach",
        "Target level",
        "number",
        _levels,
        _level,
        lambda value: f"{value:g} %",
        _set_level,
        shown=_goal_shown,
        note=_need_note,
    ),
    Item(
        "energy",
        "To reach",
        "Target energy",
        "number",
        _energies,
        _energy,
        lambda value: f"{value:g} kWh",
        _set_energy,
        shown=_goal_shown,
        note=_need_note,
    ),
    Item(
        "time",
        "Ready by",
        "Ready by",
        "time",
        _times,
        _time,
        lambda value: clock_face(float(value)),
        _set_time,
        shown=_time_shown,
        note=_need_note,
    ),
    Item(
        "days", "On days", "On days", "choice", _days, _days_present, _days_text, _set_days, note=_need_note
    ),
)
