"""Everything on one page, for every eye."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from hems.model.alarm import Alarm, PastAlarm
from hems.model.decision import Decision
from hems.model.instant import Instant
from hems.model.ledger import Event
from hems.model.runs import Session
from hems.model.settings import Manner, Settings
from hems.model.snapshot import Snapshot
from hems.model.surroundings import Surroundings
from hems.model.units import LineName, PerLine

Role = Literal["grid", "pv", "battery", "circuit", "charger_meter", "charger", "heat_pump"]
"""What a device is for."""


@dataclass(frozen=True, slots=True)
class BusHealth:
    """One serial line: its stage, load over the last minute, and what it counted since the start.

    The load are bits on the wire, silences and waiting. `early` requests (sent before the silence had passed)
    must be 0. `foreign_lately` are frames of another master within 60 s.
    """

    stage: str
    setting: str
    echo: bool = False
    load_pct: float = 0.0
    exchanges: int = 0
    exchanges_per_s: float = 0.0
    reopenings: int = 0
    early: int = 0
    unasked_bytes: int = 0
    words: str = ""
    foreign_lately: int = 0


@dataclass(frozen=True, slots=True)
class DeviceHealth:
    """One device: requests, errors by kind, latency, the gaps in force and its last good fast values.

    `set_up` says that all it needs has been told and found. `warning` is a likely cause of more than 1 %
    errors within ten minutes, in words. `unfed`: its own watchdog is about to act.
    """

    bus: str
    requests: int = 0
    accepted: int = 0
    errors: Mapping[str, int] = field(default_factory=dict)
    latency_p50_ms: float | None = None
    latency_p95_ms: float | None = None
    latency_p99_ms: float | None = None
    latency_max_ms: float | None = None
    gap_ms: float = 0.0
    turn_ms: float = 0.0
    asleep: bool = False
    set_up: bool = False
    last_good_mono_s: float | None = None
    back_off_s: float = 0.0
    words: str = ""
    warning: str = ""
    role: Role | None = None
    unfed: bool = False


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """Somebody who answers on a serial line: setting (``9600 8N1``), unit id, and which product it may be.

    `products` are keys of profiles, the best first. Of that: what it is ("" = nobody knows), for which roles
    a meter will do, the currents a charger takes, and whether it stops by itself when nobody talks to it.
    """

    setting: str
    unit: int
    certainty: Literal["sure", "likely", "unknown"]
    products: tuple[str, ...] = ()
    words: str = ""
    kind: Literal["", "meter", "charger", "heat_pump"] = ""
    roles: tuple[str, ...] = ()
    least_a: float = 6.0
    most_a: float = 16.0
    stops_itself: bool = False


@dataclass(frozen=True, slots=True)
class SearchHealth:
    """The last search for devices of this run: pair `at` of `of`, counted from 1, and about how long still.

    While those who are there are asked who they are, `naming` counts them from 1. `words` say why it ended
    early; what was found until then stays.
    """

    bus: str
    manner: Manner
    ended: bool
    at: int
    of: int
    seconds_left: float
    naming: int = 0
    found: tuple[FoundDevice, ...] = ()
    words: str = ""


@dataclass(frozen=True, slots=True)
class FieldHealth:
    """The wires' health, by name, and the last search for devices, ``None`` if there was none in this run."""

    buses: Mapping[str, BusHealth] = field(default_factory=dict)
    devices: Mapping[str, DeviceHealth] = field(default_factory=dict)
    search: SearchHealth | None = None


@dataclass(frozen=True, slots=True)
class JournalHealth:
    """The memory's health: `unsaved_s` is the age of the oldest change not yet on the card.

    `writes_24h` and `bytes_24h` wear the card. `alarms` are words with date and extent by their code; with
    ``book_unreadable`` among them no counter is known.
    """

    state: str = "ok"
    unsaved_s: float = 0.0
    records: int = 0
    bytes_written: int = 0
    writes_24h: int = 0
    bytes_24h: int = 0
    alarms: Mapping[str, str] = field(default_factory=dict)
    words: str = ""


@dataclass(frozen=True, slots=True)
class CycleHealth:
    """The loop's health; times of the last 600 cycles in milliseconds."""

    cycles: int = 0
    overruns: int = 0
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    max_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Health:
    """All health on one page."""

    cycle: CycleHealth = field(default_factory=CycleHealth)
    wires: FieldHealth = field(default_factory=FieldHealth)
    journal: JournalHealth = field(default_factory=JournalHealth)


