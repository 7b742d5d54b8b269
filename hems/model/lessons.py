"""What the rules found out or decided about a charger and must not forget over a restart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import isfinite
from typing import Any, Final

from hems.model.plain import flag, instant, integer, iso, items, mapping, number, optional, text, time
from hems.model.plans import Plan
from hems.model.prices import Slot
from hems.model.units import LINES, LineName

PLAN_SLOTS_MAX: Final = 700
"""A plan of more pieces is not stored, but made anew after a restart; a week has 672 quarter-hours."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One charger's lessons.

    `lines` are those each vehicle really used ("" = a car nobody named). `stuck` is a contactor that did not
    open, until somebody acknowledges it. `base_wh` is the charger's counted energy when its car came or its
    level was told (`told` says what), so that what was charged since is known. `plan` is the plan in force.
    `boost_wh` is the counted energy when a boost began. `relay_tested` is the last test of the relay's path,
    `relay_failed` whether the relay did not pass it. `missed` is the deadline whose miss was told last.
    """

    lines: Mapping[str, tuple[LineName, ...]] = field(default_factory=dict)
    stuck: bool = False
    base_wh: int | None = None
    told: str = ""
    plan: Plan | None = None
    boost_wh: int | None = None
    relay_tested: datetime | None = None
    relay_failed: bool = False
    missed: datetime | None = None


def plain_lesson(lesson: Lesson) -> dict[str, object]:
    """A lesson in plain JSON types, with every field; `read_lesson` gives equal ones back."""
    return {
        "lines": {vehicle: list(lines) for vehicle, lines in lesson.lines.items()},
        "stuck": lesson.stuck,
        "base_wh": lesson.base_wh,
        "told": lesson.told,
        "plan": _plain_plan(lesson.plan),
        "boost_wh": lesson.boost_wh,
        "relay_tested": iso(lesson.relay_tested),
        "relay_failed": lesson.relay_failed,
        "missed": iso(lesson.missed),
    }


def read_lesson(fields: Mapping[str, object], former: Lesson) -> Lesson:
    """A lesson with some fields as they are told; unknown ones are left alone.

    Raises `ValueError` in words for a field that does not have its shape.
    """
    found: dict[str, Any] = {name: _READ[name](value) for name, value in fields.items() if name in _READ}
    return replace(former, **found)


def _plain_plan(plan: Plan | None) -> dict[str, object] | None:
    """A plan's pieces as ``[start, seconds, price, period]``; ``None`` too for one that has no place."""
    if plan is None:
        return None
    figures = [plan.need_wh, plan.power_w, plan.later_s, *(slot.eur_kwh or 0.0 for slot in plan.slots)]
    if len(plan.slots) > PLAN_SLOTS_MAX or not all(map(isfinite, figures)):
        return None
    return {
        "deadline": iso(plan.deadline),
        "latest_start": iso(plan.latest_start),
        "need_wh": plan.need_wh,
        "power_w": plan.power_w,
        "slots": [
            [iso(slot.start), (slot.end - slot.start).total_seconds(), slot.eur_kwh, slot.period]
            for slot in plan.slots
        ],
        "assumed": list(plan.assumed),
        "later_s": plan.later_s,
        "known_until": iso(plan.known_until),
    }


def _plan(value: object) -> Plan:
    row = mapping(value)
    try:
        return Plan(
            deadline=instant(row["deadline"]),
            latest_start=instant(row["latest_start"]),
            need_wh=number(row["need_wh"]),
            power_w=number(row["power_w"]),
            slots=tuple(map(_slot, items(row["slots"]))),
            assumed=tuple(map(text, items(row["assumed"]))),
            later_s=number(row["later_s"]),
            known_until=time(row.get("known_until")),
        )
    except (KeyError, OverflowError) as error:
        raise ValueError(f"no plan: {error}") from None


def _slot(value: object) -> Slot:
    try:
        start, seconds, eur_kwh, period = items(value)
    except ValueError as error:
        raise ValueError(f"no piece of a plan: {error}") from None
    begin = instant(start)
    return Slot(begin, begin + timedelta(seconds=number(seconds)), optional(number, eur_kwh), text(period))


def _lines(value: object) -> dict[str, tuple[LineName, ...]]:
    return {vehicle: tuple(map(_line, items(lines))) for vehicle, lines in mapping(value).items()}


def _line(value: object) -> LineName:
    for line in LINES:
        if value == line:
            return line
    raise ValueError(f"a line was expected, not {value!r}")


_READ: Final[Mapping[str, Callable[[object], object]]] = {
    "lines": _lines,
    "stuck": flag,
    "base_wh": lambda value: optional(integer, value),
    "told": text,
    "plan": lambda value: optional(_plan, value),
    "boost_wh": lambda value: optional(integer, value),
    "relay_tested": time,
    "relay_failed": flag,
    "missed": time,
}
