"""What a row of the table of settings is made of, and how a key moves its value."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal

from hems.language.words import t
from hems.model.settings import ChargerSettings
from hems.model.view import View
from hems.panel.asks import Asked

Value = str | float
Kind = Literal["choice", "number", "time", "digits", "act"]
Level = Literal["user", "installer"]

LONG_RANGE: Final = 60
"""Only ranges with more steps than this are strode through."""

STRIDES: Final[dict[Kind, tuple[int, int]]] = {"number": (5, 10), "time": (6, 12)}
"""Steps at once from the 16th and from the 32nd repeat of a key; times go by half and by whole hours."""


@dataclass(frozen=True, slots=True)
class Item:
    """A row of the table; its functions look at the view for one subject: a charger, a meter, "" = the house.

    `values` are all it may take here, in order; none = the row does not exist. `text` are the words of one of
    them. `shown` says more exactly what is in force, `opens` is where the editor begins if that is not the
    `present` value, `note` is the editor's last row if that is not what binds the current. Kind "digits" has
    texts whose digits are set one by one, "act" does something at once. `sure`: one is asked once more.
    """

    key: str
    label: str
    title: str
    kind: Kind
    values: Callable[[View, str], tuple[Value, ...]]
    present: Callable[[View, str], Value]
    text: Callable[[Value], str]
    intent: Callable[[View, str, Value], Asked | None]
    shown: Callable[[View, str], str] | None = None
    opens: Callable[[View, str], Value] | None = None
    note: Callable[[View, str], str] | None = None
    level: Level = "user"
    sure: bool = False


def said_choice(value: Value) -> str:
    """The words of a choice that is known by its English ones."""
    return t(str(value))


def orders(view: View, charger: str) -> ChargerSettings:
    """A charger's orders, its current limit within what the charger can do."""
    told, limits = view.settings.charger(charger), view.installed.chargers[charger]
    return replace(told, user_max_a=min(max(told.user_max_a, limits.min_a), limits.max_a))


def nearest(values: tuple[Value, ...], figure: float) -> Value:
    """The number of a range that is nearest to a figure, the smaller of two."""
    return min(values, key=lambda value: abs(float(value) - figure))


def next_value(
    kind: Kind, values: tuple[Value, ...], value: Value, direction: Literal[-1, 1], repeats: int
) -> Value:
    """The next value up (1) or down (-1); a held key takes longer and longer strides (PNL-61).

    Up goes to the former choice of a list. Choices and times wrap, numbers clamp at both ends.
    """
    index = values.index(value) if value in values else 0
    if kind == "choice":
        return values[(index - direction) % len(values)]
    stride = _stride(kind, repeats) if len(values) > LONG_RANGE else 1
    index = (index // stride + 1) * stride if direction > 0 else (index - 1) // stride * stride
    if kind == "time":
        return values[index % len(values)]
    return values[max(0, min(index, len(values) - 1))]


def _stride(kind: Kind, repeats: int) -> int:
    longer, longest = STRIDES[kind]
    return longest if repeats >= 32 else longer if repeats >= 16 else 1
