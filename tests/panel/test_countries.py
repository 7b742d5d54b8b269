"""What is usual in a country."""

from zoneinfo import ZoneInfo

from hems.model.settings import LANGUAGES
from hems.panel.countries import COUNTRIES, likely


def test_every_country_has_a_clock_and_a_fuse_of_an_installation() -> None:
    for country in COUNTRIES.values():
        assert ZoneInfo(country.time_zone).key == country.time_zone
        assert 10 <= country.fuse_a <= 200
        assert country.imbalance_a is None or country.lines == 3


def test_where_a_language_is_spoken_comes_first() -> None:
    """PNL-70."""
    assert [likely(language)[0] for language in LANGUAGES] == ["gb", "de", "fr"]
    for language in LANGUAGES:
        assert sorted(likely(language)) == sorted(COUNTRIES)
