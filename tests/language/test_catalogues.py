"""PNL-80: every word is translated, the compiled catalogues are those of the sources, and no gap is lost."""

from string import Formatter

import pytest

from tests.language.catalogues import (
    FOLDER,
    TRANSLATED,
    Words,
    compiled,
    missing,
    read,
    said,
    source,
    updated,
)

WORDS = said()


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_is_missing(language: str) -> None:
    """A missing translation would show English; ``just words`` names it."""
    catalogue = updated(read(language), language, WORDS)
    assert missing(catalogue) == []
    assert source(catalogue) == (FOLDER / f"{language}.po").read_bytes(), "run: just words"


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_is_read_is_what_was_written(language: str) -> None:
    """Compiled anew it is the same, byte for byte."""
    assert compiled(read(language)) == (FOLDER / f"{language}.mo").read_bytes()


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_gaps_of_its_words(language: str) -> None:
    """With their formats: another figure could not be filled in, or would be too long."""
    for message in read(language):
        if isinstance(message.id, str) and message.id and message.string:
            assert _gaps(str(message.string)) == _gaps(message.id), message.id


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize(
    "words", ["Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", "Mon Tue Wed Thu Fri Sat Sun"]
)
def test_lists_are_as_long_as_theirs(language: str, words: str) -> None:
    messages = {str(message.id): str(message.string) for message in read(language)}
    assert len(messages[words].split()) == len(words.split())
    assert len(messages["MTWTFSS"]) == 7


def test_words_are_found_wherever_they_stand() -> None:
    """In a table of the nouns, in a row of a screen, in a call, under a name, in either branch."""
    assert {
        Words("no car", "reason"),
        Words("Grid meter silent", "alarm"),
        Words("Memory"),
        Words("Current limit"),
        Words("FREE", "word"),
        Words("{name} has nothing that switches its lines", "refusal"),
        Words("needs mode + target"),
    } <= WORDS


def _gaps(template: str) -> list[tuple[str, str | None]]:
    return sorted((name, form) for _, name, form, _ in Formatter().parse(template) if name is not None)
