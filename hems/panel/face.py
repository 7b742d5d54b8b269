"""The three types: text, the same doubled, and figures; every glyph is made once, at first use.

Text is the 5 x 7 face that comes with the display's library, in cells of 6 x 10: rows 0 and 1 hold accents,
rows 1 to 7 the letter, rows 8 and 9 what hangs below the line. Letters that the face squeezes, and characters
it lacks, are drawn here; accented letters are composed. Figures come from the picture library's own typeface;
without it they are the text tripled, or plain.
"""

import unicodedata
from enum import StrEnum
from functools import cache, lru_cache
from typing import Final

from luma.core.legacy.font import LCD_FONT
from PIL import Image, ImageDraw, ImageFont, features

CELL_WIDTH: Final = 6
CELL_HEIGHT: Final = 10
FULL: Final = 255
THRESHOLD: Final = 100
"""Of 255: from here on a grey pixel of a figure is lit; keeps its strokes even."""


class Type(StrEnum):
    """What a text is set in."""

    TEXT = "text"
    WORD = "word"
    FIGURE = "figure"
    NUMBER = "number"


FIGURES: Final = {Type.FIGURE: (30, 17, 8), Type.NUMBER: (18, 10, 5)}
"""Size, advance of a digit and advance of point, comma, colon and space, in pixels."""

LIFTED: Final = {(",", Type.FIGURE): 2}
"""Pixels by which a character stands higher, so that it does not hang into the row below."""

SCALE: Final = {Type.TEXT: 1, Type.WORD: 2, Type.FIGURE: 3, Type.NUMBER: 1}
"""How often the text face is enlarged; for figures only where the typeface is missing, and so that they
need no more room than with it."""

NARROW: Final = ".,: "
NARROW_LEFT: Final = 2
"""Empty columns to the left of a tripled point or comma."""

OWN: Final = {
    "g": "..... ..... .#### #...# #...# #...# .#### ....# .###.",
    "j": "...#. ..... ..##. ...#. ...#. ...#. ...#. #..#. .##..",
    "p": "..... ..... ####. #...# #...# #...# ####. #.... #....",
    "q": "..... ..... .#### #...# #...# #...# .#### ....# ....#",
    "y": "..... ..... #...# #...# #...# #..## .##.# ....# .###.",
    "ı": "..... ..... .##.. ..#.. ..#.. ..#.. .###.",
    "ß": ".##.. #..#. #..#. #.#.. #..#. #..#. #.#..",
    "°": ".##.. #..#. #..#. .##..",
    "²": "##... ..#.. .#... ###..",
    "€": "..##. .#..# ###.. .#... ###.. .#..# ..##.",
    "œ": "..... ..... .#.#. #.#.# #.### #.#.. .#.##",
    "Œ": ".#### #.#.. #.#.. #.### #.#.. #.#.. .####",
    "→": "..... ..#.. ...#. ##### ...#. ..#..",
    "←": "..... ..#.. .#... ##### .#... ..#..",
    "↑": "..#.. .###. #.#.# ..#.. ..#.. ..#.. ..#..",
    "↓": "..#.. ..#.. ..#.. ..#.. #.#.# .###. ..#..",
    "…": "..... ..... ..... ..... ..... ..... #.#.#",
}
"""Rows from row 1 of the cell on."""

ABOVE: Final = {
    "\N{COMBINING GRAVE ACCENT}": ".#... ..#..",
    "\N{COMBINING ACUTE ACCENT}": "...#. ..#..",
    "\N{COMBINING CIRCUMFLEX ACCENT}": "..#.. .#.#.",
    "\N{COMBINING TILDE}": ".##.# #.##.",
    "\N{COMBINING DIAERESIS}": ".#.#. .....",
}
BELOW: Final = {"\N{COMBINING CEDILLA}": "..#.. .##.."}

HOLLOW: Final = (".....", "#####", *("#...#",) * 5, "#####")
EMPTY_ROW: Final = "....."


@lru_cache(maxsize=512)
def strip(text: str, kind: Type = Type.TEXT) -> Image.Image:
    """A line of text as a 1-bit picture, as wide as its advances and as high as its cell."""
    glyphs = [glyph(character, kind) for character in text]
    height = max((picture.height for picture in glyphs), default=CELL_HEIGHT * SCALE[kind])
    line = Image.new("1", (sum(picture.width for picture in glyphs), height))
    x = 0
    for picture in glyphs:
        line.paste(picture, (x, 0))
        x += picture.width
    return line


@cache
def glyph(character: str, kind: Type) -> Image.Image:
    """One character in its whole cell; a character the face does not have is a hollow box."""
    if kind in FIGURES and has_typeface():
        return _figure(character, kind)
    drawn = _drawn(_rows(character) or HOLLOW)
    scale = SCALE[kind]
    enlarged = drawn.resize((CELL_WIDTH * scale, CELL_HEIGHT * scale), Image.Resampling.NEAREST)
    if kind is not Type.FIGURE:
        return enlarged
    _, digit, narrow = FIGURES[kind]
    left, width = (NARROW_LEFT, narrow) if character in NARROW else (0, digit)
    return enlarged.crop((left, 0, left + width, enlarged.height))


def has_glyph(character: str) -> bool:
    """Whether the text face can show this character."""
    return _rows(character) is not None


@cache
def has_typeface() -> bool:
    """Whether the picture library can draw its own typeface here."""
    return bool(features.check("freetype2"))


def baseline(kind: Type) -> int:
    """Rows from the top of a strip to just below the letters that stand on the line."""
    if kind in FIGURES and has_typeface():
        return FIGURES[kind][0]
    return (CELL_HEIGHT - 2) * SCALE[kind]


def _figure(character: str, kind: Type) -> Image.Image:
    size, digit, narrow = FIGURES[kind]
    font = ImageFont.load_default(size)
    advance = narrow if character in NARROW else digit
    canvas = Image.new("L", (advance, size + size // 4))
    x = (advance - font.getlength(character)) / 2
    line = size - LIFTED.get((character, kind), 0)
    ImageDraw.Draw(canvas).text((round(x), line), character, font=font, fill=FULL, anchor="ls")
    return canvas.point(lambda grey: FULL if grey >= THRESHOLD else 0).convert("1", dither=Image.Dither.NONE)


def _drawn(rows: tuple[str, ...]) -> Image.Image:
    picture = Image.new("1", (CELL_WIDTH, CELL_HEIGHT))
    for y, row in enumerate(rows):
        for x, dot in enumerate(row):
            if dot == "#":
                picture.putpixel((x, y), 1)
    return picture


def _rows(character: str) -> tuple[str, ...] | None:
    """The rows of a cell from its top, as far as it is used; ``None`` when the face lacks the character."""
    plain = _plain(character)
    if plain is not None:
        return (EMPTY_ROW, *plain)
    composed = unicodedata.normalize("NFD", character)
    letter, mark = composed[0], composed[1:]
    body = _plain("ı" if letter == "i" else letter)
    if body is None:
        return None
    if mark in BELOW:
        return (EMPTY_ROW, *body, *BELOW[mark].split())
    if mark not in ABOVE:
        return None
    above = ABOVE[mark].split()
    if letter.isupper():
        return (*above, *body[:2], *body[3:])
    return (*sorted(above, key=lambda row: row != EMPTY_ROW), *body[1:])


def _plain(character: str) -> tuple[str, ...] | None:
    if character in OWN:
        return tuple(OWN[character].split())
    if not " " <= character <= "~":
        return None
    columns = LCD_FONT[ord(character)][:5]
    return tuple("".join("#" if column >> y & 1 else "." for column in columns) for y in range(7))
