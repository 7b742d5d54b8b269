"""From what was found on the serial lines to what it probably is, and to the installation file. Pure.

A meter that can only measure a generator is one. Of the others the first that can is the grid's; the next one
measures a charger, if there is one. A person looks at all of it before anything is taken.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hems.model.intents import Change
from hems.model.view import FoundDevice

NOTHING: Final = "none"
NAMES: Final[Mapping[str, str]] = {
    "grid": "grid",
    "pv": "pv",
    "battery": "battery",
    "charger": "car",
    "car": "garage",
    "heat_pump": "pump",
}
"""What the first device of a role is called; others have a number behind it."""

CHOSEN: Final = ("grid", "pv", "battery", "charger")
"""Roles of meters that are offered; a circuit is made by hand."""


@dataclass(frozen=True, slots=True)
class Here:
    """A device that was found, and on which line."""

    bus: str
    device: FoundDevice

    @property
    def key(self) -> str:
        """How an answer refers to it."""
        return f"{self.bus}:{self.device.unit}"


def roles(here: Here) -> tuple[str, ...]:
    """What it may be, ``none`` last."""
    if not here.device.products:
        return (NOTHING,)
    match here.device.kind:
        case "meter":
            return (*(role for role in CHOSEN if role in here.device.roles), NOTHING)
        case "charger":
            return ("car", NOTHING)
        case "heat_pump":
            return ("heat_pump", NOTHING)
        case _:
            return (NOTHING,)


def proposed(found: Sequence[Here], told: Mapping[str, str]) -> dict[str, str]:
    """The role of each by its key; what a person `told` stands."""
    result = {one.key: told[one.key] for one in found if told.get(one.key) in roles(one)}
    taken = list(result.values())
    for one in found:
        if one.key not in result:
            wanted = _wanted(one, found)
            role = next(
                (role for role in wanted if role in roles(one) and _free(role, taken, found)), NOTHING
            )
            result[one.key] = role
            taken.append(role)
    return result


def unguarded(found: Sequence[Here], given: Mapping[str, str], relay: str) -> tuple[str, ...]:
    """The chargers, by key, that would go on when this appliance stops: no relay, no watchdog."""
    cars = [one for one in found if given[one.key] == "car"]
    return tuple(
        one.key for place, one in enumerate(cars) if not one.device.stops_itself and (place or not relay)
    )


def changes(
    found: Sequence[Here],
    given: Mapping[str, str],
    lines: Sequence[str],
    relay: str,
    most_a: float,
    *,
    accepted: bool = False,
) -> Iterator[Change]:
    """The rows of the installation; `relay` enables the first charger ("" = none), `lines` are the house's.

    `accepted`: a person knows of chargers that go on when this appliance stops.
    """
    numbers: dict[str, int] = {}
    chargers = 0
    for bus in dict.fromkeys(one.bus for one in found):
        yield from _setting(bus, [one for one in found if one.bus == bus and given[one.key] != NOTHING])
    for one in found:
        role = given[one.key]
        if role == NOTHING:
            continue
        number = numbers[role] = numbers.get(role, 0) + 1
        name = NAMES[role] if number == 1 else f"{NAMES[role]}-{number}"
        row: dict[str, object] = {"bus": one.bus, "unit": one.device.unit, "profile": one.device.products[0]}
        match role:
            case "car":
                chargers += 1
                own = relay if chargers == 1 else ""
                row |= {"number": number, "lines": tuple(lines), "max_a": min(one.device.most_a, most_a)}
                row |= {"min_a": one.device.least_a} if one.device.least_a > 6.0 else {}
                row |= {"relay": own} if own else {}
                row |= (
                    {"accept_no_failsafe": True}
                    if accepted and not own and not one.device.stops_itself
                    else {}
                )
                yield Change(("charger", name), row)
            case "heat_pump":
                yield Change(("heat_pump", name), {"number": number, **row})
            case _:
                row["role"] = role
                if role == "charger":
                    row["charger"] = NAMES["car"] if number == 1 else f"{NAMES['car']}-{number}"
                if "grid" not in one.device.roles or (role == "charger" and len(lines) == 1):
                    row["lines"] = (lines[0],)
                yield Change(("meter", name), row)


def _wanted(one: Here, found: Sequence[Here]) -> tuple[str, ...]:
    match one.device.kind:
        case "meter" if "charger" not in one.device.roles:
            return ("pv", "battery")
        case "meter" if any(other.device.kind == "charger" for other in found):
            return ("grid", "charger", "pv", "battery")
        case "meter":
            return ("grid", "pv", "battery")
        case "charger":
            return ("car",)
        case _:
            return ("heat_pump",)


def _free(role: str, taken: Sequence[str], found: Sequence[Here]) -> bool:
    chargers = sum(one.device.kind == "charger" for one in found)
    most = {"car": 8, "heat_pump": 8, "charger": chargers}.get(role, 1)
    return taken.count(role) < most


def _setting(bus: str, used: Sequence[Here]) -> Iterator[Change]:
    """The line speaks as its devices do; most of them, where they differ."""
    settings = [one.device.setting for one in used]
    if not settings:
        return
    baud, frame, *framing = max(settings, key=settings.count).split()
    yield Change(("bus", bus, "baud"), int(baud))
    yield Change(("bus", bus, "parity"), frame[1])
    yield Change(("bus", bus, "stop_bits"), int(frame[2]))
    yield Change(("bus", bus, "framing"), framing[0].lower() if framing else None)
