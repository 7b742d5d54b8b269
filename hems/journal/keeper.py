"""How long a change may wait before it is written, and how long a card that failed is left alone. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from hems.model.ledger import Event


class Urgency(StrEnum):
    """Classes of changes by how much their loss would hurt."""

    NOW = "now"
    SOON = "soon"
    LATE = "late"


Pending = Mapping[Urgency, float]
"""Monotonic seconds of the oldest change of each class that is not yet durable."""

WAIT_S: Final[Mapping[Urgency, float]] = {Urgency.NOW: 0.0, Urgency.SOON: 180.0, Urgency.LATE: 900.0}
"""How old a change may become before it is handed over."""

ALARM_S: Final[Mapping[Urgency, float]] = {Urgency.NOW: 60.0, Urgency.SOON: 300.0, Urgency.LATE: 1_200.0}
"""How old a change may become before somebody is told."""

BACK_OFF_S: Final = (10.0, 30.0, 60.0, 120.0, 300.0, 900.0)
"""Pauses after the first, second … failure in a row; the last one repeats."""


def urgency(event: Event) -> Urgency:
    """The class of what an event tells: starts and roll-overs at once, other counts soon, the rest late."""
    if event.kind == "rolled" or event.key.endswith(".compressor_start"):
        return Urgency.NOW
    return Urgency.SOON if event.kind == "counted" else Urgency.LATE


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
