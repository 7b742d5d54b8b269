"""The command slot of a charger: one set-point on its way, replaced by the next. Pure.

Theory of operation. What is wanted goes in flight, is acknowledged by the answer and confirmed when it is
read back. A difference is sent at once, an equal value again after `refresh_s`. A write without an answer
leaves the register unsure: it is read back before anything else is sent. Where nothing can be read back, the
doubt stays and only what cannot raise is sent, until a write is acknowledged. A raise waits for the setup and
for the device's pace; meanwhile the last value is refreshed. A lowering never waits; but to a device that may
have lost its set-point and is not set up again, less than before could be more than it holds: it is told 0
unless it says that it holds more than what is wanted. Writes that are refused, unanswered or without effect
are counted until one is acknowledged and read back.

A set-point may take several requests: it stays in flight until the last is acknowledged. If one fails after
another was taken, the device may hold either current, whatever the failure was.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from hems.field.exchange import Accepted, Outcome
from hems.field.profile import Write

Stage = Literal["empty", "wanted", "in_flight", "acknowledged", "confirmed", "unsure"]
ALLOWED: Final[Mapping[Stage, frozenset[Stage]]] = {
    "empty": frozenset({"wanted"}),
    "wanted": frozenset({"in_flight", "acknowledged", "confirmed"}),
    "in_flight": frozenset({"acknowledged", "wanted", "unsure"}),
    "acknowledged": frozenset({"confirmed", "wanted", "in_flight"}),
    "confirmed": frozenset({"wanted", "in_flight"}),
    "unsure": frozenset({"confirmed", "wanted"}),
}
RETRY_S: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
LOST_AFTER_REFUSALS: Final = 3
READ_BACKS: Final = 2
"""Failed read-backs after which an unsure slot goes on without."""


@dataclass(frozen=True, slots=True)
class Slot:
    """The slot's stage and the set-points it knows, in ampere.

    `perhaps_a` is the most that writes without an answer may have left there, `reported_a` what the device
    said it holds since the last acknowledged write; both ``None`` when there is no such thing. `forgotten`:
    it may have restarted, and was not read back since. `misses` counts the read-backs in a row that differed
    from what was acknowledged.
    """

    stage: Stage = "empty"
    since_mono_s: float = 0.0
    wanted_a: float = 0.0
    sent_a: float | None = None
    acknowledged_a: float | None = None
    acknowledged_mono_s: float = -math.inf
    raised_mono_s: float = -math.inf
    perhaps_a: float | None = None
    reported_a: float | None = None
    forgotten: bool = False
    read_backs: int = 0
    refusals: int = 0
    misses: int = 0
    retry_mono_s: float = -math.inf

    @property
    def unsure(self) -> bool:
        """Whether the effect of the last write is not known."""
        return self.stage == "in_flight" or self.perhaps_a is not None

    @property
    def highest_a(self) -> float:
        """The highest current the device may still hold: told, perhaps taken, or reported by itself."""
        sent_a = self.sent_a if self.stage == "in_flight" else None
        known = (self.acknowledged_a, self.perhaps_a, self.reported_a, sent_a)
        return max(value_a or 0.0 for value_a in known)

    @property
    def known(self) -> bool:
        """Whether anything is known of what the device holds."""
        return self.unsure or self.acknowledged_a is not None or self.reported_a is not None


def want(slot: Slot, limit_a: float, now_mono_s: float) -> Slot:
    """A decision's set-point, already bounded."""
    if slot.stage in ("in_flight", "unsure"):
        return replace(slot, wanted_a=limit_a)
    known = limit_a == slot.acknowledged_a and limit_a >= slot.highest_a and not slot.unsure
    if slot.stage == "wanted" and known and slot.wanted_a != limit_a:
        return replace(slot, stage="acknowledged", since_mono_s=now_mono_s, wanted_a=limit_a)
    if slot.stage == "wanted" or known:
        return replace(slot, wanted_a=limit_a)
    return replace(slot, stage="wanted", since_mono_s=now_mono_s, wanted_a=limit_a)


