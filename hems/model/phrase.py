"""Words with gaps: an English template and what fills it, so that the same can be said in other languages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import Final, TypeAlias

Gap: TypeAlias = "float | int | str | Phrase | None"
"""What may fill a gap; ``None`` is said as it is."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence or a part of one; a gap may hold another phrase. Without figures it is taken as it is."""

    template: str
    figures: Mapping[str, Gap] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """It in English."""
        return ENGLISH.say(self)


class Speaker(Formatter):
    """Fills the gaps of phrases, in English; other languages replace `words` and `number`."""

    def words(self, template: str) -> str:
        """The template in this language."""
        return template

    def number(self, digits: str) -> str:
        """A number as this language writes it."""
        return digits

    def say(self, phrase: Phrase) -> str:
        """The whole phrase."""
        template = self.words(phrase.template)
        return self.vformat(template, (), phrase.figures) if phrase.figures else template

    def format_field(self, value: object, format_spec: str) -> str:
        """What stands in a gap; a number without a format is as short as it can be."""
        if isinstance(value, Phrase):
            return self.say(value)
        if isinstance(value, int | float):
            shortest = ".10g" if isinstance(value, float) else ""
            return self.number(format(value, format_spec or shortest))
        return format(value, format_spec)


ENGLISH: Final = Speaker()
