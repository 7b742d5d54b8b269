"""What a screen is made of: whose it is, its rows, and what its keys do. No drawing here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from hems.model.intents import Intent
from hems.model.view import View
from hems.panel.keys import KeyEvent
from hems.panel.layout import Bars, Cell, Chart, Look, Page, Spot, Text

Rows = tuple[Cell | Bars | Chart, ...]
Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True)
class Taken:
    """What a key did on a screen: the spot it leads to, and what it asks for."""

    spot: Spot
    intents: tuple[Intent, ...] = ()


Keys = Callable[[Look, KeyEvent], Taken]
"""OK at any level; up and down from level 1 on. Back is the same everywhere: one level up."""


@dataclass(frozen=True, slots=True)
class Screen:
    """A kind of screen: who has one, its rows, and what keys do there.

    `inside` gives other rows for a spot that has its own, and ``None`` for one that has not.
    """

    key: str
    subjects: Callable[[View], Iterable[str]]
    rows: Rows
    keys: Keys | None = None
    inside: Callable[[Look], Rows | None] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """One screen of this house; its name is the key and the subject, fit for a file name."""

    screen: Screen
    subject: str

    @property
    def name(self) -> str:
        """The name of the place."""
        return "-".join((self.screen.key, *filter(None, self.subject.split("#"))))


def everyone(_: View) -> tuple[str, ...]:
    """Every house has this screen once."""
    return ("",)


def screen_page(place: Place, look: Look) -> Page:
    """One screen now."""
    inside = place.screen.inside(look) if place.screen.inside is not None else None
    shown = [row.at(look) for row in (place.screen.rows if inside is None else inside)]
    texts = tuple(one for one in shown if isinstance(one, Text))
    shapes = tuple(one for one in shown if not isinstance(one, Text))
    return Page(place.name, texts, shapes)


def once(work: Callable[[View], Seen]) -> Callable[[View], Seen]:
    """What is worked out from a view is remembered until the next one: many rows of a screen ask for it."""
    last: list[tuple[View, Seen]] = []

    def seen(view: View) -> Seen:
        if not last or last[0][0] is not view:
            last[:] = [(view, work(view))]
        return last[0][1]

    return seen


def turned(names: tuple[str, ...], cursor: str, by: int) -> str:
    """The name `by` places further on, round and round; from a cursor that names nothing, from the first."""
    if not names:
        return ""
    index = names.index(cursor) if cursor in names else 0
    return names[(index + by) % len(names)]


def step_of(event: KeyEvent) -> int:
    """How far up (-1) or down (1) a key moves a cursor; a key held long takes longer strides."""
    stride = 4 if event.count >= 16 else 1
    return stride if event.key == "down" else -stride
