"""The vocabulary in which a device is described: rows of data, no code.

A point speaks the maker's unit and sign; units become base units when it is decoded, signs are turned by the
role the device was given. Addresses are zero-based protocol addresses. For a device that publishes its own
map (`chain`), addresses are offsets from the model's identity register.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from hems.field.registers import WireType, WordOrder, width
from hems.model.snapshot import Status

Kind = Literal["meter", "charger", "heat_pump"]
Quantity = Literal[
    "line_a",
    "line_power_w",
    "line_v",
    "power_w",
    "import_wh",
    "export_wh",
    "total_wh",
    "status",
    "confirmed_a",
    "cable_max_a",
    "operating_state",
    "machine_state",
    "compressor_rating",
]
"""What a point measures, in the field names of the nouns."""

Unit = Literal["A", "V", "W", "kW", "VA", "Wh", "kWh", "VAh", "raw"]
TO_BASE: Final[Mapping[Unit, float]] = {
    "A": 1.0,
    "V": 1.0,
    "W": 1.0,
    "kW": 1000.0,
    "VA": 1.0,
    "Wh": 1.0,
    "kWh": 1000.0,
    "VAh": 1.0,
    "raw": 1.0,
}
Positive = Literal["import", "generate", "draw", ""]
"""What the maker calls positive; empty: the value has no direction."""

FAST: Final = 0.0
"""The period of a point that is read in every tick."""

TYPICAL_ANSWER_S: Final = 0.02
"""How long a device thinks, until it has been measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One value, or one value for each line of the device in its own order (three addresses).

    `scale_at` is the address of the register that holds the power of ten. `absent` are bit patterns that mean
    "not there". `low` and `high` bound what is plausible, in base units. `period_s` 0 is every tick.
    """

    quantity: Quantity
    function: Literal[3, 4]
    addresses: tuple[int, ...]
    wire: WireType
    unit: Unit
    order: WordOrder = "H"
    scale: float = 1.0
    scale_at: int | None = None
    positive: Positive = ""
    absent: frozenset[int] = frozenset()
    low: float | None = None
    high: float | None = None
    period_s: float = FAST

    @property
    def start(self) -> int:
        """Its first register, scale included."""
        return min(self._registers())

    @property
    def end(self) -> int:
        """One past its last register, scale included."""
        return max(max(self.addresses) + width(self.wire), *(at + 1 for at in self._registers()))

    def _registers(self) -> tuple[int, ...]:
        return self.addresses if self.scale_at is None else (*self.addresses, self.scale_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """How a charger is told its current.

    A count is `scale_a`; set-points are multiples of `step_a`, either 0 or `min_a`..`max_a`. Equal values are
    repeated every `refresh_s`; two raises are at least `pace_s` apart. The point `confirmed_a` reads it back.
    """

    function: Literal[6, 16]
    address: int
    scale_a: float
    step_a: float
    min_a: float
    max_a: float
    refresh_s: float
    pace_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """A holding register that must hold `value` in the bits of `mask` before any current is raised.

    With `fail_safe_scale_a` the value is the charger's configured fail-safe current in counts of that many
    ampere. `readable` is false where old firmware refuses the read: there an acknowledged write is enough.
    `stored` marks flash: written at most ten times a day. `rest_s` is the peace it needs after a write.
    """

    what: str
    function: Literal[6, 16]
    address: int
    value: int = 0
    mask: int = 0xFFFF
    fail_safe_scale_a: float | None = None
    readable: bool = True
    stored: bool = False
    rest_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the device bears: registers per read, holes, even addresses, and its pace.

    `gap_s` lies between two exchanges with it, `turn_s` on the line when the unit changes;
    `answer_max_s` is the longest it may think.
    """

    max_read: int = 125
    holes: bool = False
    even: bool = False
    gap_s: float = 0.0
    turn_s: float = 0.0
    answer_max_s: float = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchdog:
    """The device's own guard: after `timeout_s` without `fed_by` it falls back to its fail-safe current."""

    timeout_s: float
    fed_by: Literal["access", "write"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Serial:
    """The settings a device can work with; empty = the device can be set to any."""

    bauds: tuple[int, ...] = ()
    framings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A map the device publishes itself: a marker, then models of identity, length and data.

    `markers` are the places to look, `models` the identities whose points the profile knows.
    """

    markers: tuple[int, ...]
    models: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One device family. Confidence, disputes and sources stand as comments in its data file.

    `module_stride` is the distance between the register blocks of several modules of one controller. `never`
    are registers that no write may touch.
    """

    key: str
    kind: Kind
    maker: str
    models: tuple[str, ...]
    points: tuple[Point, ...]
    limits: Limits = Limits()
    serial: Serial = Serial()
    statuses: Mapping[int, Status] = field(default_factory=dict)
    write: Write | None = None
    setup: tuple[Setup, ...] = ()
    watchdog: Watchdog | None = None
    chain: Chain | None = None
    module_stride: int = 0
    never: frozenset[int] = frozenset()

    def point(self, quantity: Quantity) -> Point | None:
        """The row of one quantity."""
        return next((point for point in self.points if point.quantity == quantity), None)
