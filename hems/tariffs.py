"""The tariff of an installation: its table → the rules of it, and both in words."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Final, get_args

from hems.core.prices import EUR_KWH_MAX
from hems.core.tariff import (
    UEUR_PER_EUR,
    WEEK,
    TariffRules,
    Window,
    YearDay,
    contradiction,
    paid_ueur_kwh,
    period_at,
)
from hems.errors import ConfigError, HemsError
from hems.model.prices import FILE_NAME, SLOTTED
from hems.model.site import Config, Day, Tariff, TariffWindow
from hems.price_file import FILE, read

CLOCK: Final = re.compile(r"(([01]\d|2[0-3]):[0-5]\d)|24:00", re.ASCII)
NAME: Final = re.compile(r"[a-z0-9_-]{1,16}", re.ASCII)
YEAR_DAY: Final = re.compile(r"\d\d-\d\d", re.ASCII)
DAY_MIN: Final = 24 * 60
DAY_NAMES: Final[tuple[Day, ...]] = get_args(Day)
LEAP_YEAR: Final = "2028"
PERIODS_MAX: Final = 8
RESERVED: Final = ("all", "unattributed", "unknown")
"""Parts that counters have anyway."""

OTHERWISE: Final = {"static": "peak", "contact": "peak", "file": None}
"""The usual name of the time outside all windows; where a tariff is all one it is the standard."""

FETCHED: Final = ("awattar-at", "awattar-de")
"""Providers that `hems prices` asks."""

STANDARD: Final = "standard"
CLOSED: Final = "off_peak"

ONLY_WITH: Final[Mapping[str, tuple[str, ...]]] = {
    "window": ("static", *SLOTTED),
    "contact": ("contact",),
    "closed": ("contact",),
    "file": ("file",),
    "eur_kwh": ("static", "contact", "fixed", "file"),
}
"""Keys that not every provider has a use for."""


def tariff_rules(config: Config) -> TariffRules | None:
    """The rules of an installation's tariff; ``None`` without one, a `ConfigError` if it cannot be meant."""
    tariff = config.tariff
    if tariff is None:
        return None
    for complaint in _keys(tariff, config):
        raise ConfigError(f"tariff{complaint}")
    rules = TariffRules(
        provider=tariff.provider,
        otherwise=tariff.otherwise or OTHERWISE.get(tariff.provider, STANDARD),
        windows=tuple(_window(f"tariff.window[{i}]", window) for i, window in enumerate(tariff.windows)),
        contact=tariff.contact,
        closed=(tariff.closed or CLOSED) if tariff.contact else "",
        eur_kwh=tariff.eur_kwh,
        charges_eur_kwh=tariff.charges_eur_kwh,
        tax_pct=tariff.tax_pct,
        cheap=tariff.cheap,
    )
    for complaint in (*_periods(rules), *_cheap(rules)):
        raise ConfigError(f"tariff{complaint}")
    return rules


def named_file(config: Config) -> Path | None:
    """The file that somebody else writes prices to, if the installation names one."""
    return Path(config.tariff.file) if config.tariff is not None and config.tariff.file else None


def price_source(config: Config, data: Path, provider: str) -> Path | None:
    """The file through which a provider's prices arrive, if it has any; `data` is the book's folder."""
    if provider not in SLOTTED:
        return None
    return named_file(config) if provider == FILE and named_file(config) else data / FILE_NAME


def tariff_words(config: Config, wall: datetime) -> Iterator[str]:
    """A tariff line by line: its periods with what is paid, its windows, what comes next today, its file.

    A `HemsError` if the file that it names holds prices that cannot be believed.
    """
    rules = tariff_rules(config)
    if rules is None:
        return
    periods = ", ".join(_priced(rules, name) for name in rules.periods)
    yield _line(rules.provider, periods or "no period has a name", "tariff")
    if rules.contact:
        yield _line(rules.closed, f"while the contact {rules.contact} is closed")
    for window in rules.windows:
        yield _line(window.period, f"{_span(window)} {_days(window)}")
    if cheap := [name for name in rules.cheap if name in rules.periods]:
        yield _line("cheap", f"{', '.join(cheap)}: a car that waits for off-peak charges then")
    elif len(rules.periods) > 1:
        yield _line(
            "cheap", f"no period; name one, as cheap = [{rules.periods[-1]!r}], for cars that wait for it"
        )
    if config.tariff and config.tariff.provider in FETCHED:
        yield _line("prices", "come by hems prices, which a timer has to start every five minutes")
    if rules.windows:
        yield _line("now", f"{period_at(rules, wall) or 'no period'}, {_next(rules, wall)}")
    if config.tariff and config.tariff.file:
        yield _line("file", _held(Path(config.tariff.file), rules))


def _line(name: str, words: str, what: str = "") -> str:
    return f"{what:8} {name:10} {words}"


def _held(path: Path, rules: TariffRules) -> str:
    try:
        path.stat()
    except FileNotFoundError:
        return f"{path.absolute()} is not there yet"
    except (OSError, ValueError):
        raise HemsError(f"tariff.file: {str(path)[:60]!r} cannot be a file; name another") from None
    slots = read(path, rules).slots
    return f"{len(slots)} slots until {slots[-1].end.isoformat(' ', 'minutes')}"


