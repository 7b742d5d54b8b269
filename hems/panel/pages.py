"""What stands foremost as one page: a screen, the menu of settings, the editor or a notice."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from hems.language import said
from hems.language.words import speaking, t
from hems.model.instant import Instant
from hems.model.view import View
from hems.panel.alarm_screen import ALARMS
from hems.panel.dim_test_page import DIM_TEST, dim_test_page
from hems.panel.face import Type
from hems.panel.format import shortened, wrapped
from hems.panel.items import Entry, entries, entry
from hems.panel.layout import COLUMNS, Look, Page, Text
from hems.panel.navigator import Draft, State
from hems.panel.screen import Place, screen_page
from hems.panel.screens import HOME_SCREEN, SETTINGS, standing

LIST_ROWS: Final = 4
NAME_WIDTH: Final = 7


def page(state: State, view: View, now: Instant) -> Page:
    """The page that a person looks at in this state, in the language of the panel."""
    with speaking(view.settings.panel.language):
        return _warned(_page(state, view, now), view)


def _page(state: State, view: View, now: Instant) -> Page:
    if state.notice is not None:
        return _notice(said.refusal(state.notice))
    edited = entry(view, state.draft.entry) if state.draft else None
    if state.draft and edited:
        return _editor(view, edited, state.draft)
    tested = view.decision.dim_test
    if tested is not None and state.cursor == f".{DIM_TEST}":
        return dim_test_page(tested, view)
    if state.cursor or state.screen == SETTINGS:
        return _menu(view, state.cursor)
    found = standing(view, state.screen) or Place(HOME_SCREEN, "")
    return screen_page(found, Look(view, now, found.subject, state.spot))


def _warned(shown: Page, view: View) -> Page:
    """With a mark in a free place of the title while an alarm was not seen that is not in front (PNL-48)."""
    if shown.name == ALARMS or all(alarm.seen for alarm in view.alarms):
        return shown
    taken = {column for text in shown.texts if text.row == 0 for column in _extent(text)}
    free = [column for column in range(1, COLUMNS) if column not in taken]
    airy = [column for column in free if not {column - 1, column + 1} & taken]
    return replace(shown, texts=(*shown.texts, Text(0, (airy or free)[-1], 1, "!"))) if free else shown


def _extent(text: Text) -> range:
    """The columns that a text of one row covers."""
    first = text.column + text.width - len(text.text) if text.right else text.column
    return range(first, first + (text.width if text.inverse else len(text.text)))


def _notice(words: str) -> Page:
    rows = wrapped(words, COLUMNS, 4)
    texts = (Text(1 + i, 0, COLUMNS, row) for i, row in enumerate(rows))
    return Page("notice", (Text(0, 0, COLUMNS, t("Not granted")), *texts, _bar(5, t("OK seen"))))


def _menu(view: View, cursor: str) -> Page:
    chosen = entry(view, cursor)
    several = len(view.installed.chargers) > 1
    level = chosen.item.level if chosen else "user"
    rows = [(_menu_row(view, found, several=several), found == chosen) for found in entries(view, level)]
    foot = _bar(5, t("OK change  back leave")) if chosen else Text(5, 0, COLUMNS, t("OK to change"))
    words = t("Settings")
    room = COLUMNS - len(words) - 1
    name = shortened(chosen.charger, room) if chosen else ""
    title = (Text(0, 0, len(words), words), Text(0, COLUMNS - room, room, name, right=True))
    return Page("menu" if chosen else SETTINGS, (*title, *_list(rows), foot))


def _menu_row(view: View, found: Entry, *, several: bool) -> str:
    charger = view.installed.chargers.get(found.charger)
    number = f"{charger.number} " if several and charger is not None else ""
    left = number + t(found.item.label)
    return left + found.shown(view).rjust(COLUMNS - len(left))


def _editor(view: View, edited: Entry, draft: Draft) -> Page:
    item = edited.item
    values = edited.values(view)
    words = t(item.title)
    room = min(NAME_WIDTH, COLUMNS - len(words) - 1)
    title = Text(0, 0, len(words), words)
    name = Text(0, COLUMNS - room, room, shortened(edited.charger, room), right=True)
    foot = Text(5, 0, COLUMNS, _changed(view, edited, draft) or edited.note(view))
    if item.kind == "choice":
        middle = _list([(item.text(value), value == draft.value) for value in values])
    else:
        first, last = item.text(values[0]).split()[0], item.text(values[-1])
        number, _, unit = item.text(draft.value).partition(" ")
        middle = (
            Text(3, 0, 13, number, Type.FIGURE, right=True),
            Text(3, 13, 3, unit),
            Text(2, 16, 5, t("up"), right=True),
            Text(3, 16, 5, t("down"), right=True),
            Text(4, 0, COLUMNS, f"{first}..{last}"),
        )
    return Page(f"edit-{item.key}", (title, name, *middle, foot))


def _changed(view: View, edited: Entry, draft: Draft) -> str:
    """That somebody else has set it meanwhile; the draft is kept (PNL-63)."""
    present = edited.present(view)
    if present == draft.before:
        return ""
    value = edited.item.text(present)
    words = t("changed to {value}").format(value=value)
    return words if len(words) <= COLUMNS else t("now {value}").format(value=value)


def _list(rows: Sequence[tuple[str, bool]]) -> tuple[Text, ...]:
    """As many rows as fit, the chosen one among them as a bar."""
    chosen = next((i for i, (_, here) in enumerate(rows) if here), 0)
    start = max(0, min(chosen - 1, len(rows) - LIST_ROWS))
    window = rows[start : start + LIST_ROWS]
    return tuple(
        _bar(1 + i, words) if here else Text(1 + i, 0, COLUMNS, words)
        for i, (words, here) in enumerate(window)
    )


def _bar(row: int, words: str) -> Text:
    return Text(row, 0, COLUMNS, words, inverse=True)
