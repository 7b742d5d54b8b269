"""What the door tells the command line, as far as a command prints it (API-110 to API-112)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

Figures = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A rule that leaves less than the charger can."""

    rule: str
    limit_a: float | None


@dataclass(frozen=True, slots=True)
class Why:
    """Why a charger or heat pump is told what it is told."""

    name: str
    code: str
    rung: str
    text: str
    figures: Figures
    narrowed: Sequence[Narrowed]


@dataclass(frozen=True, slots=True)
class Change:
    """Another limit or another reason."""

    name: str
    limit_a: float | None
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Session:
    """What a car has charged; one that is `open` still does."""

    charger: str
    vehicle: str | None
    start: datetime | None
    end: datetime | None
    energy_wh: int | None
    solar_wh: int | None
    cost_ueur: int | None
    power_max_w: float | None
    mode: str | None
    open: bool


@dataclass(frozen=True, slots=True)
class Setting:
    """What may be changed by its name."""

    name: str
    value: float | str | bool
    default: float | str | bool
    min: float | None
    max: float | None
    unit: str
    choices: Sequence[str]
    text: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is wrong, since when; a `latched` one waits for a person."""

    name: str
    text: str
    since: datetime | None
    latched: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason's text."""

    text: str


@dataclass(frozen=True, slots=True)
class Charger:
    """A charger on the page; `status` A to F as the standard of charging has it."""

    name: str
    status: str | None
    mode: str
    limit_a: float | None
    power_w: float | None
    vehicle: str | None
    session_wh: int | None
    why: Reason | None


@dataclass(frozen=True, slots=True)
class HeatPump:
    """A heat pump on the page."""

    name: str
    power_w: float | None
    mode: str
    sg: str | None


@dataclass(frozen=True, slots=True)
class Site:
    """Powers of the house in W; the grid's is positive when it is bought."""

    grid_w: float | None
    pv_w: float | None
    battery_w: float | None
    battery_pct: float | None
    ev_w: float | None
    heat_pump_w: float | None
    home_w: float | None


@dataclass(frozen=True, slots=True)
class Operator:
    """The grid operator's limit."""

    limited: bool
    limit_w: float | None


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a kWh costs now."""

    period: str | None
    price_eur_kwh: float | None
    cheap: bool


@dataclass(frozen=True, slots=True)
class Page:
    """The page of the house."""

    time: datetime
    clock_ok: bool
    site: Site
    chargers: Sequence[Charger]
    heat_pumps: Sequence[HeatPump]
    tariff: Tariff
    operator: Operator
    alarms: Sequence[Alarm]
    not_proven: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Screen:
    """The front panel's picture: base64 of eight pages of 128 columns."""

    frame: str
