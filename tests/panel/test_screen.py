"""PNL-40: what screens are made of."""

from dataclasses import replace

from hems.model.view import View
from hems.panel.keys import Key, KeyEvent, Kind
from hems.panel.layout import Bars, Cell, Gauge, Look, Spot
from hems.panel.screen import Place, Screen, everyone, once, screen_page, step_of, turned
from tests.panel.views import HOUSE, NOW

INNER = (Cell(1, 0, 4, lambda look: look.spot.cursor),)
SCREEN = Screen(
    "key",
    everyone,
    (Cell(0, 0, 5, lambda _: "words"), Bars(1, 0, 4, lambda _: 0.5)),
    inside=lambda look: INNER if look.spot.level else None,
)


def test_a_page_is_the_rows_as_they_are_now() -> None:
    page = screen_page(Place(SCREEN, "a#1"), Look(HOUSE, NOW))
    assert (page.name, [text.text for text in page.texts]) == ("key-a-1", ["words"])
    assert page.shapes == (Gauge(1, 0, 4, 0.5),)


def test_a_spot_may_have_rows_of_its_own() -> None:
    page = screen_page(Place(SCREEN, ""), Look(HOUSE, NOW, spot=Spot(1, "here")))
    assert (page.name, [text.text for text in page.texts], page.shapes) == ("key", ["here"], ())


def test_a_cursor_goes_round_and_a_lost_one_begins_anew() -> None:
    names = ("a", "b", "c")
    assert [turned(names, "c", 1), turned(names, "a", -1), turned(names, "gone", 1)] == ["a", "c", "b"]
    assert turned((), "a", 1) == ""


def test_a_held_key_takes_longer_strides() -> None:
    """PNL-21."""
    assert [step_of(KeyEvent(key)) for key in (Key.UP, Key.DOWN)] == [-1, 1]
    assert step_of(KeyEvent(Key.DOWN, Kind.REPEAT, 16)) == 4
    assert step_of(KeyEvent(Key.UP, Kind.REPEAT, 15)) == -1


def test_what_a_view_shows_is_worked_out_once() -> None:
    """PNL-101."""
    asked: list[View] = []

    def work(view: View) -> int:
        asked.append(view)
        return len(asked)

    seen, other = once(work), replace(HOUSE, counters={})
    assert [seen(HOUSE), seen(HOUSE), seen(other), seen(HOUSE)] == [1, 1, 2, 3]