def due(slot: Slot, write: Write, now_mono_s: float, *, ready: bool) -> float | None:
    """The set-point to send now; ``None`` when nothing is to be sent.

    Until the setup is confirmed only a lowering or a first 0 leaves: a device that returned may have lost its
    set-point, so even an equal value could raise it. In doubt nothing above the acknowledged value is sent.
    """
    if slot.stage not in ("wanted", "acknowledged", "confirmed"):
        return None
    held_a = slot.acknowledged_a or 0.0
    next_a = min(slot.wanted_a, held_a) if slot.unsure else slot.wanted_a
    lowers = slot.stage == "wanted" and next_a < slot.highest_a
    if lowers and not ready and next_a > _surely_held_a(slot):
        next_a = 0.0
    stale = now_mono_s - slot.acknowledged_mono_s >= write.refresh_s
    if now_mono_s < slot.retry_mono_s and next_a == slot.sent_a and (slot.refusals or not stale):
        return None
    first_zero = slot.acknowledged_a is None and next_a == 0
    if lowers or (slot.stage == "wanted" and first_zero):
        return next_a
    if not ready:
        return None
    paced = next_a > held_a and now_mono_s - slot.raised_mono_s < write.pace_s
    if slot.stage == "wanted" and not paced:
        return next_a
    return slot.acknowledged_a if stale else None


def sent(slot: Slot, value_a: float, now_mono_s: float) -> Slot:
    """The write leaves."""
    return replace(slot, stage="in_flight", since_mono_s=now_mono_s, sent_a=value_a)


def took(
    slot: Slot, outcome: Outcome, now_mono_s: float, *, readable: bool = True, partly: bool = False
) -> Slot:
    """The write's outcome; the answer to a write that was given up meanwhile changes nothing.

    `readable` tells whether the device's set-point can be read back, `partly` whether an earlier request of
    the same set-point was acknowledged.
    """
    sent_a = slot.sent_a
    if slot.stage != "in_flight" or sent_a is None:
        return slot
    slot = replace(slot, since_mono_s=now_mono_s)
    if isinstance(outcome, Accepted):
        raised = sent_a > (slot.acknowledged_a or 0.0)
        return replace(
            slot,
            stage="acknowledged" if sent_a == slot.wanted_a else "wanted",
            acknowledged_a=sent_a,
            acknowledged_mono_s=now_mono_s,
            raised_mono_s=now_mono_s if raised else slot.raised_mono_s,
            perhaps_a=None,
            reported_a=None,
            forgotten=False,
            retry_mono_s=-math.inf,
        )
    if outcome.kind == "exception":
        pause_s = RETRY_S[min(slot.refusals, len(RETRY_S) - 1)]
        slot = replace(slot, stage="wanted", refusals=slot.refusals + 1, retry_mono_s=now_mono_s + pause_s)
        return _in_doubt(slot, sent_a, readable) if partly else slot
    if outcome.kind == "withdrawn" and not partly:
        return replace(slot, stage="wanted", sent_a=None)
    slot = _in_doubt(slot, sent_a, readable)
    return slot if outcome.kind in ("port", "withdrawn") else _without_effect(slot, now_mono_s)


def broken_off(slot: Slot, now_mono_s: float) -> Slot:
    """A set-point of which not all requests left is given up: it may have been taken."""
    if slot.stage != "in_flight" or slot.sent_a is None:
        return slot
    return replace(_in_doubt(slot, slot.sent_a, readable=False), since_mono_s=now_mono_s)


