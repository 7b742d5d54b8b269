"""A question that only a person in front of the appliance may answer (PNL-65).

A key is heard from its second second on, so that one that was meant for something else answers nothing, and
only if it was pressed here: keys from afar leave it as it is. Time that has run out is a no.
"""

from dataclasses import dataclass
from typing import Final

from hems.language.words import t
from hems.panel.format import shortened, wrapped
from hems.panel.keys import Key, KeyEvent, Kind
from hems.panel.layout import COLUMNS, Page, Text

DEAF_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks, since when it stands in front, and until when it can be answered."""

    device_name: str
    since_mono_s: float
    until_mono_s: float


def answered(question: Question, event: KeyEvent | None, now_s: float) -> bool | None:
    """Yes, no, or ``None`` while it is open."""
    if now_s >= question.until_mono_s:
        return False
    heard = event is not None and not event.remote and event.kind is Kind.TAP
    if event is None or not heard or now_s < question.since_mono_s + DEAF_S:
        return None
    return {Key.OK: True, Key.BACK: False}.get(event.key)


def question_page(question: Question, now_s: float) -> Page:
    """The question with what is left of its time."""
    left_s = max(0, round(question.until_mono_s - now_s))
    name = f'"{shortened(question.device_name, COLUMNS - 2)}"'
    wants = (
        Text(3 + row, 0, COLUMNS, words) for row, words in enumerate(wrapped(t("wants to control."), 21, 2))
    )
    foot = t("back no  OK yes {seconds}").format(seconds=f"{left_s:>3} s")
    return Page(
        "question",
        (
            Text(0, 0, COLUMNS, t("Access request")),
            Text(2, 0, COLUMNS, name),
            *wants,
            Text(5, 0, COLUMNS, foot, inverse=True),
        ),
    )
