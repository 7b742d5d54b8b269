"""Which tariff is in force and what a kilowatt-hour costs now (CHG-80, CHG-81).

Windows follow the face of the local clock: a minute that comes twice is inside twice, one that is skipped is
never. What needs a calendar is not known while the wall clock cannot be trusted; a contact and a tariff that
never changes need none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import permutations
from typing import Final, NamedTuple

from hems.core.prices import EUR_KWH_MAX, slot_at
from hems.model.instant import Instant
from hems.model.prices import SLOTTED, Prices
from hems.model.settings import TariffChoice

STATIC: Final = "static"
WEEK: Final = frozenset(range(7))
UEUR_PER_EUR: Final = 1_000_000
ONE_DAY: Final = timedelta(days=1)
DATES: Final = tuple(date(2027, 1, 1) + days * ONE_DAY for days in range(365 + 366))
"""A common year and a leap year: every date there is, and every pair of neighbours."""


class YearDay(NamedTuple):
    """A date that comes back every year."""

    month: int
    day: int


@dataclass(frozen=True, slots=True)
class Window:
    """A daily span of local time in which a tariff period is in force.

    In minutes of the day; one whose end is not after its beginning goes on over midnight. `days` (0 = Monday)
    and `season` (first and last day, both inside; ``None`` = all year) are those on which it begins.
    """

    period: str
    begins_min: int
    ends_min: int
    days: frozenset[int] = WEEK
    season: tuple[YearDay, YearDay] | None = None


@dataclass(frozen=True, slots=True)
class TariffRules:
    """A tariff: its windows and their prices.

    `otherwise` is the period outside all windows, ``None`` if that has no name. A closed `contact` puts
    `closed` in force, an open one `otherwise`. `eur_kwh` are prices by period, for times without a price of
    their own. What is paid is (price + charges of the period) × (1 + tax). `cheap` are the periods in which a
    charger that waits for off-peak charges.
    """

    provider: str
    otherwise: str | None = None
    windows: tuple[Window, ...] = ()
    contact: str = ""
    closed: str = ""
    eur_kwh: Mapping[str, float] = field(default_factory=dict)
    charges_eur_kwh: Mapping[str, float] = field(default_factory=dict)
    tax_pct: float = 0.0
    cheap: tuple[str, ...] = ("off_peak",)

    @property
    def periods(self) -> tuple[str, ...]:
        """The names of all periods, each once."""
        named = (self.otherwise or "", self.closed, *(window.period for window in self.windows))
        return tuple(dict.fromkeys(name for name in (*named, *self.eur_kwh, *self.charges_eur_kwh) if name))


def providers(installed: TariffRules | None) -> tuple[str, ...]:
    """Whose prices may be chosen here; the installed tariff's own come first, windows need windows."""
    own = (installed.provider,) if installed is not None else ()
    windowed = (STATIC,) if installed is not None and installed.windows else ()
    return tuple(dict.fromkeys((*own, *windowed, *SLOTTED)))


def in_force(installed: TariffRules | None, choice: TariffChoice) -> TariffRules | None:
    """The tariff as somebody chose it: another provider's prices, but the installed periods and charges."""
    if choice.provider in ("", installed.provider if installed is not None else ""):
        return installed
    mine = installed or TariffRules(choice.provider)
    return replace(mine, provider=choice.provider, eur_kwh={})


def at(
    rules: TariffRules | None, prices: Prices | None, contacts: Mapping[str, bool | None], now: Instant
) -> tuple[str | None, int | None]:
    """The tariff period in force and what a kWh costs in micro-euro; ``None`` where it is not known."""
    if rules is None:
        return None, None
    slot = slot_at(prices.slots, now.wall) if prices is not None and now.trusted else None
    period = slot.period if slot is not None and slot.period else _period(rules, contacts, now)
    eur_kwh = rules.eur_kwh.get(period or "")
    if slot is not None and slot.eur_kwh is not None:
        eur_kwh = slot.eur_kwh if abs(slot.eur_kwh) <= EUR_KWH_MAX else None
    return period, None if eur_kwh is None else paid_ueur_kwh(rules, period, eur_kwh)


def paid_ueur_kwh(rules: TariffRules, period: str | None, eur_kwh: float) -> int:
    """What a price comes to with charges and tax, in micro-euro per kWh."""
    charges_eur_kwh = rules.charges_eur_kwh.get(period or "", 0.0)
    return round((eur_kwh + charges_eur_kwh) * (1 + rules.tax_pct / 100) * UEUR_PER_EUR)


def period_at(rules: TariffRules, wall: datetime) -> str | None:
    """The period that the windows put in force when the local clock shows `wall`."""
    minute = wall.hour * 60 + wall.minute
    for window in rules.windows:
        if any(begins_on(window, wall.date() - back * ONE_DAY) for back in _days_back(window, minute)):
            return window.period
    return rules.otherwise


def begins_on(window: Window, day: date) -> bool:
    """Whether a window begins on a day."""
    return day.weekday() in window.days and _in_season(window, day)


def contradiction(windows: Sequence[Window]) -> tuple[Window, Window] | None:
    """Two windows of different periods that are in force in the same minute of some day, if there are any."""
    for one, two in permutations(windows, 2):
        if one.period != two.period and _begins_within(one, two):
            return one, two
    return None


def _period(rules: TariffRules, contacts: Mapping[str, bool | None], now: Instant) -> str | None:
    if rules.contact:
        closed = contacts.get(rules.contact)
        return None if closed is None else rules.closed if closed else rules.otherwise
    if not rules.windows:
        return rules.otherwise
    return period_at(rules, now.wall) if now.trusted else None


def _days_back(window: Window, minute: int) -> tuple[int, ...]:
    """How many days ago a window must have begun that is in force in a minute of the day."""
    if window.begins_min < window.ends_min:
        return (0,) if window.begins_min <= minute < window.ends_min else ()
    if minute >= window.begins_min:
        return (0,)
    return (1,) if minute < window.ends_min else ()


def _in_season(window: Window, day: date) -> bool:
    if window.season is None:
        return True
    first, last = window.season
    if first <= last:
        return first <= (day.month, day.day) <= last
    return (day.month, day.day) >= first or (day.month, day.day) <= last


def _begins_within(one: Window, two: Window) -> bool:
    """Whether `one` ever begins while `two` is in force; any date may fall on any weekday."""
    return any(
        any((day - back) % 7 in two.days for day in one.days)
        and any(_in_season(one, day) and _in_season(two, day - back * ONE_DAY) for day in DATES)
        for back in _days_back(two, one.begins_min)
    )
