"""What we chose, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from hems.model.intents import Intent
from hems.model.ledger import Event
from hems.model.lessons import Lesson
from hems.model.plans import Plan
from hems.model.prices import Outlook, Slot
from hems.model.settings import Manner, SearchMark, Sg
from hems.model.units import LineName
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


class ChargingState(StrEnum):
    """What a charger is doing, in the words of the door: the rung of the ladder that holds it."""

    IDLE = "idle"
    SURPLUS = "surplus"
    SPOT_MARKET = "spot_market"
    TIME_REQUIREMENT = "time_requirement"
    MANUAL = "manual"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class ChargerCommand:
    """The whole command for one charger: its current limit (0 = no charging) and its relay's position.

    `lines` is the number of lines it is to charge on, ``None`` where that cannot be switched.
    """

    limit_a: float
    relay_closed: bool
    lines: int | None = None


@dataclass(frozen=True, slots=True)
class ChargerDecision:
    """What one charger may do this cycle.

    `wish_a` is what its mode would like, `cap_a` what protection allows, `limit_a` what it is told.
    `booked_a` is the current that protection reckons with on its lines, `mode` what a person chose. `lines`
    are those it is reckoned to use, `lines_level` how that is known (1 measured … 4 not at all, CHG-20).
    `need_wh` is what its target still lacks. `relay_test_due`: its relay should have been tested by now;
    `relay_failed`: it did not pass its last test. `stuck`: its contactor does not open. `lines_locked`: it is
    not switched between one and three lines until its car leaves. `cheap_slots` are the cheap hours of today
    and tomorrow in which it charges anyway.
    """

    stage: Stage
    hand: Hand
    wish_a: float
    cap_a: float
    limit_a: float
    booked_a: float
    why: Why
    mode: str = ""
    state: ChargingState = ChargingState.IDLE
    lines: tuple[LineName, ...] = ()
    lines_level: int = 4
    plan: Plan | None = None
    need_wh: float | None = None
    relay_test_due: bool = False
    relay_failed: bool = False
    stuck: bool = False
    lines_locked: bool = False
    cheap_slots: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True)
class HeatPumpDecision:
    """What a heat pump is offered this cycle: its SG-Ready state, watts of surplus, and why."""

    why: Why
    sg: Sg | None = None
    surplus_w: float | None = None


@dataclass(frozen=True, slots=True)
class Dim:
    """The grid operator's limit: whether it holds, what all controllable devices may draw, who says so."""

    limited: bool
    limit_w: float
    source: str = ""


@dataclass(frozen=True, slots=True)
class DimTest:
    """The test of the grid operator's contact: its stage, and of the last one what came of it.

    `seconds` went by from the contact until the last charger had acknowledged its set-point, ``None`` where
    none had to be lowered. `because` is the charger that a verdict is about.
    """

    stage: Literal["resting", "waiting", "writing"]
    verdict: Literal["", "passed", "late", "unanswered", "nothing", "limited", "released"] = ""
    seconds: float | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class SearchOrder:
    """A serial line that is handed over to a search for devices; it goes on at `mark`, if there is one."""

    bus: str
    manner: Manner
    mark: SearchMark | None = None


@dataclass(frozen=True, slots=True)
class SearchDecision:
    """A search for devices: its line, and whether chargers are still being stopped for it.

    `waits_for` says in words what is not yet still.
    """

    bus: str
    manner: Manner
    stage: Literal["stopping", "searching"]
    waits_for: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """Everything the edge is told in one cycle, by device name.

    `surplus_w` is what a heat pump may take of the surplus; a pump that is not named is told nothing.
    `relays` are the positions of all other relays (true = energised). `search` is the one line that is handed
    over to a search; without it every line is at work.
    """

    chargers: Mapping[str, ChargerCommand] = field(default_factory=dict)
    surplus_w: Mapping[str, float] = field(default_factory=dict)
    relays: Mapping[str, bool] = field(default_factory=dict)
    search: SearchOrder | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of one cycle. `available_w` is the surplus the cars may have, ``None`` without a meter.

    `tariff` names the tariff period in force and `price_ueur_kwh` its price in micro-euro per kWh, ``None``
    where there is none. `loads` says which sheddable loads may run. `lessons` (by ``ev<i>``), `events` and
    `asks` are for the ledger, the journal and the settings: what was found out, what happened, which orders
    have come to their end. `outlook` is what electricity costs when. `dim_test` is ``None`` until
    there was one.
    """

    chargers: Mapping[str, ChargerDecision]
    command: Command
    available_w: float | None
    tariff: str | None = None
    price_ueur_kwh: int | None = None
    heat_pumps: Mapping[str, HeatPumpDecision] = field(default_factory=dict)
    loads: Mapping[str, bool] = field(default_factory=dict)
    dim: Dim | None = None
    lessons: Mapping[str, Lesson] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    asks: tuple[Intent, ...] = ()
    search: SearchDecision | None = None
    outlook: Outlook = field(default_factory=Outlook)
    dim_test: DimTest | None = None
