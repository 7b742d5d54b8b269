"""What we were told: changes by intent, survives a power cut."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, get_args

from hems.model.prices import Prices

Mode = Literal["off", "fast", "surplus", "surplus_target", "min_surplus", "min_surplus_target"]
MODES: Final[tuple[Mode, ...]] = get_args(Mode)
SUNNY: Final[frozenset[Mode]] = frozenset({"surplus", "surplus_target", "min_surplus", "min_surplus_target"})
"""Modes that follow the surplus."""

AIMED: Final[frozenset[Mode]] = frozenset({"surplus_target", "min_surplus_target"})
"""Modes that reach a target by a deadline."""

KEEPING: Final[frozenset[Mode]] = frozenset({"min_surplus", "min_surplus_target"})
"""Modes that never fall below the minimum while a car is there."""

Sg = Literal["normal", "recommended", "forced", "locked"]
"""What a heat pump is told through its SG-Ready contacts."""

SG_MOST_S: Final = 86_400.0
"""No person tells a heat pump anything for longer."""

Manner = Literal["live", "full"]
"""How a serial line is searched for devices: beside its work, or all settings while it is out of control."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a car shall have, and by when.

    `energy_wh` replaces the level where it is given. With `repeat_days` (1 = Monday … 7) the local time of
    day of `deadline` comes again on those days. `one_piece`: charge in a single window. The last
    `precondition_s` before the deadline are kept for charging.
    """

    deadline: datetime
    target_pct: float = 100.0
    energy_wh: float | None = None
    repeat_days: tuple[int, ...] = ()
    one_piece: bool = False
    precondition_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Boost:
    """Full current for so long or for so much energy, as it was asked for at `told`.

    `told` is ``None`` when nobody knew the time: then it lasts from when it is first seen, and `told_mono_s`
    of its run tells it from an equal one.
    """

    told: datetime | None
    seconds: float | None = None
    energy_wh: float | None = None
    told_mono_s: float | None = None


@dataclass(frozen=True, slots=True)
class ChargerSettings:
    """One charger's orders: its mode and the most current a person allows it.

    `cheap`: charge at full current in the cheapest `cheap_pct` percent of each day's prices, or `off_peak`:
    while a cheap tariff period is in force. `vehicle` is the car it serves ("" = unknown). `lines` is on how
    many lines it may charge where that can be switched (``None`` = as the surplus wants it). While it is off
    `on_mode` is the mode that it had before, and that somebody who switches it on means. While there is no
    target `level_pct` is the level of the next one.
    """

    mode: Mode = "surplus"
    user_max_a: float = 32.0
    target: Target | None = None
    cheap: bool = False
    cheap_pct: float = 0.0
    off_peak: bool = False
    vehicle: str = ""
    lines: Literal[1, 3] | None = None
    boost: Boost | None = None
    on_mode: Mode = "surplus"
    level_pct: float = 100.0


@dataclass(frozen=True, slots=True)
class VehicleSettings:
    """What somebody said about a car, its level at `told`; what is ``None`` is as it was installed."""

    level_pct: float | None = None
    told: datetime | None = None
    capacity_wh: float | None = None
    max_a: float | None = None
    lines: Literal[1, 2, 3] | None = None


@dataclass(frozen=True, slots=True)
class OperatorLimit:
    """A limit of the grid operator that came as a message: watts per controllable device, until when."""

    limit_w: float
    until: datetime


@dataclass(frozen=True, slots=True)
class SgByHand:
    """What a person wants a heat pump to be told, for how long, until when.

    `until` is ``None`` when nobody knew the time: then it lasts from when it is first seen, and `told_mono_s`
    of its run tells it from an equal one.
    """

    state: Sg
    until: datetime | None
    seconds: float = SG_MOST_S
    told_mono_s: float | None = None


@dataclass(frozen=True, slots=True)
class SearchMark:
    """How far a search for devices on a serial line came: at the pair `start` of `setting` ("" = of all).

    `present` are the unit ids that had answered by then. It was so at `told`; ``None`` when nobody knew the
    time: then it holds for this run only.
    """

    manner: Manner
    start: int
    setting: str = ""
    present: tuple[int, ...] = ()
    told: datetime | None = None


Language = Literal["en", "de", "fr"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)


@dataclass(frozen=True, slots=True)
class PanelSettings:
    """How the front panel speaks and shines; `large` shows one value per screen at home.

    `locked`: what a user may set needs the PIN, too (stopping a charge never does).
    """

    language: Language = "en"
    contrast: int = 5
    dark_after_s: float = 120.0
    large: bool = False
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Commissioning:
    """How far the first run has come: the step that is next, and what was answered by the step's key.

    Chargers are held until it has ended (PNL-71).
    """

    step: str
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proofs:
    """What nobody has proven since it was installed (PNL-66), as ``meter.L2`` or ``relay.garage``."""

    lacking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TariffChoice:
    """Whose prices are used ("" = as it is installed), and whether they are used at all."""

    provider: str = ""
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Settings:
    """All orders by name, and the accepted offsets of shown totals by their flat keys.

    `prices` have a file of their own and are not in the book. `chosen` are figures of the rules that somebody
    changed, by their names in the installation file. `searches` that were broken off, by their line's name,
    go on where they were. `commissioning` is the first run, while it lasts.
    """

    chargers: Mapping[str, ChargerSettings] = field(default_factory=dict)
    offsets: Mapping[str, int] = field(default_factory=dict)
    prices: Prices | None = None
    vehicles: Mapping[str, VehicleSettings] = field(default_factory=dict)
    operator: OperatorLimit | None = None
    heat_pumps: Mapping[str, SgByHand] = field(default_factory=dict)
    chosen: Mapping[str, float] = field(default_factory=dict)
    searches: Mapping[str, SearchMark] = field(default_factory=dict)
    panel: PanelSettings = PanelSettings()
    tariff: TariffChoice = TariffChoice()
    commissioning: Commissioning | None = None
    proofs: Proofs = Proofs()

    def charger(self, name: str) -> ChargerSettings:
        """The orders of one charger; the defaults when none were given."""
        return self.chargers.get(name, ChargerSettings())
