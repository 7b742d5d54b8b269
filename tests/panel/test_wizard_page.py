"""The first run as pages (PNL-50, PNL-70)."""

from dataclasses import replace

import pytest

from hems.language.words import speaking
from hems.model.settings import LANGUAGES, Language
from hems.model.units import LINES, LineName
from hems.panel.draw import draw
from hems.panel.foremost import QUESTIONS
from hems.panel.layout import COLUMNS, ROWS, Page
from hems.panel.meter_check import Stage, State
from hems.panel.pin import Gate
from hems.panel.wizard import Facts, Run, Trial, present
from hems.panel.wizard_page import digit_row, wizard_page
from tests.panel.first_run_views import FRESH, INSTALLED, SEARCHED, UNDER_WAY, searched
from tests.panel.test_pages import assert_fits
from tests.panel.views import NOW

ANSWERS = {"country": "de", "dim": "in1", "tariff": "static", "turned": "yes"}
KEYS = [question.key for question in QUESTIONS]


def shown(facts: Facts) -> Page:
    return wizard_page(present(QUESTIONS, facts), facts)


@pytest.mark.parametrize("key", KEYS)
def test_every_question_is_a_page_that_fits(key: str) -> None:
    answers = {"country": "de", "dim": "in1", "tariff": "static"}
    for view in (FRESH, searched(SEARCHED), INSTALLED):
        facts = Facts(view, NOW, Run(key, answers, searched={"a": SEARCHED}), Gate(offer="4711"))
        page = shown(facts)
        for text in page.texts:
            assert 0 <= text.row < ROWS
            assert 0 <= text.column < COLUMNS
        draw(page, NOW.mono_s)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", KEYS)
def test_it_fits_in_every_language(key: str, language: Language) -> None:
    """PNL-50, PNL-80: cells and glyphs, whatever was found out, at every option."""
    found = replace(SEARCHED, found=())
    checks = (None, *(State(1.0, 1.0, Stage.FOUND, line="L2", falls=falls) for falls in (False, True)))
    trials = (None, Trial(1.0), Trial(1.0, 2.0, ("L1", "L2", "L3"), done=True))
    with speaking(language):
        for view in (FRESH, searched(SEARCHED), INSTALLED):
            for check, trial, seen in zip(checks, trials, (SEARCHED, UNDER_WAY, found), strict=True):
                run = Run(key, ANSWERS, searched={"a": seen}, meter=check, trial=trial)
                facts = Facts(view, NOW, run, Gate(offer="4711"))
                question = present(QUESTIONS, facts)
                for option in tuple(question.options(facts))[:40]:
                    draft = option if question.kind == "choice" else ""
                    assert_fits(wizard_page(question, replace(facts, run=replace(run, draft=draft))))


def test_between_digits_back_goes_to_the_one_before() -> None:
    """PNL-64: the foot says where back leads."""
    first = Facts(FRESH, NOW, Run("pin", {"country": "de"}, draft="4711"), Gate(offer="4711"))
    assert shown(first).texts[-1].text == "OK next     back back"
    second = replace(first, run=replace(first.run, at=1))
    assert shown(second).texts[-1].text == "OK next    back digit"


@pytest.mark.parametrize("line", LINES)
def test_the_line_that_is_checked_is_in_sight(line: LineName) -> None:
    """PNL-66."""
    texts = [text.text for text in shown(Facts(INSTALLED, NOW, Run(f"meter.{line}"), Gate())).texts]
    assert any(text.startswith(f"{line} ") for text in texts)


def test_title_step_options_and_keys() -> None:
    page = shown(Facts(FRESH, NOW, Run("language"), Gate()))
    assert [text.text for text in page.texts] == [
        "Language", "1/12", "English", "Deutsch", "Français", "OK next     back back",
    ]  # fmt: skip
    assert [text.text for text in page.texts if text.inverse] == ["English"]
    assert page.name == "first-run-language"


def test_the_cursor_stays_in_sight() -> None:
    for draft in ("gb", "nl", "dk", "be"):
        facts = Facts(FRESH, NOW, Run("country", draft=draft), Gate())
        assert len([text for text in shown(facts).texts if text.inverse]) == 1


def test_a_digit_at_the_cursor_stands_in_a_bar() -> None:
    assert [(text.column, text.text, text.inverse) for text in digit_row("12-34", 3)] == [
        (0, "12-", False), (3, "3", True), (4, "4", False),
    ]  # fmt: skip
    facts = Facts(FRESH, NOW, Run("pin"), Gate(offer="4711"))
    assert [text.text for text in shown(facts).texts if text.inverse] == ["4711"]
    touched = replace(facts, run=Run("pin", draft="5711", at=0))
    assert [text.text for text in shown(touched).texts if text.inverse] == ["5"]
