"""What a kilowatt-hour costs when, as far as somebody told us: day-ahead prices, or a file of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

SLOTTED: Final = ("awattar-at", "awattar-de", "file", "optimizer")
"""Tariff providers whose prices come in slots from outside."""

FILE_NAME: Final = "prices.json"
"""The file in the data folder through which prices arrive."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A span of time with one price in EUR/kWh, without charges and tax, or with the tariff period it is in.

    `start` and `end` are aware; `end` is the first instant after it. An empty `period` says nothing.
    """

    start: datetime
    end: datetime
    eur_kwh: float | None = None
    period: str = ""


@dataclass(frozen=True, slots=True)
class Prices:
    """Slots in order, in UTC, none overlapping another, and who told them."""

    provider: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Rated:
    """A slot of the tariff in force in UTC, with what is paid for a kWh, and how cheap it is.

    `weighting` is 1 for the cheapest of its local day and 0 for the dearest; both are ``None`` where only
    periods are known. `cheap`: it lies in a period in which a charger that waits for off-peak charges.
    """

    start: datetime
    end: datetime
    eur_kwh: float | None = None
    weighting: float | None = None
    period: str = ""
    cheap: bool = False


@dataclass(frozen=True, slots=True)
class Outlook:
    """What electricity costs when, by the tariff in force ("" = none), as far as anybody knows.

    `known_until` is the end of told prices, ``None`` without any.
    """

    provider: str = ""
    slots: tuple[Rated, ...] = ()
    known_until: datetime | None = None
