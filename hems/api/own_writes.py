"""What may be asked for by Hems' own methods: parameters as intents, or what cannot be asked (API-110)."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from hems.api.refusals import hems_error
from hems.api.rows import Answer, Ask, Asked, Params, Result
from hems.model.alarm import AlarmCode
from hems.model.intents import (
    Acknowledge,
    AmendCharging,
    Intent,
    PutPrices,
    Refusal,
    Restart,
    SetBoost,
    SetMode,
    SetOperatorLimit,
    SetSetting,
    SetUserMax,
    SetVehicle,
)
from hems.model.prices import Slot

BOOST_MINUTES: Final = 120
OPERATOR_W: Final = 4200.0
KEYS: Final = ("up", "down", "ok", "back")
WIDTH, HEIGHT = 128, 64
Made = Callable[[Ask, Params], Intent | Refusal]


def asked(made: Made) -> Callable[[Ask, Params], Answer]:
    """A method that yields one intent."""

    def handler(ask: Ask, params: Params) -> Answer:
        intent = made(ask, params)
        return hems_error(intent) if isinstance(intent, Refusal) else Asked((intent,), hems_error)

    return handler


def set_mode(ask: Ask, params: Params) -> Intent | Refusal:
    """Charge this way."""
    return SetMode(params["charger"], params["mode"])


def set_limit(ask: Ask, params: Params) -> Intent | Refusal:
    """At most so much current; 0 is all that the charger can do."""
    charger, limit_a = params["charger"], params["limit_a"]
    installed = ask.view.installed.chargers.get(charger) if ask.view else None
    return SetUserMax(charger, installed.max_a if installed and limit_a == 0 else limit_a)


def set_target(ask: Ask, params: Params) -> Intent | Refusal:
    """What the car shall have by when; what is not named stays, an empty end gives the target up."""
    changes: dict[str, Any] = {field: params[member] for member, field in _AIM.items() if member in params}
    if "target_pct" in changes:
        changes.setdefault("energy_wh", None)
    if "repeat_days" in changes:
        changes["repeat_days"] = tuple(changes["repeat_days"])
    if "end" in params:
        deadline = _moment(ask, params["end"]) if params["end"] else None
        if isinstance(deadline, Refusal):
            return deadline
        changes["deadline"] = deadline
    if not changes:
        return Refusal("missing", "nothing is said about {name}", {"name": params["charger"]})
    return AmendCharging(params["charger"], changes)


_AIM: Final[Mapping[str, str]] = {
    name: name for name in ("target_pct", "energy_wh", "repeat_days", "one_piece", "precondition_s", "cheap")
}


def boost(ask: Ask, params: Params) -> Intent | Refusal:
    """Full current for so long or so much energy; 0 minutes end it."""
    energy_wh, minutes = params.get("energy_wh"), params.get("minutes")
    if minutes == 0:
        return SetBoost(params["charger"], None, None)
    if minutes is None and energy_wh is not None:
        return SetBoost(params["charger"], None, energy_wh)
    return SetBoost(params["charger"], 60.0 * (BOOST_MINUTES if minutes is None else minutes), energy_wh)


def set_vehicle(ask: Ask, params: Params) -> Intent | Refusal:
    """What is known about a car, and where it stands."""
    told = {name: params.get(name) for name in ("level_pct", "capacity_wh", "max_a", "lines")}
    return SetVehicle(params["vehicle"], **told, charger=params.get("charger"))


def set_setting(ask: Ask, params: Params) -> Intent | Refusal:
    """Change one setting by its name."""
    value = params["value"]
    if not isinstance(value, int | float | str):
        return Refusal("bad_value", "a setting is a number, a text, or true or false")
    return SetSetting(params["name"], value)


def set_operator_limit(ask: Ask, params: Params) -> Intent | Refusal:
    """The grid operator's word, where no contact brings it."""
    if ask.view is not None and ask.view.installed.operator == "contact":
        return Refusal("unsupported", "the operator limit is read from the contact, not from the API")
    if not params["limited"]:
        return SetOperatorLimit(None)
    valid_s = params.get("valid_s")
    until = None if valid_s is None else ask.wall + timedelta(seconds=min(valid_s, 10**9))
    return SetOperatorLimit(params.get("limit_w", OPERATOR_W), until)


def acknowledge(ask: Ask, params: Params) -> Intent | Refusal:
    """A person has seen this alarm; who names none is told which stand."""
    name = params["alarm"]
    if not name or name.partition(".")[0] in set(AlarmCode):
        return Acknowledge(name)
    standing = ", ".join(alarm.name for alarm in ask.view.alarms) if ask.view else ""
    figures = {"value": repr(name[:32]), "known": standing}
    if standing:
        return Refusal("unknown_name", "there is no alarm {value}; those that stand: {known}", figures)
    return Refusal("unknown_name", "there is no alarm {value}; no alarm stands", figures)


def put_prices(ask: Ask, params: Params) -> Answer:
    """Prices from outside; as many are accepted as were told, or none."""
    slots = []
    for row in params["slots"]:
        span = [_moment(ask, row[name]) for name in ("start", "end")]
        start, end = span
        if isinstance(start, Refusal) or isinstance(end, Refusal):
            bad = start if isinstance(start, Refusal) else end
            assert isinstance(bad, Refusal)
            return {**hems_error(bad), "accepted": 0}
        slots.append(Slot(start, end, row.get("price_eur_kwh"), row.get("period", "")))

    def reply(verdict: Refusal | None) -> Result:
        return {**hems_error(verdict), "accepted": 0 if verdict else len(slots)}

    return Asked((PutPrices(params["provider"], tuple(slots)),), reply)


def reload(ask: Ask, params: Params) -> Answer:
    """Judge the installation file and start again with it; one at a time."""

    def reply(verdict: Refusal | None) -> Result:
        told = hems_error(verdict)
        busy = verdict is not None and verdict.code == "not_now"
        return {**told, "hemsError": "HemsErrorBusy"} if busy else told

    return Asked((Restart(),), reply)


def get_screen(ask: Ask, params: Params) -> Answer:
    """The panel's picture; `follow` asks for each new one."""
    if ask.screen is None:
        return hems_error(_NO_PANEL)
    if "follow" in params:
        ask.door.follow(ask.caller.number, params["follow"])
    sequence, frame = ask.screen.frame()
    told = {"sequence": sequence, "width": WIDTH, "height": HEIGHT, "frame": b64encode(frame).decode()}
    return {**hems_error(None), **told}


def press_key(ask: Ask, params: Params) -> Answer:
    """A key from afar, and the picture it was pressed at: a later one may show what it did.

    Questions that only the physical buttons answer do not hear it.
    """
    if ask.screen is None:
        return hems_error(_NO_PANEL)
    if params["key"] not in KEYS:
        words = "there is no key {value}; known: {known}"
        figures = {"value": repr(params["key"][:32]), "known": ", ".join(KEYS)}
        return hems_error(Refusal("unknown_name", words, figures))
    sequence, _ = ask.screen.frame()
    ask.screen.press(params["key"], hold=params.get("hold", False))
    return {**hems_error(None), "sequence": sequence}


_NO_PANEL: Final = Refusal("unsupported", "there is no panel")


def _moment(ask: Ask, told: str) -> datetime | Refusal:
    """A time as ISO 8601; without an offset it is the site's."""
    try:
        found = datetime.fromisoformat(told)
    except ValueError:
        return Refusal("bad_value", "{value} is no time", {"value": repr(told[:32])})
    return found if found.tzinfo is not None else found.replace(tzinfo=ask.wall.tzinfo)
