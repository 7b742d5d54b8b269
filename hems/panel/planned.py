"""What a car's screen says of what is to come: its boost, its target, the next piece of its plan (PNL-44)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from hems.language.words import t
from hems.model.prices import Slot
from hems.model.why import Reason
from hems.panel.charging import boost_left
from hems.panel.layout import Look
from hems.panel.moments import clock_face, minute_of_day, when
from hems.panel.readings import car_age, charger_decision, fresh
from hems.panel.targets import aimed_at, goal

GOAL_WIDTH: Final = 14


def car_goal(look: Look) -> str:
    """The age of an old answer, else a boost unless the reason tells it, an overdue test, or the target."""
    decision = charger_decision(look)
    boost = boost_left(look.view, look.subject)
    told = decision is not None and decision.why.code is Reason.MANUAL_BOOST
    if age := car_age(look):
        return age
    if boost and not told:
        return t("boost {left}").format(left=boost)
    return t("relay test due") if decision is not None and decision.relay_test_due else _target(look)


def _target(look: Look) -> str:
    """``80% by 07:00``, later than within a day ``80% Fri 07:00``; as much of it as has room."""
    target = aimed_at(look.view, look.subject)
    if target is None:
        return ""
    decision = charger_decision(look)
    plan = decision.plan if decision else None
    by = when(plan.deadline if plan else target.deadline, look.now)
    if not look.now.trusted or (target.repeat_days and plan is None):
        by = clock_face(minute_of_day(target.deadline, look.now))
    words = goal(target)
    full = t("{goal} by {time}").format(goal=words, time=by)
    forms = (full, f"{words} {by}", f"{words} {by.split()[0]}")
    return next(form for form in forms if len(form) <= GOAL_WIDTH)


def car_piece(look: Look) -> str:
    """The next piece of the plan while the car waits for it: ``cheap 02:00-04:30``."""
    piece = next_piece(look)
    if piece is None:
        return ""
    words = t("plan {start}-{end}") if piece.eur_kwh is None else t("cheap {start}-{end}")
    end = clock_face(minute_of_day(piece.end, look.now))
    return words.format(start=when(piece.start, look.now), end=end)


def unless_waiting(value: Callable[[Look], str]) -> Callable[[Look], str]:
    """A value that gives way to the next piece of the plan."""
    return lambda look: "" if next_piece(look) else value(look)


def next_piece(look: Look) -> Slot | None:
    """When a car that is there and draws nothing will be charged by its plan; slots that touch are one piece.

    Nothing while the clock is not known.
    """
    decision, reading = charger_decision(look), fresh(look)
    waits = reading is not None and reading.status == "B" and look.now.trusted
    if decision is None or decision.plan is None or not waits:
        return None
    pieces: list[Slot] = []
    for slot in decision.plan.slots:
        if pieces and slot.start == pieces[-1].end:
            pieces[-1] = replace(pieces[-1], end=slot.end)
        else:
            pieces.append(slot)
    return next((piece for piece in pieces if piece.start > look.now.wall), None)
