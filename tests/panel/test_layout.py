"""PNL-40: rows of data."""

from hems.language.words import speaking
from hems.panel.face import Type
from hems.panel.layout import Cell, Look, Text, label, line
from tests.panel.views import HOUSE


def test_a_cell_becomes_a_text() -> None:
    cell = Cell(3, 2, 6, lambda look: look.subject, Type.FIGURE, right=True)
    assert cell.at(Look(HOUSE, HOUSE.now, "16")) == Text(3, 2, 6, "16", Type.FIGURE, right=True)


def test_a_line_fills_the_whole_row() -> None:
    words, value = line(2, "Bought", lambda look: "8 kWh")
    assert words.at(Look(HOUSE, HOUSE.now)) == Text(2, 0, 21, "Bought")
    assert value.at(Look(HOUSE, HOUSE.now)) == Text(2, 0, 21, "8 kWh", right=True)
    assert label(1, "A", column=7).column == 7


def test_words_of_a_row_are_said_when_they_are_drawn() -> None:
    """PNL-80: the row stands in English; the language may change while it runs."""
    words = label(1, "Bought")
    with speaking("de"):
        assert words.at(Look(HOUSE, HOUSE.now)).text == "Bezogen"
    assert words.at(Look(HOUSE, HOUSE.now)).text == "Bought"
