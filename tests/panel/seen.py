"""What stands on a screen, as rows of text."""

from hems.model.view import View
from hems.panel.layout import Page, Spot
from hems.panel.navigator import State
from hems.panel.pages import page


def text_rows(shown: Page) -> list[str]:
    """The six rows as 21 characters each, as far as they are text."""
    grid = [[" "] * 21 for _ in range(6)]
    for text in shown.texts:
        words = text.text.rjust(text.width) if text.right else text.text
        for i, character in enumerate(words):
            if character != " ":
                grid[text.row][text.column + i] = character
    return ["".join(row).rstrip() for row in grid]


def rows(view: View, screen: str, level: int = 0, cursor: str = "") -> list[str]:
    """A screen of the ring at a spot."""
    return text_rows(page(State(view.now.mono_s, screen, Spot(level, cursor)), view, view.now))
