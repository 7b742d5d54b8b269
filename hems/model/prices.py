"""What a kilowatt-hour costs when, as far as somebody told us: day-ahead prices, or a file of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

SLOTTED: Final = ("awattar-at", "awattar-de", "file")
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
