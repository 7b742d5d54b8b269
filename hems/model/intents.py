"""What a button, a call or a message may ask for. Every door yields the same values."""

from dataclasses import dataclass

from hems.model.prices import Slot
from hems.model.settings import Mode


@dataclass(frozen=True, slots=True)
class SetMode:
    """Charge this way from now on."""

    charger: str
    mode: Mode


@dataclass(frozen=True, slots=True)
class SetUserMax:
    """Allow this charger at most so much current."""

    charger: str
    user_max_a: float


@dataclass(frozen=True, slots=True)
class PutPrices:
    """These are the prices from now on; they replace what was known."""

    provider: str
    slots: tuple[Slot, ...]


Intent = SetMode | SetUserMax | PutPrices


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an intent was not granted, in one sentence; `code` is one of the five that every door maps."""

    code: str
    text: str
