"""Kinds of things and their states: what a row of either is, and how nymea hears of it (API-70 to API-73)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from hems.api.rows import Result
from hems.api.thing_ids import PLUGIN, VENDOR, class_id, state_id
from hems.language.words import t
from hems.model.view import View

Type = Literal["Bool", "Int", "Uint", "Double", "String"]
Value = bool | int | float | str


class Look(NamedTuple):
    """A device in a view: whose value is looked for."""

    view: View
    name: str


class Bounds(NamedTuple):
    """The least and the most a state of one thing may be; ``None`` = nobody says."""

    low: float | None = None
    high: float | None = None
    step: float | None = None


NO_BOUNDS: Final = Bounds()
Read = Callable[[Look], Value | None]


def _always(_: Look) -> bool:
    return True


def _unbounded(_: Look) -> Bounds:
    return NO_BOUNDS


@dataclass(frozen=True, slots=True)
class StateRow:
    """One state: its name, words, type, what reads it (``None`` = unknown now) and what it is before that.

    `line` stands behind the words, if it is of one line of the site. Not every thing of a class `has` it;
    where that may change while it runs the class has `declared` it once and for all. One that is `rising`
    never falls. `action` are the words of the action that sets it, "" = it cannot be set.
    """

    name: str
    words: str
    type: Type
    unit: str
    first: Value
    read: Read
    line: str = ""
    has: Callable[[Look], bool] = _always
    bounds: Callable[[Look], Bounds] = _unbounded
    possible: tuple[Value, ...] = ()
    rising: bool = False
    declared: bool = False
    action: str = ""


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One class: its interfaces with all their bases, and those that only come with a certain state.

    `names` are its devices; `seen` tells whether one has been heard of yet.
    """

    name: str
    words: str
    interfaces: tuple[str, ...]
    states: tuple[StateRow, ...]
    names: Callable[[View], Sequence[str]]
    seen: Callable[[Look], bool] = _always
    with_state: Mapping[str, str] | None = None

    @property
    def id(self) -> str:
        """Its id."""
        return class_id(self.name)

    def state(self, wanted: str) -> StateRow | None:
        """The state with an id."""
        return next((row for row in self.states if state_id(self.name, row.name) == wanted), None)


Ranges = Mapping[str, Bounds]
"""The states that things of a class have in this house, and within what they all lie."""


def limits(row: StateRow, bounds: Bounds) -> dict[str, Any]:
    """The members that tell within what a state lies; those that say nothing are left out."""
    whole = row.type in ("Int", "Uint")
    told: dict[str, Any] = {}
    for member, bound in (("minValue", bounds.low), ("maxValue", bounds.high)):
        if bound is not None:
            told[member] = int(bound) if whole else float(bound)
    if row.possible:
        told["possibleValues"] = list(row.possible)
    return told


def state_types(row: ClassRow, ranges: Ranges) -> list[Result]:
    """The states of a class that things of it have."""
    return [_state_type(row, state, index, ranges[state.name]) for index, state in _had(row, ranges)]


def action_types(row: ClassRow, ranges: Ranges) -> list[Result]:
    """The actions of a class: one for each state that can be set, with one parameter of the same id."""
    return [
        _action_type(row, state, index, ranges[state.name])
        for index, state in _had(row, ranges)
        if state.action
    ]


def thing_class(row: ClassRow, ranges: Ranges) -> Result:
    """A class as a client hears of it."""
    extra = row.with_state or {}
    return {
        "id": row.id,
        "vendorId": VENDOR,
        "pluginId": PLUGIN,
        "name": row.name,
        "displayName": t(row.words),
        "interfaces": [*(extra[state] for state in extra if state in ranges), *row.interfaces],
        "providedInterfaces": [],
        "browsable": False,
        "setupMethod": "SetupMethodJustAdd",
        "createMethods": ["CreateMethodAuto"],
        "discoveryType": "DiscoveryTypePrecise",
        "stateTypes": state_types(row, ranges),
        "eventTypes": [],
        "actionTypes": action_types(row, ranges),
        "browserItemActionTypes": [],
        "paramTypes": [],
        "settingsTypes": [],
        "discoveryParamTypes": [],
    }


def vendor() -> Result:
    """Who makes all of this."""
    return {"id": VENDOR, "name": "hems", "displayName": "hems"}


def plugin() -> Result:
    """What all things belong to."""
    return {"id": PLUGIN, "name": "hems", "displayName": "hems", "paramTypes": []}


def _said(state: StateRow) -> str:
    return f"{t(state.words)} {state.line}".rstrip()


def _had(row: ClassRow, ranges: Ranges) -> list[tuple[int, StateRow]]:
    return [(index, state) for index, state in enumerate(row.states) if state.name in ranges]


def _step(bounds: Bounds) -> dict[str, Any]:
    return {"stepSize": bounds.step} if bounds.step is not None else {}


def _state_type(row: ClassRow, state: StateRow, index: int, bounds: Bounds) -> Result:
    return {
        "id": state_id(row.name, state.name),
        "name": state.name,
        "displayName": _said(state),
        "index": index,
        "type": state.type,
        "unit": state.unit,
        "defaultValue": state.first,
        **limits(state, bounds),
        **_step(bounds),
    }


def _action_type(row: ClassRow, state: StateRow, index: int, bounds: Bounds) -> Result:
    number = state_id(row.name, state.name)
    told = limits(state, bounds)
    if "possibleValues" in told:
        told["allowedValues"] = told.pop("possibleValues")
    parameter = {
        "id": number,
        "name": state.name,
        "displayName": _said(state),
        "index": 0,
        "type": state.type,
        "unit": state.unit,
        "defaultValue": state.first,
        **told,
        **_step(bounds),
    }
    return {
        "id": number,
        "name": state.name,
        "displayName": t(state.action),
        "index": index,
        "paramTypes": [parameter],
    }
