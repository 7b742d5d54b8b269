"""The screens of the lines and of the house battery."""

from collections.abc import Callable
from typing import Final

from hems.language.words import digits, marked, t
from hems.model.snapshot import MeterReading
from hems.model.units import LINES
from hems.panel.face import Type
from hems.panel.format import UNKNOWN, ampere, current, power
from hems.panel.layout import COLUMNS, Bars, Cell, Look, label
from hems.panel.readings import STALE_S, old
from hems.panel.screen import Screen, everyone

KWH: Final = 1000.0
HUNDRED_A: Final = 99.95
"""From here on a current has no room for its tenths."""


def _grid(look: Look) -> MeterReading | None:
    """The grid meter's reading, unless it is stale."""
    grid = look.view.snapshot.grid
    return None if grid is None or look.now.mono_s - grid.at_mono_s > STALE_S else grid


def _fuses(look: Look) -> str:
    """The fuse; how old the currents are where they are old."""
    grid, fuses = look.view.snapshot.grid, look.view.installed.main_fuse_a
    if grid is not None and (words := old(look.now.mono_s - grid.at_mono_s)):
        return words
    if len(set(fuses)) == 1:
        return t("fuse {limit} A").format(limit=ampere(fuses[0]))
    return "/".join(map(ampere, fuses)) + " A"


def _line_a(look: Look, place: int) -> float | None:
    grid = _grid(look)
    return None if grid is None or grid.line_a is None else grid.line_a[place]


def _share(place: int) -> Callable[[Look], float | None]:
    """How full a line is, whichever way it flows."""

    def share(look: Look) -> float | None:
        line_a = _line_a(look, place)
        return None if line_a is None else abs(line_a) / look.view.installed.main_fuse_a[place]

    return share


def _current(place: int) -> Callable[[Look], str]:
    return lambda look: current(_line_a(look, place))


def _least_room(look: Look) -> str:
    """The line with least room for more import, and that room."""
    rooms = [
        (fuse_a - line_a, line)
        for place, (fuse_a, line) in enumerate(zip(look.view.installed.main_fuse_a, LINES, strict=True))
        if (line_a := _line_a(look, place)) is not None
    ]
    if not rooms:
        return UNKNOWN
    room_a, line = min(rooms)
    words = current(room_a) if abs(room_a) < HUNDRED_A else f"{room_a:.0f} A"
    return f"{line} {words:>7}"


def _limit_word(look: Look) -> str:
    """The limit in force beside the fuse: the grid operator's before that of uneven lines."""
    dim, installed = look.view.decision.dim, look.view.installed
    if dim is not None and (dim.limited or installed.imbalance_a is None):
        return t("operator limit")
    return t("uneven lines") if installed.imbalance_a is not None else ""


def _limit(look: Look) -> str:
    dim, most_a = look.view.decision.dim, look.view.installed.imbalance_a
    if dim is not None and (dim.limited or most_a is None):
        return power(dim.limit_w, gap="") if dim.limited else t("off")
    if most_a is None:
        return ""
    flows = [line_a for place in range(3) if (line_a := _line_a(look, place)) is not None]
    return f"{ampere(max(flows) - min(flows) if flows else None)}/{ampere(most_a)} A"


LINES_SCREEN: Final = Screen(
    "lines",
    everyone,
    (
        label(0, marked("Lines")),
        Cell(0, 7, 14, _fuses, right=True),
        *(label(1 + place, name) for place, name in enumerate(LINES)),
        *(Bars(1 + place, 3, 10, _share(place)) for place in range(3)),
        *(Cell(1 + place, 13, 8, _current(place), right=True) for place in range(3)),
        Cell(4, 0, 10, lambda _: t("least room")),
        Cell(4, 11, 10, _least_room, right=True),
        Cell(5, 0, 14, _limit_word),
        Cell(5, 12, 9, _limit, right=True),
    ),
)


def _level(look: Look) -> str:
    battery = look.view.snapshot.battery
    if battery is None or battery.level_pct is None or look.now.mono_s - battery.at_mono_s > STALE_S:
        return UNKNOWN
    return f"{battery.level_pct:.0f}"


def _battery_age(look: Look) -> str:
    battery = look.view.snapshot.battery
    return "" if battery is None else old(look.now.mono_s - battery.at_mono_s)


def _direction(look: Look) -> str:
    """What the battery does, in a word."""
    battery_w = look.view.balance.battery_w
    if battery_w is None:
        return ""
    if abs(battery_w) < 1:
        return t("rests")
    return t("gives") if battery_w > 0 else t("takes")


def _today(look: Look) -> str:
    """What went in and out today, in kWh."""
    ways = (look.view.counters.get(f"site.battery_{way}.all.daily") for way in ("charge", "discharge"))
    into, out = (UNKNOWN if wh is None else digits(f"{wh / KWH:.{1 if wh < 100_000 else 0}f}") for wh in ways)
    return t("today in {into} out {out}").format(into=into, out=out)


def _first(look: Look) -> str:
    """Which comes first, the battery or the cars, and from where on."""
    installed = look.view.installed
    if installed.car_first_pct < 100:
        return t("car first above {pct} %").format(pct=f"{installed.car_first_pct:3.0f}")
    if installed.battery_first_pct > 0:
        return t("car waits below {pct} %").format(pct=f"{installed.battery_first_pct:.0f}")
    return ""


BATTERY_SCREEN: Final = Screen(
    "battery",
    lambda view: ("",) if view.installed.battery else (),
    (
        label(0, marked("Battery")),
        Cell(0, 9, 12, _battery_age, right=True),
        Cell(3, 0, 9, _level, Type.FIGURE, right=True),
        label(3, "%", column=9),
        Cell(2, 12, 9, _direction, right=True),
        Cell(3, 12, 9, lambda look: power(look.view.balance.battery_w), right=True),
        Cell(4, 0, COLUMNS, _today),
        Cell(5, 0, COLUMNS, _first),
    ),
)
