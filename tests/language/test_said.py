"""PNL-80, 81: reasons, refusals and alarms in three languages, in the room the panel has."""

from itertools import product

import pytest

from hems.language import said
from hems.language.words import speaking
from hems.model.alarm import TEXTS, Alarm, AlarmCode
from hems.model.intents import Refusal
from hems.model.phrase import Phrase
from hems.model.settings import LANGUAGES, Language
from hems.model.why import HEAT_TEXTS, Figure, Reason, Why
from hems.panel.face import has_glyph
from hems.panel.format import wrapped

FIGURES: list[dict[str, Figure]] = [
    {"limit_a": limit_a, "line": "L2", "status": "F", "doing": doing, "seconds_left": seconds}
    for limit_a, doing, seconds in product(
        (0.0, 6, 31.96, 80.0), ("running", "locked"), (0.0, 3599.4, 359_969.0, 31_622_400.0)
    )
]
WORST: dict[str, Figure] = {"line": "L2", "current_a": 199.6, "fuse_a": 200.0, "status": "F"}


def assert_fits(text: str, rows: int = 1) -> None:
    """In so many rows of 21 characters, none of them missing."""
    assert text
    assert len(text) <= 21 or rows > 1, text
    assert not wrapped(text, 21, rows)[-1].endswith("…"), text
    assert len(wrapped(text, 21, rows + 1)) <= rows, text
    assert all(has_glyph(character) for character in text), text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", Reason)
def test_every_reason_fits(language: Language, reason: Reason) -> None:
    """PNL-81: 21 characters with any figures, and 4 x 21 at length."""
    with speaking(language):
        for figures in FIGURES:
            assert_fits(said.reason(Why(reason, figures)))
        assert_fits(said.reason(Why(reason, {**FIGURES[0], "offer_w": -1e12})))
        assert_fits(said.reason_long(Why(reason)), rows=4)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_boost_counts_down_its_energy(language: Language) -> None:
    """CHG-120, PNL-83."""
    with speaking(language):
        assert_fits(said.reason(Why(Reason.MANUAL_BOOST, {"energy_left_wh": 250_000.0})))
        point = "." if language == "en" else ","
        assert f"3{point}2 kWh" in said.reason(Why(Reason.MANUAL_BOOST, {"energy_left_wh": 3_200}))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_reasons_are_alike(language: Language) -> None:
    figures: dict[str, Figure] = {**FIGURES[-1], "limit_a": 6.0}
    with speaking(language):
        texts = [said.reason(Why(reason, figures)) for reason in Reason]
        assert len(set(texts)) == len(texts)
        lengthy = [said.reason_long(Why(reason)) for reason in Reason]
        assert len(set(lengthy)) == len(lengthy)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", AlarmCode)
def test_every_alarm_fits(language: Language, code: AlarmCode) -> None:
    """PNL-81: what it is, and what is done about it."""
    raised = Alarm(code, figures=WORST)
    with speaking(language):
        assert_fits(said.alarm(raised))
        assert_fits(said.alarm_long(raised), rows=4)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_alarms_are_alike(language: Language) -> None:
    with speaking(language):
        names = [said.alarm(Alarm(code, figures=WORST)) for code in AlarmCode]
    english = [row.short for row in TEXTS.values()]
    assert len(set(names)) == len(set(english))


def test_a_reason_in_the_words_of_each_language() -> None:
    """CHG-1: the same code and the same figures for everybody."""
    held = Why(Reason.LINE_LIMIT, {"line": "L2", "limit_a": 16.0})
    texts = {}
    for language in LANGUAGES:
        with speaking(language):
            texts[language] = said.reason(held)
    assert texts == {"en": "fuse L2 holds 16 A", "de": "Sicherung L2: 16 A", "fr": "fusible L2 : 16 A"}


def test_what_a_figure_says_is_translated_too() -> None:
    with speaking("de"):
        assert said.reason(Why(Reason.PHASE_SWITCH, {"doing": "locked"})) == "Umschaltung gesperrt"
        assert said.reason(Why(Reason.MIN_OFF, {"seconds_left": 31_622_400.0})) == "ruht noch 366 d"
    with speaking("fr"):
        assert said.countdown(31_622_400.0) == "366 j"
        assert said.countdown(2_521.0) == "42:01"


def test_a_refusal_within_a_refusal_is_said_as_a_whole() -> None:
    """PNL-62: with the decimal sign of the language."""
    missed = Phrase(
        "{least} to {most}{unit}, not {value}{unit}",
        {"least": 6.0, "most": 16.0, "value": 40.5, "unit": " A"},
    )
    refused = Refusal("bad_value", "{name} takes {range}", {"name": "garage", "range": missed})
    said_so = {}
    for language in LANGUAGES:
        with speaking(language):
            said_so[language] = said.refusal(refused)
    assert said_so == {
        "en": "garage takes 6 to 16 A, not 40.5 A",
        "de": "garage nimmt 6 bis 16 A, nicht 40,5 A",
        "fr": "garage prend 6 à 16 A, pas 40,5 A",
    }


def test_words_of_others_are_said_as_they_are() -> None:
    """What came without figures may hold anything."""
    with speaking("fr"):
        assert said.refusal(Refusal("bad_value", "line 3: {odd}")) == "line 3: {odd}"


def test_heat_pumps_have_their_own_words() -> None:
    with speaking("de"):
        for reason in HEAT_TEXTS:
            assert "{" not in said.reason(Why(reason, {"offer_w": 1_000.0, "seconds_left": 60.0}))
        assert said.reason(Why(Reason.CHARGER_LOST, {"offer_w": 0.0})) == "Wärmepumpe stumm"
