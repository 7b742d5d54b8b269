"""What is installed: the shapes of ``hems.toml``. Changes with a screwdriver.

Unknown keys and values out of range are refused by the decoder with the key's path; what needs more than one
key to judge is judged in ``hems.config``.
"""

from typing import Annotated, Literal

from msgspec import Meta, field

from hems.model.edges import Api, Optimizer, Panel, Pin, Shape, Text
from hems.model.units import LineName

Name = Annotated[str, Meta(pattern="^[a-z0-9_-]{1,16}$")]
Number = Annotated[int, Meta(ge=1, le=8)]
Unit = Annotated[int, Meta(ge=1, le=255)]
FuseA = Annotated[float, Meta(ge=6, le=200)]
CircuitA = Annotated[float, Meta(ge=0, le=200)]
CurrentA = Annotated[float, Meta(ge=6, le=80)]
BoundW = Annotated[float, Meta(ge=100, le=1_000_000)]
Percent = Annotated[float, Meta(ge=0, le=100)]
Operations = Annotated[int, Meta(ge=1000, le=100_000_000)]
Delay = Annotated[float, Meta(ge=0, le=3600)]
Role = Literal["grid", "pv", "battery", "charger", "circuit"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Baud = Literal[1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200]


class Site(Shape, frozen=True):
    """The house: its name, its clock and its main fuse per line, in ampere.

    `power_limit_w` is the most it may import on all lines together, `imbalance_a` how far charging may pull
    two lines apart. With `billing` "per_line" the poorest line says what surplus there is.
    """

    name: Annotated[Text, Meta(max_length=16)]
    time_zone: Annotated[Text, Meta(max_length=64)]
    main_fuse_a: tuple[FuseA, FuseA, FuseA]
    power_limit_w: Annotated[float, Meta(ge=1000, le=200_000)] | None = None
    imbalance_a: Annotated[float, Meta(ge=6, le=200)] | None = None
    billing: Literal["sum", "per_line"] = "sum"


UNKNOWN_SITE = Site(name="hems", time_zone="UTC", main_fuse_a=(6.0, 6.0, 6.0))
"""What stands for the house until somebody has said what it is; nothing may be installed in it."""


class Circuit(Shape, frozen=True):
    """A part of the house behind a fuse of its own, per line in ampere; 0 = no limit.

    `parent` is the circuit it hangs on, left out for the main fuse. Its meter is the one with role `circuit`
    that names it; without one its load is that of its chargers.
    """

    name: Name
    fuse_a: tuple[CircuitA, CircuitA, CircuitA]
    parent: str = ""


class Bus(Shape, frozen=True):
    """One RS-485 line: a serial port with all devices on it.

    `echo` tells whether the adapter hears what it sends itself; "auto" finds out when the port opens. The
    `adapter` "pl011" is an on-board port, whose last characters come late.
    """

    name: Name
    port: Annotated[Text, Meta(max_length=255)]
    baud: Baud = 9600
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: Literal[1, 2] = 1
    framing: Literal["rtu", "ascii"] = "rtu"
    echo: Literal["auto", "yes", "no"] = "auto"
    adapter: Literal["other", "pl011"] = "other"


class Meter(Shape, frozen=True):
    """Anything that measures power.

    Role `charger` measures the charger named in `charger`, role `circuit` the circuit named there. `lines`
    are the site's lines in the meter's own order. `mounted = "reversed"` turns power and swaps import with
    export. A total that rises faster than `bound_w` is not believed at once.
    """

    name: Name
    bus: str
    unit: Unit
    profile: str
    role: Role
    charger: str = ""
    circuit: str = ""
    lines: tuple[LineName, ...] = ("L1", "L2", "L3")
    mounted: Literal["normal", "reversed"] = "normal"
    bound_w: BoundW | None = None


class Charger(Shape, frozen=True):
    """An EV charger. `lines` are the site's lines in the charger's own order: rotation is declared here.

    `relay` names the relay that enables it. `fallback` says what the relay does while Modbus is lost: "stop"
    keeps it open, "on_off" switches a charger whose own fixed current then is `fallback_a`. The larger
    `priority` is served first where not all can be. `lines_relay` names the relay that gives it all its lines
    when energised and only its first when not. With `relay_test` its relay is tested every month.
    `rated_operations` is how often its contactor is made to switch.
    """

    name: Name
    number: Number
    bus: str
    unit: Unit
    profile: str
    lines: tuple[LineName, ...] = ("L1", "L2", "L3")
    min_a: CurrentA = 6.0
    max_a: CurrentA = 16.0
    relay: str = ""
    fallback: Literal["stop", "on_off"] = "stop"
    fallback_a: CurrentA = 6.0
    priority: Annotated[int, Meta(ge=0, le=9)] = 0
    accept_no_failsafe: bool = False
    circuit: str = ""
    lines_relay: str = ""
    relay_test: bool = False
    rated_operations: Operations | None = None


class Vehicle(Shape, frozen=True):
    """A car: its battery, the most current it takes and on how many lines, and the charger it mostly uses."""

    name: Name
    capacity_wh: Annotated[float, Meta(ge=1000, le=250_000)] = 50_000.0
    max_a: CurrentA = 32.0
    lines: Literal[1, 2, 3] = 3
    charger: str = ""


class Load(Shape, frozen=True):
    """A load that may be switched off before cars are: its relay (energised = it may run), lines and power.

    Loads are shed in the order of the file and come back in reverse.
    """

    name: Name
    relay: str
    power_w: BoundW
    lines: tuple[LineName, ...] = ("L1", "L2", "L3")


class SgReady(Shape, frozen=True):
    """Two contacts that tell a heat pump what to do with surplus.

    `relays` are contact 1 (locked) and contact 2 (recommended); both = forced. `recommended_w` and `forced_w`
    are the surplus for it; without `forced_w` it is never forced. `power_w` is what the pump may draw. It
    stands in the queue for surplus by `priority`, as chargers do.
    """

    name: Name
    relays: tuple[str, str]
    heat_pump: str = ""
    recommended_w: BoundW = 3000.0
    forced_w: BoundW | None = None
    power_w: BoundW = 3000.0
    priority: Annotated[int, Meta(ge=0, le=9)] = 0


class Operator(Shape, frozen=True):
    """The grid operator's right to limit: where its word comes from, and how much is left then.

    An open `contact` limits, unless `limited` is "closed". `limit_w` is for one controllable device.
    """

    source: Literal["contact", "api"]
    contact: str = ""
    limited: Literal["open", "closed"] = "open"
    limit_w: BoundW = 4200.0


class HeatPump(Shape, frozen=True):
    """A heat pump. `module` counts the maker's register blocks: 1 is the first pump of a controller.

    `surplus` says whether it is told what it may take, and with which sign; `surplus_with_own_draw` whether
    that includes what it draws already, `power_w` what it may draw. Totals that rise faster than their bound
    are not believed at once. `word_order` is that of totals in two registers; "auto" finds it out.
    """

    name: Name
    number: Number
    bus: str
    unit: Unit
    profile: str
    module: Annotated[int, Meta(ge=1, le=5)] = 1
    surplus: Literal["off", "positive", "negative"] = "off"
    surplus_with_own_draw: bool = False
    priority: Annotated[int, Meta(ge=0, le=9)] = 0
    electrical_bound_w: BoundW = 15_000.0
    thermal_bound_w: BoundW = 40_000.0
    word_order: Literal["auto", "high_first", "low_first"] = "auto"
    power_w: BoundW = 3000.0


class Relay(Shape, frozen=True):
    """An output with an active-high driver; de-energised is the safe position. `pin` is the GPIO number.

    `rated_operations` is how often its contact is made to switch.
    """

    name: Name
    pin: Pin
    rated_operations: Operations | None = None


class Contact(Shape, frozen=True):
    """A dry contact between a GPIO and ground."""

    name: Name
    pin: Pin


class Charging(Shape, frozen=True):
    """How eagerly surplus is used: every figure of the charging rules a person may wish to change."""

    acquisition_tolerance: Annotated[float, Meta(ge=0, le=1)] = 0.5
    battery_level_consideration: Annotated[float, Meta(ge=0, le=1)] = 0.9
    reserve_w: Annotated[float, Meta(ge=-5000, le=5000)] = 0.0
    start_delay_s: Delay = 60.0
    stop_delay_s: Delay = 180.0
    stop_import_wh: Annotated[float, Meta(ge=1, le=1000)] = 30.0
    min_on_s: Delay = 300.0
    min_off_s: Delay = 300.0
    starts_per_hour: Annotated[int, Meta(ge=1, le=20)] = 4
    contactor_per_day: Annotated[int, Meta(ge=2, le=200)] = 20
    battery_priority_pct: Percent = 0.0
    battery_buffer_pct: Percent = 100.0
    battery_support_w: Annotated[float, Meta(ge=0, le=20_000)] = 0.0


class Counting(Shape, frozen=True):
    """How the counters watch and what one's own energy is worth.

    Readings up to `observed_gap_s` apart are watched time. Prices are micro-euro per kWh of a car's solar and
    battery energy.
    """

    observed_gap_s: Annotated[float, Meta(ge=5, le=900)] = 60.0
    solar_ueur_kwh: Annotated[int, Meta(ge=0, le=10_000_000)] = 0
    battery_ueur_kwh: Annotated[int, Meta(ge=0, le=10_000_000)] = 0


class TariffWindow(Shape, frozen=True, rename={"begins": "from", "ends": "to"}):
    """A daily span of local time: `from` and `to` as ``HH:MM``, over midnight where `to` is not later.

    `days` and `season` (first and last day as ``MM-DD``, both inside) are those on which it begins.
    """

    period: Name
    begins: Text
    ends: Text
    days: Annotated[tuple[Day, ...], Meta(min_length=1)] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    season: tuple[Text, Text] | None = None


class Tariff(Shape, frozen=True, rename={"windows": "window"}):
    """When which tariff period is in force, and what a kilowatt-hour costs then.

    `otherwise` names the time outside all windows, or an open contact; left out it is what is usual with the
    provider. What is paid is (price + charges of the period) × (1 + tax). `file` holds the prices of the
    provider `file`; left out it is ``prices.json`` beside the book. `cheap` are the periods in which a
    charger that waits for off-peak charges.
    """

    provider: Literal["static", "contact", "fixed", "awattar-at", "awattar-de", "file"]
    otherwise: Name | None = None
    windows: Annotated[tuple[TariffWindow, ...], Meta(max_length=64)] = ()
    contact: str = ""
    closed: Name | None = None
    file: str = ""
    eur_kwh: dict[str, float] = field(default_factory=dict)
    charges_eur_kwh: dict[str, float] = field(default_factory=dict)
    tax_pct: Annotated[float, Meta(ge=0, le=100)] = 0.0
    cheap: tuple[Name, ...] = ("off_peak",)


class Config(
    Shape,
    frozen=True,
    kw_only=True,
    rename={
        "buses": "bus",
        "meters": "meter",
        "chargers": "charger",
        "heat_pumps": "heat_pump",
        "relays": "relay",
        "contacts": "contact",
        "circuits": "circuit",
        "vehicles": "vehicle",
        "loads": "load",
    },
):
    """One whole installation; without any device, and then without a house, on a fresh card.

    `offsets` are added to shown totals, by flat key; `cycling_offsets` is their older form. What cannot be
    applied is refused in words and stops nothing.
    """

    site: Site = UNKNOWN_SITE
    buses: Annotated[tuple[Bus, ...], Meta(min_length=1)]
    meters: tuple[Meter, ...] = ()
    chargers: tuple[Charger, ...] = ()
    heat_pumps: tuple[HeatPump, ...] = ()
    relays: tuple[Relay, ...] = ()
    contacts: tuple[Contact, ...] = ()
    circuits: tuple[Circuit, ...] = ()
    vehicles: tuple[Vehicle, ...] = ()
    loads: tuple[Load, ...] = ()
    sg_ready: tuple[SgReady, ...] = ()
    operator: Operator | None = None
    optimizer: Optimizer | None = None
    tariff: Tariff | None = None
    panel: Panel = field(default_factory=Panel)
    api: Api = field(default_factory=Api)
    charging: Charging = field(default_factory=Charging)
    counting: Counting = field(default_factory=Counting)
    offsets: dict[str, object] = field(default_factory=dict)
    cycling_offsets: dict[str, object] = field(default_factory=dict)


Device = Meter | Charger | HeatPump
"""Anything that sits on a bus under a name and a unit id."""


def devices(config: Config) -> tuple[Device, ...]:
    """All devices: meters first, the grid meter and those of circuits before all others."""
    meters = sorted(config.meters, key=lambda meter: (meter.role != "grid", meter.role != "circuit"))
    return (*meters, *config.chargers, *config.heat_pumps)
