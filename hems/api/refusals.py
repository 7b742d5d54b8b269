"""How each namespace says that something was refused: a row for each code (API-6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hems.api.rows import Result
from hems.language.said import refusal
from hems.model.intents import Refusal


@dataclass(frozen=True, slots=True)
class Errors:
    """One refusal in the words of the three enums."""

    thing: str
    energy: str
    hems: str


GRANTED: Final = Errors("ThingErrorNoError", "EnergyErrorNoError", "HemsErrorNoError")

REFUSED: Final[Mapping[str, Errors]] = {
    "unknown_name": Errors("ThingErrorThingNotFound", "EnergyErrorInvalidParameter", "HemsErrorUnknownName"),
    "missing": Errors(
        "ThingErrorMissingParameter", "EnergyErrorMissingParameter", "HemsErrorMissingParameter"
    ),
    "bad_value": Errors(
        "ThingErrorInvalidParameter", "EnergyErrorInvalidParameter", "HemsErrorInvalidParameter"
    ),
    "not_now": Errors("ThingErrorHardwareNotAvailable", "EnergyErrorInvalidParameter", "HemsErrorRefused"),
    "unsupported": Errors(
        "ThingErrorUnsupportedFeature", "EnergyErrorInvalidParameter", "HemsErrorUnsupported"
    ),
}


def errors(verdict: Refusal | None) -> Errors:
    """The errors of a verdict, ``None`` = granted; an unknown code is a value that cannot be."""
    return GRANTED if verdict is None else REFUSED.get(verdict.code, REFUSED["bad_value"])


def thing_error(verdict: Refusal | None) -> Result:
    """The reply of nymea's Integrations."""
    return _worded("thingError", errors(verdict).thing, "displayMessage", verdict)


def energy_error(verdict: Refusal | None) -> Result:
    """The reply of Energy and NymeaEnergy."""
    return _worded("energyError", errors(verdict).energy, "displayMessage", verdict)


def hems_error(verdict: Refusal | None) -> Result:
    """The reply of Hems."""
    return _worded("hemsError", errors(verdict).hems, "reason", verdict)


def _worded(member: str, error: str, words: str, verdict: Refusal | None) -> Result:
    return {member: error} if verdict is None else {member: error, words: refusal(verdict)}
