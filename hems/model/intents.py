"""What a button, a call or a message may ask for. Every door yields the same values.

Most change the settings and are granted or refused. An `Errand` is done once, by the rules, and leaves no
setting behind. `Upkeep` is not for the rules but for the appliance around them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from hems.model.phrase import Gap, Phrase
from hems.model.prices import Slot
from hems.model.settings import (
    ChargerSettings,
    Commissioning,
    Manner,
    Mode,
    PanelSettings,
    Proofs,
    SearchMark,
    Sg,
)


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
class SetCharging:
    """These are the charger's orders from now on, all of them; a running boost is not touched."""

    charger: str
    orders: ChargerSettings


@dataclass(frozen=True, slots=True)
class AmendCharging:
    """Change what is named of a charger's orders and of its target, by their fields; the rest stays.

    A charger that is switched off stays so: `mode` is then the one it goes back to. A `deadline` of ``None``
    gives up the target, whose level is kept for the next one.
    """

    charger: str
    changes: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class SetLines:
    """Charge on one or three lines; ``None`` = as the surplus wants it."""

    charger: str
    lines: Literal[1, 3] | None


@dataclass(frozen=True, slots=True)
class SetBoost:
    """Full current for so long or so much energy; both ``None`` end it."""

    charger: str
    seconds: float | None = 3600.0
    energy_wh: float | None = None


@dataclass(frozen=True, slots=True)
class SetVehicle:
    """What is known about a car; ``None`` leaves a figure as it is. `charger` plugs it in there."""

    vehicle: str
    level_pct: float | None = None
    capacity_wh: float | None = None
    max_a: float | None = None
    lines: Literal[1, 2, 3] | None = None
    charger: str | None = None


@dataclass(frozen=True, slots=True)
class SetOperatorLimit:
    """The grid operator limits every controllable device to so many watts; ``None`` lifts it.

    A limit without an end is refused; it may lie 24 h ahead.
    """

    limit_w: float | None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SetHeatPump:
    """Tell a heat pump's SG-Ready contacts this for so long; ``None`` gives it back to the rules."""

    heat_pump: str
    state: Sg | None
    seconds: float = 7200.0


@dataclass(frozen=True, slots=True)
class SetSetting:
    """Change one setting by its name: a figure of the rules as in the installation file, one of the panel,
    or whose prices are used (``tariff_provider``)."""

    name: str
    value: float | str | bool


@dataclass(frozen=True, slots=True)
class PutPrices:
    """These are the prices from now on; they replace what was known."""

    provider: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class ProveLines:
    """Find out by pulses which lines a charger uses (CHG-21)."""

    charger: str


@dataclass(frozen=True, slots=True)
class ProveRelay:
    """Open a charger's relay for a moment and see whether it obeys (CHG-60)."""

    charger: str


@dataclass(frozen=True, slots=True)
class ProveDim:
    """Wait for the grid operator's contact and see how soon every charger has its set-point (PNL-67)."""


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """A person has seen this latched alarm and its cause is gone."""

    alarm: str


@dataclass(frozen=True, slots=True)
class SearchBus:
    """Search a serial line for devices, or stop doing so (BUS-71)."""

    bus: str
    manner: Manner | Literal["stop"]


@dataclass(frozen=True, slots=True)
class SetTariff:
    """Use the prices of this provider ("" = as it is installed), or for now none at all."""

    enabled: bool
    provider: str = ""


@dataclass(frozen=True, slots=True)
class SetPanel:
    """Language, brightness and lock of the front panel, all of them."""

    panel: PanelSettings


@dataclass(frozen=True, slots=True)
class Commission:
    """The first run has come so far; ``None`` = it is over, chargers are released.

    `proofs` is what is still to be proven then; ``None`` leaves that as it is.
    """

    commissioning: Commissioning | None
    proofs: Proofs | None = None


@dataclass(frozen=True, slots=True)
class TryCharge:
    """Let a charger charge at its least current for so long, within the first run (PNL-70, step 11)."""

    charger: str
    seconds: float = 15.0


@dataclass(frozen=True, slots=True)
class KeepSearch:
    """Remember how far the search of a line came; ``None`` when it came to its end (BUS-73)."""

    bus: str
    mark: SearchMark | None


Errand = ProveLines | ProveRelay | ProveDim | Acknowledge | SearchBus | TryCharge
Intent = (
    SetMode
    | SetUserMax
    | SetCharging
    | AmendCharging
    | SetLines
    | SetBoost
    | SetVehicle
    | SetOperatorLimit
    | SetHeatPump
    | SetSetting
    | SetTariff
    | SetPanel
    | Commission
    | PutPrices
    | KeepSearch
    | Errand
)


@dataclass(frozen=True, slots=True)
class Change:
    """One value of the installation file: where it stands, and what it is from now on (``None`` = not there).

    A place is a path as ``("site", "main_fuse_a")``; in a list of tables a row goes by its name, as
    ``("meter", "grid", "mounted")``, and a name that is not there yet makes a new row.
    """

    place: tuple[str, ...]
    value: object


@dataclass(frozen=True, slots=True)
class Install:
    """Change what is installed: the file is written anew, judged, and the service starts again with it.

    `over_hand`: also where somebody has edited the file by hand since it was last written so.
    """

    changes: tuple[Change, ...]
    over_hand: bool = False


@dataclass(frozen=True, slots=True)
class Restart:
    """Judge the installation file as it is, then stop safely and start again with it."""


@dataclass(frozen=True, slots=True)
class SetClock:
    """It is this time, where no network tells it."""

    wall: datetime


@dataclass(frozen=True, slots=True)
class SetNetwork:
    """How the appliance is reached: a fixed address with its prefix and gateway, "" = it asks for one.

    With ``None`` the address stays as it is.
    """

    address: str | None = ""
    gateway: str = ""
    ssh: bool = True


@dataclass(frozen=True, slots=True)
class Reboot:
    """Stop safely and start the machine again."""


@dataclass(frozen=True, slots=True)
class Forget:
    """Back to factory: settings, access and PIN; counters only if they are ticked."""

    counters: bool = False


@dataclass(frozen=True, slots=True)
class Rekey:
    """Let the counters' windows begin anew where the clock says, after it was wrong (CNT-17); totals stay."""


@dataclass(frozen=True, slots=True)
class ChangeRelease:
    """Install the bundle that is offered, or go back to the version before."""

    to: Literal["offered", "previous"]


Upkeep = Install | Restart | SetClock | SetNetwork | Reboot | Forget | Rekey | ChangeRelease
"""What is asked of the appliance itself and not of its rules."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an intent was not granted; `code` is one of the five that every door maps.

    One sentence: an English template and what fills its gaps. Without figures it is taken as it is.
    """

    code: str
    template: str
    figures: Mapping[str, Gap] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The sentence in English."""
        return Phrase(self.template, self.figures).text


def refused(code: str, why: Phrase) -> Refusal:
    """A refusal in these words."""
    return Refusal(code, why.template, why.figures)
