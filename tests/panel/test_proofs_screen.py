"""What nobody has proven is shown to a person (PNL-66)."""

from dataclasses import replace

import pytest

from hems.language.words import speaking
from hems.model.settings import LANGUAGES, Language, Proofs
from hems.model.view import View
from hems.panel.layout import Look
from hems.panel.proofs_screen import PROOFS_SCREEN
from hems.panel.screen import Place, screen_page
from hems.panel.screens import places
from tests.panel.test_pages import assert_fits
from tests.panel.views import HOUSE

LACKING = ("meter.L1", "meter.L2", "relay.garage", "car.a-charger-of-a-long-name", "something.else")


def lacking(*what: str) -> View:
    return replace(HOUSE, settings=replace(HOUSE.settings, proofs=Proofs(what)))


def shown(view: View) -> list[str]:
    page = screen_page(Place(PROOFS_SCREEN, ""), Look(view, view.now, ""))
    assert_fits(page)
    return [text.text for text in page.texts if text.text]


def test_it_is_there_while_something_is_not_proven() -> None:
    assert "proofs" not in {place.name for place in places(HOUSE)}
    assert "proofs" in {place.name for place in places(lacking("meter.L2"))}
    assert shown(lacking("meter.L2", "relay.garage")) == ["Not proven", "grid meter L2", "relay garage"]


def test_more_than_fit_are_counted() -> None:
    assert len(shown(lacking(*LACKING))) == 6
    assert shown(lacking(*LACKING, "meter.L3"))[-1] == "and 2 more"


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_fits(language: Language) -> None:
    with speaking(language):
        assert len(shown(lacking(*LACKING))) == 6
