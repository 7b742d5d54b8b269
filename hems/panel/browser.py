"""The browser of counters: all of the view with all their periods; a new one appears by itself (PNL-46).

OK goes inside, up and down go from counter to counter, OK there goes on to the next owner: site, heat pumps,
cars, contacts. A cursor is the counter's name and one of its pages.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from hems.language import said
from hems.language.words import digits, marked, t
from hems.model.view import View
from hems.panel.format import UNKNOWN, count, day, energy
from hems.panel.keys import Key, KeyEvent
from hems.panel.layout import COLUMNS, LOOKING, Cell, Look, Spot
from hems.panel.screen import Rows, Screen, Taken, once, step_of, turned

PERIODS: Final[Mapping[str, str]] = {
    "total": marked("Total"),
    "daily": marked("Today"),
    "yesterday": marked("Yesterday"),
    "2h": "2 h",
    "4h": "4 h",
    "monthly": marked("Month"),
    "yearly": marked("Year"),
}
"""The periods of every counter, and how they are called in a row of their own."""

COMPACT: Final = (
    ("daily", 8, marked("Today")),
    ("yesterday", 12, marked("yesterday")),
    ("2h", 9, "2 h"),
    ("4h", 11, "4 h"),
    ("monthly", 9, marked("Month")),
    ("yearly", 11, marked("Year")),
)
"""Two periods in a row: columns, and how they are called there."""

LABELS: Final[Mapping[str, str]] = {
    "heating": marked("Starts heating"),
    "hot_water": marked("Starts water"),
    "cooling": marked("Starts cooling"),
    "defrost": marked("Defrosts"),
    "compressor_start": marked("Compressor"),
    "run_time_s": marked("Run time"),
    "energy_electrical": marked("El."),
    "energy_thermal": marked("Heat"),
    "cop": marked("COP"),
    "coverage_pct": marked("Time watched"),
    "grid_import": marked("Bought"),
    "grid_export": marked("Sold"),
    "pv": marked("Solar"),
    "battery_charge": marked("Battery in"),
    "battery_discharge": marked("Battery out"),
    "home": marked("House"),
    "grid_cost": marked("Cost"),
    "grid_unpriced": marked("Unpriced"),
    "energy": marked("Car"),
    "cost": marked("Car cost"),
    "sessions": marked("Sessions"),
    "charge_time_s": marked("Time charged"),
    "contactor": marked("Contactor"),
}
"""What counters are called; one that is missing here goes by its own name."""

PARTS: Final[Mapping[str, str]] = {
    "all": "",
    "heating": marked("heating"),
    "hot_water": marked("water"),
    "cooling": marked("cooling"),
    "defrost": marked("defrost"),
    "standby": marked("standby"),
    "unattributed": marked("unsorted"),
    "solar": marked("solar"),
    "battery": marked("battery"),
    "grid_unknown": marked("grid?"),
    "grid_peak": marked("peak"),
    "grid_off_peak": marked("off-peak"),
    "peak": marked("peak"),
    "off_peak": marked("off-peak"),
}
"""What the parts of an energy are called; tariffs beyond these go by their own names."""

LABEL_WIDTH: Final = 15
RATED: Final = "rated"


def _rank(stem: str) -> tuple[int, str]:
    owner = stem.partition(".")[0]
    order = ("site", "hp", "ev", "relay")
    return next((place for place, kind in enumerate(order) if owner.startswith(kind)), len(order)), owner


def _names(view: View) -> tuple[str, ...]:
    stems = {key.rpartition(".")[0] for key in view.counters if key.rpartition(".")[2] in PERIODS}
    return tuple(sorted(stems, key=lambda stem: (_rank(stem), stem)))


_remembered: Final = once(_names)


def counters(view: View) -> tuple[str, ...]:
    """The names of all counters of the view: the site's first, then pumps, cars, contacts."""
    return _remembered(view)


def label_of(name: str) -> str:
    """What a counter is called, in at most 15 characters."""
    owner, _, rest = name.partition(".")
    if owner == "relay":
        return _cut(t("Relay {name}").format(name=rest))
    quantity, _, part = rest.partition(".")
    words = t(LABELS[quantity]) if quantity in LABELS else quantity.replace("_", " ")
    of = t(PARTS[part]) if PARTS.get(part) else "" if part in PARTS else part.replace("_", " ")
    return _cut(f"{words} {of}".rstrip())


def _cut(words: str) -> str:
    """Names of tariffs, contacts and of counters without words may be longer than there is room."""
    return words if len(words) <= LABEL_WIDTH else words[: LABEL_WIDTH - 1] + "…"


def value_of(name: str, value: float | None, width: int) -> str:
    """A counter's value with its unit, in at most `width` characters; ``--`` for what nobody knows."""
    quantity = name.partition(".")[2].partition(".")[0]
    if value is None:
        return UNKNOWN
    if quantity.endswith("_pct"):
        return f"{value:.0f} %"
    if quantity.endswith("_s"):
        return said.countdown(value) if value < 360_000 else digits(f"{value / 3600:,.0f}") + " h"
    if "cost" in quantity:
        return digits(f"{value / 1e6:,.2f}") + "€"
    if quantity == "cop":
        return digits(f"{value:.2f}")
    if _is_energy(name):
        return energy(value)
    return count(value, width)


def _is_energy(name: str) -> bool:
    owner, _, rest = name.partition(".")
    return rest.startswith("energy") or (owner == "site" and not rest.startswith(("grid_cost", "coverage")))


def _is_count(name: str) -> bool:
    quantity = name.partition(".")[2].partition(".")[0]
    special = quantity.endswith(("_pct", "_s")) or "cost" in quantity or quantity == "cop"
    return not special and not _is_energy(name)


