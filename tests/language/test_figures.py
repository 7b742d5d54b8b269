"""PNL-82, 83: figures, times and dates as each language writes them."""

from datetime import UTC, datetime

import pytest

from hems.language.words import c, digits, speaking
from hems.model.instant import Instant
from hems.model.settings import LANGUAGES, Language
from hems.panel.format import age, ampere, count, current, date, day, energy, power, time_of_day
from hems.panel.moments import when
from tests.language.catalogues import TRANSLATED


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["1.24 kW", "999 W", "1,235 kW", "8.42 kWh", "1,235 MWh", "-3.1 A", "7.4", "0.4 s", "3 d"]),
        ("de", ["1,24 kW", "999 W", "1.235 kW", "8,42 kWh", "1.235 MWh", "-3,1 A", "7,4", "0,4 s", "3 d"]),
        ("fr", ["1,24 kW", "999 W", "1 235 kW", "8,42 kWh", "1 235 MWh", "-3,1 A", "7,4", "0,4 s", "3 j"]),
    ],
)
def test_figures(language: Language, texts: list[str]) -> None:
    """Decimal comma and thousands; the unit is the same everywhere."""
    with speaking(language):
        assert [
            power(1_240.0),
            power(999.4),
            power(1_234_500.0),
            energy(8_420.0),
            energy(1_234_500_000.0),
            current(-3.14),
            ampere(7.4, 1),
            age(0.42),
            age(3 * 86_400.0),
        ] == texts


@pytest.mark.parametrize(("language", "text"), [("en", "12,345"), ("de", "12.345"), ("fr", "12 345")])
def test_counters(language: Language, text: str) -> None:
    """Thousands where they have room, then without them, then in k."""
    with speaking(language):
        assert (count(12_345, 6), count(12_345, 5), count(12_345, 4)) == (text, "12345", "12k")


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["12 Mar", "Fri 07:00", "clock? --:--", "clock?"]),
        ("de", ["12. Mär", "Fr 07:00", "Uhr? --:--", "Uhr?"]),
        ("fr", ["12 mars", "ven 07:00", "heure? --:--", "heure?"]),
    ],
)
def test_dates(language: Language, texts: list[str]) -> None:
    """PNL-83: the clock has 24 hours; one that is not to be trusted says so."""
    now = Instant(0.0, datetime(2026, 3, 12, 14, 32, tzinfo=UTC))
    unknown = Instant(0.0, now.wall, trusted=False)
    friday = datetime(2026, 3, 13, 7, 0, tzinfo=UTC).replace(day=20)
    with speaking(language):
        assert [date(now), when(friday, now), time_of_day(unknown), date(unknown)] == texts
        assert time_of_day(now) == "14:32"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_date_is_longer_than_seven_characters(language: Language) -> None:
    """A title has so much room for it."""
    with speaking(language):
        assert max(len(day(datetime(2026, month, 28, tzinfo=UTC))) for month in range(1, 13)) <= 7


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_two_state_words_are_alike(language: Language) -> None:
    """PNL-44: exactly these, of at most six letters."""
    expected = {
        "de": "FREI WARTET LÄDT PAUSE VOLL FEHLER",
        "fr": "LIBRE ATTEND CHARGE PAUSE PLEIN DÉFAUT",
    }[language].split()
    with speaking(language):
        found = [c("word", word) for word in ["FREE", "WAIT", "CHARGE", "PAUSE", "FULL", "FAULT"]]
    assert found == expected
    assert len(set(found)) == len(found)
    assert max(map(len, found)) <= 6


def test_what_has_no_mark_stays() -> None:
    for language in LANGUAGES:
        with speaking(language):
            assert digits("42") == "42"
