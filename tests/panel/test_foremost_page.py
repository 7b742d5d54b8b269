"""The pages of what stands before the screens (PNL-50, PNL-64, PNL-65)."""

from dataclasses import replace

import pytest

from hems.model.intents import Reboot
from hems.panel import navigator
from hems.panel.draw import draw
from hems.panel.foremost import Entering, State, Sure
from hems.panel.foremost_page import page
from hems.panel.items import entries
from hems.panel.navigator import Draft
from hems.panel.question import Question
from hems.panel.wizard import Run
from tests.panel.first_run_views import FRESH
from tests.panel.views import HOUSE, NOW

BELOW = navigator.State(NOW.mono_s)
HOME = State(BELOW)


def words(state: State, view: object = HOUSE) -> list[str]:
    shown = page(state, view, NOW)  # type: ignore[arg-type]
    draw(shown, NOW.mono_s)
    return [shown.name, *(text.text for text in shown.texts)]


def test_each_front_has_its_page() -> None:
    assert words(HOME)[0] == "home"
    question = Question("tablet", NOW.mono_s, NOW.mono_s + 98.0)
    assert words(replace(HOME, question=question))[:3] == ["question", "Access request", '"tablet"']
    assert words(replace(HOME, run=Run("language")), FRESH)[0] == "first-run-language"


def test_only_the_digit_at_the_cursor_can_be_read() -> None:
    """PNL-64."""
    shown = words(replace(HOME, entering=Entering("", "4711", 2)))
    assert shown[:5] == ["pin", "PIN", "**", "1", "*"]
    assert "4711" not in "".join(shown)


def test_sure_says_what_about() -> None:
    shown = words(replace(HOME, sure=Sure(".reboot", (Reboot(),))))
    assert shown[:3] == ["sure", "Reboot", "Sure?"]
    by_hand = replace(
        HOUSE, around=replace(HOUSE.around, appliance=replace(HOUSE.around.appliance, by_hand=True))
    )
    assert "file edited by hand!" in words(replace(HOME, sure=Sure(".fuse_l1", ())), by_hand)


def test_an_editor_of_digits() -> None:
    draft = Draft(".clock", "2026-03-12 14:32", "")
    shown = words(State(replace(BELOW, draft=draft), at=5))
    assert shown[:5] == ["edit-clock", "Date and time", "2026-", "0", "3-12 14:32"]


@pytest.mark.parametrize("level", ["user", "installer"])
def test_every_menu_row_fits_the_display(level: str) -> None:
    """PNL-50."""
    for found in entries(HOUSE, level):  # type: ignore[arg-type]
        shown = page(State(replace(BELOW, cursor=found.name)), HOUSE, NOW)
        assert all(len(text.text) <= text.width or text.right for text in shown.texts), found.name
        bars = [text.text for text in shown.texts if text.inverse and text.row < 5]
        assert all(len(bar) <= 21 for bar in bars), bars


@pytest.mark.parametrize("level", ["user", "installer"])
def test_every_editor_fits_the_display(level: str) -> None:
    for found in entries(HOUSE, level):  # type: ignore[arg-type]
        draft = Draft(found.name, found.opening(HOUSE), found.present(HOUSE))
        for text in page(State(replace(BELOW, draft=draft)), HOUSE, NOW).texts:
            assert text.column + min(len(text.text), text.width) <= 21, (found.name, text)
            assert len(text.text) <= 21, (found.name, text)
