"""Our devices as nymea's things: a fold of views, so that nothing that was known is ever unknown (API-72)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from hems.api.classes import Bounds, ClassRow, Look, Ranges, StateRow, Value, limits
from hems.api.rows import History, Identity, News, Result
from hems.api.thing_classes import CLASSES
from hems.api.thing_ids import bare, state_id, thing_id
from hems.model.view import View

NAMESPACE: Final = "Integrations"


class Stated(NamedTuple):
    """A state as it is: its value, and within what it may lie."""

    value: Value
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class Thing:
    """A device: its id, configured name, class and states; whether it was ever heard of."""

    id: str
    name: str
    row: ClassRow
    states: Mapping[str, Stated]
    seen: bool


@dataclass(frozen=True, slots=True)
class Known:
    """All things by their ids, and what things of each class have in this house."""

    things: Mapping[str, Thing]
    ranges: Mapping[str, Ranges]


NOTHING: Final = Known({}, {})
"""Before the first view there is no thing (API-5)."""


def remembered(before: Known | None, view: View, identity: Identity, _: History) -> Known:
    """The things of a view; a state that is unknown in it is what it was."""
    known = before or NOTHING
    things = {}
    for row in CLASSES:
        for name in row.names(view):
            number = thing_id(identity, name)
            things[number] = _thing(row, number, known.things.get(number), Look(view, name))
    same = before is not None and all(
        (former := known.things.get(number)) is not None and _shape(former) == _shape(thing)
        for number, thing in things.items()
    )
    same = same and things.keys() == known.things.keys()
    return Known(things, known.ranges if same else _ranges(things, view))


def told(before: Known | None, after: Known) -> Iterator[News]:
    """What is new about things: those that came, went or became something else, and states (API-75)."""
    former = (before or NOTHING).things
    for number in former:
        if number not in after.things:
            yield News(NAMESPACE, "ThingRemoved", {"thingId": number}, thing=bare(number))
    for number, thing in after.things.items():
        was = former.get(number)
        if was is None:
            yield News(NAMESPACE, "ThingAdded", {"thing": shown(thing)}, thing=bare(number))
        elif was.seen != thing.seen or _shape(was) != _shape(thing):
            yield News(NAMESPACE, "ThingChanged", {"thing": shown(thing)}, thing=bare(number))
        if was is not None:
            yield from _stirred(was, thing)


def shown(thing: Thing) -> Result:
    """A thing as a client hears of it (API-73)."""
    return {
        "id": thing.id,
        "thingClassId": thing.row.id,
        "name": thing.name,
        "params": [],
        "settings": [],
        "states": states(thing),
        "setupStatus": "ThingSetupStatusComplete" if thing.seen else "ThingSetupStatusInProgress",
        "setupError": "ThingErrorNoError",
        "setupComplete": True,
        "loggedStateTypeIds": [],
        "loggedEventTypeIds": [],
        "loggedActionTypeIds": [],
    }


def states(thing: Thing) -> list[Result]:
    """All states of a thing."""
    return [
        {
            "stateTypeId": state_id(thing.row.name, row.name),
            "value": stated.value,
            "filter": "StateValueFilterNone",
            **limits(row, stated.bounds),
        }
        for row, stated in _rows(thing)
    ]


def _thing(row: ClassRow, number: str, former: Thing | None, look: Look) -> Thing:
    was = former.states if former is not None and former.row is row else {}
    known = {
        state.name: Stated(_value(state, was.get(state.name), look), state.bounds(look))
        for state in row.states
        if state.has(look)
    }
    seen = row.seen(look) or (former is not None and former.seen)
    return Thing(number, look.name, row, known, seen)


def _value(row: StateRow, former: Stated | None, look: Look) -> Value:
    """What a state is: as it is read, else as it was; a total that falls stays where it was."""
    value = row.read(look)
    if value is None:
        return row.first if former is None else former.value
    if row.rising and former is not None:
        return max(float(former.value), float(value))
    return value


def _rows(thing: Thing) -> Iterator[tuple[StateRow, Stated]]:
    return ((row, thing.states[row.name]) for row in thing.row.states if row.name in thing.states)


def _shape(thing: Thing) -> tuple[str, str, Mapping[str, Bounds]]:
    """What of a thing its class tells."""
    return thing.name, thing.row.name, {name: stated.bounds for name, stated in thing.states.items()}


def _ranges(things: Mapping[str, Thing], view: View) -> dict[str, Ranges]:
    """What things of each class have, and bounds that hold for all of them."""
    found: dict[str, dict[str, Bounds]] = {row.name: {} for row in CLASSES}
    for thing in things.values():
        mine = found[thing.row.name]
        for row in thing.row.states:
            if row.declared or row.name in thing.states:
                bounds = row.bounds(Look(view, thing.name))
                mine[row.name] = _widest(mine.get(row.name, bounds), bounds)
    return {name: ranges for name, ranges in found.items() if ranges}


def _widest(one: Bounds, other: Bounds) -> Bounds:
    """Bounds within which both lie; both say something or neither does, for they are of one state."""
    if one.low is None or other.low is None or one.high is None or other.high is None:
        return one
    step = min(one.step, other.step) if one.step is not None and other.step is not None else None
    return Bounds(min(one.low, other.low), max(one.high, other.high), step)


def _stirred(was: Thing, now: Thing) -> Iterator[News]:
    """States with another value or other bounds than before."""
    for row, stated in _rows(now):
        if was.states.get(row.name) != stated:
            told_limits = limits(row, stated.bounds)
            params = {
                "thingId": now.id,
                "stateTypeId": state_id(now.row.name, row.name),
                "value": stated.value,
                "minValue": told_limits.get("minValue"),
                "maxValue": told_limits.get("maxValue"),
                "possibleValues": told_limits.get("possibleValues", []),
            }
            yield News(NAMESPACE, "StateChanged", params, thing=bare(now.id))
