"""What a screen is made of: texts in cells of a grid of 21 x 6."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hems.model.instant import Instant
from hems.model.view import View
from hems.panel.face import Type

COLUMNS: Final = 21
ROWS: Final = 6


@dataclass(frozen=True, slots=True)
class Text:
    """A text at a cell, in `width` columns.

    Figures stand on `row` and reach two rows up, words and numbers one.
    `inverse` is a bar and stands only where a key is expected.
    """

    row: int
    column: int
    width: int
    text: str
    type: Type = Type.TEXT
    right: bool = False
    inverse: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Everything one picture shows; `name` tells screens apart."""

    name: str
    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """What a cell's value may look at: the view, the moment, and whose screen it is.

    `source` is the power that home shows large.
    """

    view: View
    now: Instant
    subject: str = ""
    source: str = "grid"


@dataclass(frozen=True, slots=True)
class Cell:
    """A row of data: where a value stands and how it is read from the view."""

    row: int
    column: int
    width: int
    value: Callable[[Look], str]
    type: Type = Type.TEXT
    right: bool = False

    def at(self, look: Look) -> Text:
        """The text it shows now."""
        return Text(self.row, self.column, self.width, self.value(look), self.type, self.right)


def label(row: int, words: str, column: int = 0) -> Cell:
    """Words that never change."""
    return Cell(row, column, len(words), lambda _: words)


def line(row: int, words: str, value: Callable[[Look], str]) -> tuple[Cell, Cell]:
    """Words at the left, a value at the right of the whole row."""
    return label(row, words), Cell(row, len(words) + 1, COLUMNS - len(words) - 1, value, right=True)
