"""What betrays a wrong profile while it runs: sentences that name the likely mistake. Pure.

They are shown and block nothing: a voltage may really be low. No sentence holds a figure that moves, so that
it stays the same for as long as it is true.
"""

from collections.abc import Callable, Mapping
from typing import Final

from hems.field.decoding import Sample
from hems.field.profile import Quantity

Samples = Mapping[Quantity, Sample]

FREQUENCY_HZ: Final = (45.0, 55.0)
LINE_V: Final = (200.0, 260.0)
LINE_TO_LINE_V: Final = (340.0, 460.0)
TOGETHER_S: Final = 1.0
"""Powers read further apart are not compared."""
POWER_SHARE: Final = 0.1
POWER_LEAST_W: Final = 100.0
KILO: Final = 1000.0
FALLEN_FOR_S: Final = 3600.0
"""How long a total that fell is spoken of."""


def complaints(samples: Samples) -> list[str]:
    """What the values say against the profile."""
    found = (check(samples) for check in CHECKS)
    return [words for words in found if words]


def fell(before: Sample | None, found: tuple[float, ...]) -> bool:
    """Whether a total is lower than it was."""
    return before is not None and found[0] < before.value


def fallen(falls: Mapping[Quantity, float], now_mono_s: float) -> list[str]:
    """The totals that fell lately, by the time of their last fall."""
    return [
        f"{quantity} fell: a resettable partial counter, or another device?"
        for quantity, at_s in sorted(falls.items())
        if now_mono_s - at_s < FALLEN_FOR_S
    ]


def _frequency(samples: Samples) -> str:
    low, high = FREQUENCY_HZ
    if all(low <= value <= high for value in _flowing(samples, "frequency_hz")):
        return ""
    return "frequency is not 45..55 Hz: wrong type, word order or scale?"


def _voltage(samples: Samples) -> str:
    low, high = LINE_V
    odd = [value for value in _flowing(samples, "line_v") if not low <= value <= high]
    if not odd:
        return ""
    if all(LINE_TO_LINE_V[0] <= value <= LINE_TO_LINE_V[1] for value in odd):
        return "voltage is that of line to line: wrong block of registers?"
    return "voltage is not 200..260 V: wrong block or scale?"


def _sum_of_lines(samples: Samples) -> str:
    lines, total = samples.get("line_power_w"), samples.get("power_w")
    if lines is None or total is None or abs(lines.at_mono_s - total.at_mono_s) > TOGETHER_S:
        return ""
    summed_w = sum(lines.values)
    if _about(summed_w, total.value):
        return ""
    if _about(summed_w, total.value * KILO) or _about(summed_w * KILO, total.value):
        return "the lines' powers and the total differ a thousandfold: kW taken for W?"
    if _about(summed_w, -total.value):
        return "the lines' powers and the total have opposite signs: wrong profile?"
    return "the lines' powers do not add up to the total: wrong profile?"


def _about(one_w: float, other_w: float) -> bool:
    return abs(one_w - other_w) <= max(POWER_LEAST_W, POWER_SHARE * max(abs(one_w), abs(other_w)))


def _flowing(samples: Samples, quantity: Quantity) -> list[float]:
    """The values that are not 0: a line that is not connected says nothing."""
    sample = samples.get(quantity)
    return [] if sample is None else [value for value in sample.values if value]


CHECKS: Final[tuple[Callable[[Samples], str], ...]] = (_frequency, _voltage, _sum_of_lines)
