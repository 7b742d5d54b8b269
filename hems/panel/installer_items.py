"""An installer's rows of the table of settings (PNL-60): what is installed, and the appliance itself."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from ipaddress import IPv4Interface
from itertools import permutations
from typing import Final
from zoneinfo import ZoneInfo

from hems.language.words import digits, marked, t
from hems.model.intents import (
    Change,
    Forget,
    Install,
    ProveDim,
    ProveLines,
    ProveRelay,
    Reboot,
    Rekey,
    Restart,
    SearchBus,
    SetClock,
    SetNetwork,
    SetPanel,
    SetTariff,
)
from hems.model.units import LINES
from hems.model.view import View
from hems.panel.asks import Asked, NewPin
from hems.panel.countries import COUNTRIES
from hems.panel.dim_test_page import DIM_TEST
from hems.panel.format import shortened
from hems.panel.house_items import YES_NO
from hems.panel.item import Item, Value, said_choice
from hems.panel.pin import DIGITS

FUSES_A: Final[tuple[Value, ...]] = tuple(float(fuse_a) for fuse_a in range(6, 201))
CIRCUITS_A: Final[tuple[Value, ...]] = (0.0, *FUSES_A)
NONE: Final = marked("none")
ORDERS: Final[tuple[Value, ...]] = tuple(" ".join(order) for order in permutations(LINES))
LIMITED: Final[tuple[Value, ...]] = (marked("open"), marked("closed"))
MOUNTED: Final[tuple[Value, ...]] = (marked("normal"), marked("reversed"))
ACT: Final[tuple[Value, ...]] = ("yes",)
CLOCK: Final = "%Y-%m-%d %H:%M"


def _installs(
    place: Callable[[str], tuple[str, ...]], value: Callable[[View, Value], object]
) -> Callable[[View, str, Value], Asked]:
    """An intent that changes one value of the file; that it was edited by hand is said before."""
    return lambda view, subject, new: Install((Change(place(subject), value(view, new)),), over_hand=True)


def _by_hand(view: View, _: str) -> str:
    """The last row before an installation is changed."""
    return t("file edited by hand!") if view.around.appliance.by_hand else t("then it starts anew")


FUSES: Final = (marked("Fuse L1"), marked("Fuse L2"), marked("Fuse L3"))


def _with(values: tuple[Value, ...], figure: float) -> tuple[Value, ...]:
    """A range with what is installed in it, so that a look at a row changes nothing."""
    return tuple(sorted({*map(float, values), figure}))


def _fuse(place: int) -> Item:
    def changed(view: View, new: Value) -> object:
        fuses = list(view.installed.main_fuse_a)
        fuses[place] = float(new)
        return tuple(fuses)

    return Item(
        f"fuse_{LINES[place].lower()}", FUSES[place], FUSES[place], "number",
        lambda view, _: _with(FUSES_A, view.installed.main_fuse_a[place]),
        lambda view, _: view.installed.main_fuse_a[place], _ampere,
        _installs(lambda _: ("site", "main_fuse_a"), changed), note=_by_hand, level="installer", sure=True,
    )  # fmt: skip


def _ampere(value: Value) -> str:
    return digits(f"{value:g} A")


def _imbalance(value: Value) -> str:
    return _ampere(value) if float(value) else t(NONE)


def _contacts(view: View, _: str) -> tuple[Value, ...]:
    """No contact takes the place of an interface through which the operator speaks."""
    contacts = view.installed.wiring.contacts
    return (NONE, *contacts) if contacts and view.installed.operator in ("", "contact") else ()


def _dim(_: View, __: str, new: Value) -> Asked:
    """Another contact leaves how it limits, and how much is left then, as it is installed."""
    if new == NONE:
        return Install((Change(("operator",), None),), over_hand=True)
    source, contact = Change(("operator", "source"), "contact"), Change(("operator", "contact"), str(new))
    return Install((source, contact), over_hand=True)


def _circuit_fuse(place: int) -> Item:
    def changed(view: View, circuit: str, new: Value) -> Asked:
        fuses = list(view.installed.wiring.circuits[circuit])
        fuses[place] = float(new)
        return Install((Change(("circuit", circuit, "fuse_a"), tuple(fuses)),), over_hand=True)

    return Item(
        f"circuit_{LINES[place].lower()}", FUSES[place], FUSES[place], "number",
        lambda view, circuit: _with(CIRCUITS_A, view.installed.wiring.circuits[circuit][place]),
        lambda view, circuit: view.installed.wiring.circuits[circuit][place], _imbalance,
        changed, note=_by_hand, level="installer", sure=True,
    )  # fmt: skip


def _providers(view: View, _: str) -> tuple[Value, ...]:
    """Those whose prices may be chosen, where there is a choice."""
    found = view.installed.providers
    return found if len(found) > 1 else ()


def _provider(view: View, _: str) -> Value:
    """Whose prices are used: the chosen ones, else those of the installation."""
    return view.settings.tariff.provider or view.installed.wiring.tariff


def _zones(view: View, _: str) -> tuple[Value, ...]:
    known = dict.fromkeys((view.installed.wiring.time_zone, *(one.time_zone for one in COUNTRIES.values())))
    return tuple(known)


def _zone_words(value: Value) -> str:
    return str(value).rpartition("/")[2].replace("_", " ")


def _wall(view: View, _: str) -> Value:
    return view.now.wall.strftime(CLOCK)


def _set_clock(view: View, _: str, value: Value) -> Asked | None:
    """Nothing is asked for with a date that does not exist."""
    try:
        wall = datetime.strptime(str(value), CLOCK).replace(tzinfo=ZoneInfo(view.installed.wiring.time_zone))
    except ValueError:
        return None
    return SetClock(wall)


def _address(view: View, _: str) -> Value:
    """The address it has, with all digits; a usual one where it has none."""
    for addresses in view.around.appliance.network.addresses.values():
        for address in addresses:
            parts = address.partition("/")[0].split(".")
            if len(parts) == 4 and all(part.isdecimal() for part in parts):
                return ".".join(f"{int(part):03d}" for part in parts) + "/24"
    return "192.168.001.040/24"


def _set_address(view: View, _: str, value: Value) -> Asked | None:
    """A fixed address; the gateway is the first one of its network."""
    address, _, prefix = str(value).partition("/")
    plain = ".".join(str(int(part)) for part in address.split("."))
    try:
        interface = IPv4Interface(f"{plain}/{int(prefix)}")
    except ValueError:
        return None
    return SetNetwork(str(interface), str(interface.network[1 % interface.network.num_addresses]), _ssh(view))


def _ssh(view: View) -> bool:
    return view.around.appliance.network.ssh


def _turn_ssh(view: View, _: str, value: Value) -> Asked:
    """The address stays as it is."""
    return SetNetwork(None, ssh=value == "yes")


def _act(
    key: str, label: str, asks: Callable[[View, str], Asked], *, sure: bool = True,
    there: Callable[[View, str], bool] = lambda _, __: True,
) -> Item:  # fmt: skip
    """A row that does something."""
    return Item(
        key, label, label, "act", lambda view, subject: ACT if there(view, subject) else (),
        lambda _, __: "yes", lambda _: ">", lambda view, subject, _: asks(view, subject),
        note=lambda _, __: "", level="installer", sure=sure,
    )  # fmt: skip


SITE_ITEMS: Final = (
    *(_fuse(place) for place in range(3)),
    Item(
        "imbalance", marked("Imbalance"), marked("Imbalance"), "number",
        lambda view, _: _with(CIRCUITS_A, view.installed.imbalance_a or 0.0),
        lambda view, _: view.installed.imbalance_a or 0.0, _imbalance,
        _installs(lambda _: ("site", "imbalance_a"), lambda _, new: float(new) or None),
        note=_by_hand, level="installer", sure=True,
    ),
    Item(
        "dim", marked("Operator"), marked("Operator's contact"), "choice", _contacts,
        lambda view, _: view.installed.wiring.dim_contact or NONE, said_choice,
        _dim, note=_by_hand, level="installer", sure=True,
    ),
    Item(
        "dim_limited", marked("Limits when"), marked("Limits when"), "choice",
        lambda view, _: LIMITED if view.installed.wiring.dim_contact else (),
        lambda view, _: view.installed.wiring.dim_limited, said_choice,
        _installs(lambda _: ("operator", "limited"), lambda _, new: str(new)),
        note=_by_hand, level="installer", sure=True,
    ),
    _act(DIM_TEST, marked("Test contact"), lambda _, __: ProveDim(), sure=False,
         there=lambda view, _: bool(view.installed.wiring.dim_contact)),
    Item(
        "provider", marked("Prices of"), marked("Prices of"), "choice", _providers, _provider,
        lambda value: shortened(str(value), 11),
        lambda view, _, value: SetTariff(view.settings.tariff.enabled, str(value)),
        note=lambda _, __: "", level="installer",
    ),
    Item(
        "time_zone", marked("Time zone"), marked("Time zone"), "choice", _zones,
        lambda view, _: view.installed.wiring.time_zone, _zone_words,
        _installs(lambda _: ("site", "time_zone"), lambda _, new: str(new)),
        note=_by_hand, level="installer", sure=True,
    ),
    Item(
        "clock", marked("Clock"), marked("Date and time"), "digits",
        lambda view, _: (_wall(view, ""),), _wall, lambda value: str(value)[-5:], _set_clock,
        note=lambda view, _: t("set by the network") if view.now.trusted else "", level="installer",
    ),
)  # fmt: skip

APPLIANCE_ITEMS: Final = (
    _act("dhcp", marked("Address by DHCP"), lambda view, _: SetNetwork(ssh=_ssh(view))),
    Item(
        "address", marked("Fixed addr."), marked("Fixed address"), "digits",
        lambda view, _: (_address(view, ""),), _address, lambda _: ">", _set_address,
        note=lambda _, __: "", level="installer", sure=True,
    ),
    Item(
        "ssh", "SSH", "SSH", "choice", lambda _, __: YES_NO, lambda view, _: YES_NO[_ssh(view)], said_choice,
        _turn_ssh, note=lambda _, __: "", level="installer", sure=True,
    ),
    Item(
        "pin", "PIN", marked("New PIN"), "digits", lambda _, __: ("0" * DIGITS,), lambda _, __: "0" * DIGITS,
        lambda _: "****", lambda _, __, value: NewPin(str(value)),
        note=lambda _, __: "", level="installer", sure=True,
    ),
    Item(
        "locked", marked("Lock"), marked("Lock for users"), "choice",
        lambda _, __: YES_NO, lambda view, _: YES_NO[view.settings.panel.locked], said_choice,
        lambda view, _, value: SetPanel(replace(view.settings.panel, locked=value == "yes")),
        note=lambda _, __: "", level="installer",
    ),
    _act("restart", marked("Start anew"), lambda _, __: Restart()),
    _act("reboot", marked("Reboot"), lambda _, __: Reboot()),
    _act("rekey", marked("Re-key counters"), lambda _, __: Rekey()),
    _act("reset", marked("Factory reset"), lambda _, __: Forget()),
    _act("reset_all", marked("Reset, counters too"), lambda _, __: Forget(counters=True)),
)  # fmt: skip

BUS_ITEMS: Final = (
    _act("search", marked("Search fully"), lambda _, bus: SearchBus(bus, "full")),
    _act("look", marked("Search beside work"), lambda _, bus: SearchBus(bus, "live"), sure=False),
    _act("stop_search", marked("Stop the search"), lambda _, bus: SearchBus(bus, "stop"), sure=False,
         there=lambda view, bus: view.decision.search is not None and view.decision.search.bus == bus),
)  # fmt: skip

CIRCUIT_ITEMS: Final = tuple(_circuit_fuse(place) for place in range(3))

METER_ITEMS: Final = (
    Item(
        "mounted", marked("Direction"), marked("Meter direction"), "choice", lambda _, __: MOUNTED,
        lambda view, meter: view.installed.meters[meter].mounted, said_choice,
        _installs(lambda meter: ("meter", meter, "mounted"), lambda _, new: str(new)),
        note=_by_hand, level="installer", sure=True,
    ),
    Item(
        "meter_lines", marked("Order"), marked("Meter's lines"), "choice",
        lambda view, meter: ORDERS if len(view.installed.meters[meter].lines) == 3 else tuple(LINES),
        lambda view, meter: " ".join(view.installed.meters[meter].lines), str,
        _installs(lambda meter: ("meter", meter, "lines"), lambda _, new: tuple(str(new).split())),
        note=_by_hand, level="installer", sure=True,
    ),
)  # fmt: skip

CHARGER_SETUP_ITEMS: Final = (
    Item(
        "charger_lines", marked("Order"), marked("Charger's lines"), "choice",
        lambda view, charger: ORDERS if len(view.installed.chargers[charger].lines) == 3 else tuple(LINES),
        lambda view, charger: " ".join(view.installed.chargers[charger].lines), str,
        _installs(lambda charger: ("charger", charger, "lines"), lambda _, new: tuple(str(new).split())),
        note=_by_hand, level="installer", sure=True,
    ),
    _act("prove_lines", marked("Find its lines"), lambda _, charger: ProveLines(charger), sure=False),
    _act("prove_relay", marked("Test its relay"), lambda _, charger: ProveRelay(charger),
         there=lambda view, charger: view.installed.chargers[charger].relay),
    Item(
        "relay_test", marked("Test monthly"), marked("Test monthly"), "choice",
        lambda view, charger: YES_NO if view.installed.chargers[charger].relay else (),
        lambda view, charger: YES_NO[view.installed.chargers[charger].relay_test], said_choice,
        _installs(lambda charger: ("charger", charger, "relay_test"), lambda _, new: new == "yes"),
        note=_by_hand, level="installer", sure=True,
    ),
)  # fmt: skip
