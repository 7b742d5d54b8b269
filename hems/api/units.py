"""Our units in nymea's: W, A, V, kWh, %, rounded as far as they mean something (API-7, API-62).

Powers are positive when something consumes. What is unknown stays ``None``, and so does what is no number.
"""

from math import isfinite
from typing import Final

WH_PER_KWH: Final = 1000.0


def _rounded(value: float | None, digits: int) -> float | None:
    return round(value, digits) + 0.0 if value is not None and isfinite(value) else None


def watts(power_w: float | None) -> float | None:
    """Whole watts."""
    return _rounded(power_w, 0)


def amperes(current_a: float | None) -> float | None:
    """Hundredths of an ampere."""
    return _rounded(current_a, 2)


def volts(voltage_v: float | None) -> float | None:
    """Tenths of a volt."""
    return _rounded(voltage_v, 1)


def kilowatt_hours(energy_wh: float | None) -> float | None:
    """Watt-hours as kWh with three decimals."""
    return _rounded(None if energy_wh is None else energy_wh / WH_PER_KWH, 3)


def whole_percent(level_pct: float | None) -> int | None:
    """Whole percent, 0 to 100."""
    return None if level_pct is None or not isfinite(level_pct) else round(min(100.0, max(0.0, level_pct)))


def negative(power_w: float | None) -> float | None:
    """A source as nymea sees it: what feeds the board is negative consumption."""
    return None if power_w is None else -power_w
