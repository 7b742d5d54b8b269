"""What the states of chargers are in a view; ``None`` = unknown now (API-71)."""

from collections.abc import Callable
from typing import Final

from hems.api.classes import Bounds, Look, Value
from hems.api.thing_values import connected, drawn_w
from hems.api.units import amperes, kilowatt_hours
from hems.language.said import reason
from hems.language.words import speaking
from hems.model.settings import ChargerSettings
from hems.model.snapshot import ChargerReading
from hems.model.view import InstalledCharger

PLUGGED: Final = ("B", "C", "D")
CHARGING: Final = ("C", "D")
FAULTS: Final = ("E", "F")


def charger(look: Look) -> InstalledCharger:
    """The charger a look is at."""
    return look.view.installed.chargers[look.name]


def charger_reading(look: Look) -> ChargerReading | None:
    """What it last said."""
    return look.view.snapshot.chargers.get(look.name)


def charger_connected(look: Look) -> bool:
    """Whether a charger answers, or sleeps."""
    return connected(look, charger_reading(look))


def orders(look: Look) -> ChargerSettings:
    """What a charger was told."""
    return look.view.settings.charger(look.name)


def most_a(look: Look) -> float | None:
    """What a person allows a charger at most, within what it can."""
    able = charger(look)
    return amperes(min(able.max_a, max(able.min_a, orders(look).user_max_a)))


def charger_bounds(look: Look) -> Bounds:
    """Within what a person may set that."""
    able = charger(look)
    return Bounds(able.min_a, able.max_a, able.step_a)


def status_is(among: tuple[str, ...]) -> Callable[[Look], Value | None]:
    """Whether a charger's status is one of these; a fault tells nothing about the car."""

    def value(look: Look) -> Value | None:
        reading = charger_reading(look)
        if reading is None or reading.status not in ("A", *PLUGGED):
            return None
        return reading.status in among

    return value


def is_charging(look: Look) -> Value | None:
    """Whether a car charges; not while the charger is silent or out of order."""
    reading = charger_reading(look)
    if reading is None or not charger_connected(look) or reading.status in FAULTS:
        return False
    return None if reading.status is None else reading.status in CHARGING


def charger_w(look: Look) -> Value | None:
    """What a car draws; 0 while its charger is silent."""
    return drawn_w(look, charger_connected(look))


def lines_used(look: Look) -> Value | None:
    """On how many lines it is reckoned to charge."""
    decision = look.view.decision.chargers.get(look.name)
    return len(decision.lines) or None if decision is not None else None


def lines_wanted(look: Look) -> Value | None:
    """On how many it is to charge: as it was told, else as the sun wants it."""
    if orders(look).lines is not None:
        return orders(look).lines
    command = look.view.decision.command.chargers.get(look.name)
    return None if command is None else command.lines


def session_kwh(look: Look) -> Value | None:
    """What the car that is there has had; once it is gone that stays until the next one comes."""
    session = look.view.sessions.get(f"ev{charger(look).number}")
    return None if session is None else kilowatt_hours(session.energy_wh)


def limit_a(look: Look) -> Value | None:
    """What a charger is told."""
    decision = look.view.decision.chargers.get(look.name)
    return None if decision is None else amperes(decision.limit_a)


def why(look: Look) -> Value | None:
    """Why it is told that, in the language of the house."""
    decision = look.view.decision.chargers.get(look.name)
    with speaking(look.view.settings.panel.language):
        return None if decision is None else reason(decision.why)


def charger_key(look: Look) -> str:
    """The counter of what a charger gave."""
    return f"ev{charger(look).number}.energy.all.total"
