"""How it is put in words that an order cannot be: a template and its figures, one sentence each.

Everything is judged as if it came from anywhere: a figure may be no number, a text no text, a time no time.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from hems.core.prices import YEARS
from hems.model.intents import Refusal
from hems.model.phrase import Gap, Phrase

SHOWN: Final = 32
"""Characters of a text that is repeated in a refusal."""


def unknown(kind: str, name: object, known: Mapping[str, object]) -> Refusal | None:
    """Why a name means nothing here; ``None`` for a known one."""
    if name is None or name == "":
        return Refusal("missing", "no {kind} is named", {"kind": Phrase(kind)})
    if isinstance(name, str) and name in known:
        return None
    names: Gap = ", ".join(sorted(known)) or Phrase("none")
    figures: dict[str, Gap] = {"kind": Phrase(kind), "value": said(name), "known": names}
    return Refusal("unknown_name", "there is no {kind} {value}; known: {known}", figures)


def outside(value: object, least: float, most: float, unit: str) -> Phrase | None:
    """How a figure misses its range: ``6 to 16 A, not 40 A``; ``None`` for a number that is in it."""
    if isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most:
        return None
    figures = {"least": float(least), "most": float(most), "value": _gap(value), "unit": unit and f" {unit}"}
    return Phrase("{least} to {most}{unit}, not {value}{unit}", figures)


def time_fault(moment: object) -> Phrase | None:
    """What is wrong with an instant; ``None`` for one with its offset in a believable year."""
    if not isinstance(moment, datetime):
        return what("{value} is no time", moment)
    if moment.utcoffset() is None:
        return Phrase("the time lacks its offset from UTC")
    if moment.year in YEARS:
        return None
    return Phrase("the year {year} is not believable", {"year": moment.year})


def named(name: str, fault: Phrase) -> Phrase:
    """What is wrong, and with which device."""
    return Phrase("{name}: {fault}", {"name": name, "fault": fault})


def said(value: object) -> str:
    """A value as it may be repeated to whoever told it, never long."""
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 10**15 else "a huge number"
    if isinstance(value, str):
        shown = repr(value[:SHOWN])
        return shown if len(shown) <= SHOWN + 2 else shown[: SHOWN + 1] + shown[0]
    return str(value) if value is None or isinstance(value, bool) else f"a {type(value).__name__}"


def what(template: str, value: object) -> Phrase:
    """Something is wrong with this value."""
    return Phrase(template, {"value": _gap(value)})


def none_of(template: str, value: object, known: Sequence[str]) -> Phrase:
    """A value is none of those that are known."""
    return Phrase(template, {"value": said(value), "known": ", ".join(known)})


def _gap(value: object) -> Gap:
    """A figure stays one, so that each language writes it in its own way."""
    return value if isinstance(value, float) else said(value)
