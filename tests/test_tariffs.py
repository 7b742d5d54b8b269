"""The tariff's table: what is accepted, in words, and the one sentence that everything else gets."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hems.assembly import fitting
from hems.config import parse
from hems.controlled import control_rules
from hems.core.tariff import TariffRules, Window, YearDay, at
from hems.counted import counting_rules
from hems.errors import ConfigError, HemsError
from hems.model.instant import Instant
from hems.model.site import Config
from hems.tariffs import price_source, tariff_rules, tariff_words
from tests.test_config import SMALL

NOON = datetime(2026, 11, 21, 12, tzinfo=ZoneInfo("Europe/Paris"))
FRENCH = """
[tariff]
provider = "static"
eur_kwh = { peak = 0.2700, off_peak = 0.2068 }
[[tariff.window]]
period = "off_peak"
from = "01:34"
to = "07:34"
[[tariff.window]]
period = "off_peak"
from = "22:00"
to = "06:00"
days = ["sun", "sat"]
season = ["11-01", "02-29"]
"""


def house(text: str) -> Config:
    return parse((SMALL + text).encode())


def rules(text: str) -> TariffRules:
    found = tariff_rules(house(text))
    assert found is not None
    return found


def test_a_table_becomes_the_rules() -> None:
    assert rules(FRENCH) == TariffRules(
        "static",
        "peak",
        (
            Window("off_peak", 94, 454),
            Window("off_peak", 1320, 360, frozenset({5, 6}), (YearDay(11, 1), YearDay(2, 29))),
        ),
        eur_kwh={"peak": 0.27, "off_peak": 0.2068},
    )


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        (FRENCH, ("peak", "off_peak")),
        ('[tariff]\nprovider = "fixed"\neur_kwh = { standard = 0.31 }', ("standard",)),
        ('[tariff]\nprovider = "fixed"\notherwise = "flat"\neur_kwh = { flat = 0.31 }', ("flat",)),
        ('[tariff]\nprovider = "awattar-at"', ("standard",)),
        ('[tariff]\nprovider = "file"', ()),
        ('[tariff]\nprovider = "file"\neur_kwh = { blue = 0.1, red = 0.7 }', ("blue", "red")),
        (
            '[tariff]\nprovider = "contact"\ncontact = "hc"\n[[contact]]\nname = "hc"\npin = 22',
            ("peak", "off_peak"),
        ),
        ("", ()),
    ],
)
def test_the_periods_become_counters(text: str, periods: tuple[str, ...]) -> None:
    """CNT-71."""
    assert counting_rules(house(text)).tariffs == periods


def test_without_a_table_there_is_no_tariff() -> None:
    assert tariff_rules(house("")) is None
    assert list(tariff_words(house(""), NOON)) == []
    assert control_rules(house("")).tariff is None


def test_a_contact_of_the_meter() -> None:
    text = (
        '[tariff]\nprovider = "contact"\ncontact = "hc"\nclosed = "night"\n[[contact]]\nname = "hc"\npin = 22'
    )
    assert at(rules(text), None, {"hc": True}, Instant(0.0, NOON, False))[0] == "night"
    assert list(tariff_words(house(text), NOON)) == [
        "tariff   contact    peak without a price, night without a price",
        "         night      while the contact hc is closed",
        "         cheap      no period; name one, as cheap = ['night'], for cars that wait for it",
    ]
    cheap = text.replace('closed = "night"', 'cheap = ["night"]\nclosed = "night"')
    assert "         cheap      night: a car that waits for off-peak charges then" in tariff_words(
        house(cheap), NOON
    )


@pytest.mark.parametrize(
    ("wall", "now"),
    [
        (NOON, "peak, from 22:00 off_peak"),
        (NOON.replace(hour=1, minute=34), "off_peak, from 07:34 peak"),
        (NOON.replace(hour=23), "off_peak, no change before midnight"),
    ],
)
def test_a_static_tariff_in_words(wall: datetime, now: str) -> None:
    assert list(tariff_words(house(FRENCH), wall)) == [
        "tariff   static     peak 0.2700 EUR/kWh, off_peak 0.2068 EUR/kWh",
        "         off_peak   01:34-07:34 every day",
        "         off_peak   22:00-06:00 sat sun from 11-01 to 02-29",
        "         cheap      off_peak: a car that waits for off-peak charges then",
        f"         now        {now}",
    ]


def test_prices_with_charges_and_tax_in_words() -> None:
    spot = '[tariff]\nprovider = "awattar-de"\ncharges_eur_kwh = { standard = 0.11 }\ntax_pct = 19'
    assert list(tariff_words(house(spot), NOON)) == [
        "tariff   awattar-de standard (price of the time + 0.1100 EUR/kWh) + 19 % tax",
        "         prices     come by hems prices, which a timer has to start every five minutes",
    ]
    fixed = '[tariff]\nprovider = "fixed"\neur_kwh = { standard = 0.2 }\ntax_pct = 20'
    assert list(tariff_words(house(fixed), NOON)) == ["tariff   fixed      standard 0.2400 EUR/kWh"]


def test_time_without_a_name_in_words() -> None:
    window = '[[tariff.window]]\nperiod = "night"\nfrom = "00:00"\nto = "05:00"'
    lines = list(tariff_words(house(f'[tariff]\nprovider = "file"\n{window}'), NOON))
    assert lines[-1] == "         now        no period, no change before midnight"
    assert list(tariff_words(house('[tariff]\nprovider = "file"'), NOON)) == [
        "tariff   file       no period has a name"
    ]


def test_a_file_of_prices_is_judged_where_it_is(tmp_path: Path) -> None:
    """A bad file is refused by the check, with its place; the service starts without it."""
    path = tmp_path / "prices.csv"
    text = f'[tariff]\nprovider = "file"\nfile = "{path}"'
    assert list(tariff_words(house(text), NOON))[-1] == f"         file       {path} is not there yet"
    path.write_text("start,end,price_eur_kwh\n2026-11-21T00:00:00Z,2026-11-22T00:00:00Z,0.2\n")
    assert list(tariff_words(house(text), NOON))[-1] == (
        "         file       1 slots until 2026-11-22 00:00+00:00"
    )
    path.write_text(path.read_text() + "2026-11-22T01:00:00Z,2026-11-22T02:00:00Z,0.2\n")
    with pytest.raises(HemsError, match=r"slot 2 begins at 2026-11-22T01:00.00:00, and nothing is told"):
        list(tariff_words(house(text), NOON))
    assert fitting(house(text)).tariff is not None


@pytest.mark.parametrize("name", ["x" * 300, "a\\u0000b"])
def test_a_name_that_no_file_can_have_is_a_mistake(name: str) -> None:
    with pytest.raises(HemsError, match=r"^tariff\.file: '.*' cannot be a file; name another$"):
        list(tariff_words(house(f'[tariff]\nprovider = "file"\nfile = "{name}"'), NOON))


def test_where_prices_come_from() -> None:
    data = Path("/data")
    kept, named = Path("/data/prices.json"), Path("/srv/tempo.csv")
    assert price_source(house(FRENCH), data, "static") is None
    assert price_source(house(""), data, "") is None
    spot = house('[tariff]\nprovider = "awattar-at"')
    assert price_source(spot, data, "awattar-at") == price_source(spot, data, "file") == kept
    tempo = house('[tariff]\nprovider = "file"\nfile = "/srv/tempo.csv"')
    assert price_source(tempo, data, "file") == named
    assert price_source(tempo, data, "awattar-at") == kept, "a file that somebody else writes is not touched"


CONTACT = '[tariff]\nprovider = "contact"\ncontact = "hc"'
WINDOW = '[[tariff.window]]\nperiod = "night"\nfrom = "00:00"\nto = "05:00"'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            '[tariff]\nprovider = "tibber"',
            "tariff.provider: 'tibber' is not known; use one of 'awattar-at', ",
        ),
        ('[tariff]\nprovider = "awattar-at"\ntax_pct = -1', "tariff.tax_pct: out of range; "),
        (
            '[tariff]\nprovider = "fixed"\neur_kwh = { standard = nan }',
            "tariff.eur_kwh.standard: nan EUR/kWh is not believable; use -5 to 5",
        ),
        (
            '[tariff]\nprovider = "awattar-at"\ncharges_eur_kwh = { standard = 6 }',
            "tariff.charges_eur_kwh.standard: 6 EUR/kWh is not believable",
        ),
        (
            '[tariff]\nprovider = "file"\neur_kwh = { Tag = 0.1 }',
            "tariff.eur_kwh: 'Tag' is not a usable name; use 1 to 16 of a-z",
        ),
        (
            '[tariff]\nprovider = "fixed"',
            "tariff.eur_kwh: 'fixed' has one price; write eur_kwh = { standard = ",
        ),
        ('[tariff]\nprovider = "static"', "tariff.window: 'static' needs at least one window; add one, or"),
        (
            FRENCH.replace('"07:34"', '"7:34"'),
            "tariff.window[0].to: '7:34' is no time of day; write it as '06:3",
        ),
        (FRENCH.replace('"07:34"', '"24:01"'), "tariff.window[0].to: '24:01' is no time of day"),
        (
            FRENCH.replace('"07:34"', '"01:34"'),
            "tariff.window[0]: 01:34 to 01:34 is no span; a whole day is ",
        ),
        (
            FRENCH.replace('"01:34"', '"24:00"'),
            "tariff.window[0]: 24:00 to 07:34 is no span; a whole day is ",
        ),
        (
            FRENCH.replace('"02-29"', '"02-30"'),
            "tariff.window[1].season[1]: '02-30' is no date; write month ",
        ),
        (FRENCH.replace('"11-01"', '"W01-1"'), "tariff.window[1].season[0]: 'W01-1' is no date"),
        (FRENCH.replace('"sun"', '"sunday"'), "tariff.window[1].days[0]: 'sunday' is not known; use one of "),
        (
            FRENCH.replace("peak =", "paek =", 1),
            "tariff.eur_kwh.paek: no period is named so; known are off_peak, ",
        ),
        (
            FRENCH.replace('period = "off_peak"', 'period = "all"', 1).replace(
                "off_peak = 0.2068", "all = 0.1"
            ),
            "tariff: a period may not be named 'all', which counters use; choose another name",
        ),
        (
            FRENCH.replace('period = "off_peak"', 'period = "night"', 1),
            "tariff.window[0] and window[1]: 'night' 01:34-07:34 and 'off_peak'",
        ),
        (CONTACT, "tariff.contact: no contact is named 'hc'; known are none"),
        (
            CONTACT + '\n[[contact]]\nname = "dim"\npin = 22',
            "tariff.contact: no contact is named 'hc'; known are dim",
        ),
        (CONTACT + "\n" + WINDOW, "tariff.window: not used by 'contact'; remove it, or choose static "),
        (
            FRENCH.replace('"static"', '"awattar-at"'),
            "tariff.eur_kwh: not used by 'awattar-at'; remove it, or",
        ),
        (
            '[tariff]\nprovider = "fixed"\nfile = "x"',
            "tariff.file: not used by 'fixed'; remove it, or choose file",
        ),
        (
            '[tariff]\nprovider = "fixed"\nclosed = "x"',
            "tariff.closed: not used by 'fixed'; remove it, or choose cont",
        ),
        (
            '[tariff]\nprovider = "file"\neur_kwh = { a=0, b=0, c=0, d=0, e=0, f=0, g=0, h=0, i=0 }',
            "tariff: 9 periods; counters keep at most 8",
        ),
        (
            '[[contact]]\nname = "hc"\npin = 17',
            "contact[0].pin: pin 17 is also relay[0].pin; every wire needs",
        ),
        (
            '[[contact]]\nname = "hc"\npin = 2\n[[contact]]\nname = "hc"\npin = 3',
            "contact[1].name: 'hc' is also",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        fitting(house(text))
    assert str(caught.value).startswith(words)
    assert "\n" not in str(caught.value)


def test_the_price_arrives_in_a_decision_of_the_installation() -> None:
    found = control_rules(house(FRENCH)).tariff
    assert at(found, None, {}, Instant(0.0, NOON.astimezone(UTC).astimezone(NOON.tzinfo))) == (
        "peak",
        270_000,
    )


def test_cheap_periods_are_named_and_known() -> None:
    """Off-peak charging (CHARGING section 2): a name that no period has is a mistake."""
    assert rules(FRENCH).cheap == ("off_peak",)
    assert rules('[tariff]\nprovider = "file"').cheap == ("off_peak",), "the default may have nothing to name"
    blue = '[tariff]\nprovider = "file"\ncheap = ["blue"]\neur_kwh = { blue = 0.1 }'
    assert rules(blue).cheap == ("blue",)
    with pytest.raises(ConfigError, match=r"^tariff\.cheap: no period is named 'blue'; known are red$"):
        rules(blue.replace("{ blue", "{ red"))
