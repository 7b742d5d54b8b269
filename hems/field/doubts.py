"""What is believed of a value that was read: only what is plausible, or what was said often enough. Pure.

A value outside its point's range is believed when it comes three times in a row alike. Where a check sum is
weak, a value by which a charger could be told more is believed when it comes twice alike. Totals pass: they
are judged once, where they are counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hems.field.decoding import alike, plausible
from hems.field.profile import Point, Profile, Quantity

ODD_TIMES: Final = 3
"""How often an implausible value must come in a row."""
RAISING_TIMES: Final = 2
"""How often a value that would raise a current must come in a row where eight bits guard it."""
TOTALS: Final[frozenset[Quantity]] = frozenset(
    {"import_wh", "export_wh", "total_wh", "electric_wh", "thermal_wh"}
)
LOWERING: Final[Mapping[Quantity, int]] = {
    "line_a": -1,
    "line_power_w": -1,
    "power_w": -1,
    "cable_max_a": -1,
    "confirmed_a": 1,
    "released": 1,
}
"""In which direction a charger's own value can only make it be told less; all else may raise it."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A value that is odd or not yet believed, and how often it came in a row."""

    values: tuple[float, ...]
    times: int = 1


def judge(
    profile: Profile,
    point: Point,
    found: tuple[float, ...],
    known: tuple[float, ...] | None,
    doubt: Doubt | None,
) -> tuple[bool, Doubt | None]:
    """Whether a value is believed now, and the doubt that remains; `known` is what was believed last."""
    if point.quantity in TOTALS:
        return True, None
    fits = plausible(point, found)
    weak = profile.serial.framing == "ascii"
    if fits and not (weak and may_raise(profile, point, found, known)):
        return True, None
    exact = point.unit == "raw"
    if doubt is not None and alike(found, doubt.values, exact=exact):
        doubt = Doubt(doubt.values, doubt.times + 1)
    else:
        doubt = Doubt(found)
    if fits:
        return (True, None) if doubt.times >= RAISING_TIMES else (False, doubt)
    return doubt.times >= ODD_TIMES, doubt


def may_raise(
    profile: Profile, point: Point, found: tuple[float, ...], known: tuple[float, ...] | None
) -> bool:
    """Whether a value could make a charger be told more than the one known before."""
    if known is None:
        return True
    if alike(found, known, exact=point.unit == "raw"):
        return False
    direction = LOWERING.get(point.quantity) if profile.kind == "charger" else None
    if direction is None or len(found) != len(known):
        return True
    return any(direction * (new - old) < 0 for new, old in zip(found, known, strict=True))


def odd(doubts: Mapping[Quantity, Doubt]) -> list[Quantity]:
    """The values that are believed although they are outside their range."""
    return sorted(quantity for quantity, doubt in doubts.items() if doubt.times >= ODD_TIMES)
