"""Units, signs and lines.

Sources are positive when they feed the board, loads are positive when they draw from it:
``grid_w`` > 0 imports, ``pv_w`` >= 0 produces, ``battery_w`` > 0 discharges, ``ev_w`` and
``heat_pump_w`` >= 0 consume; ``home_w = grid_w + pv_w + battery_w - ev_w - heat_pump_w``.
Base units inside, always: W, VA, A, V, Wh, s, EUR/kWh, %.
"""

from typing import Final, Literal

LineName = Literal["L1", "L2", "L3"]
PerLine = tuple[float, float, float]
"""One value for each of L1, L2, L3 of the site, in this order."""

LINES: Final[tuple[LineName, ...]] = ("L1", "L2", "L3")
NOMINAL_V: Final = 230.0
NO_LINES: Final[PerLine] = (0.0, 0.0, 0.0)
