"""The test of the grid operator's contact as one page: contact, limit and set-points as they are (PNL-67)."""

from typing import Final

from hems.language.words import digits, marked, t
from hems.model.decision import DimTest
from hems.model.view import View
from hems.panel.format import current, power, shortened
from hems.panel.layout import COLUMNS, Page, Text

DIM_TEST: Final = "dim_test"
"""The row of the menu that asks for the test."""

CHARGERS: Final = 2
NAME_WIDTH: Final = 9
POSITIONS: Final = {True: marked("closed"), False: marked("open"), None: "?"}
VERDICTS: Final = {
    "passed": marked("ok: {seconds} s"),
    "late": marked("late: {seconds} s"),
    "unanswered": marked("no answer {name}"),
    "nothing": marked("contact not seen"),
    "limited": marked("limited already"),
    "released": marked("released too soon"),
}


def test_said(told: DimTest, view: View) -> str:
    """What is to be done, what is going on, or what came of the last test."""
    if told.stage == "waiting":
        opens = view.installed.wiring.dim_limited == "open"
        return t("open the contact") if opens else t("close the contact")
    if told.stage == "writing":
        return t("writing")
    if told.verdict == "passed" and told.seconds is None:
        return t("ok, nothing to lower")
    words = t(VERDICTS[told.verdict or "passed"])
    seconds = digits(f"{told.seconds or 0.0:.2f}")
    return words.format(seconds=seconds, name=shortened(told.because, NAME_WIDTH))


def dim_test_page(told: DimTest, view: View) -> Page:
    """The page that stands in the place of the menu while its row is the chosen one."""
    position = t(POSITIONS[view.snapshot.contacts.get(view.installed.wiring.dim_contact)])
    dim = view.decision.dim
    limit = power(dim.limit_w, gap="") if dim is not None and dim.limited else t("off")
    title = t("Contact")
    return Page(
        "dim-test",
        (
            Text(0, 0, COLUMNS - len(position) - 1, title),
            Text(0, COLUMNS - len(position), len(position), position, right=True),
            Text(1, 0, COLUMNS, test_said(told, view)),
            *_pair(2, t("limit"), limit),
            *(
                text
                for place, (name, decision) in enumerate(list(view.decision.chargers.items())[:CHARGERS])
                for text in _pair(3 + place, name, _set_point(decision.limit_a, name, view))
            ),
            Text(5, 0, COLUMNS, t("OK test    back leave"), inverse=True),
        ),
    )


def _set_point(told_a: float, name: str, view: View) -> str:
    """What a charger is told, and whether it has acknowledged that."""
    reading = view.snapshot.chargers.get(name)
    taken = reading is not None and reading.acknowledged_a == told_a
    return f"{current(told_a)} {t('ok') if taken else '...'}"


def _pair(row: int, words: str, value: str) -> tuple[Text, Text]:
    room = COLUMNS - len(value) - 1
    return Text(row, 0, room, shortened(words, room)), Text(row, room + 1, len(value), value, right=True)
