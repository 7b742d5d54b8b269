"""The question of the first run that is next, as one page."""

from typing import Final

from hems.language.words import t
from hems.panel import digits
from hems.panel.face import Type
from hems.panel.layout import COLUMNS, Page, Text
from hems.panel.wizard import STEPS, Facts, Question, cursor

ROWS: Final = 4
DIGIT_ROW: Final = 3


def wizard_page(question: Question, facts: Facts) -> Page:
    """Title and step, what is to be known, the options with the cursor, and what the keys do."""
    count = f"{question.step}/{STEPS}"
    title = (
        Text(0, 0, COLUMNS - len(count) - 1, t(question.title)),
        Text(0, COLUMNS - 5, 5, count, right=True),
    )
    foot = Text(5, 0, COLUMNS, _foot(question, facts))
    return Page(f"first-run-{question.key}", (*title, *_middle(question, facts), foot))


def _foot(question: Question, facts: Facts) -> str:
    """What the keys do; between digits back goes to the one before."""
    run = facts.run
    if question.kind == "digits" and run.draft and digits.backward(run.draft, run.at) is not None:
        return t("OK next    back digit")
    return t("OK next     back back")


def digit_row(text: str, at: int) -> tuple[Text, ...]:
    """A text whose digit at the cursor stands in a bar."""
    parts = (
        Text(DIGIT_ROW, 0, max(1, at), text[:at]),
        Text(DIGIT_ROW, at, 1, text[at], inverse=True),
        Text(DIGIT_ROW, at + 1, max(1, COLUMNS - at - 1), text[at + 1 :]),
    )
    return tuple(part for part in parts if part.text)


def _middle(question: Question, facts: Facts) -> tuple[Text, ...]:
    lines = tuple(question.lines(facts))[:ROWS]
    chosen = cursor(question, facts)
    said = question.said(facts, chosen)
    if question.kind == "number":
        number, _, unit = said.partition(" ")
        return (Text(3, 0, 13, number, Type.FIGURE, right=True), Text(3, 13, 3, unit))
    shown = tuple(Text(1 + row, 0, COLUMNS, words) for row, words in enumerate(lines))
    if question.kind == "digits":
        untouched = (Text(DIGIT_ROW, 0, COLUMNS, chosen, inverse=True),)
        return (*shown, *(digit_row(chosen, facts.run.at) if facts.run.draft else untouched))
    options = list(question.options(facts))
    room = max(1, ROWS - len(shown))
    place = options.index(chosen)
    start = max(0, min(place - room // 2, len(options) - room))
    window = options[start : start + room]
    top = 1 + ROWS - room
    return (
        *shown[: ROWS - room],
        *(
            Text(top + row, 0, COLUMNS, question.said(facts, option), inverse=option == chosen)
            for row, option in enumerate(window)
        ),
    )
