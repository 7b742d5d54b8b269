"""What can be set at the panel: one table; menu, editor and tests use it alike.

An item has a tuple of all values it may take, in order. The editor moves in that tuple, so that an intent's
value is always within its range.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from hems.model.intents import Intent, SetMode, SetUserMax
from hems.model.settings import AIMED, MODES
from hems.model.view import View
from hems.model.why import Reason
from hems.panel.readings import MODE_WORDS

Value = str | float

BOUNDS: Final = {
    Reason.LINE_LIMIT: "fuse {line}",
    Reason.CHARGER_MAX: "charger",
    Reason.CABLE_MAX: "cable",
    Reason.METER_STALE: "meter",
}
"""Reasons that hold a current down, in the few letters an editor has for them."""


@dataclass(frozen=True, slots=True)
class Item:
    """A row of the table. Currents clamp at both ends; choices wrap (PNL-61)."""

    key: str
    label: str
    title: str
    kind: Literal["choice", "current"]
    values: Callable[[View, str], tuple[Value, ...]]
    present: Callable[[View, str], Value]
    text: Callable[[Value], str]
    intent: Callable[[str, Value], Intent]


def _modes(view: View, charger: str) -> tuple[Value, ...]:
    """Every mode; one with a target only where there is one to reach, or where it is in force."""
    orders = view.settings.charger(charger)
    aimed = orders.target is not None
    return tuple(mode for mode in MODES if aimed or mode not in AIMED or mode == orders.mode)


def _mode(view: View, charger: str) -> Value:
    return view.settings.charger(charger).mode


def _set_mode(charger: str, value: Value) -> Intent:
    return SetMode(charger, next(mode for mode in MODES if mode == value))


def _mode_text(value: Value) -> str:
    return MODE_WORDS[next(mode for mode in MODES if mode == value)][1]


def _currents(view: View, charger: str) -> tuple[Value, ...]:
    limits = view.installed.chargers[charger]
    steps = int((limits.max_a - limits.min_a) / limits.step_a + 1e-9)
    return tuple(round(limits.min_a + i * limits.step_a, 3) for i in range(steps + 1))


def _user_max(view: View, charger: str) -> Value:
    """The greatest value of the range that is not above the setting; a setting may exceed the charger."""
    set_a = view.settings.charger(charger).user_max_a
    values = _currents(view, charger)
    return max((value for value in values if float(value) <= set_a), default=values[0])


def _set_user_max(charger: str, value: Value) -> Intent:
    return SetUserMax(charger, float(value))


def _current_text(value: Value) -> str:
    return f"{float(value):g} A"


ITEMS: Final = (
    Item("mode", "Mode", "Mode", "choice", _modes, _mode, _mode_text, _set_mode),
    Item("user_max", "Limit", "Current limit", "current", _currents, _user_max, _current_text, _set_user_max),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An item of one charger; its name is ``charger.item``."""

    charger: str
    item: Item

    @property
    def name(self) -> str:
        """How state refers to it."""
        return f"{self.charger}.{self.item.key}"

    def values(self, view: View) -> tuple[Value, ...]:
        """All values it may take here, in order."""
        return self.item.values(view, self.charger)

    def present(self, view: View) -> Value:
        """The value in force."""
        return self.item.present(view, self.charger)

    def bound(self, view: View) -> str:
        """What holds the current down now, or at least why it is what it is (PNL-62)."""
        decision = view.decision.chargers.get(self.charger)
        if decision is None:
            return ""
        why = decision.why
        if why.code not in BOUNDS:
            return why.text
        return f"most now {int(decision.cap_a)}: {BOUNDS[why.code].format_map(why.figures)}"


def entries(view: View) -> tuple[Entry, ...]:
    """Everything that can be set in this house."""
    return tuple(Entry(charger, item) for charger in view.installed.chargers for item in ITEMS)


def entry(view: View, name: str) -> Entry | None:
    """The entry of this name, if the house has it."""
    return next((found for found in entries(view) if found.name == name), None)


def moved(view: View, what: Entry, value: Value, direction: Literal[-1, 1], repeats: int) -> Value:
    """The next value up (1) or down (-1); a held key takes longer and longer strides (PNL-61)."""
    values = what.values(view)
    index = values.index(value) if value in values else 0
    if what.item.kind == "choice":
        return values[(index - direction) % len(values)]
    stride = _stride(repeats) if len(values) > LONG_RANGE else 1
    index = (index // stride + 1) * stride if direction > 0 else (index - 1) // stride * stride
    return values[max(0, min(index, len(values) - 1))]


LONG_RANGE: Final = 60
"""Only ranges with more steps than this are strode through."""


def _stride(repeats: int) -> int:
    return 10 if repeats >= 32 else 5 if repeats >= 16 else 1
