"""What a screen is made of: texts in cells of a grid of 21 x 6."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hems.language.words import t
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
class Gauge:
    """A bar in a frame over `width` cells of a row: how full it is (0..1), ``None`` = nobody knows."""

    row: int
    column: int
    width: int
    share: float | None


@dataclass(frozen=True, slots=True)
class Strokes:
    """Upright strokes in pixels of the field of 126 x 62: column, first and last row."""

    lines: tuple[tuple[int, int, int], ...]


Shape = Gauge | Strokes


@dataclass(frozen=True, slots=True)
class Page:
    """Everything one picture shows; `name` tells screens apart."""

    name: str
    texts: tuple[Text, ...]
    shapes: tuple[Shape, ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a person is on a screen: how deep inside (0 = just looking), and at what of it, by name.

    A cursor that names nothing there stands at the first.
    """

    level: int = 0
    cursor: str = ""


LOOKING: Final = Spot()


@dataclass(frozen=True, slots=True)
class Look:
    """What a cell's value may look at: the view, the moment, whose screen it is, and the spot on it."""

    view: View
    now: Instant
    subject: str = ""
    spot: Spot = LOOKING


@dataclass(frozen=True, slots=True)
class Cell:
    """A row of data: where a value stands and how it is read from the view."""

    row: int
    column: int
    width: int
    value: Callable[[Look], str]
    type: Type = Type.TEXT
    right: bool = False
    inverse: bool = False

    def at(self, look: Look) -> Text:
        """The text it shows now; a bar without words is none."""
        words = self.value(look)
        inverse = self.inverse and bool(words)
        return Text(self.row, self.column, self.width, words, self.type, self.right, inverse)


@dataclass(frozen=True, slots=True)
class Bars:
    """A row of data: a bar that is so full."""

    row: int
    column: int
    width: int
    value: Callable[[Look], float | None]

    def at(self, look: Look) -> Gauge:
        """How full it is now."""
        return Gauge(self.row, self.column, self.width, self.value(look))


@dataclass(frozen=True, slots=True)
class Chart:
    """A row of data: a chart that is worked out from the view."""

    value: Callable[[Look], Strokes]

    def at(self, look: Look) -> Strokes:
        """What it shows now."""
        return self.value(look)


def label(row: int, words: str, column: int = 0) -> Cell:
    """Words that change with the language only; translations have the room that the row leaves them."""
    return Cell(row, column, COLUMNS - column, lambda _: t(words))


def line(row: int, words: str, value: Callable[[Look], str]) -> tuple[Cell, Cell]:
    """Words at the left, a value at the right of the whole row."""
    return label(row, words), Cell(row, 0, COLUMNS, value, right=True)