def _compact(view: View, name: str) -> bool:
    """Whether all periods have room on one page."""
    if not _is_count(name):
        return False
    return all(
        len(t(words)) + 1 + len(_value(view, name, period, 99)) <= wide for period, wide, words in COMPACT
    )


def _value(view: View, name: str, period: str, width: int) -> str:
    return value_of(name, view.counters.get(f"{name}.{period}"), width)


def _pages(view: View, name: str) -> Iterator[str]:
    """The cursors at which one counter stands."""
    yield name
    if not _compact(view, name):
        yield f"{name}#more"
    if name in view.installed.rated:
        yield f"{name}#{RATED}"


def _here(look: Look) -> tuple[str, str]:
    """The counter at the cursor, and which of its pages; the first counter where there is none."""
    names = counters(look.view)
    name, _, page = look.spot.cursor.partition("#")
    return (name, page) if name in names else (names[0] if names else "", "")


def _take(look: Look, event: KeyEvent) -> Taken:
    name, page = _here(look)
    if look.spot.level == 0:
        return Taken(Spot(1, name))
    names = counters(look.view)
    if not names:
        return Taken(LOOKING)
    if event.key is Key.OK:
        others = (
            [other for other in names[names.index(name) :] if _rank(other) != _rank(name)] if names else []
        )
        return Taken(Spot(1, (others or list(names) or [""])[0]))
    cursors = tuple(cursor for other in names for cursor in _pages(look.view, other))
    return Taken(Spot(1, turned(cursors, f"{name}#{page}" if page else name, step_of(event))))


def _title(look: Look) -> str:
    """The counter, with its owner's number where there are several."""
    name, _ = _here(look)
    return label_of(name) if name else t("Counters")


def _index(look: Look) -> str:
    """Which of all counters, and of which owner where there are several of its kind."""
    name, _ = _here(look)
    names = counters(look.view)
    if not name:
        return ""
    owner = name.partition(".")[0]
    kind = owner.rstrip("0123456789")
    owners = {other.partition(".")[0] for other in names if other.startswith(kind)}
    place = names.index(name) + 1
    return owner if len(owners) > 1 and owner != "relay" else f"{place}/{len(names)}"


def _shown(value: Callable[[View, str], str], *pages: str) -> Callable[[Look], str]:
    """Words about the counter at the cursor on some of its pages."""

    def words(look: Look) -> str:
        name, page = _here(look)
        compact = not page and name and _compact(look.view, name)
        return value(look.view, name) if name and ("compact" if compact else page) in pages else ""

    return words


def _whole(row: int, period: str, *pages: str) -> tuple[Cell, Cell]:
    """A period in a row of its own; what has no such period has no row."""

    def there(view: View, name: str) -> bool:
        return f"{name}.{period}" in view.counters

    words = _shown(lambda view, name: t(PERIODS[period]) if there(view, name) else "", *pages)
    value = _shown(lambda view, name: _value(view, name, period, 10) if there(view, name) else "", *pages)
    return Cell(row, 0, 10, words), Cell(row, 10, 11, value, right=True)


def _halves() -> Iterator[Cell]:
    """Two periods in each of three rows."""
    for place, (period, wide, words) in enumerate(COMPACT):
        row, left = 3 + place // 2, 0 if place % 2 == 0 else COLUMNS - wide

        def both(view: View, name: str, period: str = period, wide: int = wide, words: str = words) -> str:
            called = t(words)
            return called + _value(view, name, period, wide).rjust(wide - len(called))

        yield Cell(row, left, wide, _shown(both, "compact"))


def _foot(look: Look) -> str:
    """What OK does, where the page has room to say so and there is another owner."""
    name, page = _here(look)
    owners = {_rank(other) for other in counters(look.view)}
    if not look.spot.level or len(owners) < 2 or (not page and _compact(look.view, name)):
        return ""
    return t("OK next owner")


def _since(view: View, name: str) -> str:
    since = view.since.get(name)
    if since is None:
        return ""
    local = since.astimezone(view.now.wall.tzinfo)
    return "  " + t("since {date}").format(date=f"{day(local)} {local.year}")


def _rated(view: View, name: str) -> str:
    return count(view.installed.rated.get(name), 10)


def _left(view: View, name: str) -> str:
    used, rated = view.counters.get(f"{name}.total"), view.installed.rated.get(name)
    return UNKNOWN if used is None or rated is None else count(max(0, rated - used), 10)


ROWS: Final[Rows] = (
    Cell(0, 0, LABEL_WIDTH, _title),
    Cell(0, 16, 5, _index, right=True),
    *_whole(1, "total", "", "compact"),
    Cell(2, 0, COLUMNS, _shown(_since, "", "compact")),
    *_halves(),
    *_whole(3, "daily", ""),
    *_whole(4, "yesterday", ""),
    *_whole(1, "2h", "more"),
    *_whole(2, "4h", "more"),
    *_whole(3, "monthly", "more"),
    *_whole(4, "yearly", "more"),
    Cell(1, 0, 10, _shown(lambda _, __: t("Rated"), RATED)),
    Cell(1, 10, 11, _shown(_rated, RATED), right=True),
    Cell(2, 0, 10, _shown(lambda _, __: t("Left"), RATED)),
    Cell(2, 10, 11, _shown(_left, RATED), right=True),
    Cell(5, 0, COLUMNS, _foot),
)

COUNTERS_SCREEN: Final = Screen("counters", lambda view: ("",) if view.counters else (), ROWS, keys=_take)