@dataclass(frozen=True, slots=True)
class Balance:
    """Powers that add up, by the sign rule; ``None`` = unknown, 0 = not installed or nothing flows.

    `things_w` are the chargers and heat pumps that `ev_w` and `heat_pump_w` are made of, by name.
    """

    grid_w: float | None = None
    pv_w: float | None = None
    battery_w: float | None = None
    ev_w: float | None = None
    heat_pump_w: float | None = None
    home_w: float | None = None
    things_w: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InstalledWiring:
    """What an installer sees of the installation file; `house` is false until somebody has told of a house.

    `dim_contact` and `dim_limited` are the grid operator's contact and which way it limits, `tariff` the
    provider, "" = none.
    """

    house: bool = True
    time_zone: str = "UTC"
    circuits: Mapping[str, PerLine] = field(default_factory=dict)
    contacts: tuple[str, ...] = ()
    relays: tuple[str, ...] = ()
    dim_contact: str = ""
    dim_limited: Literal["open", "closed"] = "open"
    tariff: str = ""


@dataclass(frozen=True, slots=True)
class Installed:
    """What the site has, as far as an eye must know it; heat pumps with their number in the counters.

    `prices`: the tariff's prices come in slots, `off_peak`: it has periods that are cheap. `sg_ready` are the
    pairs of contacts with the heat pump they speak to ("" = one that is not read). `settable` are the
    settings that may be changed by name, `providers` those whose prices may be chosen, `operator` is where
    the grid operator's word comes from ("" = he may not limit). `imbalance_a` is how far charging may pull
    two lines apart. Below `battery_first_pct` of its level the house battery comes before the cars, above
    `car_first_pct` after them. `reaction_s` is how long a charger on a serial line takes to hear of an
    overload, by the line. `rated` are the operations that contacts are made for, by their counter.
    """

    site: str
    main_fuse_a: PerLine
    chargers: Mapping[str, "InstalledCharger"]
    heat_pumps: Mapping[str, int] = field(default_factory=dict)
    pv: bool = False
    battery: bool = False
    vehicles: Mapping[str, "InstalledVehicle"] = field(default_factory=dict)
    prices: bool = False
    off_peak: bool = False
    meters: Mapping[str, "InstalledMeter"] = field(default_factory=dict)
    sg_ready: Mapping[str, str] = field(default_factory=dict)
    settable: tuple["Settable", ...] = ()
    providers: tuple[str, ...] = ()
    operator: Literal["", "contact", "api"] = ""
    wiring: InstalledWiring = InstalledWiring()
    imbalance_a: float | None = None
    battery_first_pct: float = 0.0
    car_first_pct: float = 100.0
    reaction_s: Mapping[str, float] = field(default_factory=dict)
    rated: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settable:
    """A setting that may be changed by its name: what it is as installed, its range in steps or its choices.

    `none` says that 0 stands for "no such limit" besides.
    """

    name: str
    default: float | str | bool
    text: str
    least: float | None = None
    most: float | None = None
    step: float | None = None
    unit: str = ""
    choices: tuple[str, ...] = ()
    none: bool = False


@dataclass(frozen=True, slots=True)
class InstalledMeter:
    """A meter: what it measures, of which circuit or charger, on which of the site's lines.

    `by_line` are the quantities that it tells for each line, as ``line_a``.
    """

    role: Literal["grid", "pv", "battery", "charger", "circuit"]
    of: str = ""
    lines: tuple[LineName, ...] = ("L1", "L2", "L3")
    by_line: frozenset[str] = frozenset()
    mounted: Literal["normal", "reversed"] = "normal"


@dataclass(frozen=True, slots=True)
class InstalledCharger:
    """A charger's hard limits in ampere, its number in the counters, and whether a relay enables it.

    `switchable`: it can be switched between one line and all of its lines.
    """

    number: int
    min_a: float
    max_a: float
    step_a: float
    relay: bool
    switchable: bool = False
    lines: tuple[LineName, ...] = ("L1", "L2", "L3")
    relay_test: bool = False


@dataclass(frozen=True, slots=True)
class InstalledVehicle:
    """A car: its battery, the charger it mostly uses ("" = none), the most it takes and on how many lines."""

    capacity_wh: float
    charger: str = ""
    max_a: float = 32.0
    lines: int = 3


@dataclass(frozen=True, slots=True)
class View:
    """One cycle on one page. `sessions` are the open ones by ``ev<i>``, `past_alarms` newest first.

    `since` is from when on each counter has counted, by its name (``None`` = nobody knows).
    """

    now: Instant
    installed: Installed
    snapshot: Snapshot
    decision: Decision
    settings: Settings
    balance: Balance
    counters: Mapping[str, int | float | None]
    health: Health
    events: tuple[Event, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    around: Surroundings = field(default_factory=Surroundings)
    sessions: Mapping[str, Session] = field(default_factory=dict)
    past_alarms: tuple[PastAlarm, ...] = ()
    since: Mapping[str, datetime | None] = field(default_factory=dict)
