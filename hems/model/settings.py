"""What we were told: changes by intent, survives a power cut."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from hems.model.prices import Prices

Mode = Literal["off", "fast", "surplus", "min_surplus"]
MODES: Final[tuple[Mode, ...]] = get_args(Mode)


@dataclass(frozen=True, slots=True)
class ChargerSettings:
    """One charger's orders: its mode and the most current a person allows it."""

    mode: Mode = "surplus"
    user_max_a: float = 32.0


@dataclass(frozen=True, slots=True)
class Settings:
    """All orders, by charger name, and the accepted offsets of shown totals by their flat keys.

    `prices` have a file of their own and are not in the book.
    """

    chargers: Mapping[str, ChargerSettings] = field(default_factory=dict)
    offsets: Mapping[str, int] = field(default_factory=dict)
    prices: Prices | None = None

    def charger(self, name: str) -> ChargerSettings:
        """The orders of one charger; the defaults when none were given."""
        return self.chargers.get(name, ChargerSettings())
