"""What was refused, in the words a person reads."""

from hems.model.intents import Refusal
from hems.model.phrase import Phrase
from hems.model.settings import Settings


def flat(verdict: Settings | Refusal | None) -> Settings | Refusal | None:
    """A refusal with its sentence in full; anything else as it is."""
    return Refusal(verdict.code, verdict.text) if isinstance(verdict, Refusal) else verdict


def words(fault: Phrase | None) -> str:
    """What is wrong, empty if nothing is."""
    return fault.text if fault else ""
