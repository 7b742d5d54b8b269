"""Refusals in the words of each namespace."""

import pytest

from hems.api.refusals import energy_error, hems_error, thing_error
from hems.model.intents import Refusal

TABLE = """
unknown_name  ThingErrorThingNotFound         EnergyErrorInvalidParameter  HemsErrorUnknownName
missing       ThingErrorMissingParameter      EnergyErrorMissingParameter  HemsErrorMissingParameter
bad_value     ThingErrorInvalidParameter      EnergyErrorInvalidParameter  HemsErrorInvalidParameter
not_now       ThingErrorHardwareNotAvailable  EnergyErrorInvalidParameter  HemsErrorRefused
unsupported   ThingErrorUnsupportedFeature    EnergyErrorInvalidParameter  HemsErrorUnsupported
martian       ThingErrorInvalidParameter      EnergyErrorInvalidParameter  HemsErrorInvalidParameter
"""


@pytest.mark.parametrize(
    ("code", "thing", "energy", "hems"), [row.split() for row in TABLE.split("\n") if row]
)
def test_each_code_has_its_error_and_its_words(code: str, thing: str, energy: str, hems: str) -> None:
    """API-6."""
    verdict = Refusal(code, "not today")
    assert thing_error(verdict) == {"thingError": thing, "displayMessage": "not today"}
    assert energy_error(verdict) == {"energyError": energy, "displayMessage": "not today"}
    assert hems_error(verdict) == {"hemsError": hems, "reason": "not today"}


def test_what_is_granted_needs_no_words() -> None:
    """API-6."""
    assert thing_error(None) == {"thingError": "ThingErrorNoError"}
    assert energy_error(None) == {"energyError": "EnergyErrorNoError"}
    assert hems_error(None) == {"hemsError": "HemsErrorNoError"}
