"""PNL-50, 80, 81: the whole panel in every language: it fits, no character or word is missing."""

from collections.abc import Iterator
from gettext import NullTranslations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.language import words
from hems.model.settings import LANGUAGES, Language
from hems.model.units import LINES
from hems.model.view import View
from hems.panel.pages import page
from tests.bench.screens import speaking
from tests.language.catalogues import TRANSLATED, said
from tests.panel.any_view import views
from tests.panel.test_pages import assert_fits, states
from tests.panel.views import HOUSE, PLANNED, extreme, nothing_known


def houses() -> Iterator[View]:
    """The fixed views: everything at its widest, and nothing known, too."""
    for view in (HOUSE, PLANNED):
        yield from (view, extreme(view), nothing_known(view))


@pytest.mark.parametrize("language", TRANSLATED)
def test_everything_fits(language: Language) -> None:
    for view in houses():
        spoken = speaking(view, language)
        for state in states(spoken):
            assert_fits(page(state, spoken, spoken.now))


@settings(max_examples=20, deadline=None)
@given(views(), st.sampled_from(TRANSLATED))
def test_everything_fits_in_any_house(view: View, language: Language) -> None:
    spoken = speaking(view, language)
    for state in states(spoken):
        assert_fits(page(state, spoken, spoken.now))


class Listening(NullTranslations):
    """Notes what is looked up."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: set[tuple[str, str]] = set()

    def gettext(self, message: str) -> str:
        """English words without context."""
        self.heard.add(("", message))
        return message

    def pgettext(self, context: str, message: str) -> str:
        """English words with their context."""
        self.heard.add((context, message))
        return message


def test_no_word_of_the_panel_is_unknown_to_the_catalogues(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said on any screen was found in the code, so that it is translated, or has no letters.

    A refusal may come from outside; those of our own are looked for by their code.
    """
    listening = Listening()
    monkeypatch.setattr(words, "catalogue", lambda _: listening)
    for view in houses():
        for state in states(view):
            page(state, view, view.now)
    known = {(one.context, one.english) for one in said()}
    said_here = {one for one in listening.heard if one[0] != "refusal" and one[1] not in LINES}
    assert not {one for one in said_here - known if any(map(str.isalpha, one[1]))}


def test_a_change_of_language_shows_with_the_next_picture() -> None:
    """PNL-80: nothing is kept from one drawing to the next."""
    shown = [
        {text.text for text in page(state, spoken, spoken.now).texts}
        for language in LANGUAGES
        for spoken in [speaking(HOUSE, language)]
        for state in states(spoken)[:1]
    ]
    assert "GRID" in shown[0]
    assert "NETZ" in shown[1]
    assert "RÉSEAU" in shown[2]
