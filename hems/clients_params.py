"""Words of a command line as parameters of the door's methods (API-150)."""

import re
from argparse import ArgumentTypeError
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Final, Protocol

from hems.errors import HemsError
from hems.model.settings import AIMED

if TYPE_CHECKING:
    from hems.clients_told import Setting

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOUR: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
Params = Mapping[str, Any]
Given = Mapping[str, Any]


class Service(Protocol):
    """What a row may ask of the running service."""

    def charger(self, named: str | None) -> str:
        """The charger that is meant: the one that was named, else the only one."""
        ...

    def now(self) -> datetime:
        """The service's own time, in the zone of the site."""
        ...

    def zone(self) -> tzinfo:
        """The zone of the site."""
        ...

    def mode(self, charger: str) -> str:
        """The charger's present mode."""
        ...

    def setting(self, name: str) -> "Setting | None":
        """A setting by its name."""
        ...


def named(*keys: str) -> Callable[[Given, Service], Params]:
    """What was given, under the same names."""
    return lambda given, _: {key: given[key] for key in keys if given.get(key) is not None}


def _for_charger(given: Given, service: Service) -> dict[str, Any]:
    return {"charger": service.charger(given.get("charger"))}


def quantity(unit: str, factor: float = 1.0) -> Callable[[str], float]:
    """A number, with or without its unit."""

    def read(text: str) -> float:
        number = text.strip().removesuffix(unit).removesuffix(unit.lower()).strip()
        try:
            return float(number.replace(",", ".")) * factor
        except ValueError:
            raise ArgumentTypeError(f"{text!r} is not a number of {unit}") from None

    return read


AMPERE: Final = quantity("A")
PER_CENT: Final = quantity("%")
KWH: Final = quantity("kWh", 1000.0)


def whole(text: str) -> int:
    """A whole number."""
    if not text.isdecimal():
        raise ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


def days(text: str) -> list[int]:
    """Days of the week by name, 1 = Monday; ``daily`` is all, ``once`` none."""
    whole: dict[str, list[int]] = {"daily": list(range(1, 8)), "once": []}
    if text in whole:
        return whole[text]
    names = text.lower().split(",")
    if strangers := [name for name in names if name not in DAYS]:
        raise ArgumentTypeError(f"{strangers[0]!r} is no day; use {','.join(DAYS)}, daily or once")
    return sorted({DAYS.index(name) + 1 for name in names})


def deadline(told_: str, now: datetime) -> str:
    """When, as the door reads it: an hour is the next such hour of the site."""
    if found := HOUR.fullmatch(told_):
        at = now.replace(hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0, tzinfo=None)
        at += timedelta(days=at <= now.replace(tzinfo=None))
        return at.isoformat()
    try:
        return datetime.fromisoformat(told_).isoformat()
    except ValueError:
        raise HemsError(f"--by: {told_!r} is no time; write 07:00 or 2026-07-02T07:00") from None


def mode(given: Given, service: Service) -> Params:
    """A mode, also with a hyphen."""
    return {**_for_charger(given, service), "mode": given["value"].replace("-", "_")}


def limit(given: Given, service: Service) -> Params:
    """Ampere; ``none`` is all that the charger can."""
    text = given["value"]
    return {
        **_for_charger(given, service),
        "limit_a": 0.0 if text == "none" else _read(AMPERE, "limit", text),
    }


def target(given: Given, service: Service) -> Params:
    """A level or an energy by when; ``none`` gives the target up."""
    params, text = _for_charger(given, service), given["value"].lower()
    if text == "none":
        return {**params, "end": ""}
    if text.endswith("kwh"):
        params["energy_wh"] = _read(KWH, "target", text)
    else:
        params["target_pct"] = _read(PER_CENT, "target", text)
    if given.get("by") is not None:
        params["end"] = deadline(given["by"], service.now())
    if given.get("days") is not None:
        params["repeat_days"] = given["days"]
    return params


def aim(params: Params, service: Service) -> str:
    """A target is of no use to a mode that looks at none."""
    mode = service.mode(params["charger"])
    if params.get("end") == "" or mode in AIMED:
        return ""
    return f"{params['charger']} is in mode {mode}, which looks at no target; hems set mode surplus_target"


def vehicle(given: Given, service: Service) -> Params:
    """What is known about a car."""
    rest = {"level_pct": given.get("level"), "charger": given.get("charger")}
    return {"vehicle": given["value"], **{name: value for name, value in rest.items() if value is not None}}


def setting(given: Given, service: Service) -> Params:
    """A value of the kind that the setting has; what no setting is called is the service's to refuse."""
    name, text = given["what"], given["value"]
    row = service.setting(name)
    value: object = "" if text == '""' else text
    if row is not None and isinstance(row.default, bool):
        value = _yes_or_no(name, text)
    elif row is not None and not isinstance(row.default, str):
        value = _read(quantity(row.unit), name, text)
    return {"name": name, "value": value}


def _yes_or_no(name: str, text: str) -> bool:
    known = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}
    if text.lower() not in known:
        raise HemsError(f"set {name}: {text!r} is not yes or no")
    return known[text.lower()]


def _read(read: Callable[[str], float], name: str, text: str) -> float:
    try:
        return read(text)
    except ArgumentTypeError as error:
        raise HemsError(f"set {name}: {error}") from None


def boost(given: Given, service: Service) -> Params:
    """For how long, or how much."""
    return {**_for_charger(given, service), **named("minutes")(given, service), **_energy(given)}


def _energy(given: Given) -> Params:
    return {} if given.get("kwh") is None else {"energy_wh": given["kwh"]}
