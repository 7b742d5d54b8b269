"""What the states of heat pumps are in a view; ``None`` = unknown now (API-71)."""

from collections.abc import Mapping
from typing import Final

from hems.api.classes import Look, Value
from hems.api.thing_values import connected, drawn_w
from hems.model.settings import Sg
from hems.model.view import View

SG_WORDS: Final[Mapping[Sg, str]] = {
    "locked": "Off",
    "normal": "Low",
    "recommended": "Standard",
    "forced": "High",
}
"""The states of two SG-Ready contacts in nymea's words."""


def pumps(view: View) -> tuple[str, ...]:
    """Heat pumps that are read, and those that are only spoken to through contacts."""
    installed = view.installed
    unread = (name for name, pump in installed.sg_ready.items() if not pump)
    return tuple(dict.fromkeys((*installed.heat_pumps, *unread)))


def contacts_of(look: Look) -> str | None:
    """The contacts that speak to a heat pump."""
    pairs = look.view.installed.sg_ready.items()
    return next((pair for pair, pump in pairs if (pump or pair) == look.name), None)


def has_contacts(look: Look) -> bool:
    """Whether there are any."""
    return contacts_of(look) is not None


def pump_seen(look: Look) -> bool:
    """Whether a heat pump has ever answered; one that is only spoken to needs no answer."""
    unread = look.name not in look.view.installed.heat_pumps
    return unread or look.name in look.view.snapshot.heat_pumps


def pump_connected(look: Look) -> bool:
    """Whether a heat pump answers."""
    unread = look.name not in look.view.installed.heat_pumps
    return unread or connected(look, look.view.snapshot.heat_pumps.get(look.name))


def sg_mode(look: Look) -> Value | None:
    """What its contacts tell it."""
    decision = look.view.decision.heat_pumps.get(contacts_of(look) or "")
    return None if decision is None or decision.sg is None else SG_WORDS[decision.sg]


def pump_key(look: Look) -> str:
    """The counter of what a heat pump used."""
    return f"hp{look.view.installed.heat_pumps.get(look.name)}.energy_electrical.all.total"


def pump_w(look: Look) -> Value | None:
    """What a heat pump draws; 0 while it is silent."""
    return drawn_w(look, pump_connected(look))
