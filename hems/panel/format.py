"""Figures as people read them in the language in force: base units in, short text out; ``None`` is ``--``."""

import math
import re
from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, TypeGuard

from hems.language.words import c, digits, t
from hems.model.instant import Instant

UNKNOWN: Final = "--"
_STEPS: Final = ((2, 10), (1, 100), (0, 1000))
"""Decimals, and the rounded value below which they are used."""


def power(value_w: float | None, *, gap: str = " ", signed: bool = False) -> str:
    """``840 W``, ``1.24 kW``, ``11.2 kW``, ``112 kW``; a minus only where the caller wants the sign."""
    number, unit = power_parts(value_w)
    if not unit:
        return number
    minus = "-" if signed and value_w is not None and value_w < 0 and number != "0" else ""
    return f"{minus}{number}{gap}{unit}"


def power_parts(value_w: float | None) -> tuple[str, str]:
    """Magnitude and unit of a power; ``("--", "")`` when it is unknown."""
    return _scaled(value_w, ("W", "kW"))


def energy(value_wh: float | None, *, gap: str = " ") -> str:
    """``840 Wh``, ``8.42 kWh``, ``1.24 MWh``; magnitude only."""
    number, unit = _scaled(value_wh, ("Wh", "kWh", "MWh"))
    return f"{number}{gap}{unit}" if unit else number


def current(value_a: float | None) -> str:
    """One decimal: ``21.8 A``, ``-3.1 A``."""
    if not _known(value_a):
        return UNKNOWN
    rounded = _rounded(Decimal(repr(float(value_a))), 1)
    return digits(f"{abs(rounded) if rounded == 0 else rounded} A")


def ampere(value_a: float | None, decimals: int = 0) -> str:
    """The bare magnitude of a current, without its unit."""
    if not _known(value_a):
        return UNKNOWN
    return digits(str(_rounded(Decimal(repr(abs(float(value_a)))), decimals)))


def age(age_s: float | None) -> str:
    """At most six characters: ``0.4 s``, ``40 s``, ``12 min``, ``30 h``, ``3 d``."""
    if not _known(age_s):
        return UNKNOWN
    seconds = max(0.0, age_s)
    if seconds < 9.95:
        return digits(f"{_rounded(Decimal(repr(seconds)), 1)} s")
    for size_s, limit, unit in ((1, 100, "s"), (60, 60, "min"), (3600, 48, "h")):
        if seconds < size_s * limit:
            return f"{int(seconds // size_s)} {unit}"
    return t("{days} d").format(days=min(9999, int(seconds // 86_400)))


def count(value: float | None, width: int) -> str:
    """A counter in at most `width` characters: with thousands, without them, then in k or M."""
    if not _known(value):
        return UNKNOWN
    whole = int(value)
    for size, unit in ((1, ""), (1000, "k"), (1_000_000, "M")):
        if whole >= size:
            for text in (digits(f"{whole // size:,}") + unit, f"{whole // size}{unit}"):
                if len(text) <= width:
                    return text
    return "0" if whole < 1 else ">" * width


def time_of_day(now: Instant) -> str:
    """``14:32``; while the clock is not to be trusted that is said instead (PNL-83)."""
    return f"{now.wall:%H:%M}" if now.trusted else f"{t('clock?')} --:--"


def date(now: Instant) -> str:
    """``12 Mar``, or ``clock?``."""
    return day(now.wall) if now.trusted else t("clock?")


def day(moment: datetime) -> str:
    """``12 Mar``, as its own clock has it."""
    months = c("months", "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec").split()
    return c("day", "{day} {month}").format(day=moment.day, month=months[moment.month - 1])


def shortened(text: str, width: int) -> str:
    """Foreign text (names, addresses) cleaned to printable characters and cut to `width` with ``…``."""
    clean = "".join(character for character in text if character.isprintable())
    return clean if len(clean) <= width else clean[: width - 1] + "…"


def wrapped(text: str, width: int, rows: int) -> tuple[str, ...]:
    """Sentences broken at spaces into at most `rows` rows of `width`; the last is cut with ``…``.

    A mark that stands apart, as in French, never begins a row.
    """
    lines: list[str] = []
    for word in filter(None, re.split(r"\s+(?![:;?!](?:\s|$))", text)):
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(shortened(word, width))
    if len(lines) > rows:
        lines[rows - 1] = shortened(f"{lines[rows - 1]} {lines[rows]}", width - 1).rstrip("…") + "…"
    return tuple(lines[:rows])


def _known(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)


def _rounded(number: Decimal, decimals: int) -> Decimal:
    """Half away from zero, as people round."""
    return number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _scaled(value: float | None, units: Sequence[str]) -> tuple[str, str]:
    """The unit is decided after rounding: 999.6 W is 1.00 kW (PNL-82)."""
    if not _known(value):
        return UNKNOWN, ""
    number = Decimal(repr(abs(float(value))))
    rounded = _rounded(number, 0)
    if rounded < 1000:
        return digits(str(rounded)), units[0]
    for unit in units[1:]:
        number /= 1000
        for decimals, limit in _STEPS:
            rounded = _rounded(number, decimals)
            if rounded < limit:
                return digits(str(rounded)), unit
    return digits(f"{rounded:,}"), units[-1]
