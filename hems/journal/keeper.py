"""How long a change may wait before it is written, and how long a card that failed is left alone. Pure.

A card wears out by writes, so what would be lost little waits for company. Above 150 writes in a day the wear
guard lets the short windows, the edges and new plans wait with the rest, above 400 also what machines set;
alarms, evidence, sessions, lessons and what a person sets are never held.
"""

from collections.abc import Mapping
from dataclasses import replace
from enum import IntEnum, StrEnum
from typing import Final

from hems.model.ledger import Event
from hems.model.lessons import Lesson


class Urgency(StrEnum):
    """Classes of changes by how much their loss would hurt."""

    NOW = "now"
    SOON = "soon"
    LATE = "late"


class Guard(IntEnum):
    """How sparing the wear guard is."""

    FREE = 0
    SPARING = 1
    STRICT = 2


Pending = Mapping[Urgency, float]
"""Monotonic seconds of the oldest change of each class that is not yet durable."""

WAIT_S: Final[Mapping[Urgency, float]] = {Urgency.NOW: 0.0, Urgency.SOON: 180.0, Urgency.LATE: 900.0}
"""How old a change may become before it is handed over."""

ALARM_S: Final[Mapping[Urgency, float]] = {Urgency.NOW: 60.0, Urgency.SOON: 300.0, Urgency.LATE: 1_200.0}
"""How old a change may become before somebody is told."""

BACK_OFF_S: Final = (10.0, 30.0, 60.0, 120.0, 300.0, 900.0)
"""Pauses after the first, second … failure in a row; the last one repeats."""

SPARING_WRITES: Final = 150
STRICT_WRITES: Final = 400
"""More writes than this in 24 h make the guard sparing, strict."""

AT_ONCE: Final = frozenset(
    {"rolled", "session_began", "session_ended", "setting", "booted", "stopped"}
    | {"alarm_raised", "alarm_cleared", "evidence_began", "evidence_ended"}
)
SHORT_WINDOWS: Final = frozenset({"2h", "4h"})
MACHINES: Final = frozenset({"api", "mqtt", "optimizer"})
"""Who sets without being a person, by the `by` of a setting's figures."""

NOTHING: Final = Lesson()


def guard(writes_24h: int) -> Guard:
    """How sparing to be after so many writes in the last 24 hours."""
    if writes_24h > STRICT_WRITES:
        return Guard.STRICT
    return Guard.SPARING if writes_24h > SPARING_WRITES else Guard.FREE


def urgency(event: Event, sparing: Guard = Guard.FREE) -> Urgency:
    """The class of what an event tells, as far as the wear guard allows."""
    if event.kind == "rolled" and event.key in SHORT_WINDOWS and sparing:
        return Urgency.LATE
    if event.kind == "setting" and event.figures.get("by") in MACHINES and sparing is Guard.STRICT:
        return Urgency.SOON
    if event.kind in AT_ONCE or (event.kind == "counted" and event.key.endswith(".compressor_start")):
        return Urgency.NOW
    if event.kind == "counted":
        return Urgency.LATE if sparing else Urgency.SOON
    return Urgency.LATE


def learned(before: Mapping[str, Lesson], after: Mapping[str, Lesson], writes_24h: int = 0) -> Urgency:
    """The class of what was learned: new lines, a stuck contactor and a test at once, and so is a plan.

    A plan that is made anew again and again waits for company; the counted energy it goes by rides with it.
    """
    pairs = [(before.get(owner, NOTHING), lesson) for owner, lesson in after.items()]
    if any(_facts(former) != _facts(lesson) for former, lesson in pairs):
        return Urgency.NOW
    planned = any(former.plan != lesson.plan for former, lesson in pairs)
    return Urgency.NOW if planned and not guard(writes_24h) else Urgency.LATE


def _facts(lesson: Lesson) -> Lesson:
    return replace(lesson, base_wh=None, plan=None)


def noted(pending: Pending, urgency: Urgency, mono_s: float) -> Pending:
    """The same with one more change; an older one of its class keeps its time."""
    return pending if urgency in pending else {**pending, urgency: mono_s}


def merged(one: Pending, other: Pending) -> Pending:
    """Both together, the older time of each class."""
    return {**one, **{kind: min(since, one.get(kind, since)) for kind, since in other.items()}}


def due(pending: Pending, mono_s: float) -> bool:
    """Whether any change has waited long enough; everything pending goes with it."""
    return any(mono_s - since >= WAIT_S[kind] for kind, since in pending.items())


def overdue(pending: Pending, mono_s: float) -> bool:
    """Whether a change has waited so long that somebody must know."""
    return any(mono_s - since > ALARM_S[kind] for kind, since in pending.items())


def unsaved_s(pending: Pending, mono_s: float) -> float:
    """Age of the oldest change."""
    return max((mono_s - since for since in pending.values()), default=0.0)


def retry_at(failures: int, failed_mono_s: float) -> float:
    """When to try again after so many failures in a row (at least one)."""
    return failed_mono_s + BACK_OFF_S[min(failures, len(BACK_OFF_S)) - 1]
