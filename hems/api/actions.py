"""What can be done with things: one row for each action, which yields an intent (API-74)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import floor
from typing import Any, Final, Literal, cast

from hems.api.classes import Bounds, Look, StateRow, Value
from hems.api.pump_values import SG_WORDS, contacts_of
from hems.api.refusals import thing_error
from hems.api.rows import Answer, Ask, Asked, Params, Result
from hems.api.thing_ids import bare
from hems.api.things import Known, Thing
from hems.api.validate import PLAIN_CHECKS, Invalid
from hems.model.intents import Intent, Refusal, SetHeatPump, SetLines, SetMode, SetUserMax
from hems.model.phrase import Gap
from hems.model.settings import Mode, Sg
from hems.model.view import View

SG_STATES: Final[Mapping[str, Sg]] = {words: state for state, words in SG_WORDS.items()}
BY_HAND_S: Final = 7200.0
"""For so long a heat pump is told what a client wants."""


def _power(look: Look, value: Value) -> Intent:
    orders = look.view.settings.charger(look.name)
    on = orders.on_mode if orders.mode == "off" else orders.mode
    return SetMode(look.name, on if value else "off")


def _most(look: Look, value: Value) -> Intent:
    able = look.view.installed.chargers[look.name]
    steps = floor((float(value) + able.step_a / 1000) / able.step_a)
    return SetUserMax(look.name, max(able.min_a, round(steps * able.step_a, 3)))


def _mode(look: Look, value: Value) -> Intent:
    return SetMode(look.name, cast(Mode, value))


def _lines(look: Look, value: Value) -> Intent:
    return SetLines(look.name, cast(Literal[1, 3], value))


def _sg(look: Look, value: Value) -> Intent:
    state = SG_STATES[str(value)]
    return SetHeatPump(contacts_of(look) or look.name, None if state == "normal" else state, BY_HAND_S)


def _unless(always: Value) -> Callable[[Value], bool]:
    return lambda value: value != always


@dataclass(frozen=True, slots=True)
class ActionRow:
    """What an action yields; whether the device must answer for a value to be set.

    What stops a charge is taken in any case, and contacts do not hang on the pump's serial line.
    """

    intent: Callable[[Look, Value], Intent]
    answering: Callable[[Value], bool] = lambda _: True


ACTIONS: Final[Mapping[tuple[str, str], ActionRow]] = {
    ("evcharger", "power"): ActionRow(_power, _unless(False)),
    ("evcharger", "maxChargingCurrent"): ActionRow(_most),
    ("evcharger", "chargingMode"): ActionRow(_mode, _unless("off")),
    ("evcharger", "desiredPhaseCount"): ActionRow(_lines),
    ("heatpump", "sgReadyMode"): ActionRow(_sg, lambda _: False),
}
"""By class and state; each of these states has words for its action, and no other has."""


def visible(ask: Ask) -> dict[str, Thing]:
    """The things that who asks may see and move."""
    known: Known | None = ask.memory
    things = known.things if known is not None else {}
    mine = ask.caller.things
    return {number: thing for number, thing in things.items() if mine is None or bare(number) in mine}


def execute(ask: Ask, params: Params) -> Answer:
    """``ExecuteAction``: the intent of an action, or what is wrong with it."""
    thing = visible(ask).get(params["thingId"])
    if thing is None or ask.view is None:
        return {"thingError": "ThingErrorThingNotFound"}
    row = thing.row.state(params["actionTypeId"])
    if row is None or row.name not in thing.states or not row.action:
        return {"thingError": "ThingErrorActionTypeNotFound"}
    given = {one.get("paramTypeId"): one["value"] for one in params.get("params", ())}
    if params["actionTypeId"] not in given:
        return {"thingError": "ThingErrorMissingParameter"}
    value = fitting(row, thing.states[row.name].bounds, given[params["actionTypeId"]])
    if isinstance(value, Refusal):
        return thing_error(value)
    return _asked(thing, row, value, ask.view)


def fitting(row: StateRow, bounds: Bounds, value: Any) -> Value | Refusal:
    """The value as the state has it, or why it cannot be."""
    try:
        found: Value = PLAIN_CHECKS[row.type](value)
    except Invalid as invalid:
        return Refusal("bad_value", "{name}: {fault}", {"name": row.name, "fault": invalid.why})
    if row.possible and found not in row.possible:
        known = ", ".join(str(one) for one in row.possible)
        return Refusal("bad_value", "{name} is one of {known}", {"name": row.name, "known": known})
    low, high, _ = bounds
    if low is not None and high is not None and not low <= float(found) <= high:
        figures: dict[str, Gap] = {"name": row.name, "low": low, "high": high}
        return Refusal("bad_value", "{name} lies between {low} and {high}", figures)
    return found


def _asked(thing: Thing, row: StateRow, value: Value, view: View) -> Result | Asked:
    action = ACTIONS[thing.row.name, row.name]
    connected = thing.states["connected"].value
    if not connected and action.answering(value):
        return thing_error(Refusal("not_now", "{name} does not answer", {"name": thing.name}))
    return Asked((action.intent(Look(view, thing.name), value),), thing_error)
