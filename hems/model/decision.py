"""What we chose, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hems.model.why import Why


class Stage(StrEnum):
    """Stages of the charging state machine of one charger."""

    IDLE = "idle"
    STARTING = "starting"
    CHARGING = "charging"
    STOPPING = "stopping"


class Hand(StrEnum):
    """The means by which a charger is held."""

    MODBUS = "modbus"
    RELAY = "relay"


@dataclass(frozen=True, slots=True)
class ChargerCommand:
    """The whole command for one charger: its current limit (0 = no charging) and its relay's position."""

    limit_a: float
    relay_closed: bool


@dataclass(frozen=True, slots=True)
class ChargerDecision:
    """What one charger may do this cycle.

    `wish_a` is what its mode would like, `cap_a` what protection allows, `limit_a` what it is told.
    `booked_a` is the current that protection reckons with on its lines, `mode` what a person chose.
    """

    stage: Stage
    hand: Hand
    wish_a: float
    cap_a: float
    limit_a: float
    booked_a: float
    why: Why
    mode: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """Everything the edge is told in one cycle, by device name.

    `surplus_w` is what a heat pump may take of the surplus; a pump that is not named is told nothing.
    """

    chargers: Mapping[str, ChargerCommand] = field(default_factory=dict)
    surplus_w: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of one cycle. `available_w` is the surplus the cars may have, ``None`` without a meter.

    `tariff` names the tariff period in force and `price_ueur_kwh` its price in micro-euro per kWh, ``None``
    where there is none.
    """

    chargers: Mapping[str, ChargerDecision]
    command: Command
    available_w: float | None
    tariff: str | None = None
    price_ueur_kwh: int | None = None
