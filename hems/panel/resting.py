"""The resting picture: what a dim display shows of a screen that nobody touches; pure.

The screen's largest value and its title, drifting as an alarm does. Letters of all screens stand in the same
cells: without it some pixels would shine for two thirds of the time that a display is lit at all.
"""

from typing import Final

from PIL import Image

from hems.panel.face import Type
from hems.panel.format import shortened
from hems.panel.layout import COLUMNS, Page, Text
from hems.panel.standing import drifting

WORD_COLUMNS: Final = 10
LARGE: Final = (Type.FIGURE, Type.NUMBER, Type.WORD)


def resting(shown: Page, mono_s: float) -> Image.Image | None:
    """The picture of this minute; ``None`` for a screen without a large value."""
    large = [text for kind in LARGE for text in shown.texts if text.type is kind and text.text.strip()]
    if not large:
        return None
    main = large[0]
    word = shortened(f"{main.text.strip()} {_unit(shown, main)}".strip(), WORD_COLUMNS)
    title = " ".join(text.text.strip() for text in shown.texts if text.row == 0 and text.text.strip())
    return drifting(word, shortened(title, COLUMNS), mono_s)


def _unit(shown: Page, main: Text) -> str:
    """What stands beside a figure, right of it."""
    beside = (text for text in shown.texts if text.row == main.row and text.column > main.column)
    return next((text.text for text in beside if text.type is Type.TEXT and len(text.text) <= 2), "")