def read_back(slot: Slot, value_a: float, tolerance_a: float, at_mono_s: float) -> tuple[Slot, bool]:
    """What the device says it holds; true when it did not take what it had acknowledged."""
    if slot.stage == "in_flight":
        return slot, False
    if slot.perhaps_a is not None:
        return _resolved(slot, value_a, tolerance_a, at_mono_s), False
    told_a = slot.acknowledged_a
    taken = told_a is not None and abs(value_a - told_a) <= tolerance_a
    slot = replace(slot, reported_a=told_a if taken else value_a, forgotten=False)
    if slot.stage not in ("acknowledged", "confirmed"):
        return slot, False
    if taken:
        refusals = 0 if slot.stage == "acknowledged" else slot.refusals
        return replace(slot, stage="confirmed", since_mono_s=at_mono_s, refusals=refusals, misses=0), False
    retry_s = at_mono_s + _pause_s(slot.misses)
    slot = replace(slot, stage="wanted", since_mono_s=at_mono_s, misses=slot.misses + 1)
    if value_a > (told_a or 0.0):
        return _without_effect(slot, at_mono_s), True
    return replace(slot, retry_mono_s=retry_s), True


def lost_it(slot: Slot, value_a: float, tolerance_a: float) -> bool:
    """Whether a set-point once confirmed is gone, and nothing we sent since explains it: a restart."""
    if slot.stage == "in_flight" or slot.reported_a is None or slot.reported_a != slot.acknowledged_a:
        return False
    explained = (slot.acknowledged_a, slot.perhaps_a, None if slot.perhaps_a is None else slot.sent_a)
    return all(told_a is None or abs(value_a - told_a) > tolerance_a for told_a in explained)


def unread(slot: Slot, now_mono_s: float) -> Slot:
    """A read-back failed: after two of them the slot goes on in doubt."""
    if slot.stage != "unsure":
        return slot
    stage: Stage = "wanted" if slot.read_backs + 1 >= READ_BACKS else "unsure"
    return replace(slot, stage=stage, since_mono_s=now_mono_s, read_backs=slot.read_backs + 1)


def again(slot: Slot, now_mono_s: float, *, forgotten: bool = True) -> Slot:
    """The device may have lost what it was told, or has `forgotten` it without saying so: tell it again."""
    slot = replace(slot, retry_mono_s=-math.inf, forgotten=forgotten)
    if slot.stage in ("acknowledged", "confirmed"):
        return replace(slot, stage="wanted", since_mono_s=now_mono_s)
    return slot


def _surely_held_a(slot: Slot) -> float:
    """What it holds at least, as far as it said so itself or took it since it was last met."""
    held_a = slot.acknowledged_a if slot.reported_a is None else slot.reported_a
    return 0.0 if slot.forgotten else held_a or 0.0


def _in_doubt(slot: Slot, sent_a: float, readable: bool) -> Slot:
    perhaps_a = max(sent_a, slot.perhaps_a or 0.0)
    return replace(slot, stage="unsure" if readable else "wanted", perhaps_a=perhaps_a, read_backs=0)


def _resolved(slot: Slot, value_a: float, tolerance_a: float, at_mono_s: float) -> Slot:
    """The doubt is over; only a write that changed something proves that the device takes writes."""
    taken = slot.sent_a is not None and abs(value_a - slot.sent_a) <= tolerance_a
    held_a = slot.sent_a if taken else value_a
    return replace(
        slot,
        stage="confirmed" if held_a == slot.wanted_a else "wanted",
        since_mono_s=at_mono_s,
        acknowledged_a=held_a,
        acknowledged_mono_s=at_mono_s,
        perhaps_a=None,
        reported_a=held_a,
        forgotten=False,
        refusals=0 if taken and slot.sent_a != slot.acknowledged_a else slot.refusals,
    )


def _without_effect(slot: Slot, now_mono_s: float) -> Slot:
    """It counts like a refusal; the first is repeated at once."""
    retry_s = now_mono_s + _pause_s(slot.refusals)
    return replace(slot, refusals=slot.refusals + 1, retry_mono_s=retry_s)


def _pause_s(times: int) -> float:
    """None before the first repetition."""
    return RETRY_S[min(times, len(RETRY_S)) - 1] if times else 0.0
