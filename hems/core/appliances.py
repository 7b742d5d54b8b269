"""Every figure of heat pumps and of loads that may be shed, with its default; delays in s, powers in W."""

from dataclasses import dataclass
from typing import Literal

from hems.model.units import LINES, LineName


@dataclass(frozen=True, slots=True)
class HeatPumpRules:
    """A heat pump on the bus: whether it is told the surplus, with which sign, own draw in or out (CHG-100).

    The larger `priority` is served first; with the same one cars are first (CHG-102). `power_w` is what it
    may draw. A surplus that breaks off for less than `keep_s`, the longest time between two writes, is not
    told.
    """

    number: int = 1
    surplus: Literal["off", "positive", "negative"] = "off"
    with_own_draw: bool = False
    priority: int = 0
    power_w: float = 3000.0
    keep_s: float = 60.0
    patience_s: float = 600.0
    fresh_s: float = 10.0


@dataclass(frozen=True, slots=True)
class SgReadyRules:
    """Two contacts of a heat pump (CHG-101): contact 1 locks it, contact 2 recommends, both force it.

    `recommended_w` and `forced_w` are the surplus for it, for `surplus_s`; without `forced_w` it is never
    forced. Each state lasts `hold_s` at least. `heat_pump` names the pump on the bus that shows whether the
    compressor runs, from `runs_w` on where it says nothing but its power. `power_w` is what it may draw.
    """

    relays: tuple[str, str]
    heat_pump: str = ""
    recommended_w: float = 3000.0
    forced_w: float | None = None
    power_w: float = 3000.0
    priority: int = 0
    hold_s: float = 600.0
    surplus_s: float = 300.0
    starts_per_hour: int = 3
    min_run_s: float = 1200.0
    min_rest_s: float = 600.0
    runs_w: float = 200.0
    fresh_s: float = 10.0


@dataclass(frozen=True, slots=True)
class LoadRules:
    """A load that may be switched off before cars are (CHG-36): its relay (energised = it may run)."""

    relay: str
    lines: tuple[LineName, ...] = LINES
    power_w: float = 2000.0


@dataclass(frozen=True, slots=True)
class SheddingRules:
    """When loads are shed and come back (CHG-36).

    Cars that have less than `spare_a` beyond their minima on a line for `pinched_s` are reason enough. A load
    comes back with `back_a` to spare on each of its lines for `room_s` (the first time in a run, with
    `spare_a`), `rest_s` after it was shed and `apart_s` after the one before it. Its rest doubles, up to
    `rest_most_s`, each time it is shed within `again_s` of its return. After `shows_s` the meter shows what a
    relay did.
    """

    pinched_s: float = 3.0
    spare_a: float = 1.0
    room_s: float = 60.0
    rest_s: float = 300.0
    apart_s: float = 60.0
    shows_s: float = 3.0
    back_a: float = 3.0
    rest_most_s: float = 3600.0
    again_s: float = 600.0
