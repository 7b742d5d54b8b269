"""Whether a device says it is the product it is taken for: asked once after each of its returns. Pure.

A device that refuses the question or does not answer it may be one of old firmware: it is believed after a
few tries. One that names another product is asked again from time to time, since it may be exchanged.
"""

from dataclasses import dataclass, replace
from typing import Final

from hems.field.exchange import Failed, Outcome, Request
from hems.field.naming import fits
from hems.field.profile import Identify

TRIES: Final = 3
RETRY_S: Final = 1.0
STRANGER_RETRY_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Introduction:
    """When it is asked, how often in vain, and whether it named another product; ``None`` = not any more."""

    due_mono_s: float | None = None
    tries: int = 0
    stranger: bool = False


def begun(introduction: Introduction, now_mono_s: float) -> Introduction:
    """The device is met, or returned; a stranger stays one until it says otherwise."""
    return Introduction(now_mono_s, stranger=introduction.stranger)


def request(row: Identify | None, introduction: Introduction, unit: int, now_mono_s: float) -> Request | None:
    """The question, if it is time to ask."""
    due_s = introduction.due_mono_s
    if row is None or due_s is None or now_mono_s < due_s:
        return None
    return Request(unit, row.function, row.address, row.count)


def took(row: Identify, introduction: Introduction, outcome: Outcome, now_mono_s: float) -> Introduction:
    """What it said of itself."""
    if isinstance(outcome, Failed):
        tries = introduction.tries + 1
        again_s = now_mono_s + RETRY_S if tries < TRIES else None
        return replace(introduction, due_mono_s=again_s, tries=tries)
    if fits(row, outcome.registers):
        return Introduction()
    return Introduction(now_mono_s + STRANGER_RETRY_S, stranger=True)


def words(introduction: Introduction) -> str:
    """What to do about a stranger."""
    return "answers as another product; check the unit id or the profile" if introduction.stranger else ""
