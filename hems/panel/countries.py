"""What is usual in a country: the first run proposes it, a person confirms or changes it.

Fuses and lines are those of a common single-family house, `imbalance_a` what the connection rules there allow
one line to be loaded more than another by charging (Germany 4.6 kVA, Austria and Switzerland 3.7 kVA).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from hems.language.words import marked
from hems.model.settings import Language

TariffKind = Literal["fixed", "static", "contact", "awattar-at", "awattar-de"]


@dataclass(frozen=True, slots=True)
class Country:
    """A country's name, its time zone, and what is usual there."""

    name: str
    time_zone: str
    lines: Literal[1, 3]
    fuse_a: int
    imbalance_a: float | None
    tariff: TariffKind


COUNTRIES: Final[Mapping[str, Country]] = {
    "de": Country(marked("Germany"), "Europe/Berlin", 3, 35, 20.0, "fixed"),
    "at": Country(marked("Austria"), "Europe/Vienna", 3, 25, 16.0, "fixed"),
    "ch": Country(marked("Switzerland"), "Europe/Zurich", 3, 25, 16.0, "static"),
    "fr": Country(marked("France"), "Europe/Paris", 1, 45, None, "static"),
    "be": Country(marked("Belgium"), "Europe/Brussels", 1, 40, None, "static"),
    "lu": Country(marked("Luxembourg"), "Europe/Luxembourg", 3, 40, None, "fixed"),
    "nl": Country(marked("Netherlands"), "Europe/Amsterdam", 3, 25, None, "fixed"),
    "dk": Country(marked("Denmark"), "Europe/Copenhagen", 3, 25, None, "fixed"),
    "gb": Country(marked("United Kingdom"), "Europe/London", 1, 80, None, "fixed"),
    "ie": Country(marked("Ireland"), "Europe/Dublin", 1, 63, None, "fixed"),
}

SPEAKING: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": ("gb", "ie"),
    "de": ("de", "at", "ch", "lu"),
    "fr": ("fr", "be", "ch", "lu"),
}
"""Where a language is spoken, the likeliest first."""


def likely(language: Language) -> tuple[str, ...]:
    """All countries, those of a language first."""
    first = SPEAKING[language]
    return (*first, *(code for code in COUNTRIES if code not in first))
