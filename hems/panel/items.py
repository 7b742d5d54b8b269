"""What can be set at the panel: one table; menu, editor and tests use it alike.

An item has a tuple of all values it may take, in order. The editor moves in that tuple, so that an intent's
value is always within its range. What an installation cannot do has no values and no row.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final, Literal

from hems.language.said import reason
from hems.language.words import marked, t
from hems.model.view import View
from hems.model.why import Reason
from hems.panel.asks import Asked
from hems.panel.cars import CAR_ITEMS
from hems.panel.charging import CHARGING_ITEMS, CHEAP_ITEMS
from hems.panel.house_items import HOUSE_ITEMS
from hems.panel.installer_items import (
    APPLIANCE_ITEMS,
    BUS_ITEMS,
    CHARGER_SETUP_ITEMS,
    CIRCUIT_ITEMS,
    METER_ITEMS,
    SITE_ITEMS,
)
from hems.panel.item import Item, Level, Value, next_value
from hems.panel.targets import TARGET_ITEMS

ITEMS: Final = (*CHARGING_ITEMS, *TARGET_ITEMS, *CAR_ITEMS, *CHEAP_ITEMS)


def _house(_: View) -> Collection[str]:
    return ("",)


def _chargers(view: View) -> Collection[str]:
    return view.installed.chargers


GROUPS: Final[tuple[tuple[Callable[[View], Collection[str]], tuple[Item, ...]], ...]] = (
    (_chargers, ITEMS),
    (_house, HOUSE_ITEMS),
    (_house, SITE_ITEMS),
    (lambda view: view.installed.wiring.circuits, CIRCUIT_ITEMS),
    (lambda view: view.installed.meters, METER_ITEMS),
    (_chargers, CHARGER_SETUP_ITEMS),
    (lambda view: view.health.wires.buses, BUS_ITEMS),
    (_house, APPLIANCE_ITEMS),
)
"""All rows of the table with their subjects, in the order of the menus."""

BOUNDS: Final = {
    Reason.LINE_LIMIT: marked("fuse {line}"),
    Reason.CHARGER_MAX: marked("charger"),
    Reason.CABLE_MAX: marked("cable"),
    Reason.METER_STALE: marked("meter"),
}
"""Reasons that hold a current down, in the few letters an editor has for them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An item of one subject, mostly a charger, "" = the house; its name is ``subject.item``."""

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

    def shown(self, view: View) -> str:
        """What is in force, in words."""
        if self.item.shown is not None:
            return self.item.shown(view, self.charger)
        return self.item.text(self.present(view))

    def opening(self, view: View) -> Value:
        """Where the editor begins."""
        return self.item.opens(view, self.charger) if self.item.opens else self.present(view)

    def intent(self, view: View, value: Value) -> Asked | None:
        """What asks for a value; ``None`` for one that makes no sense."""
        return self.item.intent(view, self.charger, value)

    def note(self, view: View) -> str:
        """The last row of the editor: what holds the current down (PNL-62), where nothing else is to say."""
        return self.item.note(view, self.charger) if self.item.note else self.bound(view)

    def bound(self, view: View) -> str:
        """What holds the current down now, or at least why it is what it is (PNL-62)."""
        decision = view.decision.chargers.get(self.charger)
        if decision is None:
            return ""
        why = decision.why
        if why.code not in BOUNDS:
            return reason(why)
        held = t(BOUNDS[why.code]).format_map(why.figures)
        return t("most now {current_a}: {bound}").format(current_a=int(decision.cap_a), bound=held)


def entries(view: View, level: Level = "user") -> tuple[Entry, ...]:
    """Everything that somebody of this level can set in this house."""
    return tuple(
        Entry(subject, item)
        for subjects, items in GROUPS
        for subject in subjects(view)
        for item in items
        if item.level == level and item.values(view, subject)
    )


def entry(view: View, name: str) -> Entry | None:
    """The entry of this name, if the house has it."""
    subject, _, key = name.rpartition(".")
    for subjects, items in GROUPS:
        for item in items:
            if item.key == key and subject in subjects(view) and item.values(view, subject):
                return Entry(subject, item)
    return None


def moved(view: View, what: Entry, value: Value, direction: Literal[-1, 1], repeats: int) -> Value:
    """The next value up (1) or down (-1); a held key takes longer and longer strides (PNL-61)."""
    return next_value(what.item.kind, what.values(view), value, direction, repeats)
