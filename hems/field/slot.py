"""The command slot of a charger: one set-point on its way, replaced by the next. Pure.

Theory of operation. What is wanted goes in flight, is acknowledged by the answer and confirmed when it is
read back. A difference is sent at once, an equal value again after `refresh_s`. A write without an answer
leaves the register unsure: it is read back before anything else is sent. A raise waits for the setup and for
the device's pace; meanwhile the last value is refreshed. A lowering never waits.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from hems.field.exchange import Accepted, Failed, Outcome
from hems.field.profile import Write

Stage = Literal["empty", "wanted", "in_flight", "acknowledged", "confirmed", "unsure"]
ALLOWED: Final[Mapping[Stage, frozenset[Stage]]] = {
    "empty": frozenset({"wanted"}),
    "wanted": frozenset({"in_flight", "acknowledged"}),
    "in_flight": frozenset({"acknowledged", "wanted", "unsure"}),
    "acknowledged": frozenset({"confirmed", "wanted", "in_flight"}),
    "confirmed": frozenset({"wanted", "in_flight"}),
    "unsure": frozenset({"confirmed", "wanted"}),
}
RETRY_S: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
LOST_AFTER_REFUSALS: Final = 3


@dataclass(frozen=True, slots=True)
class Slot:
    """The slot's stage and the set-points it knows, in ampere."""

    stage: Stage = "empty"
    since_mono_s: float = 0.0
    wanted_a: float = 0.0
    sent_a: float | None = None
    acknowledged_a: float | None = None
    acknowledged_mono_s: float = -math.inf
    raised_mono_s: float = -math.inf
    refusals: int = 0
    retry_mono_s: float = -math.inf

    @property
    def unsure(self) -> bool:
        """Whether the effect of the last write is not known."""
        return self.stage in ("in_flight", "unsure")

    @property
    def highest_a(self) -> float:
        """The highest current the device may still hold, as far as we told it."""
        sent_a = self.sent_a if self.unsure else None
        return max(self.acknowledged_a or 0.0, sent_a or 0.0)


def bounded(write: Write, limit_a: float) -> float:
    """The highest set-point the device knows that is not above `limit_a`; 0 below its least current."""
    steps = math.floor(min(limit_a, write.max_a) / write.step_a + 1e-6)
    rounded_a = round(float(steps * write.step_a), 3)
    return rounded_a if rounded_a >= write.min_a else 0.0


def want(slot: Slot, limit_a: float, now_mono_s: float) -> Slot:
    """A decision's set-point, already bounded."""
    if slot.stage in ("in_flight", "unsure"):
        return replace(slot, wanted_a=limit_a)
    known = slot.stage != "empty" and limit_a == slot.acknowledged_a
    if slot.stage == "wanted" and known and slot.wanted_a != limit_a:
        return replace(slot, stage="acknowledged", since_mono_s=now_mono_s, wanted_a=limit_a)
    if slot.stage == "wanted" or known:
        return replace(slot, wanted_a=limit_a)
    return replace(slot, stage="wanted", since_mono_s=now_mono_s, wanted_a=limit_a)


def due(slot: Slot, write: Write, now_mono_s: float, *, ready: bool) -> float | None:
    """The set-point to send now; ``None`` when nothing is to be sent.

    Until the setup is confirmed only a lowering or a first 0 leaves: a device that returned may have lost its
    set-point, so even an equal value could raise it.
    """
    if slot.stage not in ("wanted", "acknowledged", "confirmed"):
        return None
    if now_mono_s < slot.retry_mono_s and slot.wanted_a == slot.sent_a:
        return None
    held_a = slot.acknowledged_a or 0.0
    first_zero = slot.acknowledged_a is None and slot.wanted_a == 0
    if slot.stage == "wanted" and (slot.wanted_a < held_a or first_zero):
        return slot.wanted_a
    if not ready:
        return None
    paced = slot.wanted_a > held_a and now_mono_s - slot.raised_mono_s < write.pace_s
    if slot.stage == "wanted" and not paced:
        return slot.wanted_a
    stale = now_mono_s - slot.acknowledged_mono_s >= write.refresh_s
    return slot.acknowledged_a if stale else None


def sent(slot: Slot, value_a: float, now_mono_s: float) -> Slot:
    """The write leaves."""
    return replace(slot, stage="in_flight", since_mono_s=now_mono_s, sent_a=value_a)


def took(slot: Slot, outcome: Outcome, now_mono_s: float) -> Slot:
    """The write's outcome; the answer to a write that was given up meanwhile changes nothing."""
    if slot.stage != "in_flight":
        return slot
    slot = replace(slot, since_mono_s=now_mono_s)
    if isinstance(outcome, Accepted) and slot.sent_a is not None:
        raised = slot.sent_a > (slot.acknowledged_a or 0.0)
        return replace(
            slot,
            stage="acknowledged" if slot.sent_a == slot.wanted_a else "wanted",
            acknowledged_a=slot.sent_a,
            acknowledged_mono_s=now_mono_s,
            raised_mono_s=now_mono_s if raised else slot.raised_mono_s,
            refusals=0,
            retry_mono_s=-math.inf,
        )
    if isinstance(outcome, Failed) and outcome.kind == "exception":
        pause_s = RETRY_S[min(slot.refusals, len(RETRY_S) - 1)]
        return replace(slot, stage="wanted", refusals=slot.refusals + 1, retry_mono_s=now_mono_s + pause_s)
    return replace(slot, stage="unsure")


def read_back(slot: Slot, value_a: float, write: Write, at_mono_s: float) -> tuple[Slot, bool]:
    """What the device says it holds; true when it did not take what it had acknowledged."""
    if slot.stage not in ("acknowledged", "confirmed", "unsure"):
        return slot, False
    slot = replace(slot, since_mono_s=at_mono_s)
    if slot.stage == "unsure":
        held_a = slot.sent_a if slot.sent_a is not None and _same(value_a, slot.sent_a, write) else value_a
        stage: Stage = "confirmed" if held_a == slot.wanted_a else "wanted"
        return replace(slot, stage=stage, acknowledged_a=held_a, acknowledged_mono_s=at_mono_s), False
    if slot.acknowledged_a is not None and _same(value_a, slot.acknowledged_a, write):
        return replace(slot, stage="confirmed"), False
    return replace(slot, stage="wanted"), True


def again(slot: Slot, now_mono_s: float) -> Slot:
    """The device may have lost what it was told: tell it again."""
    if slot.stage in ("acknowledged", "confirmed"):
        return replace(slot, stage="wanted", since_mono_s=now_mono_s)
    return slot


def _same(one_a: float, other_a: float, write: Write) -> bool:
    return abs(one_a - other_a) < write.scale_a / 2