def _keys(tariff: Tariff, config: Config) -> Iterator[str]:
    given = {
        "window": tariff.windows,
        "contact": tariff.contact,
        "closed": tariff.closed,
        "file": tariff.file,
        "eur_kwh": tariff.eur_kwh,
    }
    for key, providers in ONLY_WITH.items():
        if given[key] and tariff.provider not in providers:
            yield f".{key}: not used by {tariff.provider!r}; remove it, or choose {' or '.join(providers)}"
    if tariff.provider == "static" and not tariff.windows:
        yield ".window: 'static' needs at least one window; add one, or choose fixed"
    if tariff.provider == "fixed" and len(tariff.eur_kwh) != 1:
        name = tariff.otherwise or STANDARD
        yield f".eur_kwh: 'fixed' has one price; write eur_kwh = {{ {name} = 0.30 }}"
    if tariff.provider == "contact":
        names = [contact.name for contact in config.contacts]
        if tariff.contact not in names:
            known = ", ".join(names) or "none"
            yield f".contact: no contact is named {tariff.contact!r}; known are {known}"


def _periods(rules: TariffRules) -> Iterator[str]:
    known = tuple(
        dict.fromkeys((*(window.period for window in rules.windows), rules.closed, rules.otherwise or ""))
    )
    for key, prices in (("eur_kwh", rules.eur_kwh), ("charges_eur_kwh", rules.charges_eur_kwh)):
        for name, eur_kwh in prices.items():
            if not NAME.fullmatch(name):
                yield f".{key}: {name!r} is not a usable name; use 1 to 16 of a-z, 0-9, _ and -"
            if not abs(eur_kwh) <= EUR_KWH_MAX:
                yield f".{key}.{name}: {eur_kwh:g} EUR/kWh is not believable; use -5 to 5"
            if rules.provider != "file" and name not in known:
                names = ", ".join(other for other in known if other)
                yield f".{key}.{name}: no period is named so; known are {names}"
    for name in rules.periods:
        if name in RESERVED:
            yield f": a period may not be named {name!r}, which counters use; choose another name"
    if len(rules.periods) > PERIODS_MAX:
        yield f": {len(rules.periods)} periods; counters keep at most {PERIODS_MAX}"
    if clash := contradiction(rules.windows):
        one, two = (f"{window.period!r} {_span(window)}" for window in clash)
        indexes = " and ".join(f"window[{rules.windows.index(window)}]" for window in clash)
        yield f".{indexes}: {one} and {two} are in force together on some day; let them not overlap"


def _cheap(rules: TariffRules) -> Iterator[str]:
    """Cheap periods exist; the usual one may be named where no period is."""
    for name in rules.cheap:
        if name not in (*rules.periods, CLOSED):
            known = ", ".join(rules.periods) or "none"
            yield f".cheap: no period is named {name!r}; known are {known}"


def _window(path: str, window: TariffWindow) -> Window:
    begins_min, ends_min = _minute(f"{path}.from", window.begins), _minute(f"{path}.to", window.ends)
    if begins_min in (ends_min, DAY_MIN):
        raise ConfigError(
            f"{path}: {window.begins} to {window.ends} is no span; a whole day is 00:00 to 24:00"
        )
    season = None
    if window.season is not None:
        season = (
            _year_day(f"{path}.season[0]", window.season[0]),
            _year_day(f"{path}.season[1]", window.season[1]),
        )
    days = frozenset(DAY_NAMES.index(day) for day in window.days)
    return Window(window.period, begins_min, ends_min, days, season)


def _minute(path: str, text: str) -> int:
    if not CLOCK.fullmatch(text):
        raise ConfigError(f"{path}: {text!r} is no time of day; write it as '06:30', up to '24:00'")
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _year_day(path: str, text: str) -> YearDay:
    try:
        day = date.fromisoformat(f"{LEAP_YEAR}-{text if YEAR_DAY.fullmatch(text) else ''}")
    except ValueError:
        raise ConfigError(f"{path}: {text!r} is no date; write month and day as '11-01'") from None
    return YearDay(day.month, day.day)


def _priced(rules: TariffRules, name: str) -> str:
    if name in rules.eur_kwh:
        return f"{name} {paid_ueur_kwh(rules, name, rules.eur_kwh[name]) / UEUR_PER_EUR:.4f} EUR/kWh"
    if rules.provider not in SLOTTED:
        return f"{name} without a price"
    charges_eur_kwh = rules.charges_eur_kwh.get(name, 0.0)
    return f"{name} (price of the time + {charges_eur_kwh:.4f} EUR/kWh) + {rules.tax_pct:g} % tax"


def _span(window: Window) -> str:
    return f"{_face(window.begins_min)}-{_face(window.ends_min)}"


def _face(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _days(window: Window) -> str:
    days = "every day" if window.days == WEEK else " ".join(DAY_NAMES[day] for day in sorted(window.days))
    if window.season is None:
        return days
    first, last = (f"{one.month:02d}-{one.day:02d}" for one in window.season)
    return f"{days} from {first} to {last}"


def _next(rules: TariffRules, wall: datetime) -> str:
    """When the period changes next before midnight, by the face of the clock."""
    present, this_minute = period_at(rules, wall), wall.hour * 60 + wall.minute
    borders = {
        border % DAY_MIN for window in rules.windows for border in (window.begins_min, window.ends_min)
    }
    for border in sorted(border for border in borders if border > this_minute):
        period = period_at(rules, wall.replace(hour=border // 60, minute=border % 60))
        if period != present:
            return f"from {_face(border)} {period or 'no period'}"
    return "no change before midnight"
