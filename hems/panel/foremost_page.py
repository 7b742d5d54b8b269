"""What stands foremost as one page: a question, "sure?", the PIN, the first run, or what lies below."""

from hems.language.words import speaking, t
from hems.model.instant import Instant
from hems.model.view import View
from hems.panel import pages
from hems.panel.foremost import QUESTIONS, Entering, Front, State, Sure, facts
from hems.panel.items import Entry, entry
from hems.panel.layout import COLUMNS, Page, Text
from hems.panel.navigator import Draft
from hems.panel.question import question_page
from hems.panel.wizard import present
from hems.panel.wizard_page import digit_row, wizard_page


def page(state: State, view: View, now: Instant) -> Page:
    """The page that a person looks at, in the language of the panel."""
    with speaking(view.settings.panel.language):
        match state.front:
            case Front.QUESTION if state.question is not None:
                return question_page(state.question, now.mono_s)
            case Front.SURE if state.sure is not None:
                return _sure(state.sure, view)
            case Front.PIN if state.entering is not None:
                return _pin(state.entering)
            case Front.FIRST_RUN:
                seen = facts(state, view, now)
                return wizard_page(present(QUESTIONS, seen), seen)
            case _:
                draft = state.below.draft if state.below.notice is None else None
                edited = entry(view, draft.entry) if draft is not None else None
                if draft is not None and edited is not None and edited.item.kind == "digits":
                    return _digits_editor(edited, draft, state.at, view)
                return pages.page(state.below, view, now)


def _digits_editor(edited: Entry, draft: Draft, at: int, view: View) -> Page:
    return Page(
        f"edit-{edited.item.key}",
        (
            Text(0, 0, COLUMNS, t(edited.item.title)),
            *digit_row(str(draft.value), at),
            Text(5, 0, COLUMNS, edited.note(view)),
        ),
    )


def _pin(entering: Entering) -> Page:
    """Only the digit at the cursor can be read."""
    hidden = "".join(sign if place == entering.at else "*" for place, sign in enumerate(entering.text))
    foot = Text(5, 0, COLUMNS, t("OK next   back leave"))
    return Page("pin", (Text(0, 0, COLUMNS, "PIN"), *digit_row(hidden, entering.at), foot))


def _sure(sure: Sure, view: View) -> Page:
    found = entry(view, sure.entry)
    title = t(found.item.title) if found is not None else ""
    note = found.note(view) if found is not None else ""
    return Page(
        "sure",
        (
            Text(0, 0, COLUMNS, title),
            Text(2, 0, COLUMNS, t("Sure?")),
            Text(3, 0, COLUMNS, note),
            Text(5, 0, COLUMNS, t("back no  OK yes"), inverse=True),
        ),
    )
