"""The vocabulary in which a device is described: rows of data, no code.

A point speaks the maker's unit and sign; units become base units when it is decoded, signs are turned by the
role the device was given. Addresses are zero-based protocol addresses. For a device that publishes its own
map (`chain`), addresses are offsets from the identity register of the row's model.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from hems.field.registers import WireType, WordOrder, width
from hems.model.snapshot import Status

Kind = Literal["meter", "charger", "heat_pump"]
Framing = Literal["rtu", "ascii"]
Confidence = Literal["A", "B", "C"]
"""A: two independent sources agree; B: one source; C: doubtful, to be verified on the device."""

Quantity = Literal[
    "line_a",
    "line_power_w",
    "line_v",
    "power_w",
    "frequency_hz",
    "level_pct",
    "import_wh",
    "export_wh",
    "total_wh",
    "status",
    "confirmed_a",
    "released",
    "cable_max_a",
    "hardware_max_a",
    "pilot",
    "operating_state",
    "machine_state",
    "compressor_rating",
    "defrosting",
    "hot_water",
    "electric_wh",
    "thermal_wh",
    "started",
]
"""What a point measures, in the field names of the nouns.

`released` is the read-back of a charger's release; `hardware_max_a` proves a variant; `pilot` is the raw
level of the control pilot, for a charger whose status alone does not tell a plugged car; `defrosting` and
`hot_water` are bits beside a heat pump's operating state; `started` is a value that a restart resets
(seconds since power-up): when it falls, the device has restarted.
"""

Unit = Literal["A", "V", "W", "kW", "VA", "Wh", "kWh", "VAh", "Hz", "%", "raw"]
TO_BASE: Final[Mapping[Unit, float]] = {
    "A": 1.0,
    "V": 1.0,
    "W": 1.0,
    "kW": 1000.0,
    "VA": 1.0,
    "Wh": 1.0,
    "kWh": 1000.0,
    "VAh": 1.0,
    "Hz": 1.0,
    "%": 1.0,
    "raw": 1.0,
}
Positive = Literal["import", "export", "generate", "charge", "discharge", "draw", ""]
"""What the maker calls positive; empty: the value has no direction."""

Role = Literal["grid", "pv", "battery", "charger", "circuit"]

FAST: Final = 0.0
"""The period of a point that is read in every tick."""
ONCE: Final = float("inf")
"""The period of a point that is read once after each return of the device."""

TYPICAL_ANSWER_S: Final = 0.02
"""How long a device thinks, until it has been measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One value, or one value for each line of the device in its own order (up to three addresses).

    `summed` addresses hold parts of one value (the strings of an inverter); an absent part adds nothing.
    Functions 1 and 2 read single bits (`wire` "bool"). `mask` picks bits of an integer, shifted down to the
    lowest of them; `zeros` are patterns that mean 0, `absent` patterns that mean "not there", both after the
    mask. `scale_at` is the address of the register that holds the power of ten. `low` and `high` bound what
    is plausible, in base units. `order` "?" is not known beforehand: the two registers are handed on as they
    are. `role` binds a row of a device with several roles to one of them. `models` are the models of a chain
    in whose block the row lies: the first that the device publishes. `period_s` 0 is every tick.
    """

    quantity: Quantity
    function: Literal[1, 2, 3, 4]
    addresses: tuple[int, ...]
    wire: WireType
    unit: Unit
    order: WordOrder | Literal["?"] = "H"
    scale: float = 1.0
    scale_at: int | None = None
    summed: bool = False
    mask: int = 0
    positive: Positive = ""
    absent: frozenset[int] = frozenset()
    zeros: frozenset[int] = frozenset()
    low: float | None = None
    high: float | None = None
    period_s: float = FAST
    role: Role | Literal[""] = ""
    models: tuple[int, ...] = ()
    confidence: Confidence = "A"

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
class Proof:
    """What must lie in low..high (base units) for the points to be believed; a refused read fails it too."""

    quantity: Quantity
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A register of its own that lets a charger charge (`on`) or pauses it (`off`); function 5 is a coil.

    A charger with a release is never told a current of 0: it is paused. Point `released` reads it back.
    """

    function: Literal[5, 6, 16]
    address: int
    on: int = 1
    off: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """How a charger is told its current.

    A count is `scale_a`; set-points are multiples of `step_a`, either 0 or `min_a`..`max_a`; `zero` is the
    count that means no current. With `volts` the register holds watts: ampere times volts times the lines of
    the charger. Equal values are repeated every `refresh_s`; two raises are at least `pace_s` apart. The
    point `confirmed_a` reads it back.
    """

    function: Literal[6, 16]
    address: int
    scale_a: float
    step_a: float
    min_a: float
    max_a: float
    refresh_s: float
    wire: WireType = "u16"
    order: WordOrder = "H"
    zero: int = 0
    volts: float = 0.0
    pace_s: float = 0.0
    release: Release | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """Another firmware or batch of the same device: `points` replace those of the same quantity and role.

    It is tried when the profile's `proof` fails, and kept when the proof holds. `write` replaces the
    profile's where the variant is told its current in another way (another word order).
    """

    what: str
    points: tuple[Point, ...]
    write: Write | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surplus:
    """How a heat pump is told the watts it may have, every `refresh_s`; function 3 reads them back there."""

    function: Literal[6, 16]
    address: int
    wire: WireType
    refresh_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """A register that must be written with `value` every `every_s`, or the device ignores us."""

    function: Literal[6, 16]
    address: int
    value: int
    every_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """A holding register that must hold `value` in the bits of `mask` before any current is raised.

    With `fail_safe_scale_a` the value is the charger's configured fail-safe current in counts of that many
    ampere (`fail_safe_zero` for none); with `volts` in watts over its lines. It is read back where it was
    written, or at `read_address`. `readable` is false where the device (or its old firmware) refuses the
    read: there an acknowledged write is enough. `stored` marks flash: written at most ten times a day.
    `rest_s` is the peace it needs after a write.
    """

    what: str
    function: Literal[5, 6, 16]
    address: int
    value: int = 0
    mask: int = 0xFFFF
    wire: WireType = "u16"
    read_function: Literal[1, 3, 4] = 3
    read_address: int | None = None
    read_wire: WireType | None = None
    fail_safe_scale_a: float | None = None
    fail_safe_zero: int = 0
    volts: float = 0.0
    readable: bool = True
    stored: bool = False
    rest_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Identify:
    """A read that names the product for sure: a number in `ranges` (inclusive), or a text that begins so."""

    function: Literal[3, 4]
    address: int
    count: int
    ranges: tuple[tuple[int, int], ...] = ()
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the device bears: registers per read, holes, even addresses, and its pace.

    No read touches a `forbidden` range (first, last). Points in a `single` range (first, last) are read one
    by one, points in a `whole` range with exactly that range. `gap_s` lies between two exchanges with it,
    `turn_s` on the line when the unit changes; `answer_max_s` is the longest it may think.
    """

    max_read: int = 125
    holes: bool = False
    even: bool = False
    forbidden: tuple[tuple[int, int], ...] = ()
    single: tuple[tuple[int, int], ...] = ()
    whole: tuple[tuple[int, int], ...] = ()
    gap_s: float = 0.0
    turn_s: float = 0.0
    answer_max_s: float = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchdog:
    """The device's own guard: after `timeout_s` without `fed_by` it falls back to its fail-safe current."""

    timeout_s: float
    fed_by: Literal["access", "write", "heartbeat"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Serial:
    """The settings a device can work with (empty = any), and the likely ones for a search.

    `likely` are settings as installers write them, ``9600 8N1``, the factory's first; `units` its likely unit
    ids. `framing` ascii takes a line of its own kind; its answers begin with `answer_start`. With
    `wake_after_s` it sleeps after so long a silence on the line: the first request then only wakes it.
    """

    framing: Framing = "rtu"
    bauds: tuple[int, ...] = ()
    framings: tuple[str, ...] = ()
    likely: tuple[str, ...] = ("9600 8N1",)
    units: tuple[int, ...] = (1,)
    answer_start: str = ":"
    low_address_echo: bool = False
    wake_after_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A map the device publishes itself: a marker, then models of identity, length and data.

    `markers` are the places to look; `lengths` the models the profile knows and the length of their data.
    """

    markers: tuple[int, ...]
    lengths: Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One device family. Disputes and sources stand as comments in its data file.

    `module_stride` is the distance between the register blocks of several modules of one controller. `never`
    are registers that no write may touch. `refresh_s` is how old a meter's own values may be, if known.
    `statuses` and `operating` translate raw codes: to IEC 61851, and to the operating states that are counted
    (0 rest, 1 heating, 2 hot water, 3 cooling, 5 defrost; empty: the device speaks them itself). A code in
    `unplugged_below` means A instead while `pilot` is below its value: no car is plugged in. `sleeps`
    marks a device that may fall silent while no car is plugged in.
    """

    key: str
    kind: Kind
    maker: str
    models: tuple[str, ...]
    points: tuple[Point, ...]
    confidence: Confidence = "A"
    variants: tuple[Variant, ...] = ()
    proof: Proof | None = None
    identify: Identify | None = None
    limits: Limits = Limits()
    serial: Serial = Serial()
    statuses: Mapping[int, Status] = field(default_factory=dict)
    unplugged_below: Mapping[int, float] = field(default_factory=dict)
    operating: Mapping[int, int] = field(default_factory=dict)
    write: Write | None = None
    surplus: Surplus | None = None
    heartbeats: tuple[Heartbeat, ...] = ()
    setup: tuple[Setup, ...] = ()
    watchdog: Watchdog | None = None
    chain: Chain | None = None
    module_stride: int = 0
    never: frozenset[int] = frozenset()
    refresh_s: float | None = None
    sleeps: bool = False

    def point(self, quantity: Quantity, role: str = "") -> Point | None:
        """The row of one quantity, of a role if rows are bound to roles."""
        return next((point for point in self.points_for(role) if point.quantity == quantity), None)

    def points_for(self, role: str) -> tuple[Point, ...]:
        """The rows that concern a device in this role."""
        return tuple(point for point in self.points if point.role in ("", role))
