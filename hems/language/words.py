"""What is said to a person, in their language.

English words are the keys; what has no translation stays English. The language is set for the time of one
drawing or one answer (`speaking`), by whoever knows the person; nothing else remembers it. Catalogues are
read once, at first use.

Words of a table, which is made before anybody speaks, stand there in English as `marked` or as an argument
that is known to hold words (a screen's label, an item's title); they are said with `t` where they are shown.
``just words`` finds all of them.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from typing import Final

from hems.model.settings import Language

_SPOKEN: Final[ContextVar[Language]] = ContextVar("language", default="en")
_MARKS: Final[Mapping[Language, dict[int, int]]] = {
    "en": {},
    "de": str.maketrans(",.", ".,"),
    "fr": str.maketrans(",.", " ,"),
}


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """In here all words are of this language."""
    token = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def spoken() -> Language:
    """The language in force."""
    return _SPOKEN.get()


def t(words: str) -> str:
    """English words in the language in force."""
    return catalogue(_SPOKEN.get()).gettext(words)


def c(context: str, words: str) -> str:
    """The same where one English word stands for several things: `context` says which."""
    return catalogue(_SPOKEN.get()).pgettext(context, words)


def n(one: str, many: str, count: int) -> str:
    """The singular or the plural that goes with a number."""
    return catalogue(_SPOKEN.get()).ngettext(one, many, count)


def digits(english: str) -> str:
    """A number as it is written here: ``1,234.5``, in German ``1.234,5``, in French ``1 234,5`` (PNL-83)."""
    return english.translate(_MARKS[_SPOKEN.get()])


def marked(words: str) -> str:
    """English words of a table, as they are: `t` says them where they are shown."""
    return words


@cache
def catalogue(language: Language) -> NullTranslations:
    """All words of one language; English needs none."""
    file = files("hems.language").joinpath(f"{language}.mo")
    if language == "en" or not file.is_file():
        return NullTranslations()
    with file.open("rb") as compiled:
        return GNUTranslations(compiled)
